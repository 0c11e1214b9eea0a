using Lamina.Tensors;

namespace Lamina.Learning.Losses;

/// <summary>
/// The mean of (prediction − target)² over all elements, for prediction and target of one shape: for regression. Far outliers weigh much; see
/// <see cref="Huber"/>.
/// </summary>
public sealed class MeanSquaredError : Loss
{
    /// <inheritdoc/>
    public override Tensor Compute(Tensor prediction, Tensor target) => Each(prediction, target).Mean();

    /// <inheritdoc/>
    protected override Tensor Each(Tensor prediction, Tensor target)
    {
        RequireSame(prediction, target);
        Tensor distance = prediction - target;
        return distance * distance;
    }
}
