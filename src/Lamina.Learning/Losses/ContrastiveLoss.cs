using Lamina.Learning.Layers;
using Lamina.Tensors;

namespace Lamina.Learning.Losses;

/// <summary>
/// The mean over pairs of ½ d² where they are alike, and ½ max(0, margin − d)² where not, with d the distance of the pair's vectors (Hadsell,
/// Chopra and LeCun, 2006: "Dimensionality reduction by learning an invariant mapping"). The prediction is (batch, 2, features), the target
/// (batch): 1 for alike, 0 for not.
/// </summary>
public sealed class ContrastiveLoss : Loss
{
    private readonly double _margin;

    /// <summary>A contrastive loss.</summary>
    /// <param name="margin">The distance from which unlike pairs cost nothing, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0.</exception>
    public ContrastiveLoss(double margin = 1) => _margin = Expect.Positive(margin);

    /// <inheritdoc/>
    public override Tensor Compute(Tensor prediction, Tensor target) => Each(prediction, target).Mean();

    /// <inheritdoc/>
    protected override Tensor Each(Tensor prediction, Tensor target)
    {
        Pairs.Require(this, prediction, target, Pairs.Of);
        Tensor distance = VectorMeasures.Distance(Pairs.At(prediction, 0), Pairs.At(prediction, 1)), alike = target.Cast(prediction.DType);
        Tensor cost = Tensor.Where(alike > 0, distance, (_margin - distance).Relu());
        // alike − alike is 0, or NaN where the target is no number.
        return 0.5 * (cost * cost) + (alike - alike);
    }

    /// <inheritdoc/>
    public override string ToString() => $"ContrastiveLoss({_margin})";
}
