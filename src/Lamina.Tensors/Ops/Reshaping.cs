using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>The same elements in the same order under another shape; one size may be −1, to be worked out.</summary>
        /// <exception cref="TensorException">The shapes have different numbers of elements.</exception>
        public Tensor Reshape(params ReadOnlySpan<int> sizes)
        {
            int unknown = sizes.IndexOf(-1);
            if (unknown < 0) return new Lamina.Tensors.Reshape { Shape = new(sizes) }.Apply(x);
            Span<int> known = stackalloc int[sizes.Length];
            sizes.CopyTo(known);
            known[unknown] = 1;
            int others = new Shape(known).Count;
            if (others == 0 || x.Count % others != 0) throw new TensorException($"reshape: {x.Shape} can't be cut into ({string.Join(", ", sizes.ToArray())})", $"sizes whose product divides {x.Count} beside the -1");
            known[unknown] = x.Count / others;
            return new Lamina.Tensors.Reshape { Shape = new(known) }.Apply(x);
        }

        /// <inheritdoc cref="Lamina.Tensors.Reshape"/>
        public Tensor Reshape(Shape shape) => x.Shape == shape ? x : new Lamina.Tensors.Reshape { Shape = shape }.Apply(x);

        /// <summary>Without an axis, whose size must be 1.</summary>
        /// <exception cref="TensorException">The axis has another size.</exception>
        public Tensor Squeeze(int axis)
        {
            axis = x.Shape.Axis(axis, "squeeze");
            if (x.Shape[axis] != 1) throw new TensorException($"squeeze: axis {axis} of {x.Shape} has size {x.Shape[axis]}, not 1");
            return x.Reshape(x.Shape.Without(axis));
        }

        /// <summary>With an axis of size 1 put in.</summary>
        public Tensor Unsqueeze(int axis) => x.Reshape(x.Shape.Insert(axis, 1));

        /// <summary>All axes from <paramref name="axis"/> on as one.</summary>
        public Tensor Flatten(int axis = 0)
        {
            axis = x.Shape.Axis(axis, "flatten");
            ReadOnlySpan<int> kept = x.Shape.Span[..axis];
            int rest = 1;
            foreach (int size in x.Shape.Span[axis..]) rest *= size;
            return x.Reshape(new Shape([.. kept, rest]));
        }
    }
}
