using Lamina.Tensors.Shapes;

namespace Lamina.Tensors;

/// <summary>A part of each axis: from a start, in steps, so many elements. A negative step goes backwards.</summary>
public sealed record Slice : ViewOp
{
    /// <inheritdoc/>
    public override string Name => "slice";

    /// <summary>The first index of each axis.</summary>
    public required Strides Start { get; init; }

    /// <summary>The number of indices of each axis.</summary>
    public required Shape Size { get; init; }

    /// <summary>The distance between indices of each axis.</summary>
    public required Strides Step { get; init; }

    /// <inheritdoc/>
    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 1);
        Check(this, Start, Size, Step, x[0].Shape);
        return x[0] with { Shape = Size };
    }

    /// <summary>Refuses, in the name of an op, ranges that a shape doesn't have.</summary>
    internal static void Check(Op op, Strides start, Shape size, Strides step, Shape shape)
    {
        if (size.Rank != shape.Rank || start.Span.Length != shape.Rank || step.Span.Length != shape.Rank)
            throw new TensorException($"{op.Name}: {start.Span.Length} starts, {size.Rank} sizes and {step.Span.Length} steps for shape {shape}, which has {shape.Rank} axes");
        for (int i = 0; i < size.Rank; i++)
        {
            long last = start[i] + (long)Math.Max(size[i] - 1, 0) * step[i];
            if (step[i] == 0) throw new TensorException($"{op.Name}: axis {i} has step 0");
            if (size[i] > 0 && (start[i] < 0 || start[i] >= shape[i] || last < 0 || last >= shape[i]))
                throw new TensorException($"{op.Name}: axis {i} of {shape} has indices 0 to {shape[i] - 1}; asked for {start[i]} to {last}");
        }
    }

    /// <inheritdoc/>
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
        return Tensor.FromDoubles(values, x[0].Spec with { Shape = Size });
    }

    /// <inheritdoc/>
    public override Grads Gradient(in GradCall g) => new Unslice { Start = Start, Step = Step, Shape = g[0].Shape }.Apply(g.By);

    /// <inheritdoc/>
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
