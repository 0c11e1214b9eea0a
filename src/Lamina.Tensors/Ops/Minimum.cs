using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The lesser of two values; NaN where either is. Where they are equal each gets half of the gradient.</summary>
public sealed record Minimum : BinaryMap
{
    public override string Name => "minimum";

    protected override double Define(double x, double y) => Math.Min(x, y);

    public override Grads Gradient(in GradCall g)
    {
        Tensor half = g.By * 0.5, none = Tensor.ZerosLike(g.By), tie = Tensor.Where(Tensor.Equal(g[0], g[1]), half, none);
        return [g.Fit(0, Tensor.Where(g[0] < g[1], g.By, tie)), g.Fit(1, Tensor.Where(g[1] < g[0], g.By, tie))];
    }

    internal override void Run(in Tile t)
    {
        if (t.Type.IsFloat) VectorLoops.Binary(t, new F());
        else ElementLoops.Binary<F>(t);
    }

    private readonly struct F : IBinary, IIntegerBinary
    {
        public V Apply<V>(V x, V y) where V : struct, ILanes<V> => V.Min(x, y);

        static T IIntegerBinary.Apply<T>(T x, T y) => T.Min(x, y);
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Minimum"/>
        public Tensor Minimum(Tensor y) => new Minimum().Apply(x, y);

        /// <inheritdoc cref="Ops.Minimum"/>
        public Tensor Minimum(Scalar y) => new Minimum().ApplyTo(x, y);
    }
}
