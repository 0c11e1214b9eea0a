using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The axes in another order.</summary>
public sealed record Transpose : ViewOp, IEquatable<Transpose>
{
    public override string Name => "transpose";

    /// <summary>For each axis of the result, the axis of the operand that it is.</summary>
    public required Shape Axes { get; init; }

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 1);
        Shape shape = x[0].Shape;
        if (Axes.Rank != shape.Rank) Refuse($"{Axes.Rank} axes {Axes} for shape {shape}, which has {shape.Rank}");
        Span<int> sizes = stackalloc int[shape.Rank];
        int seen = 0;
        for (int i = 0; i < sizes.Length; i++)
        {
            if (Axes[i] >= shape.Rank) Refuse($"axis {Axes[i]} of shape {shape}, which has {shape.Rank} axes");
            sizes[i] = shape[Axes[i]];
            seen |= 1 << Axes[i];
        }
        if (seen != (1 << shape.Rank) - 1) Refuse($"the axes {Axes} don't name each of {shape.Rank} axes once");
        return x[0] with { Shape = new(sizes) };
    }

    public override Tensors Define(Tensors x)
    {
        Spec spec = Infer(x.Specs)[0];
        var values = new double[spec.Shape.Count];
        Span<int> index = stackalloc int[Shape.MaxRank];
        for (int i = 0; i < values.Length; i++)
        {
            int rest = i, at = 0;
            for (int axis = spec.Shape.Rank - 1; axis >= 0; rest /= spec.Shape[axis--]) index[Axes[axis]] = rest % spec.Shape[axis];
            for (int axis = 0; axis < spec.Shape.Rank; axis++) at = at * x[0].Shape[axis] + index[axis];
            values[i] = x[0].Element(at);
        }
        return Tensor.From(values, spec.Shape).Cast(spec.DType);
    }

    public override Grads Gradient(in GradCall g)
    {
        Span<int> inverse = stackalloc int[Axes.Rank];
        for (int i = 0; i < inverse.Length; i++) inverse[Axes[i]] = i;
        return new Transpose { Axes = new(inverse) }.Apply(g.By);
    }

    protected override bool TryView(Shape from, Strides strides, Shape to, out Strides result, out int offset)
    {
        Span<int> steps = stackalloc int[Axes.Rank];
        for (int i = 0; i < steps.Length; i++) steps[i] = strides[Axes[i]];
        result = new(steps);
        offset = 0;
        return true;
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>The axes in another order: for each axis of the result, the axis of the operand; negative ones count from the end.</summary>
        public Tensor Transpose(params ReadOnlySpan<int> axes)
        {
            Span<int> all = stackalloc int[axes.Length];
            for (int i = 0; i < all.Length; i++) all[i] = x.Shape.Axis(axes[i], "transpose");
            return new Transpose { Axes = new(all) }.Apply(x);
        }

        /// <summary>The last two axes exchanged: the transposed matrix.</summary>
        public Tensor T
        {
            get
            {
                if (x.Rank < 2) throw new TensorException($"transpose: shape {x.Shape} has no two axes to exchange");
                Span<int> axes = stackalloc int[x.Rank];
                for (int i = 0; i < axes.Length; i++) axes[i] = i;
                (axes[^1], axes[^2]) = (axes[^2], axes[^1]);
                return new Transpose { Axes = new(axes) }.Apply(x);
            }
        }
    }
}
