namespace Lamina.Learning.Metrics;

/// <summary>
/// The coefficient of determination R²: the share of the target's variance that the prediction explains. 1 is perfect, 0 as
/// good as always saying the mean, below 0 worse; NaN where the target doesn't vary.
/// </summary>
public sealed class RSquared : RegressionMetric
{
    private double _residual, _mean, _variation;

    /// <inheritdoc/>
    public override string Name => "r2";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override double Value => _variation > 0 ? 1 - _residual / _variation : double.NaN;

    /// <inheritdoc/>
    public override IReadOnlyList<double> Totals
    {
        get => [Count, _residual, _mean, _variation];
        set => (Count, _residual, _mean, _variation) = ((long)value[0], value[1], value[2], value[3]);
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        base.Reset();
        _residual = _mean = _variation = 0;
    }

    /// <inheritdoc/>
    protected override void Add(double predicted, double actual)
    {
        _residual += (predicted - actual) * (predicted - actual);
        // Welford (1962): the sum of squared distances from the mean, without a second pass or cancellation.
        double before = actual - _mean;
        _mean += before / Count;
        _variation += before * (actual - _mean);
    }
}
