namespace Lamina.Learning.Metrics;

/// <summary>The mean distance |prediction − target|, in the unit of the target (MAE).</summary>
public sealed class MeanAbsolute : RegressionMetric
{
    private double _sum;

    /// <inheritdoc/>
    public override string Name => "mae";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override double Value => _sum / Count;

    /// <inheritdoc/>
    public override IReadOnlyList<double> Totals
    {
        get => [Count, _sum];
        set => (Count, _sum) = ((long)value[0], value[1]);
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        base.Reset();
        _sum = 0;
    }

    /// <inheritdoc/>
    protected override void Add(double predicted, double actual) => _sum += Math.Abs(predicted - actual);
}
