using System.Numerics.Tensors;
using Lamina.Learning.Data;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Spine;

/// <summary>
/// Counts predictions of classes. Of two classes the rarer one in training is the positive one; of two equally frequent ones the second.
/// Figures of two classes: accuracy, F1 of the positive class, areas under the ROC and the precision-recall curve, precision, recall, loss; of
/// more: accuracy, the mean F1 of the classes, the mean of their recalls (balanced accuracy), loss. Where a rare class is decided for by a threshold, it is the
/// positive one, and the figures are those that matter then.
/// </summary>
/// <param name="output">The classes.</param>
/// <param name="capacity">The number of examples that will be counted.</param>
/// <param name="baseline">Gives each example's log-odds of the positive class by a simple model; null: the baseline ignores the input.</param>
internal sealed class ClassTally(ClassOutput output, int capacity, Func<Batch, Tensor>? baseline = null) : Tally
{
    private const int Bins = 10;

    private readonly List<Row> _rows = new(capacity);
    private readonly bool _isBinary = output.Names.Count == 2;
    private readonly RareDecision? _decision = output.Decision;
    private readonly int _positive = output.Decision?.Positive ?? (output.Counts is [var first, var second] && first < second ? 0 : 1);
    private readonly double _threshold = output.Decision is { } d ? RareDecision.Odds(d.Threshold) : 0;
    private readonly List<float> _simple = baseline is null ? [] : new(capacity);

    // Score: of two classes the log-odds of the positive one, of more the probability of what was said.
    private readonly record struct Row(int Label, int Said, float Loss, float Score);

    public override int Count => _rows.Count;

    public override void Add(Batch batch, Tensor prediction)
    {
        ReadOnlySpan<float> logits = prediction.Read<float>();
        WeightCheck.RequireFinite(logits);
        ReadOnlySpan<int> labels = batch.Target.Read<int>();
        if (baseline is not null) _simple.AddRange(baseline(batch).Read<float>());
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
        if (_decision is not null) (best, sum) = Decided(logits);
        _rows.Add(new(label, best, (float)(Math.Log(sum) + logits[best] - logits[label]),
            _isBinary ? logits[_positive] - logits[1 - _positive] : (float)(1 / sum)));
    }

    // What the threshold says, and the sum of exponentials as for the most probable class.
    private (int Said, double Sum) Decided(ReadOnlySpan<float> row)
    {
        double odds = (double)row[_positive] - row[1 - _positive];
        int said = odds >= _threshold ? _positive : 1 - _positive;
        return (said, 1 + Math.Exp(said == _positive ? -odds : odds));
    }

    public override TestReport Report(double loss, Func<int, Sample?> show)
    {
        ClassCounts counts = ClassCounts.Of(output.Names.Count, _rows.Select(r => (r.Label, r.Said)));
        ConfusedPair[] pairs = [.. counts.Cells.Where(c => c.Actual != c.Predicted).OrderByDescending(c => c.Count).Take(Confusion.MostPairs)
            .Select(c => new ConfusedPair(output.Names[c.Actual], output.Names[c.Predicted], c.Count))];
        return new(FiguresOf(counts, loss, i => _rows[i].Loss, i => _rows[i].Score), Count, Confused(counts, show))
        {
            Baseline = baseline is null ? Baseline() : SimpleModel(),
            Cost = _decision is { } decision && Count > 0
                ? new(decision, Cost(counts.Actual(_positive) - Right(counts), counts.Predicted(_positive) - Right(counts)),
                Cost(counts.Actual(_positive), 0), Cost(0, Count - counts.Actual(_positive))) : null,
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
        if (_decision is not null) return RareFigures(counts, ranking, accuracy, last);
        return new(accuracy, ("f1", counts.F1Figure(_positive)), ("auc", ranking.Auc), ("prAuc", ranking.PrAuc),
            ("precision", Share(counts.Precision(_positive), counts.Predicted(_positive))),
            ("recall", Share(counts.Recall(_positive), counts.Actual(_positive))), last);
    }

    // The first is the one that runs are compared by; alerts and cost are per 1,000 examples.
    private Figures RareFigures(ClassCounts counts, Ranking ranking, (string, Figure) accuracy, (string, Figure) loss)
    {
        long alerts = counts.Predicted(_positive), actual = counts.Actual(_positive), right = Right(counts);
        Figure Share(double share, long of) => new(share, FigureKind.Share, of > 0 ? Statistics.Wilson(share, of) : null);
        return new(("prAuc", ranking.PrAuc), ("precision", Share(counts.Precision(_positive), alerts)), ("recall", Share(counts.Recall(_positive), actual)),
            ("costPer1000", new(Cost(actual - right, alerts - right), FigureKind.Error)), ("alertsPer1000", new(1000.0 * alerts / Count, FigureKind.Error)),
            ("auc", ranking.Auc), ("f1", counts.F1Figure(_positive)), accuracy, loss);
    }

    private long Right(ClassCounts counts) => counts.Cells.Where(c => c.Actual == _positive && c.Predicted == _positive).Sum(c => c.Count);

    private double Cost(long missed, long wrong) => Count == 0 ? double.NaN : 1000 * (missed * _decision!.MissedCost + wrong * _decision.FalseCost) / Count;

    // With a threshold of its own, by the same rules.
    private BaselineReport SimpleModel()
    {
        double threshold = RareDecision.Odds(_decision!.BaselineThreshold);
        float LossOf(int i) => (float)Math.Log(1 + Math.Exp(_rows[i].Label == _positive ? -_simple[i] : _simple[i]));
        ClassCounts counts = ClassCounts.Of(2, _rows.Select((r, i) => (r.Label, _simple[i] >= threshold ? _positive : 1 - _positive)));
        double loss = Count == 0 ? double.NaN : Enumerable.Range(0, Count).Average(i => (double)LossOf(i));
        return new("a logistic regression on the same columns", FiguresOf(counts, loss, LossOf, i => _simple[i])) { IsModel = true };
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

    // Where a threshold decides, what is said may have a probability below one half.
    private double Confidence(Row row) => _decision is not null ? 1 / (1 + Math.Exp(row.Said == _positive ? -(double)row.Score : row.Score))
        : _isBinary ? 1 / (1 + Math.Exp(-Math.Abs((double)row.Score))) : row.Score;

    private Mistake[] Confused(ClassCounts counts, Func<int, Sample?> show)
    {
        (int Actual, int Predicted, long Count)[] pairs =
            [.. counts.Cells.Where(c => c.Actual != c.Predicted).OrderByDescending(c => c.Count).Take(ShownMistakes)];
        return [.. pairs.Select(pair => new Mistake(output.Names[pair.Actual], output.Names[pair.Predicted], (int)pair.Count,
            [.. Enumerable.Range(0, Count).Where(i => _rows[i].Label == pair.Actual && _rows[i].Said == pair.Predicted).Take(ShownSamples)
                .Select(show).OfType<Sample>()]))];
    }
}
