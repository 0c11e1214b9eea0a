using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Initializers;

/// <summary>
/// How many values a unit of a weight sums (<see cref="In"/>) and how many units one input reaches (<see cref="Out"/>).
/// A matrix is (inputs, outputs); a convolution's kernel (kernel axes …, channels in, channels out).
/// </summary>
internal readonly record struct Fans(int In, int Out)
{
    public static Fans Of(Shape shape)
    {
        if (shape.Rank < 2) throw new TensorException($"an initialiser that scales by inputs and outputs needs a weight of two axes or more, not {shape}",
            "Constant, Uniform or Normal");
        int area = 1;
        foreach (int size in shape.Span[..^2]) area *= size;
        return new(area * shape[^2], area * shape[^1]);
    }
}
