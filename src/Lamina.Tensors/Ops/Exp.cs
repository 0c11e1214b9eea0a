using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>e to the power x.</summary>
public sealed record Exp : UnaryMap
{
    public override string Name => "exp";

    protected override double Define(double x) => Math.Exp(x);

    public override Grads Gradient(in GradCall g) => g.Times(g.Output);

    internal override void Run(in Tile t) => VectorLoops.Unary(t, new F());

    private readonly struct F : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => V.Exp(x);
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Exp"/>
        public Tensor Exp() => new Exp().Apply(x);
    }
}
