using Lamina.Tensors.Engines.Cpu.Windows;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// What a 2-D convolution and its two gradients share: how the kernel moves over the image. Images are (batch, height,
/// width, channels), kernels (kernel height, kernel width, channels in / groups, channels out); all of it is linear in both
/// operands, so that each gradient is one of the three.
/// </summary>
public abstract record ConvolutionOp : Op
{
    /// <summary>Rows from one position of the kernel to the next.</summary>
    public int StrideHeight { get; init; } = 1;
    /// <summary>Columns from one position of the kernel to the next.</summary>
    public int StrideWidth { get; init; } = 1;
    /// <summary>Rows of zeros above.</summary>
    public int PadTop { get; init; }
    /// <summary>Columns of zeros to the left.</summary>
    public int PadLeft { get; init; }
    /// <summary>Rows of zeros below.</summary>
    public int PadBottom { get; init; }
    /// <summary>Columns of zeros to the right.</summary>
    public int PadRight { get; init; }
    /// <summary>Rows of the image from one of the kernel's to the next.</summary>
    public int DilationHeight { get; init; } = 1;
    /// <summary>Columns of the image from one of the kernel's to the next.</summary>
    public int DilationWidth { get; init; } = 1;
    /// <summary>Parts that channels are cut into, each convolved by itself; as many as channels make it depthwise.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>The convolution itself, with these settings.</summary>
    protected Conv2d Forward() => Like(new Conv2d());

    /// <summary>The gradient by the image, which has this shape.</summary>
    protected Conv2dInputGradient ByInput(Shape image) => Like(new Conv2dInputGradient { InputHeight = image[1], InputWidth = image[2] });

    /// <summary>The gradient by the kernel, which has this shape.</summary>
    protected Conv2dWeightGradient ByWeight(Shape kernel) => Like(new Conv2dWeightGradient { KernelHeight = kernel[0], KernelWidth = kernel[1] });

    /// <summary>Both gradients.</summary>
    protected Conv2dGradients Both() => Like(new Conv2dGradients());

    private T Like<T>(T op) where T : ConvolutionOp => (T)(op with
    {
        StrideHeight = StrideHeight, StrideWidth = StrideWidth, PadTop = PadTop, PadLeft = PadLeft, PadBottom = PadBottom,
        PadRight = PadRight, DilationHeight = DilationHeight, DilationWidth = DilationWidth, Groups = Groups,
    });

    /// <summary>The shape of the convolution of an image with a kernel; refuses those that don't fit.</summary>
    protected Shape Result(Shape image, Shape kernel)
    {
        if (kernel[0] < 1 || kernel[1] < 1) Refuse($"the kernel {kernel} has no height or width");
        if (image[3] % Groups != 0 || kernel[3] % Groups != 0) Refuse($"{image[3]} channels in and {kernel[3]} out can't both be cut into {Groups} groups");
        if (image[3] != kernel[2] * Groups)
            Refuse($"{image} ∗ {kernel}: the image has {image[3]} channels, the kernel takes {kernel[2] * Groups}", image[1] == kernel[2] * Groups
                ? "Transpose(0, 2, 3, 1): channels are the last axis" : null);
        (int height, int width) = OutputSize(image[1], image[2], kernel[0], kernel[1]);
        return new(image[0], height, width, kernel[3]);
    }

    private protected ConvShape Geometry(Shape image, Shape kernel) => new(
        image[0], image[1], image[2], image[3], kernel[0], kernel[1], kernel[3], StrideHeight, StrideWidth,
        PadTop, PadLeft, PadBottom, PadRight, DilationHeight, DilationWidth, Groups);

    /// <summary>The result's height and width; refuses a kernel that is larger than the padded image.</summary>
    private (int Height, int Width) OutputSize(int height, int width, int kernelHeight, int kernelWidth)
    {
        int spanHeight = (kernelHeight - 1) * DilationHeight + 1, spanWidth = (kernelWidth - 1) * DilationWidth + 1;
        int paddedHeight = height + PadTop + PadBottom, paddedWidth = width + PadLeft + PadRight;
        if (spanHeight > paddedHeight || spanWidth > paddedWidth)
            Refuse($"the kernel covers {spanHeight}×{spanWidth}, the image with its padding is only {paddedHeight}×{paddedWidth}",
                "a smaller kernel, or padding");
        return ((paddedHeight - spanHeight) / StrideHeight + 1, (paddedWidth - spanWidth) / StrideWidth + 1);
    }

