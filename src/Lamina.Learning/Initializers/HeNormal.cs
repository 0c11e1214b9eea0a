using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Initializers;

/// <summary>
/// Normal with variance 2 / inputs, which keeps the size of signals through rectifiers; <paramref name="NegativeSlope"/> is that
/// of a leaky one (He, Zhang, Ren and Sun, 2015: "Delving deep into rectifiers").
/// </summary>
public sealed record HeNormal(double NegativeSlope = 0) : Initializer
{
    /// <inheritdoc/>
    /// <exception cref="TensorException">The shape has fewer than two axes.</exception>
    public override Tensor Create(Shape shape, RandomStream random) => new Normal(0, Math.Sqrt(Variance(shape, NegativeSlope))).Create(shape, random);

    internal static double Variance(Shape shape, double slope) => 2 / ((1 + slope * slope) * Fans.Of(shape).In);
}
