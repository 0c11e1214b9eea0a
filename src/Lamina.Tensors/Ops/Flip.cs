using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>The given axes backwards, without a copy; all of them where none is given.</summary>
        public Tensor Flip(params ReadOnlySpan<int> axes)
        {
            Span<int> starts = stackalloc int[x.Rank], steps = stackalloc int[x.Rank];
            steps.Fill(axes.Length == 0 ? -1 : 1);
            foreach (int axis in axes) steps[x.Shape.Axis(axis, "flip")] = -1;
            for (int i = 0; i < starts.Length; i++) starts[i] = steps[i] < 0 ? Math.Max(x.Shape[i] - 1, 0) : 0;
            return new Lamina.Tensors.Slice { Start = new(starts), Size = x.Shape, Step = new(steps) }.Apply(x);
        }
    }
}
