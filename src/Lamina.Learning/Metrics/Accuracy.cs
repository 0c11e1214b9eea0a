namespace Lamina.Learning.Metrics;

/// <summary>The share of examples whose class was chosen, 0 to 1. Of equal scores the first counts as chosen, NaN as not.</summary>
public sealed class Accuracy : ClassMetric
{
    private long _right, _all;

    /// <inheritdoc/>
    public override string Name => "accuracy";

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
        if (Best(scores) == label) _right++;
        _all++;
    }
}
