using Lamina.Tensors.Engines.Cpu;
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
