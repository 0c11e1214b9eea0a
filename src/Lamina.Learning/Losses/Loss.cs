using System.Diagnostics.CodeAnalysis;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Losses;

/// <summary>
/// How wrong predictions are, as one number to make small: the mean over all examples. Shapes that would broadcast against
/// each other are refused, for then the number would be a mean over pairs that nobody meant.
/// </summary>
public abstract class Loss
{
    /// <summary>The loss of predictions, as a scalar tensor; gradients can be taken of it.</summary>
    /// <exception cref="TensorException">Prediction and target don't fit each other.</exception>
    public abstract Tensor Compute(Tensor prediction, Tensor target);

    /// <summary>
    /// For a loss whose examples count differently: the two scalars whose quotient it is, the weighted sum of the losses and
    /// the sum of the weights. The mean over several batches is then the sum of the first by the sum of the second, whatever the
    /// batch size. Null where every example counts the same.
    /// </summary>
    /// <exception cref="TensorException">Prediction and target don't fit each other.</exception>
    public virtual (Tensor Sum, Tensor Weight)? Sums(Tensor prediction, Tensor target) => null;

    /// <inheritdoc/>
    public override string ToString() => GetType().Name;

    /// <summary>Refuses a target that isn't of exactly the prediction's type and shape.</summary>
    protected void RequireSame(Tensor prediction, Tensor target)
    {
        Shape p = prediction.Shape, t = target.Shape;
        if (p != t)
            Refuse($"the prediction has shape {p}, the target {t}; they must be equal, so that nothing is broadcast",
                p.Rank == t.Rank + 1 && p[^1] == 1 && p.Without(-1) == t ? "Unsqueeze(-1) on the target" :
                t.Rank == p.Rank + 1 && t[^1] == 1 && t.Without(-1) == p ? "Squeeze(-1) on the target" :
                p.Rank > 0 && t.Rank > 0 && p[0] == t[0] && p.Rank > t.Rank ? $"a Flatten() layer before the last Linear, or a last layer that gives {t}" :
                p.Rank == t.Rank && p.Rank > 0 && p.Without(-1) == t.Without(-1) ? $"a last layer of {t[^1]} output{(t[^1] == 1 ? "" : "s")}" :
                $"a last layer that gives {t}");
        if (prediction.DType != target.DType)
            Refuse($"the prediction is {prediction.DType.Text}, the target {target.DType.Text}", $"Cast(DType.{prediction.DType}) on the target");
    }

    /// <summary>Throws the error of a loss whose operands don't fit: the loss, the problem, and what to try.</summary>
    [DoesNotReturn]
    protected void Refuse(string problem, string hint) => throw new TensorException($"{this}: {problem}", hint);
}
