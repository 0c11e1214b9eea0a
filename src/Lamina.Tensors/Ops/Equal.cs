using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>Whether two values are equal; NaN equals nothing.</summary>
public sealed record Equal : Comparison
{
    public override string Name => "equal";

    protected override double Define(double x, double y) => x == y ? 1 : 0;

    internal override void Run(in Tile t) => ElementLoops.Test<F>(t);

    private readonly struct F : ITest
    {
        public static bool Holds<T>(T x, T y) where T : unmanaged, System.Numerics.INumber<T> => x == y;
    }
}

public static partial class TensorOps
{
    extension(Tensor)
    {
        /// <inheritdoc cref="Ops.Equal"/>
        public static Tensor Equal(Tensor x, Tensor y) => new Equal().Apply(x, y);

        /// <inheritdoc cref="Ops.Equal"/>
        public static Tensor Equal(Tensor x, Scalar y) => new Equal().ApplyTo(x, y);
    }
}
