using Lamina.Learning.Data;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Spine;

/// <summary>
/// Counts predictions of any number of labels; a label is said where its probability is above one half. Figures: the mean F1 of the labels that
/// occur or were said, the means of their areas under the ROC and the precision-recall curve (the latter is also known as mean average
/// precision), the share of examples whose labels are all right (exact match), loss.
/// </summary>
internal sealed class LabelsTally(LabelsOutput output, int capacity) : Tally
{
    private const int MostAtFirst = 1 << 28, ShownLabels = 4;

    private readonly int _labels = output.Names.Count;

    // (examples, labels)
    private readonly List<float> _logits = new((int)Math.Min((long)capacity * output.Names.Count, MostAtFirst));
    private readonly List<bool> _actual = new((int)Math.Min((long)capacity * output.Names.Count, MostAtFirst));

    public override int Count => _actual.Count / _labels;

    public override void Add(Batch batch, Tensor prediction)
    {
        ReadOnlySpan<float> logits = prediction.Read<float>();
        WeightCheck.RequireFinite(logits);
        _logits.AddRange(logits);
        foreach (float target in batch.Target.Read<float>()) _actual.Add(target > 0.5f);
    }

    public override TestReport Report(double loss, Func<int, Sample?> show)
    {
        LabelCounts[] counts = CountsOf((i, label) => _logits[i * _labels + label] > 0);
        int[] worst = Greatest(Count, MostWorst, i => IsRight(i) ? double.NaN : LossOf(i, label => _logits[i * _labels + label]));
        return new(FiguresOf(counts, (i, label) => _logits[i * _labels + label], IsRight, loss), Count,
            [.. worst.Take(ShownMistakes).Select(i =>
                new Mistake(Text(i, isSaid: false), Text(i, isSaid: true), 1, show(i) is { } sample ? [sample] : []))])
        {
            MistakesTitle = "worst mistakes",
            Baseline = Baseline(),
            Classes = [.. output.Names.Select((name, l) =>
                new ClassReport(name, counts[l].Actual, counts[l].Precision, counts[l].Recall, counts[l].F1))],
            Worst = [.. worst.Select(i => new WorstExample(Text(i, isSaid: false), Text(i, isSaid: true), null, show(i)))],
        };
    }

    private readonly record struct LabelCounts(long Right, long Said, long Actual)
    {
        public double Precision => Said > 0 ? (double)Right / Said : Actual > 0 ? 0 : double.NaN;

        public double Recall => Actual > 0 ? (double)Right / Actual : double.NaN;

        public double F1 => Said + Actual > 0 ? 2.0 * Right / (Said + Actual) : double.NaN;
    }

    private LabelCounts[] CountsOf(Func<int, int, bool> said)
    {
        var counts = new LabelCounts[_labels];
        for (int i = 0; i < Count; i++)
        {
            for (int l = 0; l < _labels; l++)
            {
                bool isSaid = said(i, l), isActual = _actual[i * _labels + l];
                LabelCounts c = counts[l];
                counts[l] = new(c.Right + (isSaid && isActual ? 1 : 0), c.Said + (isSaid ? 1 : 0), c.Actual + (isActual ? 1 : 0));
            }
        }
        return counts;
    }

    private Figures FiguresOf(LabelCounts[] counts, Func<int, int, float> logit, Func<int, bool> isRight, double loss)
    {
        int right = Enumerable.Range(0, Count).Count(isRight);
        double exact = Count == 0 ? double.NaN : (double)right / Count;
        Interval? interval = Statistics.Bootstrap(Count, 2,
            (i, sums) => (sums[0], sums[1]) = (sums[0] + 1, sums[1] + LossOf(i, l => logit(i, l))), sums => sums[1] / sums[0])[0];
        (double auc, double prAuc) = Areas(logit);
        return new(("f1", new Figure(Mean(counts.Select(c => c.F1)), FigureKind.Score)), ("auc", new Figure(auc, FigureKind.Score)),
            ("prAuc", new Figure(prAuc, FigureKind.Score)),
            ("exactMatch", new Figure(exact, FigureKind.Share, Count > 0 ? Statistics.Wilson(exact, Count) : null)),
            ("loss", new Figure(loss, FigureKind.Error, interval)));
    }

    private (double Auc, double PrAuc) Areas(Func<int, int, float> logit)
    {
        var rankings = new List<Ranking>();
        for (int l = 0; l < _labels; l++)
        {
            var scores = new float[Count];
            var isPositive = new bool[Count];
            for (int i = 0; i < Count; i++) (scores[i], isPositive[i]) = (logit(i, l), _actual[i * _labels + l]);
            rankings.Add(Ranking.Of(scores, isPositive));
        }
        return (Mean(rankings.Select(r => r.Auc.Value)), Mean(rankings.Select(r => r.PrAuc.Value)));
    }

    // Each label with its share of the training examples as probability (one more of with and without, after Laplace), whatever the input.
    private BaselineReport? Baseline()
    {
        if (Count == 0) return null;
        var logits = new float[_labels];
        for (int l = 0; l < _labels; l++) logits[l] = (float)Math.Log((output.Counts[l] + 1.0) / (output.Examples - output.Counts[l] + 1.0));
        bool IsRightOf(int i) => Enumerable.Range(0, _labels).All(l => logits[l] > 0 == _actual[i * _labels + l]);
        double loss = Enumerable.Range(0, Count).Average(i => LossOf(i, l => logits[l]));
        return new("each label as often as in training", FiguresOf(CountsOf((_, l) => logits[l] > 0), (_, l) => logits[l], IsRightOf, loss));
    }

    private bool IsRight(int example)
    {
        for (int at = example * _labels; at < (example + 1) * _labels; at++)
            if (_logits[at] > 0 != _actual[at]) return false;
        return true;
    }

    // The mean cross-entropy of the labels: ln(1 + e^x) − t·x.
    private double LossOf(int example, Func<int, double> logit)
    {
        double sum = 0;
        for (int l = 0; l < _labels; l++)
        {
            double x = logit(l);
            sum += Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x))) - (_actual[example * _labels + l] ? x : 0);
        }
        return sum / _labels;
    }

    private static double Mean(IEnumerable<double> values)
    {
        double[] defined = [.. values.Where(double.IsFinite)];
        return defined.Length == 0 ? double.NaN : defined.Average();
    }

    private string Text(int example, bool isSaid)
    {
        string[] names = [.. output.Names.Where((_, l) => isSaid ? _logits[example * _labels + l] > 0 : _actual[example * _labels + l])];
        return names.Length == 0 ? "no label" : string.Join(", ", names.Take(ShownLabels)) + (names.Length > ShownLabels ? ", …" : "");
    }
}
