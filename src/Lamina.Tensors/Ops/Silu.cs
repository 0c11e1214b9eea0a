using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>x · sigmoid(x), also called swish (Elfwing, Uchibe and Doya, 2018).</summary>
public sealed record Silu : UnaryMap
{
    public override string Name => "silu";

    // Below, the sigmoid is 0 in float64 too, and x · 0 is to be 0 where x is −∞.
    internal const double Least = -800;

    protected override double Define(double x) => x < Least ? 0 : x / (1 + Math.Exp(-x));

    public override Grads Gradient(in GradCall g) => g.Times(new SiluSlope().Apply(g[0]));

    internal override void Run(in Tile t) => VectorLoops.Unary(t, new F());

    private readonly struct F : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => V.Greater(V.Of(Least), x) * V.Sigmoid(x);
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Silu"/>
        public Tensor Silu() => new Silu().Apply(x);
    }
}
