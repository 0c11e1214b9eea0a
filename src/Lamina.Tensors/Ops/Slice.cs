using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>A part of each axis: from a start, in steps, so many elements. A negative step goes backwards.</summary>
public sealed record Slice : ViewOp
{
    public override string Name => "slice";

    /// <summary>The first index of each axis.</summary>
    public required Strides Start { get; init; }

    /// <summary>The number of indices of each axis.</summary>
    public required Shape Size { get; init; }

    /// <summary>The distance between indices of each axis.</summary>
    public required Strides Step { get; init; }

    public override Specs Infer(Specs x)
    {
        Shape shape = x[0].Shape;
        if (Size.Rank != shape.Rank) Refuse($"{Size.Rank} ranges for shape {shape}, which has {shape.Rank} axes");
        for (int i = 0; i < Size.Rank; i++)
        {
            long last = Start[i] + (long)Math.Max(Size[i] - 1, 0) * Step[i];
            if (Step[i] == 0) Refuse($"axis {i} has step 0");
            if (Size[i] > 0 && (Start[i] < 0 || Start[i] >= shape[i] || last < 0 || last >= shape[i]))
                Refuse($"axis {i} of {shape} has indices 0 to {shape[i] - 1}; asked for {Start[i]} to {last}");
        }
        return x[0] with { Shape = Size };
    }

    public override Tensors Define(Tensors x)
    {
        var values = new double[Size.Count];
        for (int i = 0; i < values.Length; i++)
        {
            int rest = i, at = 0, scale = 1;
            for (int axis = Size.Rank - 1; axis >= 0; axis--)
            {
                at += (Start[axis] + rest % Size[axis] * Step[axis]) * scale;
                rest /= Size[axis];
                scale *= x[0].Shape[axis];
            }
            values[i] = x[0].Element(at);
        }
        return Tensor.From(values, Size).Cast(x[0].DType);
    }

    public override Grads Gradient(in GradCall g) => new Unslice { Start = Start, Step = Step, Shape = g[0].Shape }.Apply(g.By);

    protected override bool TryView(Shape from, Strides strides, Shape to, out Strides result, out int offset)
    {
        Span<int> steps = stackalloc int[to.Rank];
        offset = 0;
        for (int i = 0; i < steps.Length; i++)
        {
            steps[i] = strides[i] * Step[i];
            if (to[i] > 0) offset += Start[i] * strides[i];
        }
        result = new(steps);
        return true;
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>Indices [start, start + size) of one axis.</summary>
        public Tensor Narrow(int axis, int start, int size)
        {
            axis = x.Shape.Axis(axis);
            Span<int> starts = stackalloc int[x.Rank], steps = stackalloc int[x.Rank];
            steps.Fill(1);
            starts[axis] = start;
            return new Slice { Start = new(starts), Size = x.Shape.With(axis, size), Step = new(steps) }.Apply(x);
        }

        /// <summary>From <paramref name="start"/> to <paramref name="stop"/> (exclusive) in steps, for each axis; a negative step goes backwards, then stop −1 is before the first.</summary>
        public Tensor Slice(ReadOnlySpan<int> start, ReadOnlySpan<int> stop, ReadOnlySpan<int> step)
        {
            if (start.Length != x.Rank || stop.Length != x.Rank || step.Length != x.Rank)
                throw new TensorException($"slice: shape {x.Shape} takes {x.Rank} starts, stops and steps");
            Span<int> sizes = stackalloc int[x.Rank];
            for (int i = 0; i < sizes.Length; i++)
            {
                if (step[i] == 0) throw new TensorException($"slice: axis {i} has step 0");
                int span = step[i] > 0 ? stop[i] - start[i] + step[i] - 1 : start[i] - stop[i] - step[i] - 1;
                sizes[i] = Math.Max(0, span / Math.Abs(step[i]));
            }
            return new Slice { Start = new(start), Size = new(sizes), Step = new(step) }.Apply(x);
        }

        /// <summary>Ranges of the outermost axes, such as <c>x.At(0..5, ^1..)</c>; the axes that follow are kept whole.</summary>
        public Tensor At(params ReadOnlySpan<Range> ranges)
        {
            if (ranges.Length > x.Rank) throw new TensorException($"{ranges.Length} ranges for shape {x.Shape}, which has {x.Rank} axes");
            Span<int> starts = stackalloc int[x.Rank], sizes = stackalloc int[x.Rank], steps = stackalloc int[x.Rank];
            steps.Fill(1);
            for (int i = 0; i < sizes.Length; i++)
            {
                Range range = i < ranges.Length ? ranges[i] : Range.All;
                starts[i] = range.Start.GetOffset(x.Shape[i]);
                sizes[i] = range.End.GetOffset(x.Shape[i]) - starts[i];
                if (starts[i] < 0 || sizes[i] < 0 || starts[i] + sizes[i] > x.Shape[i]) throw new TensorException($"range {range} of axis {i} of {x.Shape}: there are {x.Shape[i]} indices");
            }
            return new Slice { Start = new(starts), Size = new(sizes), Step = new(steps) }.Apply(x);
        }

        /// <summary>One index of the outermost axis, which is dropped; <c>^1</c> is the last.</summary>
        public Tensor At(Index index)
        {
            if (x.Rank == 0) throw new TensorException("a scalar has no axis to take an index of");
            return x.Narrow(0, index.GetOffset(x.Shape[0]), 1).Squeeze(0);
        }
    }
}
