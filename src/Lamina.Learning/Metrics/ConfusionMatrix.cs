using Lamina.Learning.Layers;

namespace Lamina.Learning.Metrics;

/// <summary>Confusion matrix: counts of predictions per actual class. Its value is the accuracy.</summary>
public sealed class ConfusionMatrix : ClassMetric
{
    private readonly long[,] _counts;
    private readonly long[] _none; // by class: examples whose scores were all NaN

    /// <summary>A matrix of so many classes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no classes.</exception>
    public ConfusionMatrix(int classes)
    {
        _counts = new long[Expect.AtLeast(1, classes), classes];
        _none = new long[classes];
    }

    /// <summary>The number of classes.</summary>
    public int Classes => _counts.GetLength(0);

    /// <summary>How often <paramref name="actual"/> was taken for <paramref name="predicted"/>.</summary>
    public long this[int actual, int predicted] => _counts[actual, predicted];

    /// <summary>Examples counted.</summary>
    public long Count => _counts.Cast<long>().Sum() + _none.Sum();

    /// <inheritdoc/>
    public override string Name => "confusion";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override double Value => (double)Enumerable.Range(0, Classes).Sum(c => _counts[c, c]) / Count;

    /// <inheritdoc/>
    public override IReadOnlyList<double> Totals
    {
        get => [.. _counts.Cast<long>().Concat(_none).Select(count => (double)count)];
        set
        {
            for (int i = 0; i < _counts.Length; i++) _counts[i / Classes, i % Classes] = (long)value[i];
            for (int i = 0; i < Classes; i++) _none[i] = (long)value[_counts.Length + i];
        }
    }

    /// <summary>Examples of a class.</summary>
    public long Actual(int label) => Enumerable.Range(0, Classes).Sum(p => _counts[label, p]) + _none[label];

    /// <summary>Examples taken for a class.</summary>
    public long Predicted(int label) => Enumerable.Range(0, Classes).Sum(a => _counts[a, label]);

    /// <summary>The pairs of classes that are taken for each other most often, the most frequent first.</summary>
    public IReadOnlyList<Confusion> MostConfused(int count = 10) =>
    [
        .. (from actual in Enumerable.Range(0, Classes)
            from predicted in Enumerable.Range(0, Classes)
            where actual != predicted && _counts[actual, predicted] > 0
            orderby _counts[actual, predicted] descending, actual, predicted
            select new Confusion(actual, predicted, _counts[actual, predicted])).Take(count),
    ];

    /// <inheritdoc/>
    public override void Reset()
    {
        Array.Clear(_counts);
        Array.Clear(_none);
    }

    /// <inheritdoc/>
    protected override void Add(ReadOnlySpan<float> scores, int label) => Take(scores, label);

    internal void Take(ReadOnlySpan<float> scores, int label)
    {
        if (scores.Length != Classes) throw new Tensors.Shapes.TensorException($"confusion: the prediction has {scores.Length} classes, the matrix {Classes}");
        int best = Best(scores);
        if (best < 0) _none[label]++;
        else _counts[label, best]++;
    }
}

/// <summary>A class that was taken for another, and how often.</summary>
public readonly record struct Confusion(int Actual, int Predicted, long Count);
