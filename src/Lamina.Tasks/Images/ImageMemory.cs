namespace Lamina.Tasks.Images;

/// <summary>Refuses images that don't fit into memory, before any is taken for them.</summary>
internal static class ImageMemory
{
    // While images are read and divided into parts there are two copies of them.
    private const int Copies = 2;

    /// <param name="place">The data, for the message.</param>
    /// <param name="count">The number of images of a part.</param>
    /// <param name="size">The size that they are brought to.</param>
    /// <param name="channels">Bytes of a pixel.</param>
    /// <exception cref="DataException">They don't fit; the remedy gives a size that does.</exception>
    internal static void Require(string place, int count, ImageSize size, int channels) =>
        Require(place, count, size, channels, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>As the other, for a given memory in bytes.</summary>
    internal static void Require(string place, int count, ImageSize size, int channels, long available)
    {
        Int128 bytes = (Int128)count * size.Area * channels;
        long most = Math.Min(Array.MaxLength, Math.Max(available / Copies, 64 << 20));
        if (bytes <= most)
        {
            return;
        }

        string limit = most == Array.MaxLength ? $"the {Array.MaxLength} one set may have" : $"the {most >> 20} MiB that there is memory for";
        int side = (int)Math.Sqrt((double)most / ((double)count * channels));
        throw new DataException(
            place, $"{count} images of {size} need {bytes} bytes, more than {limit}",
            side >= 1 ? $"a smaller size, of {side}×{side} or less, or fewer images" : "fewer images");
    }
}
