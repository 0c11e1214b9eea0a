using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Initializers;

/// <summary>The same value everywhere.</summary>
public sealed record Constant(double Value) : Initializer
{
    /// <summary>All zeros, as biases start.</summary>
    public static Constant Zero { get; } = new(0);

    /// <summary>All ones, as the scales of norms start.</summary>
    public static Constant One { get; } = new(1);

    /// <inheritdoc/>
    public override Tensor Create(Shape shape, RandomStream random) => Tensor.Full(shape, Value);
}
