using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Metrics;

/// <summary>
/// The area under the precision-recall curve of one class among others, as average precision: precision at each score, weighted by the recall
/// gained there. Scores are log-odds of the class, counted in 2,400 bins from −30 to 30, so that a set of any size takes the same memory; scores
/// in one bin count as equal. NaN where no example is of the class.
/// </summary>
public sealed class AveragePrecision : ClassMetric
{
    private const int Bins = 2_400;
    private const double Most = 30;

    private readonly int _positive;
    private readonly long[] _counts = new long[2 * Bins]; // of others, then of the class

    /// <summary>The average precision of a class.</summary>
    /// <param name="positive">The class, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public AveragePrecision(int positive)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(positive);
        _positive = positive;
    }

    /// <inheritdoc/>
    public override string Name => "prAuc";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override double Value
    {
        get
        {
            long positives = 0, found = 0, seen = 0;
            for (int b = 0; b < Bins; b++) positives += _counts[Bins + b];
            if (positives == 0) return double.NaN;
            double sum = 0;
            for (int b = Bins; b-- > 0;)
            {
                long here = _counts[Bins + b];
                found += here;
                seen += here + _counts[b];
                if (here > 0) sum += (double)here / positives * found / seen;
            }
            return sum;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<double> Totals
    {
        get => [.. _counts.Select(c => (double)c)];
        set
        {
            for (int i = 0; i < _counts.Length; i++) _counts[i] = (long)value[i];
        }
    }

    /// <inheritdoc/>
    public override void Reset() => Array.Clear(_counts);

    /// <inheritdoc/>
    protected override void Add(ReadOnlySpan<float> scores, int label)
    {
        if (_positive >= scores.Length)
            throw new TensorException($"{Name}: there are {scores.Length} classes, and the class {_positive} is none of them",
                "the class's place, from 0");
        // Against the logarithm of the sum of the others' exponentials, so that scores may be logits of any number of classes.
        double most = double.NegativeInfinity, sum = 0;
        for (int c = 0; c < scores.Length; c++)
            if (c != _positive) most = Math.Max(most, scores[c]);
        for (int c = 0; c < scores.Length; c++)
            if (c != _positive) sum += Math.Exp(scores[c] - most);
        double odds = scores[_positive] - most - Math.Log(sum);
        int bin = double.IsNaN(odds) ? 0 : (int)Math.Clamp((odds + Most) / (2 * Most) * Bins, 0, Bins - 1);
        _counts[label == _positive ? Bins + bin : bin]++;
    }
}
