using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>Whether two values differ; NaN differs from everything.</summary>
public sealed record NotEqual : Comparison
{
    public override string Name => "not_equal";

    protected override double Define(double x, double y) => x != y ? 1 : 0;

    internal override void Run(in Tile t) => ElementLoops.Test<F>(t);

    private readonly struct F : ITest
    {
        public static bool Holds<T>(T x, T y) where T : unmanaged, System.Numerics.INumber<T> => x != y;
    }
}

public static partial class TensorOps
{
    extension(Tensor)
    {
        /// <inheritdoc cref="Ops.NotEqual"/>
        public static Tensor NotEqual(Tensor x, Tensor y) => new NotEqual().Apply(x, y);

        /// <inheritdoc cref="Ops.NotEqual"/>
        public static Tensor NotEqual(Tensor x, Scalar y) => new NotEqual().ApplyTo(x, y);
    }
}
