using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Initializers;

/// <summary>
/// Uniform with variance 2 / inputs, which keeps the size of signals through rectifiers; <paramref name="NegativeSlope"/> is that
/// of a leaky one (He, Zhang, Ren and Sun, 2015: "Delving deep into rectifiers"). With slope √5 it is what PyTorch gives its layers.
/// </summary>
public sealed record HeUniform(double NegativeSlope = 0) : Initializer
{
    /// <inheritdoc/>
    /// <exception cref="TensorException">The shape has fewer than two axes.</exception>
    public override Tensor Create(Shape shape, RandomStream random) => Uniform.OfVariance(HeNormal.Variance(shape, NegativeSlope)).Create(shape, random);
}
