namespace Lamina.Tasks.Images;

/// <summary>
/// Resizes with a triangle filter that widens as the image shrinks, so that every source pixel counts and nothing
/// flickers. It's written here, not taken from SkiaSharp, because plain arithmetic in a fixed order gives the same
/// bytes on every machine, and SkiaSharp's own depends on the processor's instructions.
/// </summary>
internal static class ImageResizer
{
    /// <summary>Resizes (height, width, channels) bytes; proportions aren't kept.</summary>
    internal static void Resize(
        ReadOnlySpan<byte> source, ImageSize from, Span<byte> target, ImageSize to, int channels)
    {
        var rows = new RowResizer(from, to, channels);
        int step = from.Width * channels;
        for (int row = 0; row < from.Height; row++)
        {
            rows.Push(source.Slice(row * step, step), target);
        }
    }
}
