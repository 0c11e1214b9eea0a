using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The natural logarithm: −∞ at 0, NaN below.</summary>
public sealed record Log : UnaryMap
{
    public override string Name => "log";

    protected override double Define(double x) => Math.Log(x);

    public override Grads Gradient(in GradCall g) => g.Over(g[0]);

    internal override void Run(in Tile t) => VectorLoops.Unary(t, new F());

    private readonly struct F : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => V.Log(x);
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Log"/>
        public Tensor Log() => new Log().Apply(x);
    }
}
