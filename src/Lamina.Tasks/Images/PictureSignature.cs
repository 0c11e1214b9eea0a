namespace Lamina.Tasks.Images;

/// <summary>Tells by its first bytes what a file is that can't be read as a picture.</summary>
internal static class PictureSignature
{
    /// <summary>In a few words, why there's no picture in these bytes.</summary>
    internal static string Describe(ReadOnlySpan<byte> file)
    {
        string? readable = Readable(file);
        if (readable is not null)
        {
            return $"damaged or truncated {readable}";
        }

        string? other =
            file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8) ? "TIFF"
            : file.Length >= 12 && file[4..].StartsWith("ftyp"u8) ? "HEIC or AVIF"
            : file.StartsWith("%PDF"u8) ? "PDF"
            : file.StartsWith("<svg"u8) || file.StartsWith("<?xml"u8) ? "SVG"
            : null;
        return other is null ? "not a picture" : $"{other}, which isn't read: convert it to PNG or JPEG";
    }

    /// <summary>Whether a file begins as a picture does.</summary>
    internal static bool IsPicture(ReadOnlySpan<byte> file) => Readable(file) is not null || file.StartsWith("BM"u8);

    private static string? Readable(ReadOnlySpan<byte> file) =>
        file.StartsWith<byte>([0x89, (byte)'P', (byte)'N', (byte)'G']) ? "PNG"
        : file.StartsWith<byte>([0xFF, 0xD8, 0xFF]) ? "JPEG"
        : file.StartsWith("GIF8"u8) ? "GIF"
        : file.StartsWith("RIFF"u8) && file.Length >= 12 && file[8..].StartsWith("WEBP"u8) ? "WebP"
        : null;
}
