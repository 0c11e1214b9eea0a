using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Initializers;

/// <summary>Initializer of a parameter's values.</summary>
public abstract record Initializer
{
    /// <summary>
    /// The first values, float32. The last axis of a weight is its outputs; the axes before it are its inputs (for a
    /// convolution (kernel height, kernel width, channels in, channels out)).
    /// </summary>
    public abstract Tensor Create(Shape shape, RandomStream random);
}
