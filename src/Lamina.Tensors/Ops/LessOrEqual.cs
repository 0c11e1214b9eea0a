using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>Whether the first value is not above the second.</summary>
public sealed record LessOrEqual : Comparison
{
    public override string Name => "less_equal";

    protected override double Define(double x, double y) => x <= y ? 1 : 0;

    internal override void Run(in Tile t) => ElementLoops.Test<F>(t);

    private readonly struct F : ITest
    {
        public static bool Holds<T>(T x, T y) where T : unmanaged, System.Numerics.INumber<T> => x <= y;
    }
}

public static partial class TensorOps
{
    extension(Tensor)
    {
        /// <inheritdoc cref="LessOrEqual"/>
        public static Tensor operator <=(Tensor x, Tensor y) => new LessOrEqual().Apply(x, y);

        /// <inheritdoc cref="LessOrEqual"/>
        public static Tensor operator <=(Tensor x, Scalar y) => new LessOrEqual().ApplyTo(x, y);
    }
}
