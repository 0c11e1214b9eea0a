using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Reductions;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// The base of <see cref="Sort"/> and <see cref="TopK"/>: some of the values along an axis in order, and where they
/// stood (int64). Equal values stay in the order they had; NaN counts as the largest.
/// </summary>
public abstract record RankingOp : AxisOp
{
    private const int Grain = 4 * 1024;

    /// <summary>Number of values to return of each line.</summary>
    private protected abstract int Kept(int length);

    /// <summary>Whether the largest come first.</summary>
    private protected abstract bool LargestFirst { get; }

    /// <summary>Whether the values are given in order; otherwise as they stood.</summary>
    private protected virtual bool InOrder => true;

    public sealed override Specs Infer(Specs x)
    {
        RequireOperands(x, 1);
        Shape shape = x[0].Shape;
        RequireAxis(shape);
        RequireNumber(x[0].DType);
        if (Kept(shape[Axis]) < 0 || Kept(shape[Axis]) > shape[Axis]) Refuse($"{Kept(shape[Axis])} of axis {Axis} of {shape}, which has {shape[Axis]}");
        Shape result = shape.With(Axis, Kept(shape[Axis]));
        return [x[0] with { Shape = result }, new Spec(DType.Int64, result)];
    }

    public sealed override Tensors Define(Tensors x)
    {
        Specs specs = Infer(x.Specs);
        (int outer, int length, int inner) = Extent(x[0].Shape);
        int kept = Kept(length);
        var values = new double[specs[0].Shape.Count];
        var indices = new long[values.Length];
        for (int line = 0; line < outer * inner; line++)
        {
            double At(int k) => x[0].Element((line / inner * length + k) * inner + line % inner);
            var ascending = Comparer<double>.Create((a, b) => double.IsNaN(a) || double.IsNaN(b) ? double.IsNaN(a).CompareTo(double.IsNaN(b)) : a.CompareTo(b));
            IEnumerable<int> order = Enumerable.Range(0, length);
            order = (LargestFirst ? order.OrderByDescending(At, ascending) : order.OrderBy(At, ascending)).Take(kept);
            foreach ((int k, int index) in (InOrder ? order : order.Order()).Index())
            {
                int at = (line / inner * kept + k) * inner + line % inner;
                (values[at], indices[at]) = (At(index), index);
            }
        }
        return [Tensor.FromDoubles(values, specs[0]), Tensor.From(indices, specs[1].Shape)];
    }

    public sealed override Grads Gradient(in GradCall g) => new ScatterAdd { Axis = Axis }.Apply(Tensor.ZerosLike(g[0]), g.Outputs[1], g.By);

    public sealed override unsafe void Run(in CpuCall c)
    {
        View from = c[0], values = c.Output;
        (int outer, int length, int inner) = Extent(from.Shape);
        var region = new Region { From = &from, Values = &values, Indices = (long*)c.Outputs[1].Data, Length = length, Inner = inner, Kept = Kept(length),
            LargestFirst = LargestFirst, InOrder = InOrder };
        if (values.Count > 0) c.Pool.For(outer * inner, Math.Max(1, Grain / length), ref region);
    }

    private unsafe struct Region : IRegion
    {
        public View* From, Values;
        public long* Indices;
        public int Length, Inner, Kept;
        public bool LargestFirst, InOrder;

        public readonly void Run(int begin, int end)
        {
            var items = (Ranked*)Scratch.Get(0, 2L * Length * sizeof(Ranked));
            int size = From->DType.Size;
            for (int line = begin; line < end; line++)
            {
                nint first = (nint)(line / Inner) * Length * Inner + line % Inner, to = (nint)(line / Inner) * Kept * Inner + line % Inner;
                Ranking.Read(*From, first, Length, Inner, LargestFirst, items);
                Ranking.Select(items, Length, Kept);
                // As they stood: the place is the only key.
                if (!InOrder) for (int k = 0; k < Kept; k++) items[k] = new(0, items[k].Index);
                Ranking.Sort(items, items + Length, Kept);
                for (int k = 0; k < Kept; k++, to += Inner)
                {
                    Indices[to] = items[k].Index;
                    new ReadOnlySpan<byte>((byte*)From->Data + (first + (nint)items[k].Index * Inner) * size,
                        size).CopyTo(new Span<byte>((byte*)Values->Data + to * size, size));
                }
            }
        }
    }
}

/// <summary>The values along an axis in order, and where each stood (int64). Equal values keep their order; NaN counts as the largest.</summary>
public sealed record Sort : RankingOp
{
    public override string Name => "sort";

    /// <summary>Whether the largest come first.</summary>
    public bool Descending { get; init; }

    private protected override bool LargestFirst => Descending;

    private protected override int Kept(int length) => length;
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Sort"/>
        public (Tensor Values, Tensor Indices) Sort(int axis = -1, bool descending = false)
        {
            Tensors results = new Sort { Axis = x.Shape.Axis(axis, "sort"), Descending = descending }.ApplyAll(x);
            return (results[0], results[1]);
        }
    }
}
