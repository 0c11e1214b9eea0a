using Lamina.Tensors.Engines.Cpu.Windows;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// The base of the poolings: a window moves over images (batch, height, width, channels) in strides; the margin around
/// an image counts as nothing. A result has (size + margins − kernel) / stride + 1 rows and columns, rounded down.
/// </summary>
public abstract record Pool2d : Op
{
    /// <summary>The window's rows.</summary>
    public required int KernelHeight { get; init; }

    /// <summary>The window's columns.</summary>
    public required int KernelWidth { get; init; }

    /// <summary>Vertical stride.</summary>
    public required int StrideHeight { get; init; }

    /// <summary>Horizontal stride.</summary>
    public required int StrideWidth { get; init; }

    /// <summary>The margin above.</summary>
    public int PadTop { get; init; }

    /// <summary>The margin on the left.</summary>
    public int PadLeft { get; init; }

    /// <summary>The margin below.</summary>
    public int PadBottom { get; init; }

    /// <summary>The margin on the right.</summary>
    public int PadRight { get; init; }

    /// <summary>The shape of the result for images of this shape.</summary>
    private protected Shape Pooled(Spec x)
    {
        Shape shape = x.Shape;
        if (!x.DType.IsFloat) Refuse($"takes float32 or float64, not {x.DType.Text}", "Cast(DType.Float32) first");
        if (shape.Rank != 4) Refuse($"shape {shape} is not (batch, height, width, channels)", shape.Rank == 3 ? "Unsqueeze(0) for a single image" : null);
        if (KernelHeight < 1 || KernelWidth < 1 || StrideHeight < 1
            || StrideWidth < 1) Refuse($"kernel ({KernelHeight}, {KernelWidth}) and stride ({StrideHeight}, {StrideWidth}) must be 1 or more");
        if (Math.Min(Math.Min(PadTop, PadLeft), Math.Min(PadBottom, PadRight)) < 0 || Math.Max(PadTop, PadBottom) >= KernelHeight
            || Math.Max(PadLeft, PadRight) >= KernelWidth)
            Refuse($"margins ({PadTop}, {PadLeft}, {PadBottom}, {PadRight}) must be 0 or more and less than the kernel ({KernelHeight}, {KernelWidth})");
        int height = shape[1] + PadTop + PadBottom - KernelHeight, width = shape[2] + PadLeft + PadRight - KernelWidth;
        if (height < 0 || width < 0 || shape[1] == 0 || shape[2] == 0) Refuse($"kernel ({KernelHeight}, {KernelWidth}) is larger than the images of {shape}",
            "a smaller kernel or a margin");
        return [shape[0], height / StrideHeight + 1, width / StrideWidth + 1, shape[3]];
    }

    private protected PoolGeometry Geometry(Shape input, Shape output) => new()
    {
        Batch = input[0], Height = input[1], Width = input[2], Channels = input[3], OutHeight = output[1], OutWidth = output[2],
        KernelHeight = KernelHeight, KernelWidth = KernelWidth, StrideHeight = StrideHeight, StrideWidth = StrideWidth, PadTop = PadTop, PadLeft = PadLeft,
    };

    /// <summary>Calls back for every output place with the pixels of its window, top to bottom, left to right.</summary>
    private protected void Walk(Shape input, Shape output, Action<int, int[]> visit)
    {
        PoolGeometry geometry = Geometry(input, output);
        for (int place = 0; place < output.Count; place++)
        {
            int channel = place % output[3], pixel = place / output[3];
            PoolWindow window = geometry.At(pixel / output[2] / output[1], pixel / output[2] % output[1], pixel % output[2]);
            var pixels = new int[window.Rows * window.Columns];
            for (int i = 0; i < pixels.Length; i++)
                pixels[i] = (int)window.Input + (i / window.Columns * input[2] + i % window.Columns) * input[3] + channel;
            visit(place, pixels);
        }
    }

    /// <summary>Refuses an operand that isn't of the images' type, or not of this shape.</summary>
    private protected void Require(Specs x, int operand, Spec images, Shape shape)
    {
        if (x[operand].Shape != shape) Refuse($"operand {operand} has shape {x[operand].Shape}; with images of {images.Shape} it must have {shape}");
        if (x[operand].DType != images.DType) Refuse($"operand {operand} is {x[operand].DType.Text}, not {images.DType.Text}",
            $"Cast(DType.{images.DType}) on it");
    }
}
