using Lamina.Tensors;

namespace Lamina.Learning.Losses;

/// <summary>The mean of |prediction − target| over all elements, for prediction and target of one shape: for regression towards the median.</summary>
public sealed class MeanAbsoluteError : Loss
{
    /// <inheritdoc/>
    public override Tensor Compute(Tensor prediction, Tensor target) => Each(prediction, target).Mean();

    /// <inheritdoc/>
    protected override Tensor Each(Tensor prediction, Tensor target)
    {
        RequireSame(prediction, target);
        return (prediction - target).Abs();
    }
}
