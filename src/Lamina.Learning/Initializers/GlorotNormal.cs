using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Initializers;

/// <summary>
/// Normal with variance 2 / (inputs + outputs), which keeps the size of signals and gradients through layers that are near linear
/// around zero, such as tanh (Glorot and Bengio, 2010: "Understanding the difficulty of training deep feedforward neural networks").
/// </summary>
public sealed record GlorotNormal : Initializer
{
    /// <inheritdoc/>
    /// <exception cref="TensorException">The shape has fewer than two axes.</exception>
    public override Tensor Create(Shape shape, RandomStream random) => new Normal(0, Math.Sqrt(Variance(shape))).Create(shape, random);

    internal static double Variance(Shape shape) => 2.0 / (Fans.Of(shape).In + Fans.Of(shape).Out);
}
