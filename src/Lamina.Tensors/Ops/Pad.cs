using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The operand with a margin of one value around it: so many before and after it along each axis.</summary>
public sealed record Pad : Op
{
    private const int Grain = 16 * 1024;

    public override string Name => "pad";

    /// <summary>Number of elements to insert before each axis.</summary>
    public required Strides Before { get; init; }

    /// <summary>Number of elements to insert after each axis.</summary>
    public required Strides After { get; init; }

    /// <summary>The value of the margin.</summary>
    public Scalar Value { get; init; }

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 1);
        Shape shape = x[0].Shape;
        Value.In(x[0].DType, Name);
        if (Before.Span.Length != shape.Rank
            || After.Span.Length != shape.Rank) Refuse($"{Before.Span.Length} margins before and {After.Span.Length} after for shape {shape}, which has {shape.Rank} axes");
        Span<int> sizes = stackalloc int[shape.Rank];
        for (int i = 0; i < sizes.Length; i++)
        {
            if (Before[i] < 0 || After[i] < 0) Refuse($"axis {i} has the negative margin {Math.Min(Before[i], After[i])}", "Narrow() to cut off");
            sizes[i] = checked(shape[i] + Before[i] + After[i]);
        }
        return x[0] with { Shape = new(sizes) };
    }

    public override Tensors Define(Tensors x)
    {
        Spec spec = Infer(x.Specs)[0];
        var values = new double[spec.Shape.Count];
        Array.Fill(values, Value.Value);
        for (int i = 0; i < x[0].Count; i++)
        {
            int rest = i, at = 0, scale = 1;
            for (int axis = spec.Shape.Rank - 1; axis >= 0; axis--)
            {
                at += (Before[axis] + rest % x[0].Shape[axis]) * scale;
                rest /= x[0].Shape[axis];
                scale *= spec.Shape[axis];
            }
            values[at] = x[0].Element(i);
        }
        return Tensor.FromDoubles(values, spec);
    }

    public override Grads Gradient(in GradCall g)
    {
        Span<int> steps = stackalloc int[g[0].Rank];
        steps.Fill(1);
        return new Lamina.Tensors.Slice { Start = Before, Size = g[0].Shape, Step = new(steps) }.Apply(g.By);
    }

    public override void Run(in CpuCall c)
    {
        switch (c.Output.DType.Size)
        {
            case 1: Run<byte>(c); break;
            case 2: Run<ushort>(c); break;
            case 4: Run<uint>(c); break;
            default: Run<ulong>(c); break;
        }
    }

    private unsafe void Run<T>(in CpuCall c) where T : unmanaged
    {
        View from = c[0], to = c.Output;
        T margin;
        Conversion.Store(Value, to.DType, &margin);
        int columns = to.Shape.Rank == 0 ? 1 : to.Shape[^1];
        if (to.Count == 0) return;
        var region = new Region<T> { From = &from, To = &to, Before = Before, Margin = margin };
        c.Pool.For(to.Count / columns, Math.Max(1, Grain / columns), ref region);
    }

    /// <summary>A unit is a row of the result: margin, copy, margin, or margin only.</summary>
    private unsafe struct Region<T> : IRegion where T : unmanaged
    {
        public View* From, To;
        public Strides Before;
        public T Margin;

        public readonly void Run(int begin, int end)
        {
            int last = To->Shape.Rank - 1, columns = last < 0 ? 1 : To->Shape[last], width = last < 0 ? 1 : From->Shape[last], left = last < 0 ? 0
                : Before[last];
            for (int row = begin; row < end; row++)
            {
                var to = new Span<T>((T*)To->Data + (nint)row * columns, columns);
                if (!TryFind(row, last, out nint at))
                {
                    to.Fill(Margin);
                    continue;
                }
                to[..left].Fill(Margin);
                new Span<T>((T*)From->Data + at * width, width).CopyTo(to[left..]);
                to[(left + width)..].Fill(Margin);
            }
        }

        private readonly bool TryFind(int row, int last, out nint at)
        {
            at = 0;
            nint scale = 1;
            for (int axis = last - 1; axis >= 0; axis--)
            {
                int index = row % To->Shape[axis] - Before[axis];
                if ((uint)index >= (uint)From->Shape[axis]) return false;
                at += index * scale;
                scale *= From->Shape[axis];
                row /= To->Shape[axis];
            }
            return true;
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Pad"/>
        public Tensor Pad(ReadOnlySpan<int> before, ReadOnlySpan<int> after, Scalar value = default) =>
            new Pad { Before = new(before), After = new(after), Value = value }.Apply(x);
    }
}
