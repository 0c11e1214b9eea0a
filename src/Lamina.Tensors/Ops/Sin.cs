using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The sine of an angle in radians.</summary>
public sealed record Sin : UnaryMap
{
    public override string Name => "sin";

    protected override double Define(double x) => Math.Sin(x);

    public override Grads Gradient(in GradCall g) => g.Times(g[0].Cos());

    internal override void Run(in Tile t) => VectorLoops.Unary(t, new F());

    private readonly struct F : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => V.Sin(x);
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Sin"/>
        public Tensor Sin() => new Sin().Apply(x);
    }
}
