using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The hyperbolic tangent, from −1 to 1.</summary>
public sealed record Tanh : UnaryMap
{
    public override string Name => "tanh";

    protected override double Define(double x) => Math.Tanh(x);

    public override Grads Gradient(in GradCall g) => g.Times(1 - g.Output * g.Output);

    internal override void Run(in Tile t) => VectorLoops.Unary(t, new F());

    private readonly struct F : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => V.Tanh(x);
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Tanh"/>
        public Tensor Tanh() => new Tanh().Apply(x);
    }
}
