using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>Tensors one after the other along an axis; the other axes must agree.</summary>
public sealed record Concat : Op
{
    public override string Name => "concat";

    /// <summary>The axis, counted from 0.</summary>
    public required int Axis { get; init; }

    public override bool TakesStrides => true;

    public override Specs Infer(Specs x)
    {
        if (x.Count == 0) Refuse("there is nothing to join");
        Shape shape = x[0].Shape;
        if (Axis < 0 || Axis >= shape.Rank) Refuse($"axis {Axis} of shape {shape}, which has {shape.Rank} axes");
        int total = 0;
        for (int i = 0; i < x.Count; i++)
        {
            if (x[i].DType != x[0].DType) Refuse($"operand {i} is {x[i].DType.Text}, the first is {x[0].DType.Text}", $"Cast(DType.{x[0].DType}) on it");
            if (x[i].Shape.Rank != shape.Rank
                || x[i].Shape.With(Axis, shape[Axis]) != shape) Refuse($"operand {i} has shape {x[i].Shape}, the first {shape}: all axes but {Axis} must agree", Only(shape, x[i].Shape) is { } axis ? $"axis {axis}, the only one in which they differ" : "a slice or Reshape() that makes the other sizes equal");
            total = checked(total + x[i].Shape[Axis]);
        }
        return x[0] with { Shape = shape.With(Axis, total) };
    }

    // The only axis in which two shapes differ, or null.
    private static int? Only(Shape a, Shape b)
    {
        if (a.Rank != b.Rank) return null;
        int[] differ = [.. Enumerable.Range(0, a.Rank).Where(i => a[i] != b[i])];
        return differ.Length == 1 ? differ[0] : null;
    }

    public override Tensors Define(Tensors x)
    {
        Spec spec = Infer(x.Specs)[0];
        var values = new List<double>(spec.Shape.Count);
        int outer = 1;
        for (int i = 0; i < Axis; i++) outer *= spec.Shape[i];
        for (int o = 0; o < outer; o++)
            foreach (Tensor part in x)
            {
                int block = part.Count / Math.Max(outer, 1);
                for (int i = 0; i < block; i++) values.Add(part.Element(o * block + i));
            }
        return Tensor.FromDoubles([.. values], spec);
    }

    public override Grads Gradient(in GradCall g)
    {
        var parts = new Tensor?[g.Inputs.Count];
        int at = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            int size = g[i].Shape[Axis];
            parts[i] = g.Wants(i) ? g.By.Narrow(Axis, at, size) : null;
            at += size;
        }
        return [.. parts];
    }

    public override unsafe void Run(in CpuCall c)
    {
        View to = c.Output;
        nint at = 0;
        foreach (View part in c.Inputs)
        {
            if (part.Count > 0) Strided.Scatter(part, new View((byte*)to.Data + at * to.Strides[Axis] * to.DType.Size, to.DType, part.Shape, to.Strides));
            at += part.Shape[Axis];
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor)
    {
        /// <inheritdoc cref="Ops.Concat"/>
        public static Tensor Concat(ReadOnlySpan<Tensor> parts, int axis = 0) =>
            new Concat { Axis = parts.Length > 0 ? parts[0].Shape.Axis(axis, "concat") : 0 }.Apply(parts);

        /// <summary>Tensors of one shape as the rows of a new axis.</summary>
        public static Tensor Stack(ReadOnlySpan<Tensor> parts, int axis = 0)
        {
            var rows = new Tensor[parts.Length];
            for (int i = 0; i < rows.Length; i++) rows[i] = parts[i].Unsqueeze(axis);
            return Tensor.Concat(rows, axis);
        }
    }

    extension(Tensor x)
    {
        /// <summary>Cuts an axis into parts of the given sizes, which must add up to it.</summary>
        public Tensor[] Split(ReadOnlySpan<int> sizes, int axis = 0)
        {
            var parts = new Tensor[sizes.Length];
            int at = 0;
            for (int i = 0; i < parts.Length; at += sizes[i++]) parts[i] = x.Narrow(axis, at, sizes[i]);
            if (at != x.Shape[axis]) throw new TensorException($"split: the sizes add up to {at}, axis {axis} of {x.Shape} has {x.Shape[axis]}");
            return parts;
        }
    }
}
