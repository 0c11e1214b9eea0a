using Lamina.Tensors;

namespace Lamina.Learning.Layers;

/// <summary>The maximum of each channel under a window that moves over sequences (batch, steps, channels).</summary>
public sealed partial class MaxPool1d : PoolLayer
{
    /// <summary>A pool.</summary>
    /// <param name="kernel">Steps that the window covers.</param>
    /// <param name="stride">How far the window moves; its own size by default.</param>
    /// <param name="padding">What is around: <see cref="Padding.Valid"/> (nothing) by default, <see cref="Padding.Same"/>, or a number less than
    /// the window.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1.</exception>
    public MaxPool1d(int kernel, int? stride = null, Padding padding = default) : base((1, kernel), (1, stride ?? kernel), padding, isImage: false) { }

    /// <summary>Steps that the window covers.</summary>
    public int Kernel => Window.Width;

    /// <summary>How far the window moves.</summary>
    public int Stride => Step.Width;

    private protected override Tensor Pool(Tensor x, int top, int left, int bottom, int right) => new Tensors.Ops.MaxPool2d
    {
        KernelHeight = Window.Height, KernelWidth = Window.Width, StrideHeight = Step.Height, StrideWidth = Step.Width,
        PadTop = top, PadLeft = left, PadBottom = bottom, PadRight = right,
    }.Pool(x);
}
