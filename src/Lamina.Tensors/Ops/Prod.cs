using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Reductions;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The product; 1 of nothing. The gradient is right also where factors are 0.</summary>
public sealed record Prod : Reduction
{
    public override string Name => "prod";

    protected override double Define(double[] line) => line.Aggregate(1.0, (p, x) => p * x);

    public override Grads Gradient(in GradCall g)
    {
        // The product of the others, so that a factor of 0 does no harm: before it (exclusive cumulative product) times after it.
        Tensor x = g[0], by = g.By.Reshape(Kept(x.Shape));
        (int outer, int length, int inner) = Extent(x.Shape);
        if (length == 0) return Tensor.ZerosLike(x);
        Tensor lines = x.Reshape(outer, length, inner);
        var others = new Tensor[length];
        Tensor left = Tensor.Ones((outer, 1, inner), x.DType), right = left;
        for (int i = 0; i < length; i++)
        {
            others[i] = left;
            left = left * lines.Narrow(1, i, 1);
        }
        for (int i = length - 1; i >= 0; i--)
        {
            others[i] = others[i] * right;
            right = right * lines.Narrow(1, i, 1);
        }
        return by.Times(Tensor.Concat(others, 1).Reshape(x.Shape));
    }

    public override void Run(in CpuCall c) => Fold(c, new F());

    private readonly struct F : IFold
    {
        public V Start<V>() where V : struct, ILanes<V> => V.Of(1);

        public V Fold<V>(V total, V x) where V : struct, ILanes<V> => total * x;

        public V Lanes<V>(V total) where V : struct, ILanes<V>
        {
            // No lane-wise product in the interface: stored and multiplied in order.
            unsafe
            {
                byte* lanes = stackalloc byte[V.Count * V.Size];
                V.Store(total, lanes);
                V product = V.Of(1);
                for (int i = 0; i < V.Count; i++) product = product * V.LoadOne(lanes + i * V.Size);
                return product;
            }
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>
        /// The product; 1 of nothing. The gradient is right also where factors are 0. Over the given axes (negative ones count from the end), or
        /// over all where none is given.
        /// </summary>
        public Tensor Prod(ReadOnlySpan<int> axes = default, bool keepDims = false)
        {
            foreach ((int axis, int length) in Reduction.Runs(x.Shape, axes, "prod"))
                x = new Prod { Axis = axis, Length = length, KeepDims = keepDims }.Apply(x);
            return x;
        }
    }
}
