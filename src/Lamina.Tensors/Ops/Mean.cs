using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>The arithmetic mean over the given axes (negative ones count from the end), or over all where none is given; NaN of nothing.</summary>
        public Tensor Mean(ReadOnlySpan<int> axes = default, bool keepDims = false)
        {
            Tensor sum = x.Sum(axes, keepDims);
            return sum * (1.0 / (x.Count / (double)Math.Max(sum.Count, 1)));
        }

        /// <summary>
        /// The mean squared distance from the mean, over the given axes or over all. <paramref name="correction"/> is taken from
        /// the number of values before dividing: 0 describes these values, 1 (Bessel) estimates the population they come from.
        /// </summary>
        public Tensor Variance(ReadOnlySpan<int> axes = default, bool keepDims = false, int correction = 0)
        {
            Tensor distance = x - x.Mean(axes, keepDims: true), sum = (distance * distance).Sum(axes, keepDims);
            return sum * (1.0 / Math.Max(0, x.Count / (double)Math.Max(sum.Count, 1) - correction));
        }
    }
}
