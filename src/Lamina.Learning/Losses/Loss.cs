using System.Diagnostics.CodeAnalysis;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Lamina.Tensors.Ops;

namespace Lamina.Learning.Losses;

/// <summary>
/// How wrong predictions are, as one number to make small: the mean over all examples. Shapes that would broadcast against
/// each other are refused, for then the number would be a mean over pairs that nobody meant.
/// </summary>
public abstract class Loss : Module
{
    /// <summary>The loss of predictions, as a scalar tensor; gradients can be taken of it.</summary>
    /// <exception cref="TensorException">Prediction and target don't fit each other.</exception>
    public abstract Tensor Compute(Tensor prediction, Tensor target);

    /// <summary>
    /// The loss as a mean over examples that may have weights, and what it is a mean over. A loss of one's own that supports weights
    /// overrides <see cref="Each"/>.
    /// </summary>
    /// <param name="prediction">The network's output.</param>
    /// <param name="target">What it is compared with.</param>
    /// <param name="weights">How much each example counts, float32 (batch); null: all the same.</param>
    /// <exception cref="TensorException">Prediction and target don't fit each other, or the loss takes no weights.</exception>
    public virtual LossValue Measure(Tensor prediction, Tensor target, Tensor? weights = null)
    {
        if (weights is null) return new(Compute(prediction, target), null);
        Tensor each = Each(prediction, target);
        Tensor byExample = each.Rank > 1 ? each.Flatten(1).Mean([-1]) : each;
        Tensor counts = weights.Cast(byExample.DType);
        return Weighted((byExample * counts).Sum(), counts.Sum());
    }

    /// <summary>A sum of weighted losses by the sum of the weights; a loss of 0 with zero gradients where all weights are zero.</summary>
    protected static LossValue Weighted(Tensor sum, Tensor weight)
    {
        Tensor isSome = weight > 0;
        return new(Tensor.Where(isSome, sum / Tensor.Where(isSome, weight, Tensor.OnesLike(weight)), Tensor.ZerosLike(sum)), weight, sum);
    }

    /// <summary>The loss of each example, (batch, …): what a weighted mean is taken over.</summary>
    protected virtual Tensor Each(Tensor prediction, Tensor target)
    {
        Refuse("it takes no example weights", "a loss that overrides Each, or a data set without weights");
        return null;
    }

    /// <summary>The loss of each example summed over its elements, (batch).</summary>
    internal Tensor SumOfEach(Tensor prediction, Tensor target)
    {
        Tensor each = Each(prediction, target);
        return each.Rank > 1 ? each.Flatten(1).Sum([-1]) : each;
    }

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

/// <summary>A loss and what it is a mean over.</summary>
/// <param name="Mean">The mean, a scalar.</param>
/// <param name="Weight">The sum of the weights that it was taken over, a scalar; null: the number of examples.</param>
/// <param name="Sum">The sum of the weighted losses, a scalar; null: the mean times the number of examples.</param>
public readonly record struct LossValue(Tensor Mean, Tensor? Weight, Tensor? Sum = null);