    /// <summary>Refuses operands that aren't two float tensors of four axes, and settings that mean nothing.</summary>
    protected void Check(Specs x, string first, string second)
    {
        RequireOperands(x, 2);
        if (x[0].Shape.Rank != 4) Refuse($"the {first} has shape {x[0].Shape}, not (batch, height, width, channels)");
        if (x[1].Shape.Rank != 4) Refuse($"the {second} has shape {x[1].Shape}, not {(second == "kernel" ? "(kernel height, kernel width, channels in, channels out)" : "(batch, height, width, channels)")}");
        if (x[0].DType != x[1].DType) Refuse($"the operands are {x[0].DType.Text} and {x[1].DType.Text}", CastHint(x[0].DType, x[1].DType));
        if (!x[0].DType.IsFloat) Refuse($"takes float32 or float64, not {x[0].DType.Text}", "Cast(DType.Float32) first");
        if (StrideHeight < 1 || StrideWidth < 1 || DilationHeight < 1 || DilationWidth < 1 || Groups < 1) Refuse("strides, dilations and groups are 1 or more");
        if (PadTop < 0 || PadLeft < 0 || PadBottom < 0 || PadRight < 0) Refuse("padding can't be negative");
    }

    /// <summary>The shape of an image with its border.</summary>
    protected Shape Padded(Shape image) => image.With(1, image[1] + PadTop + PadBottom).With(2, image[2] + PadLeft + PadRight);

    /// <summary>Where in the padded image one element of the kernel begins.</summary>
    protected Strides Corner(int row, int column) => new(0, row * DilationHeight, column * DilationWidth, 0);

    /// <summary>The kernel's steps over the padded image.</summary>
    protected Strides Steps => new(1, StrideHeight, StrideWidth, 1);

    /// <summary>Results whose kernel's element lies inside the image: the border adds nothing, whatever it is multiplied by.</summary>
    private protected readonly record struct Inside(int Top, int Left, int Rows, int Columns)
    {
        /// <summary>Whether there are none.</summary>
        public bool IsEmpty => Rows <= 0 || Columns <= 0;

        /// <summary>That part of the results, of so many images with so many channels.</summary>
        public Shape Of(int images, int channels) => new(images, Rows, Columns, channels);

        /// <summary>Offset of its first element.</summary>
        public Strides Start => new(0, Top, Left, 0);
    }

    /// <summary>For one element of the kernel the results of height × width for which it lies inside the image.</summary>
    private protected Inside InsideOf(Shape image, int row, int column, int height, int width)
    {
        (int top, int rows) = Along(row * DilationHeight - PadTop, StrideHeight, image[1], height);
        (int left, int columns) = Along(column * DilationWidth - PadLeft, StrideWidth, image[2], width);
        return new(top, left, rows, columns);
    }

    // Results i with 0 ≤ i · stride + offset < size.
    private static (int First, int Count) Along(int offset, int stride, int size, int results)
    {
        int first = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
        int after = offset >= size ? 0 : Math.Min(results, (size - 1 - offset) / stride + 1);
        return (first, Math.Max(0, after - first));
    }

    /// <summary>What one element of the kernel sees for these results: (batch, rows, columns, groups, channels in of a group, 1).</summary>
    private protected Tensor Seen(Tensor image, int row, int column, Inside inside)
    {
        Shape size = inside.Of(image.Shape[0], image.Shape[3]);
        Strides start = new(0, inside.Top * StrideHeight + row * DilationHeight - PadTop, inside.Left * StrideWidth + column * DilationWidth - PadLeft, 0);
        Tensor part = new Slice { Start = start, Step = Steps, Size = size }.Apply(image);
        return part.Reshape(size[0], size[1], size[2], Groups, size[3] / Groups, 1);
    }

    /// <summary>One element of the kernel: (groups, channels in of a group, channels out of a group).</summary>
    protected Tensor Tap(Tensor kernel, int row, int column) =>
        kernel[row..(row + 1), column..(column + 1)].Reshape(kernel.Shape[2], Groups, kernel.Shape[3] / Groups).Transpose(1, 0, 2);
}
