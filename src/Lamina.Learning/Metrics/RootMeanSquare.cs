namespace Lamina.Learning.Metrics;

/// <summary>The root of the mean squared distance between prediction and target, in the unit of the target (RMSE).</summary>
public sealed class RootMeanSquare : RegressionMetric
{
    private SquareSum _squares;

    /// <inheritdoc/>
    public override string Name => "rmse";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override double Value => _squares.RootOfMean(Count);

    /// <inheritdoc/>
    public override IReadOnlyList<double> Totals
    {
        get => [Count, _squares.Scale, _squares.Sum];
        set => (Count, _squares.Scale, _squares.Sum) = ((long)value[0], value[1], value[2]);
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        base.Reset();
        _squares = default;
    }

    /// <inheritdoc/>
    protected override void Add(double predicted, double actual) => _squares.Add(predicted - actual, predicted - actual);
}
