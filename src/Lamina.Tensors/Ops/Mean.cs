using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>
        /// The arithmetic mean, sum by count, over the given axes (negative ones count from the end), or over all where none is given; NaN of
        /// nothing.
        /// </summary>
        public Tensor Mean(ReadOnlySpan<int> axes = default, bool keepDims = false)
        {
            Tensor sum = x.Sum(axes, keepDims);
            return sum / (x.Count / (double)Math.Max(sum.Count, 1));
        }

        /// <summary>
        /// The mean squared distance from the mean, over the given axes or over all: exactly 0 of equal values, and good to
        /// the type's precision however far from 0 they lie. <paramref name="correction"/> is taken from the number of values
        /// before dividing: 0 describes these values, 1 (Bessel) estimates the population they come from.
        /// </summary>
        public Tensor Variance(ReadOnlySpan<int> axes = default, bool keepDims = false, int correction = 0)
        {
            Tensor distance = Centred(x, axes), sum = (distance * distance).Sum(axes, keepDims);
            return sum / Math.Max(0, x.Count / (double)Math.Max(sum.Count, 1) - correction);
        }
    }

    /// <summary>
    /// The values less their mean over the given axes, or over all. Their first value is taken off before, so that the mean
    /// of equal values is exact and that of values far from 0 isn't rounded in their units.
    /// </summary>
    internal static Tensor Centred(Tensor x, ReadOnlySpan<int> axes)
    {
        if (x.Count == 0) return x;
        Tensor first = x;
        // A shift changes no distance from the mean, so nothing has to be differentiated by it.
        Tracking.Pause(1);
        try
        {
            for (int axis = 0; axis < x.Rank; axis++)
                if (axes.Length == 0 || axes.Contains(axis) || axes.Contains(axis - x.Rank)) first = first.Narrow(axis, 0, 1);
        }
        finally
        {
            Tracking.Pause(-1);
        }
        Tensor shifted = x - first;
        return shifted - shifted.Mean(axes, keepDims: true);
    }
}
