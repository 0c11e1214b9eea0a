using System.Buffers.Binary;
using System.IO.Compression;
using SkiaSharp;

namespace Lamina.Tasks.Tests.Images;

/// <summary>Makes image files and IDX files, good and bad.</summary>
internal static class SampleImages
{
    internal static byte[] Png(int height, int width, byte grey) => Png(height, width, (_, _) => new SKColor(grey, grey, grey));

    internal static byte[] Png(int height, int width, Func<int, int, SKColor> colour) =>
        Encode(height, width, colour, SKEncodedImageFormat.Png);

    /// <summary>An image without structure, so that its file can be cut anywhere.</summary>
    internal static byte[] Noise(int side, SKEncodedImageFormat format, int seed = 7)
    {
        var random = new Random(seed);
        return Encode(side, side, (_, _) => new SKColor((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256)), format);
    }

    internal static byte[] Encode(int height, int width, Func<int, int, SKColor> colour, SKEncodedImageFormat format)
    {
        var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        var pixels = new byte[info.BytesSize];
        for (int i = 0; i < height * width; i++)
        {
            SKColor c = colour(i / width, i % width);
            new[] { c.Red, c.Green, c.Blue, c.Alpha }.CopyTo(pixels, i * 4);
        }

        using SKImage image = SKImage.FromPixelCopy(info, pixels);
        using SKData data = image.Encode(format, 95);
        return data.ToArray();
    }

    /// <summary>A PNG of one channel.</summary>
    internal static byte[] GreyPng(int height, int width, byte grey)
    {
        using SKImage image = SKImage.FromPixelCopy(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque), [.. Enumerable.Repeat(grey, height * width)]);
        using SKData data = image.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    /// <summary>A PNG whose header, checksum and all, claims another size than its pixels fill.</summary>
    internal static byte[] PngClaiming(int height, int width)
    {
        byte[] png = Png(2, 2, 0);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc32(png.AsSpan(12, 17)));
        return png;
    }

    /// <summary>A JPEG with an EXIF orientation put in after its first marker.</summary>
    internal static byte[] WithOrientation(byte[] jpeg, byte orientation)
    {
        byte[] exif =
        [
            0xFF, 0xE1, 0, 34, // APP1 and its length
            .. "Exif\0\0"u8, .. "MM\0*"u8, 0, 0, 0, 8, // big-endian TIFF, the directory at byte 8
            0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, // one entry: orientation, a short
            0, 0, 0, 0,
        ];
        return [.. jpeg[..2], .. exif, .. jpeg[2..]];
    }

    /// <summary>The TIFF part of EXIF with an orientation, of either byte order.</summary>
    internal static byte[] Exif(byte orientation, bool little) => little
        ? [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]
        : [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];

    /// <summary>A PNG with an eXIf chunk put in after its header, or before its end.</summary>
    internal static byte[] WithExifChunk(byte[] png, byte[] exif, bool atEnd = false)
    {
        byte[] body = [.. "eXIf"u8, .. exif], length = new byte[4], check = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, exif.Length);
        BinaryPrimitives.WriteUInt32BigEndian(check, Crc32(body));
        int at = atEnd ? png.Length - 12 : 33;
        return [.. png[..at], .. length, .. body, .. check, .. png[at..]];
    }

    /// <summary>A WebP with an EXIF chunk: a header of its own (VP8X) says that there is one.</summary>
    internal static byte[] WebpWithExif(byte[] webp, int height, int width, byte[] exif)
    {
        byte[] sizes = new byte[6], length = new byte[4], whole = new byte[4];
        (sizes[0], sizes[1], sizes[3], sizes[4]) = ((byte)(width - 1), (byte)((width - 1) >> 8), (byte)(height - 1), (byte)((height - 1) >> 8));
        BinaryPrimitives.WriteInt32LittleEndian(length, exif.Length);
        byte[] chunks = [.. "WEBP"u8, .. "VP8X"u8, 10, 0, 0, 0, 8, 0, 0, 0, .. sizes, .. webp[12..], .. "EXIF"u8, .. length, .. exif, .. exif.Length % 2 == 1 ? new byte[1] : []];
        BinaryPrimitives.WriteInt32LittleEndian(whole, chunks.Length);
        return [.. "RIFF"u8, .. whole, .. chunks];
    }

    /// <summary>A 24-bit BMP of one colour, which SkiaSharp reads but doesn't write.</summary>
    internal static byte[] Bmp(int height, int width, byte grey)
    {
        int line = (width * 3 + 3) / 4 * 4;
        var bytes = new byte[54 + (line * height)];
        "BM"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(2), bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(10), 54);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(22), height);
        bytes[26] = 1;
        bytes[28] = 24;
        bytes.AsSpan(54).Fill(grey);
        return bytes;
    }

    internal static byte[] Idx(int[] dimensions, byte[] values)
    {
        var bytes = new byte[4 + (4 * dimensions.Length) + values.Length];
        bytes[2] = 8;
        bytes[3] = (byte)dimensions.Length;
        for (int i = 0; i < dimensions.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 + (4 * i)), dimensions[i]);
        }

        values.CopyTo(bytes, 4 + (4 * dimensions.Length));
        return bytes;
    }

    internal static byte[] Gzip(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return memory.ToArray();
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
