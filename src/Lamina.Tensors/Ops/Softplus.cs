using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>ln(1 + eˣ), a smooth rectifier, computed without overflow as max(x, 0) + ln(1 + e⁻|x|).</summary>
public sealed record Softplus : UnaryMap
{
    public override string Name => "softplus";

    protected override double Define(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    public override Grads Gradient(in GradCall g) => g.By * g[0].Sigmoid();

    internal override void Run(in Tile t) => Lanes.Unary(t, new F());

    private readonly struct F : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => V.Max(x, V.Of(0)) + V.Log(V.Of(1) + V.Exp(-V.Abs(x)));
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Softplus"/>
        public Tensor Softplus() => new Softplus().Apply(x);
    }
}
