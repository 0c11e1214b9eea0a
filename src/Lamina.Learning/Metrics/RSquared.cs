namespace Lamina.Learning.Metrics;

/// <summary>
/// The coefficient of determination R²: the share of the target's variance that the prediction explains. 1 is perfect, 0 as
/// good as always saying the mean, below 0 worse; NaN where the target doesn't vary.
/// </summary>
public sealed class RSquared : RegressionMetric
{
    private SquareSum _residual, _variation;
    private double _mean;

    /// <inheritdoc/>
    public override string Name => "r2";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override double Value => _variation.Sum > 0 ? 1 - SquareSum.Ratio(_residual, _variation) : double.NaN;

    /// <inheritdoc/>
    public override IReadOnlyList<double> Totals
    {
        get => [Count, _residual.Scale, _residual.Sum, _mean, _variation.Scale, _variation.Sum];
        set => (Count, _residual.Scale, _residual.Sum, _mean, _variation.Scale, _variation.Sum) = ((long)value[0], value[1], value[2], value[3], value[4],
            value[5]);
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        base.Reset();
        (_residual, _mean, _variation) = (default, 0, default);
    }

    /// <inheritdoc/>
    protected override void Add(double predicted, double actual)
    {
        _residual.Add(predicted - actual, predicted - actual);
        // Welford (1962): the sum of squared distances from the mean, without a second pass or cancellation.
        double before = actual - _mean;
        _mean += before / Count;
        _variation.Add(before, actual - _mean);
    }
}
