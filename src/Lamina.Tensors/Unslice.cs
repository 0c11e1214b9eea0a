using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors;

/// <summary>Zeros of a shape, with the operand written to a slice of them: the gradient of <see cref="Slice"/>.</summary>
public sealed record Unslice : Op
{
    /// <inheritdoc/>
    public override string Name => "unslice";

    /// <summary>The first index of each axis.</summary>
    public required Strides Start { get; init; }

    /// <summary>The distance between indices of each axis.</summary>
    public required Strides Step { get; init; }

    /// <summary>The shape of the result.</summary>
    public required Shape Shape { get; init; }

    /// <inheritdoc/>
    public override bool TakesStrides => true;

    /// <inheritdoc/>
    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 1);
        Slice.Check(this, Start, x[0].Shape, Step, Shape);
        return x[0] with { Shape = Shape };
    }

    /// <inheritdoc/>
    public override Tensors Define(Tensors x)
    {
        var values = new double[Shape.Count];
        for (int i = 0; i < x[0].Count; i++)
        {
            int rest = i, at = 0, scale = 1;
            for (int axis = Shape.Rank - 1; axis >= 0; axis--)
            {
                at += (Start[axis] + rest % x[0].Shape[axis] * Step[axis]) * scale;
                rest /= x[0].Shape[axis];
                scale *= Shape[axis];
            }
            values[at] = x[0].Element(i);
        }
        return Tensor.FromDoubles(values, x[0].Spec with { Shape = Shape });
    }

    /// <inheritdoc/>
    public override Grads Gradient(in GradCall g) => new Slice { Start = Start, Step = Step, Size = g[0].Shape }.Apply(g.By);

    /// <inheritdoc/>
    public override unsafe void Run(in CpuCall c)
    {
        View to = c.Output;
        new Span<byte>(to.Data, to.Count * to.DType.Size).Clear();
        if (c[0].Count == 0) return;
        Span<int> steps = stackalloc int[Shape.Rank];
        nint offset = 0;
        for (int i = 0; i < steps.Length; i++)
        {
            steps[i] = to.Strides[i] * Step[i];
            offset += (nint)to.Strides[i] * Start[i];
        }
        Strided.Scatter(c[0], new View((byte*)to.Data + offset * to.DType.Size, to.DType, c[0].Shape, new(steps)));
    }
}
