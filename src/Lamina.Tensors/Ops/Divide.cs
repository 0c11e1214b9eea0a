using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The quotient of floats; infinite or NaN by zero.</summary>
public sealed record Divide : BinaryMap
{
    public override string Name => "divide";

    protected override DType Type(Specs x) => Float(Same(x));

    protected override double Define(double x, double y) => x / y;

    public override Grads Gradient(in GradCall g) => [g.Wants(0) ? g.Fit(0, g.Over(g[1])) : null, g.Wants(1) ? g.Fit(1, -g.Times(g.Output).Over(g[1])) : null];

    internal override void Run(in Tile t) => VectorLoops.Binary(t, new F());

    private readonly struct F : IBinary
    {
        public V Apply<V>(V x, V y) where V : struct, ILanes<V> => x / y;
    }
}

public static partial class TensorOps
{
    extension(Tensor)
    {
        /// <inheritdoc cref="Divide"/>
        public static Tensor operator /(Tensor x, Tensor y) => new Divide().Apply(x, y);

        /// <inheritdoc cref="Divide"/>
        public static Tensor operator /(Tensor x, Scalar y) => new Divide().ApplyTo(x, y);

        /// <inheritdoc cref="Divide"/>
        public static Tensor operator /(Scalar x, Tensor y) => new Divide().ApplyTo(x, y);
    }
}
