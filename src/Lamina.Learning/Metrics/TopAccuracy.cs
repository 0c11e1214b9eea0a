using Lamina.Learning.Layers;

namespace Lamina.Learning.Metrics;

/// <summary>The share of examples whose class is among the k with the highest scores, 0 to 1. Of equal scores the first are greater, NaN is least.</summary>
public sealed class TopAccuracy : ClassMetric
{
    private readonly int _k;
    private long _right, _all;

    /// <summary>A top-k accuracy.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is less than 1.</exception>
    public TopAccuracy(int k = 5) => _k = Expect.AtLeast(1, k);

    /// <inheritdoc/>
    public override string Name => $"top{_k}_accuracy";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override double Value => (double)_right / _all;

    /// <inheritdoc/>
    public override IReadOnlyList<double> Totals
    {
        get => [_right, _all];
        set => (_right, _all) = ((long)value[0], (long)value[1]);
    }

    /// <inheritdoc/>
    public override void Reset() => _right = _all = 0;

    /// <inheritdoc/>
    protected override void Add(ReadOnlySpan<float> scores, int label)
    {
        float own = scores[label];
        int before = 0;
        for (int i = 0; i < scores.Length; i++)
            if (scores[i] > own || scores[i] == own && i < label) before++;
        if (before < _k && !float.IsNaN(own)) _right++;
        _all++;
    }
}
