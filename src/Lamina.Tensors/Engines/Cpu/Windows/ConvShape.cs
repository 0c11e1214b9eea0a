namespace Lamina.Tensors.Engines.Cpu.Windows;

/// <summary>
/// The sizes of a 2-D convolution, channels last: x (batch, height, width, in), w (kernel height, kernel width,
/// in / groups, out), y (batch, out height, out width, out), all compact.
/// </summary>
internal readonly record struct ConvShape(
    int Batch, int Height, int Width, int InChannels, int KernelHeight, int KernelWidth, int OutChannels,
    int StrideH, int StrideW, int PadTop, int PadLeft, int PadBottom, int PadRight, int DilationH, int DilationW, int Groups)
{
    public int OutHeight => Math.Max(0, (Height + PadTop + PadBottom - SpanH) / StrideH + 1) * (Height + PadTop + PadBottom >= SpanH ? 1 : 0);
    public int OutWidth => Math.Max(0, (Width + PadLeft + PadRight - SpanW) / StrideW + 1) * (Width + PadLeft + PadRight >= SpanW ? 1 : 0);

    /// <summary>Rows of the padded input under the kernel.</summary>
    public int SpanH => (KernelHeight - 1) * DilationH + 1;
    /// <summary>Columns of the padded input under the kernel.</summary>
    public int SpanW => (KernelWidth - 1) * DilationW + 1;

    public int GroupIn => InChannels / Groups;
    public int GroupOut => OutChannels / Groups;
    public int OutPixels => OutHeight * OutWidth;
    /// <summary>Terms in one output's sum.</summary>
    public int Depth => KernelHeight * KernelWidth * GroupIn;

    public bool IsPadded => PadTop > 0 || PadLeft > 0 || PadBottom > 0 || PadRight > 0;

    /// <summary>A matrix product over pixels: nothing to gather.</summary>
    public bool IsPointwise => KernelHeight == 1 && KernelWidth == 1 && StrideH == 1 && StrideW == 1 && Groups == 1
        && PadTop == 0 && PadLeft == 0 && PadBottom == 0 && PadRight == 0;

    public bool IsDepthwise => Groups > 1 && Groups == InChannels && Groups == OutChannels;
}
