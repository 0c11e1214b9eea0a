using Lamina.Tensors;

namespace Lamina.Learning.Losses;

/// <summary>
/// The mean of −t · ln p − (1 − t) · ln(1 − p) over all elements, with p = sigmoid(prediction): for yes-or-no questions, one
/// or many at once. The prediction is logits, not probabilities: no Sigmoid layer before it, or the gradient of confident
/// mistakes vanishes. Targets are float, 0 to 1, of the prediction's shape.
/// </summary>
public sealed class BinaryCrossEntropy : Loss
{
    /// <inheritdoc/>
    public override Tensor Compute(Tensor prediction, Tensor target) => Each(prediction, target).Mean();

    /// <inheritdoc/>
    protected override Tensor Each(Tensor prediction, Tensor target)
    {
        if (prediction.ComesFrom<Tensors.Ops.Sigmoid>())
            Refuse("the prediction has been through a sigmoid already; this loss takes logits and applies it itself",
                "the network without its last Sigmoid, and Sigmoid() on its results where probabilities are wanted");
        RequireSame(prediction, target);
        return prediction.BinaryCrossEntropy(target);
    }
}
