using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The largest whole number not above x. The gradient is 0.</summary>
public sealed record Floor : UnaryMap
{
    public override string Name => "floor";

    protected override double Define(double x) => Math.Floor(x);

    public override Grads Gradient(in GradCall g) => Tensor.ZerosLike(g[0]);

    internal override void Run(in Tile t) => VectorLoops.Unary(t, new F());

    private readonly struct F : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => V.Floor(x);
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Floor"/>
        public Tensor Floor() => new Floor().Apply(x);
    }
}
