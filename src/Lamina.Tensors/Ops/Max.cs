using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Reductions;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The maximum; NaN where there is one. Equal maxima share the gradient evenly.</summary>
public sealed record Max : Reduction
{
    public override string Name => "max";

    protected override void Check(Spec x, int length)
    {
        base.Check(x, length);
        if (length == 0) Refuse($"an axis of size 0 of {x.Shape} has no value");
    }

    protected override double Define(double[] line) => line.Any(double.IsNaN) ? double.NaN : line.Max();

    public override Grads Gradient(in GradCall g)
    {
        Shape kept = Kept(g[0].Shape);
        Tensor isBest = Tensor.Equal(g[0], g.Output.Reshape(kept)).Cast(g[0].DType);
        return isBest * g.By.Reshape(kept).Over(new Sum { Axis = Axis, Length = Length, KeepDims = true }.Apply(isBest));
    }

    public override void Run(in CpuCall c) => Fold(c, new F());

    private readonly struct F : IFold
    {
        public V Start<V>() where V : struct, ILanes<V> => V.Of(double.NegativeInfinity);

        public V Fold<V>(V total, V x) where V : struct, ILanes<V> => V.Max(total, x);

        public V Lanes<V>(V total) where V : struct, ILanes<V> => V.MaxLanes(total);
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>
        /// The maximum; NaN where there is one. Equal maxima share the gradient evenly. Over the given axes (negative ones count from the end), or
        /// over all where none is given.
        /// </summary>
        public Tensor Max(ReadOnlySpan<int> axes = default, bool keepDims = false) =>
            Reduction.AsOne(x, axes, keepDims, "max", (axis, length) => new Max { Axis = axis, Length = length, KeepDims = keepDims });
    }
}
