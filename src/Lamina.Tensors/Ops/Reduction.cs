using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Reductions;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// An op that folds a run of neighbouring axes into a single value. The extension methods take any axes and fold one
/// run after the other.
/// </summary>
public abstract record Reduction : Op
{
    /// <summary>The first axis that is folded, counted from 0.</summary>
    public required int Axis { get; init; }

    /// <summary>Number of neighbouring axes to reduce as one.</summary>
    public int Length { get; init; } = 1;

    /// <summary>Whether the folded axes stay, with size 1.</summary>
    public bool KeepDims { get; init; }

    public sealed override Specs Infer(Specs x)
    {
        RequireOperands(x, 1);
        Shape shape = x[0].Shape;
        if (Axis < 0 || Length < 0 || Axis + Length > shape.Rank) Refuse($"axes {Axis} to {Axis + Length - 1} of shape {shape}, which has {shape.Rank}");
        Check(x[0], Extent(shape).Length);
        Span<int> sizes = stackalloc int[shape.Rank];
        int rank = 0;
        for (int i = 0; i < shape.Rank; i++)
            if (i < Axis || i >= Axis + Length) sizes[rank++] = shape[i];
            else if (KeepDims) sizes[rank++] = 1;
        return new Spec(Type(x[0].DType), new(sizes[..rank]));
    }

    /// <summary>The result's type.</summary>
    protected virtual DType Type(DType type) => type;

    /// <summary>Refuses a type that the op doesn't take, or an empty axis where there is no value for it.</summary>
    protected virtual void Check(Spec x, int length)
    {
        if (!x.DType.IsFloat) Refuse($"takes float32 or float64, not {x.DType.Text}", "Cast(DType.Float32) first");
    }

    /// <summary>The shape as (outer, length, inner), the middle being folded.</summary>
    protected (int Outer, int Length, int Inner) Extent(Shape shape)
    {
        int outer = 1, length = 1, inner = 1;
        for (int i = 0; i < shape.Rank; i++)
            if (i < Axis) outer *= shape[i];
            else if (i < Axis + Length) length *= shape[i];
            else inner *= shape[i];
        return (outer, length, inner);
    }

    /// <summary>The shape of the result with the folded axes kept as 1, which broadcasts against the operand.</summary>
    protected Shape Kept(Shape shape)
    {
        for (int i = Axis; i < Axis + Length; i++) shape = shape.With(i, 1);
        return shape;
    }

    public sealed override Tensors Define(Tensors x)
    {
        Spec spec = Infer(x.Specs)[0];
        (int outer, int length, int inner) = Extent(x[0].Shape);
        var results = new double[spec.Shape.Count];
        var line = new double[length];
        for (int o = 0; o < outer; o++)
            for (int i = 0; i < inner; i++)
            {
                for (int k = 0; k < length; k++) line[k] = x[0].Element((o * length + k) * inner + i);
                results[o * inner + i] = Define(line);
            }
        return Tensor.FromDoubles(results, spec);
    }

    /// <summary>The meaning, of one line of values in double precision.</summary>
    protected abstract double Define(double[] line);

    public override long Workspace(Specs x)
    {
        (int outer, int length, int inner) = Extent(x[0].Shape);
        return ReduceKernel.Workspace(outer, length, inner, x[0].DType.Size);
    }

    private protected unsafe void Fold<F>(in CpuCall c, F fold) where F : struct, IFold
    {
        (int outer, int length, int inner) = Extent(c[0].Shape);
        ReduceKernel.Run(fold, c[0].DType, c[0].Data, c.Output.Data, outer, length, inner, c.Workspace, c.Pool);
    }

    /// <summary>
    /// Folds the given axes with an op whose gradient is shared out among equal values: where they are several runs and a gradient may be taken, they
    /// are brought side by side, since run by run a value would get its share of a share.
    /// </summary>
    internal static Tensor AsOne(Tensor x, ReadOnlySpan<int> axes, bool keepDims, string op, Func<int, int, Reduction> fold)
    {
        List<(int Axis, int Length)> runs = Runs(x.Shape, axes, op);
        if (runs.Count < 2 || !Tracking.Applies([x]))
        {
            foreach ((int axis, int length) in runs) x = fold(axis, length).Apply(x);
            return x;
        }
        List<int> kept = [], folded = [];
        Shape result = x.Shape;
        for (int i = 0; i < x.Rank; i++)
            if (!runs.Exists(r => i >= r.Axis && i < r.Axis + r.Length)) kept.Add(i);
            else
            {
                folded.Add(i);
                result = result.With(i, 1);
            }
        Tensor y = fold(kept.Count, folded.Count).Apply(x.Transpose([.. kept, .. folded]));
        return keepDims ? y.Reshape(result) : y;
    }

    /// <summary>
    /// Sorted, distinct axes counted from 0, as runs of neighbours from the last to the first; no axes means all of them.
    /// </summary>
    internal static List<(int Axis, int Length)> Runs(Shape shape, ReadOnlySpan<int> axes, string op)
    {
        bool all = axes.Length == 0;
        var chosen = new bool[shape.Rank];
        foreach (int axis in axes) chosen[shape.Axis(axis, op)] = true;
        var runs = new List<(int, int)>();
        for (int i = shape.Rank - 1; i >= 0; i--)
        {
            if (!all && !chosen[i]) continue;
            int last = i;
            while (i > 0 && (all || chosen[i - 1])) i--;
            runs.Add((i, last - i + 1));
        }
        return runs;
    }
}
