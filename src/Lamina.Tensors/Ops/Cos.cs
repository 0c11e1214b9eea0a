using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The cosine of an angle in radians.</summary>
public sealed record Cos : UnaryMap
{
    public override string Name => "cos";

    protected override double Define(double x) => Math.Cos(x);

    public override Grads Gradient(in GradCall g) => -g.Times(g[0].Sin());

    internal override void Run(in Tile t) => VectorLoops.Unary(t, new F());

    private readonly struct F : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => V.Cos(x);
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Cos"/>
        public Tensor Cos() => new Cos().Apply(x);
    }
}
