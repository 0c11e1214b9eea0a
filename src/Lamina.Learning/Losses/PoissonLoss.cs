using Lamina.Tensors;

namespace Lamina.Learning.Losses;

/// <summary>
/// The mean of eˣ − t · x over all elements, with x the prediction, the logarithm of a rate, and t the target, a count from 0 of the same shape:
/// the negative log-likelihood of Poisson's distribution but for ln t!, for how often something happens.
/// </summary>
public sealed class PoissonLoss : Loss
{
    private readonly bool _full;

    /// <summary>A loss for counts.</summary>
    /// <param name="full">Whether ln t! is added for t above 1, by Stirling's formula t · ln t − t + ½ ln 2πt; no gradient depends on it.</param>
    public PoissonLoss(bool full = false) => _full = full;

    /// <inheritdoc/>
    public override Tensor Compute(Tensor prediction, Tensor target) => Each(prediction, target).Mean();

    /// <inheritdoc/>
    protected override Tensor Each(Tensor prediction, Tensor target)
    {
        RequireSame(prediction, target);
        // An infinite rate costs ∞, whatever the target takes off.
        Tensor rate = prediction.Exp(), losses = Tensor.Where(Tensor.Equal(rate, double.PositiveInfinity), rate, rate - target * prediction);
        if (!_full) return losses;
        Tensor isSome = target > 1, some = Tensor.Where(isSome, target, 1.0);
        return losses + Tensor.Where(isSome, some * some.Log() - some + 0.5 * (2 * Math.PI * some).Log(), 0.0);
    }
}
