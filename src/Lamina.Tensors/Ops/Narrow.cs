using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>Indices [start, start + size) of one axis.</summary>
        public Tensor Narrow(int axis, int start, int size)
        {
            axis = x.Shape.Axis(axis, "narrow");
            Span<int> starts = stackalloc int[x.Rank], steps = stackalloc int[x.Rank];
            steps.Fill(1);
            starts[axis] = start;
            return new Lamina.Tensors.Slice { Start = new(starts), Size = x.Shape.With(axis, size), Step = new(steps) }.Apply(x);
        }

        /// <summary>
        /// From <paramref name="start"/> to <paramref name="stop"/> (exclusive) in steps, for each axis; a negative step goes backwards, then stop
        /// −1 is before the first.
        /// </summary>
        public Tensor Slice(ReadOnlySpan<int> start, ReadOnlySpan<int> stop, ReadOnlySpan<int> step)
        {
            if (start.Length != x.Rank || stop.Length != x.Rank || step.Length != x.Rank)
                throw new TensorException($"slice: shape {x.Shape} takes {x.Rank} starts, stops and steps");
            Span<int> sizes = stackalloc int[x.Rank];
            for (int i = 0; i < sizes.Length; i++)
            {
                if (step[i] == 0) throw new TensorException($"slice: axis {i} has step 0");
                int span = step[i] > 0 ? stop[i] - start[i] + step[i] - 1 : start[i] - stop[i] - step[i] - 1;
                sizes[i] = Math.Max(0, span / Math.Abs(step[i]));
            }
            return new Lamina.Tensors.Slice { Start = new(start), Size = new(sizes), Step = new(step) }.Apply(x);
        }

    }
}
