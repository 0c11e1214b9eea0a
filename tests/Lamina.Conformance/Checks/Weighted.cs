using Lamina.Tensors.Gradients;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Conformance.Checks;

using Lamina.Tensors;

/// <summary>An op's results as one scalar: Σ over float results of weight · result, so that every element's gradient counts.</summary>
internal static class Weighted
{
    /// <summary>Weights for the float results, away from 0.</summary>
    public static Tensor[] Weights(Tensors results, int seed = 1)
    {
        var random = new Random(seed);
        return [.. results.Items.Where(y => y.DType.IsFloat).Select(y => new Operand(y.Shape, Draws.Signed).Sample(random, y.DType))];
    }

    public static Tensor Sum(Tensors results, ReadOnlySpan<Tensor> weights)
    {
        Tensor? total = null;
        int next = 0;
        foreach (Tensor y in results)
        {
            if (!y.DType.IsFloat) continue;
            Tensor sum = (y * weights[next++]).Sum();
            total = total is null ? sum : total + sum;
        }
        return total!;
    }

    /// <summary>The operands with those tracked that a gradient can be taken by.</summary>
    public static Tensors Track(Case c, Tensors x) => new([.. x.Items.Select((t, i) => IsTracked(c, i) && t.DType.IsFloat ? t.Track() : t)]);

    public static bool IsTracked(Case c, int operand) => c.Operands[operand].IsContinuous;

    public static Tensor[] Tracked(Tensors x) => [.. x.Items.Where(t => t.IsTracked)];

    /// <summary>The gradients by the tracked operands.</summary>
    public static Tensor[] Gradients(Op op, Tensors x, ReadOnlySpan<Tensor> weights, bool differentiable = false) =>
        Gradient.Of(Sum(op.ApplyAll(x), weights), Tracked(x), differentiable: differentiable);
}
