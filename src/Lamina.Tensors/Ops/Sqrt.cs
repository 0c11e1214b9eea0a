using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The square root; NaN below 0.</summary>
public sealed record Sqrt : UnaryMap
{
    public override string Name => "sqrt";

    protected override double Define(double x) => Math.Sqrt(x);

    public override Grads Gradient(in GradCall g) => g.Over(g.Output * 2);

    internal override void Run(in Tile t) => VectorLoops.Unary(t, new F());

    private readonly struct F : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => V.Sqrt(x);
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Sqrt"/>
        public Tensor Sqrt() => new Sqrt().Apply(x);
    }
}
