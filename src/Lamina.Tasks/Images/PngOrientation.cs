using System.Buffers.Binary;
using SkiaSharp;

namespace Lamina.Tasks.Images;

/// <summary>
/// Reads the orientation from a PNG's eXIf chunk (PNG Third Edition, W3C 2025, 11.3.3.7; Exif 2.32, tag 0x0112), which
/// SkiaSharp passes over. Nothing in the file is trusted: what doesn't fit is no orientation.
/// </summary>
internal static class PngOrientation
{
    private const int ChunkFrame = 12; // length, type and checksum
    private const ushort OrientationTag = 0x0112, Short = 3;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The orientation; <see cref="SKEncodedOrigin.TopLeft"/> where the file is no PNG or says nothing of it.</summary>
    internal static SKEncodedOrigin Of(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith(Signature))
        {
            return SKEncodedOrigin.TopLeft;
        }

        ReadOnlySpan<byte> rest = file[Signature.Length..];
        while (rest.Length >= ChunkFrame)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            ReadOnlySpan<byte> type = rest.Slice(4, 4);
            if (length > rest.Length - ChunkFrame || type.SequenceEqual("IEND"u8))
            {
                break;
            }

            if (type.SequenceEqual("eXIf"u8))
            {
                return Orientation(rest.Slice(8, (int)length));
            }

            rest = rest[(ChunkFrame + (int)length)..];
        }

        return SKEncodedOrigin.TopLeft;
    }

    // A TIFF header, then the first directory: a count, and entries of tag, type, count and value.
    private static SKEncodedOrigin Orientation(ReadOnlySpan<byte> exif)
    {
        const int Header = 8, Entry = 12;
        if (exif.StartsWith("Exif\0\0"u8))
        {
            exif = exif[6..]; // as in JPEG; some programs write it here too
        }

        bool isLittle = exif.StartsWith("II*\0"u8);
        if (exif.Length < Header || (!isLittle && !exif.StartsWith("MM\0*"u8)))
        {
            return SKEncodedOrigin.TopLeft;
        }

        uint at = isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(exif[4..]) : BinaryPrimitives.ReadUInt32BigEndian(exif[4..]);
        if (at > exif.Length - 2)
        {
            return SKEncodedOrigin.TopLeft;
        }

        int count = Number(exif[(int)at..], isLittle);
        ReadOnlySpan<byte> entries = exif[((int)at + 2)..];
        for (int i = 0; i < count && entries.Length >= Entry; i++, entries = entries[Entry..])
        {
            if (Number(entries, isLittle) == OrientationTag && Number(entries[2..], isLittle) == Short
                && Number(entries[8..], isLittle) is >= 1 and <= 8 and var value)
            {
                return (SKEncodedOrigin)value;
            }
        }

        return SKEncodedOrigin.TopLeft;
    }

    private static ushort Number(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
