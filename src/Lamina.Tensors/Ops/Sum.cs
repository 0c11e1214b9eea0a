using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Reductions;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The sum; 0 of nothing.</summary>
public sealed record Sum : Reduction
{
    public override string Name => "sum";

    protected override double Define(double[] line) => line.Sum();

    public override Grads Gradient(in GradCall g) => g.By.Reshape(Kept(g[0].Shape)).BroadcastTo(g[0].Shape);

    public override void Run(in CpuCall c) => Fold(c, new F());

    internal readonly struct F : IFold
    {
        public V Start<V>() where V : struct, ILanes<V> => V.Of(0);

        public V Fold<V>(V total, V x) where V : struct, ILanes<V> => total + x;

        public V Lanes<V>(V total) where V : struct, ILanes<V> => V.SumLanes(total);
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>The sum; 0 of nothing. Over the given axes (negative ones count from the end), or over all where none is given.</summary>
        public Tensor Sum(ReadOnlySpan<int> axes = default, bool keepDims = false)
        {
            foreach ((int axis, int length) in Reduction.Runs(x.Shape, axes, "sum"))
                x = new Sum { Axis = axis, Length = length, KeepDims = keepDims }.Apply(x);
            return x;
        }
    }
}
