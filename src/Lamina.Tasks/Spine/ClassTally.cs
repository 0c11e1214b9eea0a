using System.Numerics.Tensors;
using Lamina.Learning.Data;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Spine;

/// <summary>
/// Counts predictions of classes. Of two classes the rarer one in training is the positive one; of two equally frequent ones the second.
/// Figures of two classes: accuracy, F1 of the positive class, areas under the ROC and the precision-recall curve, precision, recall, loss; of
/// more: accuracy, the mean F1 of the classes, the mean of their recalls (balanced accuracy), loss.
/// </summary>
internal sealed class ClassTally(ClassOutput output, int capacity) : Tally
{
    private const int Bins = 10;

    private readonly List<Row> _rows = new(capacity);
    private readonly bool _isBinary = output.Names.Count == 2;
    private readonly int _positive = output.Counts is [var first, var second] && first < second ? 0 : 1;

    // Score: of two classes the log-odds of the positive one, of more the probability of what was said.
    private readonly record struct Row(int Label, int Said, float Loss, float Score);

    public override int Count => _rows.Count;

    public override void Add(Batch batch, Tensor prediction)
    {
        ReadOnlySpan<float> logits = prediction.Read<float>();
        WeightCheck.RequireFinite(logits);
        ReadOnlySpan<int> labels = batch.Target.Read<int>();
        int classes = output.Names.Count;
        for (int i = 0; i < batch.Count; i++) Add(labels[i], logits.Slice(i * classes, classes));
    }

    /// <summary>Counts one example.</summary>
    /// <param name="label">Its class.</param>
    /// <param name="logits">What the network gives for each class.</param>
    internal void Add(int label, ReadOnlySpan<float> logits)
    {
        int best = TensorPrimitives.IndexOfMax(logits);
        double sum = 0;
        foreach (float logit in logits) sum += Math.Exp((double)logit - logits[best]);
        _rows.Add(new(label, best, (float)(Math.Log(sum) + logits[best] - logits[label]),
            _isBinary ? logits[_positive] - logits[1 - _positive] : (float)(1 / sum)));
    }

    public override TestReport Report(double loss, Func<int, Sample?> show)
    {
        ClassCounts counts = ClassCounts.Of(output.Names.Count, _rows.Select(r => (r.Label, r.Said)));
        ConfusedPair[] pairs = [.. counts.Cells.Where(c => c.Actual != c.Predicted).OrderByDescending(c => c.Count).Take(Confusion.MostPairs)
            .Select(c => new ConfusedPair(output.Names[c.Actual], output.Names[c.Predicted], c.Count))];
        return new(FiguresOf(counts, loss, i => _rows[i].Loss, i => _rows[i].Score), Count, Confused(counts, show))
        {
            Baseline = Baseline(),
            PositiveClass = _isBinary ? output.Names[_positive] : null,
            Classes = [.. output.Names.Select((name, c) => new ClassReport(name, counts.Actual(c), counts.Precision(c), counts.Recall(c), counts.F1(c)))],
            Confusion = new(Matrix(counts), pairs),
            Calibration = Calibrated(),
            Worst = [.. Greatest(Count, MostWorst, i => _rows[i].Said == _rows[i].Label ? double.NaN : _rows[i].Loss)
                .Select(i => new WorstExample(output.Names[_rows[i].Label], output.Names[_rows[i].Said], Confidence(_rows[i]), show(i)))],
        };
    }

    private Figures FiguresOf(ClassCounts counts, double loss, Func<int, float> lossOf, Func<int, float> score)
    {
        Figure Share(double share, long of) => new(share, FigureKind.Share, of > 0 ? Statistics.Wilson(share, of) : null);
        var accuracy = ("accuracy", Share(counts.Accuracy, counts.Count));
        Interval? interval = Statistics.Bootstrap(Count, 2, (i, sums) => (sums[0], sums[1]) = (sums[0] + 1, sums[1] + lossOf(i)), sums => sums[1] / sums[0])[0];
        var last = ("loss", new Figure(loss, FigureKind.Error, interval));
        if (!_isBinary)
        {
            (Figure f1, Figure balanced) = counts.Means();
            return new(accuracy, ("f1", f1), ("balancedAccuracy", balanced), last);
        }
        var scores = new float[Count];
        var isPositive = new bool[Count];
        for (int i = 0; i < scores.Length; i++) (scores[i], isPositive[i]) = (score(i), _rows[i].Label == _positive);
        Ranking ranking = Ranking.Of(scores, isPositive);
        return new(accuracy, ("f1", counts.F1Figure(_positive)), ("auc", ranking.Auc), ("prAuc", ranking.PrAuc),
            ("precision", Share(counts.Precision(_positive), counts.Predicted(_positive))),
            ("recall", Share(counts.Recall(_positive), counts.Actual(_positive))), last);
    }

    // Always the most frequent class of the training set, with the training set's shares as probabilities (one more of each, after Laplace).
    private BaselineReport? Baseline()
    {
        if (output.Counts is not { } counts || Count == 0) return null;
        double all = counts.Sum() + counts.Count;
        int most = Enumerable.Range(0, counts.Count).MaxBy(c => counts[c]);
        float LossOf(int i) => (float)-Math.Log((counts[_rows[i].Label] + 1) / all);
        double loss = Enumerable.Range(0, Count).Average(i => (double)LossOf(i));
        return new("always the most frequent class", FiguresOf(ClassCounts.Of(output.Names.Count, _rows.Select(r => (r.Label, most))), loss, LossOf, _ => 0));
    }

    private long[][]? Matrix(ClassCounts counts)
    {
        if (output.Names.Count > Confusion.MostClasses) return null;
        long[][] matrix = [.. output.Names.Select(_ => new long[output.Names.Count])];
        foreach ((int actual, int predicted, long count) in counts.Cells) matrix[actual][predicted] = count;
        return matrix;
    }

    private Calibration? Calibrated()
    {
        if (Count == 0) return null;
        var bins = new (double Confidence, long Right, long Count)[Bins];
        foreach (Row row in _rows)
        {
            double confidence = Confidence(row);
            ref (double Confidence, long Right, long Count) bin = ref bins[Math.Min(Bins - 1, (int)(confidence * Bins))];
            bin = (bin.Confidence + confidence, bin.Right + (row.Said == row.Label ? 1 : 0), bin.Count + 1);
        }
        return new([.. bins.Select(b => new CalibrationBin(b.Confidence / b.Count, (double)b.Right / b.Count, b.Count))],
            bins.Sum(b => Math.Abs(b.Confidence - b.Right)) / Count);
    }

    private double Confidence(Row row) => _isBinary ? 1 / (1 + Math.Exp(-Math.Abs((double)row.Score))) : row.Score;

    private Mistake[] Confused(ClassCounts counts, Func<int, Sample?> show)
    {
        (int Actual, int Predicted, long Count)[] pairs =
            [.. counts.Cells.Where(c => c.Actual != c.Predicted).OrderByDescending(c => c.Count).Take(ShownMistakes)];
        return [.. pairs.Select(pair => new Mistake(output.Names[pair.Actual], output.Names[pair.Predicted], (int)pair.Count,
            [.. Enumerable.Range(0, Count).Where(i => _rows[i].Label == pair.Actual && _rows[i].Said == pair.Predicted).Take(ShownSamples)
                .Select(show).OfType<Sample>()]))];
    }
}
