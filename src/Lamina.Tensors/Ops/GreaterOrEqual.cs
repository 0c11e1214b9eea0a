using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>Whether the first value is not below the second.</summary>
public sealed record GreaterOrEqual : Comparison
{
    public override string Name => "greater_equal";

    protected override double Define(double x, double y) => x >= y ? 1 : 0;

    internal override void Run(in Tile t) => ElementLoops.Test<F>(t);

    private readonly struct F : ITest
    {
        public static bool Holds<T>(T x, T y) where T : unmanaged, System.Numerics.INumber<T> => x >= y;
    }
}

public static partial class TensorOps
{
    extension(Tensor)
    {
        /// <inheritdoc cref="GreaterOrEqual"/>
        public static Tensor operator >=(Tensor x, Tensor y) => new GreaterOrEqual().Apply(x, y);

        /// <inheritdoc cref="GreaterOrEqual"/>
        public static Tensor operator >=(Tensor x, Scalar y) => new GreaterOrEqual().ApplyTo(x, y);
    }
}
