using Lamina.Tensors;

namespace Lamina.Learning.Layers;

/// <summary>The maximum of each channel under a window that moves over images (batch, height, width, channels).</summary>
public sealed partial class MaxPool2d : PoolLayer
{
    /// <summary>A pool.</summary>
    /// <param name="kernel">The window's height and width; one number is both.</param>
    /// <param name="stride">How far the window moves; its own size by default.</param>
    /// <param name="padding">What is around: <see cref="Padding.Valid"/> (nothing) by default, <see cref="Padding.Same"/>, or a number less than
    /// the window.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1.</exception>
    public MaxPool2d(Extent kernel, Extent? stride = null, Padding padding = default) : base(kernel, stride, padding, isImage: true) { }

    /// <summary>The window's height and width.</summary>
    public Extent Kernel => Window;

    /// <summary>How far the window moves.</summary>
    public Extent Stride => Step;

    private protected override Tensor Pool(Tensor x, int top, int left, int bottom, int right) => new Tensors.Ops.MaxPool2d
    {
        KernelHeight = Window.Height, KernelWidth = Window.Width, StrideHeight = Step.Height, StrideWidth = Step.Width,
        PadTop = top, PadLeft = left, PadBottom = bottom, PadRight = right,
    }.Pool(x);
}
