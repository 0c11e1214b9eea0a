using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (x, part, start) → x with a part of it replaced: along one axis from start (an int64 scalar, known only when it runs), on
/// the other axes all of it. A plan that gives a variable the result writes the part alone: a memory of keys and values grows
/// so, a step at a time. It has no gradient.
/// </summary>
public sealed record UpdateSlice : AxisOp, IWritesInPlace
{
    public override string Name => "update_slice";

    public override bool TakesStrides => true;

    public override bool IsDifferentiable => false;

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 3);
        RequireAxis(x[0].Shape);
        if (x[1].DType != x[0].DType || x[1].Shape.Rank != x[0].Shape.Rank || x[1].Shape.With(Axis, x[0].Shape[Axis]) != x[0].Shape
            || x[1].Shape[Axis] > x[0].Shape[Axis])
            Refuse($"part {x[1]} of {x[0]}: type and shape must be the same but for axis {Axis}, where the part is no longer");
        if (x[2] != new Spec(DType.Int64, Shape.Scalar)) Refuse($"start is {x[2]}, not an int64 scalar", "Tensor.Of(0L)");
        return x[0];
    }

    public override Tensors Define(Tensors x)
    {
        int start = Checked((long)x[2].Item(), x[0].Shape, x[1].Shape), size = x[1].Shape[Axis], after = start + size;
        return Tensor.Concat([x[0].Narrow(Axis, 0, start), x[1], x[0].Narrow(Axis, after, x[0].Shape[Axis] - after)], Axis);
    }

    public override unsafe void Run(in CpuCall c)
    {
        int start = Checked(*(long*)c[2].Data, c[0].Shape, c[1].Shape);
        View to = c.Output;
        if (to.Data != c[0].Data) Strided.Copy(c[0], to.Data);
        if (c[1].Count == 0) return;
        Strided.Scatter(c[1], new View((byte*)to.Data + (nint)start * to.Strides[Axis] * to.DType.Size, to.DType, c[1].Shape, to.Strides));
    }

    private int Checked(long start, Shape x, Shape part)
    {
        if (start < 0 || start > x[Axis] - part[Axis]) Refuse($"start {start} is out of range 0 to {x[Axis] - part[Axis]}: {part[Axis]} of axis {Axis} of {x}");
        return (int)start;
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>This tensor with <paramref name="part"/> in place of as much of an axis, from <paramref name="start"/> (an int64 scalar) on.</summary>
        public Tensor UpdateSlice(int axis, Tensor part, Tensor start) => new UpdateSlice { Axis = x.Shape.Axis(axis, "update_slice") }.Apply(x, part, start);
    }
}
