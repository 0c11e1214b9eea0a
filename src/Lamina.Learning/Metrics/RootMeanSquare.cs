namespace Lamina.Learning.Metrics;

/// <summary>The root of the mean squared distance between prediction and target, in the unit of the target (RMSE).</summary>
public sealed class RootMeanSquare : RegressionMetric
{
    private double _sum;

    /// <inheritdoc/>
    public override string Name => "rmse";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override double Value => Math.Sqrt(_sum / Count);

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
    protected override void Add(double predicted, double actual) => _sum += (predicted - actual) * (predicted - actual);
}
