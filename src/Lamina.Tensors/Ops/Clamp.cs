using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The value, but not below <see cref="Min"/> nor above <see cref="Max"/>. The gradient passes inside the limits, the limits included.</summary>
public sealed record Clamp : UnaryMap
{
    public override string Name => "clamp";

    /// <summary>The least value let through.</summary>
    public double Min { get; init; } = double.NegativeInfinity;

    /// <summary>The largest value that passes unchanged.</summary>
    public double Max { get; init; } = double.PositiveInfinity;

    protected override double Define(double x) => double.IsNaN(x) ? x : Math.Min(Math.Max(x, Min), Max);

    public override Grads Gradient(in GradCall g) =>
        Tensor.Where(g[0] >= Min, Tensor.Where(g[0] <= Max, g.By, Tensor.ZerosLike(g.By)), Tensor.ZerosLike(g.By));

    internal override void Run(in Tile t) => VectorLoops.Unary(t, new F(Min, Max));

    private readonly struct F(double min, double max) : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => V.Min(V.Max(x, V.Of(min)), V.Of(max));
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>
        /// The value, but not below <paramref name="min"/> nor above <paramref name="max"/>; null is no limit. The gradient passes inside the
        /// limits, the limits included.
        /// </summary>
        /// <exception cref="TensorException">The elements are bool, or whole limits leave an integer type no value.</exception>
        public Tensor Clamp(Scalar? min = null, Scalar? max = null)
        {
            if (min is { } low) x = Promotion.ForArithmetic(x, low);
            if (max is { } high) x = Promotion.ForArithmetic(x, high);
            if (!x.DType.IsInteger) return new Clamp { Min = min?.Value ?? double.NegativeInfinity, Max = max?.Value ?? double.PositiveInfinity }.Apply(x);
            // A limit beyond the type's range on its own side limits nothing.
            if (min is { } least && !(least.Value < x.DType.Least)) x = x.Maximum(least);
            if (max is { } largest && !(largest.Value > x.DType.Largest)) x = x.Minimum(largest);
            return x;
        }
    }
}
