using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The same elements in the same order under another shape. Costs nothing where the operand is compact.</summary>
public sealed record Reshape : ViewOp
{
    public override string Name => "reshape";

    /// <summary>The new shape.</summary>
    public required Shape Shape { get; init; }

    public override Specs Infer(Specs x)
    {
        if (x[0].Shape.Count != Shape.Count) Refuse($"{x[0].Shape} has {x[0].Shape.Count} elements, {Shape} has {Shape.Count}");
        return x[0] with { Shape = Shape };
    }

    public override Tensors Define(Tensors x) => Tensor.FromBytes(x[0].ReadBytes(), x[0].Spec with { Shape = Shape });

    public override Grads Gradient(in GradCall g) => g.By.Reshape(g[0].Shape);

    protected override bool TryView(Shape from, Strides strides, Shape to, out Strides result, out int offset)
    {
        offset = 0;
        result = Strides.Compact(to);
        return strides.IsCompact(from) || TrySqueeze(from, strides, to, out result);
    }

    // Putting in or taking out axes of size 1 needs no copy whatever the strides.
    private static bool TrySqueeze(Shape from, Strides strides, Shape to, out Strides result)
    {
        Span<int> steps = stackalloc int[to.Rank];
        result = default;
        int i = 0;
        for (int j = 0; j < to.Rank; j++)
        {
            if (to[j] == 1) continue;
            while (i < from.Rank && from[i] == 1) i++;
            if (i == from.Rank || from[i] != to[j]) return false;
            steps[j] = strides[i++];
        }
        result = new(steps);
        return true;
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>The same elements in the same order under another shape; one size may be −1, to be worked out.</summary>
        /// <exception cref="TensorException">The shapes have different numbers of elements.</exception>
        public Tensor Reshape(params ReadOnlySpan<int> sizes)
        {
            int unknown = sizes.IndexOf(-1);
            if (unknown < 0) return new Reshape { Shape = new(sizes) }.Apply(x);
            Span<int> known = stackalloc int[sizes.Length];
            sizes.CopyTo(known);
            known[unknown] = 1;
            int others = new Shape(known).Count;
            if (others == 0 || x.Count % others != 0) throw new TensorException($"reshape: {x.Shape} can't be cut into ({string.Join(", ", sizes.ToArray())})");
            known[unknown] = x.Count / others;
            return new Reshape { Shape = new(known) }.Apply(x);
        }

        /// <inheritdoc cref="Ops.Reshape"/>
        public Tensor Reshape(Shape shape) => x.Shape == shape ? x : new Reshape { Shape = shape }.Apply(x);

        /// <summary>Without an axis, whose size must be 1.</summary>
        /// <exception cref="TensorException">The axis has another size.</exception>
        public Tensor Squeeze(int axis)
        {
            if (x.Shape[axis] != 1) throw new TensorException($"squeeze: axis {axis} of {x.Shape} has size {x.Shape[axis]}, not 1");
            return x.Reshape(x.Shape.Without(axis));
        }

        /// <summary>With an axis of size 1 put in.</summary>
        public Tensor Unsqueeze(int axis) => x.Reshape(x.Shape.Insert(axis, 1));

        /// <summary>All axes from <paramref name="axis"/> on as one.</summary>
        public Tensor Flatten(int axis = 0)
        {
            axis = x.Shape.Axis(axis);
            ReadOnlySpan<int> kept = x.Shape.Span[..axis];
            int rest = 1;
            foreach (int size in x.Shape.Span[axis..]) rest *= size;
            return x.Reshape(new Shape([.. kept, rest]));
        }
    }
}
