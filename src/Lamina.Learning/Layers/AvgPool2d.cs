using Lamina.Tensors;

namespace Lamina.Learning.Layers;

/// <summary>The mean of each channel under a window that moves over images (batch, height, width, channels).</summary>
public sealed partial class AvgPool2d : PoolLayer
{
    private readonly bool _countPadding;

    /// <summary>A pool.</summary>
    /// <param name="kernel">The window's height and width; one number is both.</param>
    /// <param name="stride">How far the window moves; its own size by default.</param>
    /// <param name="padding">What is around: <see cref="Padding.Valid"/> (nothing) by default, <see cref="Padding.Same"/>, or a number less than
    /// the window.</param>
    /// <param name="countPadding">Whether the zeros around count in the mean, as in PyTorch; otherwise it is of what is covered.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1.</exception>
    public AvgPool2d(Extent kernel, Extent? stride = null, Padding padding = default, bool countPadding = true)
        : base(kernel, stride, padding, isImage: true) => _countPadding = countPadding;

    /// <summary>The window's height and width.</summary>
    public Extent Kernel => Window;

    /// <summary>How far the window moves.</summary>
    public Extent Stride => Step;

    private protected override Tensor Pool(Tensor x, int top, int left, int bottom, int right) => new Tensors.Ops.AvgPool2d
    {
        KernelHeight = Window.Height, KernelWidth = Window.Width, StrideHeight = Step.Height, StrideWidth = Step.Width,
        PadTop = top, PadLeft = left, PadBottom = bottom, PadRight = right, CountIncludePad = _countPadding,
    }.Apply(x);
}
