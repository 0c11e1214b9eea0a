using Lamina.Tensors;

namespace Lamina.Learning.Losses;

/// <summary>
/// The mean over rows of Σ t · (ln t − ln p) with p = softmax(prediction), the divergence of p from a given distribution t (Kullback and Leibler,
/// 1951: "On information and sufficiency"): for soft labels, and for learning from another network's probabilities. The prediction is logits (…,
/// classes), not probabilities; the target is probabilities of the same shape, and where it is 0 a class costs nothing.
/// </summary>
public sealed class KlDivergence : Loss
{
    /// <inheritdoc/>
    public override Tensor Compute(Tensor prediction, Tensor target) => Each(prediction, target).Mean();

    /// <inheritdoc/>
    protected override Tensor Each(Tensor prediction, Tensor target)
    {
        if (prediction.ComesFrom<Tensors.Ops.Softmax>())
            Refuse("the prediction has been through a softmax already; this loss takes logits and applies it itself",
                "the network without its last Softmax, and Softmax() on its results where probabilities are wanted");
        RequireSame(prediction, target);
        if (prediction.Rank < 2)
            Refuse($"the prediction has shape {prediction.Shape}, not (batch, classes)", "Unsqueeze(0) on both for a single example");
        Tensor isNone = Tensor.Equal(target, 0.0), some = Tensor.Where(isNone, 1.0, target);
        return Tensor.Where(isNone, 0.0, target * (some.Log() - prediction.LogSoftmax())).Sum([-1]);
    }
}
