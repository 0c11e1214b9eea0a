using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The error function 2/√π · ∫₀ˣ e^(−t²) dt.</summary>
public sealed record Erf : UnaryMap
{
    public override string Name => "erf";

    protected override double Define(double x) => D64.Erf(x);

    public override Grads Gradient(in GradCall g) => g.Times((-(g[0] * g[0])).Exp() * (2 / Math.Sqrt(Math.PI)));

    internal override void Run(in Tile t) => VectorLoops.Unary(t, new F());

    private readonly struct F : IUnary
    {
        public V Apply<V>(V x) where V : struct, ILanes<V> => V.Erf(x);
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Erf"/>
        public Tensor Erf() => new Erf().Apply(x);
    }
}
