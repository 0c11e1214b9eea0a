using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Initializers;

/// <summary>Normal with the given mean and standard deviation.</summary>
public sealed record Normal(double Mean = 0, double Deviation = 1) : Initializer
{
    /// <inheritdoc/>
    public override Tensor Create(Shape shape, RandomStream random) => Tensor.Create<float>(shape, values =>
    {
        foreach (ref float value in values) value = (float)(Mean + Deviation * random.NextNormal());
    });
}
