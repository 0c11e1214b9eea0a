using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>An op that works along one axis.</summary>
public abstract record AxisOp : Op
{
    /// <summary>The axis, counted from 0.</summary>
    public required int Axis { get; init; }

    private protected void RequireAxis(Shape shape)
    {
        if (Axis < 0 || Axis >= shape.Rank) Refuse($"axis {Axis} of shape {shape}, which has {shape.Rank} axes");
    }

    private protected void RequireNumber(DType type)
    {
        if (!type.IsFloat && !type.IsInteger) Refuse($"takes numbers, not {type.Text}", "Cast(DType.Float32) first");
    }

    private protected void RequireIndex(DType type)
    {
        if (type is not (DType.Int32 or DType.Int64)) Refuse($"indices are int64 or int32, not {type.Text}", "Cast(DType.Int64) on them");
    }

    /// <summary>The shape as (outer, length, inner), the axis in the middle.</summary>
    private protected (int Outer, int Length, int Inner) Extent(Shape shape)
    {
        int outer = 1, inner = 1;
        for (int i = 0; i < Axis; i++) outer *= shape[i];
        for (int i = Axis + 1; i < shape.Rank; i++) inner *= shape[i];
        return (outer, shape[Axis], inner);
    }
}
