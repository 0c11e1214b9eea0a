using Lamina.Tensors.Engines.Cpu.Memory;

namespace Lamina.Tensors.Engines.Cpu.Windows;

/// <summary>
/// A grid of result pixels and the source under it: pixel (t, u) sees the source window that begins at row
/// t · StepY - Top and column u · StepX - Left, SpanY by SpanX large, zeros outside the pixels. Forward, this is the
/// convolution itself; backward, the pixels of dX that share a phase of the stride, over dY.
/// </summary>
internal readonly unsafe record struct PixelGrid(
    nint Source, int Height, int Width, int Channels, int Top, int Left, int StepY, int StepX, int Rows, int Columns, int SpanY, int SpanX)
{
    /// <summary>True where no window leaves the pixels: then it is read in place.</summary>
    public bool IsInside => Top <= 0 && Left <= 0 && (Rows - 1) * StepY + SpanY - Top <= Height && (Columns - 1) * StepX + SpanX - Left <= Width;

    /// <summary>Pixels from one row of a window to the next.</summary>
    public int Pitch => IsInside ? Width : (Columns - 1) * StepX + SpanX;

    /// <summary>
    /// The source under result rows [row, row + rows) of an image, from the first window's corner on: in place, or a
    /// padded copy in scratch.
    /// </summary>
    public float* Window(int image, int row, int rows, int slot)
    {
        if (IsInside) return Image(image) + ((nint)(row * StepY - Top) * Width - Left) * Channels;
        float* copy = (float*)Scratch.Get(slot, (long)Lines(rows) * Pitch * Channels * sizeof(float));
        Copy(image, row, rows, copy);
        return copy;
    }

    /// <summary>The sources of whole images, one <see cref="ImageStride"/> after the other.</summary>
    public float* Windows(int image, int images, int slot)
    {
        if (IsInside) return Window(image, 0, Rows, slot);
        float* copy = (float*)Scratch.Get(slot, ImageStride * images * sizeof(float));
        for (int i = 0; i < images; i++) Copy(image + i, 0, Rows, copy + i * ImageStride);
        return copy;
    }

    /// <summary>From one image's window to the next in <see cref="Windows"/>.</summary>
    public nint ImageStride => IsInside ? (nint)Height * Width * Channels : (nint)Lines(Rows) * Pitch * Channels;

    private float* Image(int image) => (float*)Source + (nint)image * Height * Width * Channels;

    private int Lines(int rows) => (rows - 1) * StepY + SpanY;

    private void Copy(int image, int row, int rows, float* to)
    {
        int lines = Lines(rows), pitch = Pitch, first = Math.Clamp(Left, 0, pitch), end = Math.Clamp(Width + Left, first, pitch);
        float* pixels = Image(image);
        for (int r = 0; r < lines; r++, to += (nint)pitch * Channels)
        {
            int line = row * StepY + r - Top;
            if (line < 0 || line >= Height)
            {
                new Span<float>(to, pitch * Channels).Clear();
                continue;
            }
            new Span<float>(to, first * Channels).Clear();
            new Span<float>(pixels + ((nint)line * Width + first - Left) * Channels,
                (end - first) * Channels).CopyTo(new(to + first * Channels, (end - first) * Channels));
            new Span<float>(to + end * Channels, (pitch - end) * Channels).Clear();
        }
    }

    /// <summary>
    /// Rows of the grid that make a unit of work of about <paramref name="work"/> multiply-adds, given those of a pixel,
    /// and of no fewer than <paramref name="pixels"/> pixels.
    /// </summary>
    public int RowsOfUnit(long perPixel, long work, int pixels)
    {
        long perRow = Math.Max(1, perPixel * Columns);
        int enough = Math.Max(1, (pixels + Columns - 1) / Math.Max(1, Columns));
        int rows = (int)Math.Min(Math.Max((work + perRow - 1) / perRow, enough), Math.Max(1, Rows)), parts = (Rows + rows - 1) / rows;
        return (Rows + parts - 1) / parts;
    }
}
