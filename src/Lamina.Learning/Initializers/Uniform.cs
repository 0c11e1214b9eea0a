using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Initializers;

/// <summary>Uniform between <paramref name="Minimum"/> and <paramref name="Maximum"/>.</summary>
public sealed record Uniform(double Minimum, double Maximum) : Initializer
{
    /// <inheritdoc/>
    public override Tensor Create(Shape shape, RandomStream random) => Tensor.Create<float>(shape, values =>
    {
        foreach (ref float value in values) value = (float)(Minimum + (Maximum - Minimum) * random.NextSingle());
    });

    /// <summary>Uniform around zero with the given variance, which is limit² / 3.</summary>
    internal static Uniform OfVariance(double variance)
    {
        double limit = Math.Sqrt(3 * variance);
        return new(-limit, limit);
    }
}
