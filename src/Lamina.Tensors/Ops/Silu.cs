using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>x · sigmoid(x), also called swish (Elfwing, Uchibe and Doya, 2018).</summary>
public sealed record Silu : UnaryMap
{
    public override string Name => "silu";

    protected override double Define(double x) => x / (1 + Math.Exp(-x));

    public override Grads Gradient(in GradCall g)
    {
        Tensor s = g[0].Sigmoid();
        return g.Times(s * (1 + g[0] * (1 - s)));
    }

    internal override void Run(in Tile t) => Lanes.Unary(t, new F());

    private readonly struct F : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => x * V.Sigmoid(x);
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
