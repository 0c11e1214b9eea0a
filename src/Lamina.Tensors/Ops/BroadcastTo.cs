using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The operand repeated, without copying, along new axes and axes of size 1.</summary>
public sealed record BroadcastTo : ViewOp
{
    public override string Name => "broadcast_to";

    /// <summary>The shape to show.</summary>
    public required Shape Shape { get; init; }

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 1);
        if (!Shape.TryBroadcast(x[0].Shape, Shape, out Shape result)
            || result != Shape) Refuse($"{x[0].Shape} can't be shown as {Shape}: aligned at the last axis, sizes must be equal or 1");
        return x[0] with { Shape = Shape };
    }

    public override Tensors Define(Tensors x)
    {
        var values = new double[Shape.Count];
        for (int i = 0; i < values.Length; i++)
        {
            int rest = i, at = 0, scale = 1;
            for (int axis = 1; axis <= x[0].Rank; axis++)
            {
                int size = x[0].Shape[^axis];
                at += rest % Shape[^axis] % size * scale;
                rest /= Shape[^axis];
                scale *= size;
            }
            values[i] = x[0].Element(at);
        }
        return Tensor.FromDoubles(values, x[0].Spec with { Shape = Shape });
    }

    public override Grads Gradient(in GradCall g) => g.By.SumTo(g[0].Shape);

    protected override bool TryView(Shape from, Strides strides, Shape to, out Strides result, out int offset)
    {
        result = strides.Broadcast(from, to);
        offset = 0;
        return true;
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.BroadcastTo"/>
        public Tensor BroadcastTo(Shape shape) => x.Shape == shape ? x : new BroadcastTo { Shape = shape }.Apply(x);

        /// <summary>The sum over the axes along which <paramref name="shape"/> was broadcast to this shape: broadcasting's gradient.</summary>
        public Tensor SumTo(Shape shape)
        {
            if (x.Shape == shape) return x;
            int extra = x.Rank - shape.Rank;
            var axes = new List<int>();
            for (int i = 0; i < x.Rank; i++)
                if (i < extra || shape[i - extra] == 1 && x.Shape[i] != 1) axes.Add(i);
            return x.Sum([.. axes]).Reshape(shape);
        }
    }

    extension(in GradCall g)
    {
        /// <summary>A gradient summed to the shape of the operand it belongs to; null where it isn't wanted.</summary>
        public Tensor? Fit(int operand, Tensor gradient) => g.Wants(operand) ? gradient.SumTo(g[operand].Shape) : null;
    }
}
