using Lamina.Learning.Initializers;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Layers;

/// <summary>Along one axis of a transposed convolution: the size of its result, and what is cut off before and after.</summary>
internal readonly record struct TransposedWindow(int Size, int Before, int After)
{
    /// <summary>Options that mean one result: an output padding of a stride or more would be a further pixel of the input.</summary>
    public static void Check(Padding padding, int outputPadding, int stride)
    {
        if (padding.IsCausal) throw new ArgumentOutOfRangeException(nameof(padding), "a transposed convolution takes valid or same padding, or a number");
        if (outputPadding >= stride)
            throw new ArgumentOutOfRangeException(nameof(outputPadding), outputPadding, $"outputPadding must be less than the stride, which is {stride}");
        if (outputPadding > 0 && padding == Padding.Same)
            throw new ArgumentOutOfRangeException(nameof(outputPadding), outputPadding,
                "with same padding the result's size is given; outputPadding must be 0");
    }

    /// <summary>Along the height, for an input of so many rows.</summary>
    public static TransposedWindow Rows(Padding padding, int size, int span, int stride, int outputPadding) =>
        Of(padding, size, span, stride, outputPadding, padding.Rows(size * stride, span, stride));

    /// <summary>Along the width, or the steps.</summary>
    public static TransposedWindow Columns(Padding padding, int size, int span, int stride, int outputPadding) =>
        Of(padding, size, span, stride, outputPadding, padding.Columns(size * stride, span, stride));

    private static TransposedWindow Of(Padding padding, int size, int span, int stride, int outputPadding, (int Before, int After) cut) => new(
        padding == Padding.Same ? size * stride : (size - 1) * stride + span - cut.Before - cut.After + outputPadding, cut.Before, cut.After);

    /// <summary>
    /// First values of a weight (kernel…, channels out, channels in), drawn as those of a convolution (kernel…, channels in, channels out).
    /// </summary>
    public sealed record Weight(Initializer Inner) : Initializer
    {
        public override Tensor Create(Shape shape, RandomStream random)
        {
            int[] order = [.. Enumerable.Range(0, shape.Rank - 2), shape.Rank - 1, shape.Rank - 2];
            return Inner.Create(shape.With(-2, shape[^1]).With(-1, shape[^2]), random).Transpose(order).Keep();
        }
    }
}
