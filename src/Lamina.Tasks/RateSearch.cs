using Lamina.Learning.Training;

namespace Lamina.Tasks;

/// <summary>What learning rates do to a network on its data.</summary>
/// <param name="Network">The network's name.</param>
/// <param name="Source">The data.</param>
/// <param name="Batch">Batch size.</param>
/// <param name="Optimizer">The optimiser's name.</param>
/// <param name="Default">The rate that training would have.</param>
/// <param name="Curve">The losses, and the suggestion.</param>
public sealed record RateSearch(string Network, string Source, int Batch, string Optimizer, double Default, LearningRateCurve Curve)
{
    /// <summary>
    /// The highest loss that a drawing need show: half of the fall above the beginning, so that a divergence doesn't press the valley flat; nine
    /// tenths of the curve where most of it would be cut off.
    /// </summary>
    public double Top
    {
        get
        {
            double[] losses = [.. Curve.Points.Select(p => p.Smoothed).Order()];
            double first = Curve.Points[0].Smoothed, top = first + 0.5 * (first - losses[0]);
            return top > losses[losses.Length / 2] ? top : losses[(int)(0.9 * (losses.Length - 1))];
        }
    }
}

/// <summary>How fast a network is trained by batch size.</summary>
/// <param name="Network">The network's name.</param>
/// <param name="Default">The size that training would have.</param>
/// <param name="Training">The number of training examples; null where the data wasn't read.</param>
/// <param name="Sizes">The sizes that were tried, and the suggestion.</param>
public sealed record BatchSearch(string Network, int Default, int? Training, BatchSizes Sizes);
