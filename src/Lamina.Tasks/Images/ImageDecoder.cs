using System.Buffers;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace Lamina.Tasks.Images;

/// <summary>What decoding saw in an image file.</summary>
/// <param name="Grey">Red, green and blue are equal in every pixel of the result.</param>
/// <param name="Resized">The file's size was another than the one asked for.</param>
/// <param name="Transparent">Some pixel wasn't opaque.</param>
/// <param name="StoredGrey">The file has one channel, whatever its pixels are.</param>
/// <param name="Inverted">Dark and light were exchanged, to be as in the training images.</param>
/// <param name="Framed">What is drawn was cut out and centred, to be as in the training images.</param>
internal readonly record struct ImageFacts(bool Grey, bool Resized, bool Transparent, bool StoredGrey = false, bool Inverted = false, bool Framed = false);

/// <summary>
/// Turns an image file's bytes into pixels of a given size. What the bytes are is decided by their content, not by
/// the file's name. Transparent pixels are laid over white, as a page would show them; the camera's orientation
/// (EXIF) is followed; colour profiles are not applied, so that the values are those stored in the file; of an
/// animation the first frame counts.
/// </summary>
internal static class ImageDecoder
{
    private const int Rgb = 3;
    private const int Rgba = 4;

    /// <summary>Reads the size as seen, after orientation, from the header alone; null where there's none to read.</summary>
    internal static ImageSize? ReadSize(ArraySegment<byte> file, ImageReadOptions options)
    {
        if (NetPbm.Is(file))
        {
            return NetPbm.ReadSize(file);
        }

        using var pinned = new PinnedFile(file);
        return pinned.Codec is not { } codec || RefuseSize(codec.Info, options) is not null ? null : Seen(codec, Origin(codec, file));
    }

    /// <summary>Decodes a file to RGB of the given size: (height, width, 3).</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="size">The size of the result.</param>
    /// <param name="target">Receives the pixels.</param>
    /// <param name="options">The limits on the file.</param>
    /// <param name="facts">What was seen.</param>
    /// <param name="cancel">Stops the waiting for memory.</param>
    /// <returns>Null, or in a few words why the file can't be read.</returns>
    internal static string? Decode(
        ArraySegment<byte> file, ImageSize size, Span<byte> target, ImageReadOptions options, out ImageFacts facts, CancellationToken cancel = default)
    {
        facts = default;
        if (file.Count == 0)
        {
            return "empty file";
        }

        if (NetPbm.Is(file))
        {
            return NetPbm.Decode(file, size, target, options, out facts);
        }

        using var pinned = new PinnedFile(file);
        if (pinned.Codec is not { } codec)
        {
            return FileSignature.Describe(file);
        }

        // The claimed size is checked before anything is allocated by it.
        if (RefuseSize(codec.Info, options) is { } refusal)
        {
            return refusal;
        }

        SKEncodedOrigin origin = Origin(codec, file);
        bool isUpright = origin == SKEncodedOrigin.TopLeft;
        ImageSize goal = IsTurned(origin) ? new(size.Width, size.Height) : size; // as stored
        ImageStrips strips = ImageStrips.Of(codec, file, goal);
        if (strips.Memory > DecodeMemory.MostForOne)
        {
            return $"takes {strips.Memory >> 20} MiB to decode its {codec.Info.Height}×{codec.Info.Width} pixels, more than the "
                + $"{DecodeMemory.MostForOne >> 20} allowed: save it smaller, or as a PNG or a JPEG that isn't progressive";
        }

        using DecodeMemory.Share share = DecodeMemory.Pixels.Take(strips.Memory, cancel);
        byte[] sized = isUpright ? [] : ArrayPool<byte>.Shared.Rent(checked((int)goal.Area * Rgb));
        try
        {
            if (Refuse(Resize(codec, strips, isUpright ? target : sized, goal, out bool transparent)) is { } damage)
            {
                return damage;
            }

            if (!isUpright)
            {
                Orient(sized, goal, target, origin);
            }

            facts = new(IsGrey(target), Seen(codec, origin) != size, transparent, codec.Info.ColorType == SKColorType.Gray8);
            return null;
        }
        finally
        {
            if (!isUpright)
            {
                ArrayPool<byte>.Shared.Return(sized);
            }
        }
    }

    // Strip after strip through the resizer, so that not all pixels are in memory at once.
    private static SKCodecResult Resize(SKCodec codec, ImageStrips strips, Span<byte> target, ImageSize goal, out bool transparent)
    {
        transparent = false;
        SKImageInfo info = strips.Info;
        var rows = new RowResizer(new(info.Height, info.Width), goal, Rgb);
        byte[] pixels = DecodeMemory.Pixels.Rent(info.RowBytes * strips.Rows);
        byte[] row = info.BytesPerPixel == 1 ? new byte[info.Width * Rgb] : [];
        var pin = GCHandle.Alloc(pixels, GCHandleType.Pinned);
        try
        {
            for (int top = 0; top < info.Height; top += strips.Rows)
            {
                int count = Math.Min(strips.Rows, info.Height - top);
                SKCodecResult result = strips.Read(codec, top, count, pin.AddrOfPinnedObject());
                if (result != SKCodecResult.Success)
                {
                    return result;
                }

                for (int i = 0; i < count; i++)
                {
                    Span<byte> line = pixels.AsSpan(i * info.RowBytes, info.RowBytes);
                    if (info.BytesPerPixel == 1)
                    {
                        Repeat(line, row);
                        line = row;
                    }
                    else
                    {
                        transparent |= Flatten(line, info.Width, info.AlphaType);
                    }

                    rows.Push(line[..(info.Width * Rgb)], target);
                }
            }

            return SKCodecResult.Success;
        }
        finally
        {
            pin.Free();
            DecodeMemory.Pixels.Return(pixels);
        }
    }

    private static void Repeat(ReadOnlySpan<byte> grey, Span<byte> rgb)
    {
        for (int i = 0; i < grey.Length; i++)
        {
            rgb.Slice(i * Rgb, Rgb).Fill(grey[i]);
        }
    }

    /// <summary>RGB to grey by the weights of ITU-R BT.601; equal channels stay exactly what they are.</summary>
    internal static void ToGrey(ReadOnlySpan<byte> rgb, Span<byte> grey)
    {
        for (int i = 0; i < grey.Length; i++)
        {
            grey[i] = (byte)(((299 * rgb[i * Rgb]) + (587 * rgb[(i * Rgb) + 1]) + (114 * rgb[(i * Rgb) + 2]) + 500) / 1000);
        }
    }

    private static string? RefuseSize(SKImageInfo info, ImageReadOptions options)
    {
        if (info.Width <= 0 || info.Height <= 0)
        {
            return "no pixels";
        }

        return Math.Max(info.Width, info.Height) > options.MaximumSide
            || (long)info.Width * info.Height > options.MaximumPixels
            ? $"claims {info.Height}×{info.Width} pixels, more than {options.MaximumSide} per side or {options.MaximumPixels} in total"
            : null;
    }

    private static string? Refuse(SKCodecResult result) => result switch
    {
        SKCodecResult.Success => null,
        SKCodecResult.IncompleteInput => "truncated",
        SKCodecResult.ErrorInInput or SKCodecResult.InvalidInput => "damaged",
        _ => $"can't be decoded: {result}",
    };

    /// <summary>RGBA to RGB in place, over white; whether any pixel let the white through.</summary>
    private static bool Flatten(Span<byte> pixels, int count, SKAlphaType alphaType)
    {
        bool transparent = false;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> from = pixels.Slice(i * Rgba, Rgba);
            Span<byte> to = pixels.Slice(i * Rgb, Rgb);
            int alpha = alphaType == SKAlphaType.Opaque ? 255 : from[3];
            if (alpha == 255)
            {
                from[..Rgb].CopyTo(to);
                continue;
            }

            transparent = true;
            for (int channel = 0; channel < Rgb; channel++)
            {
                to[channel] = (byte)(((from[channel] * alpha) + (255 * (255 - alpha)) + 127) / 255);
            }
        }

        return transparent;
    }

    private static bool IsTurned(SKEncodedOrigin origin) => origin >= SKEncodedOrigin.LeftTop;

    // Where the codec knows of none, a PNG may still have one.
    private static SKEncodedOrigin Origin(SKCodec codec, ArraySegment<byte> file) =>
        codec.EncodedOrigin is not SKEncodedOrigin.TopLeft and var origin ? origin : PngOrientation.Of(file);

    private static ImageSize Seen(SKCodec codec, SKEncodedOrigin origin) => IsTurned(origin)
        ? new(codec.Info.Width, codec.Info.Height)
        : new(codec.Info.Height, codec.Info.Width);

    /// <summary>Writes the stored image as it's meant to be seen: turned, mirrored, or both.</summary>
    private static void Orient(ReadOnlySpan<byte> stored, ImageSize size, Span<byte> seen, SKEncodedOrigin origin)
    {
        if (origin == SKEncodedOrigin.TopLeft)
        {
            stored[..seen.Length].CopyTo(seen);
            return;
        }

        // An origin names the sides on which the stored first row and first column are seen.
        bool fromBottom = origin is SKEncodedOrigin.BottomRight or SKEncodedOrigin.BottomLeft
            or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        bool fromRight = origin is SKEncodedOrigin.TopRight or SKEncodedOrigin.BottomRight
            or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom;
        bool turned = IsTurned(origin);
        ImageSize to = turned ? new(size.Width, size.Height) : size;
        for (int row = 0; row < size.Height; row++)
        {
            for (int column = 0; column < size.Width; column++)
            {
                (int y, int x) = turned ? (column, row) : (row, column);
                y = fromBottom ? to.Height - 1 - y : y;
                x = fromRight ? to.Width - 1 - x : x;
                stored.Slice(((row * size.Width) + column) * Rgb, Rgb).CopyTo(seen[(((y * to.Width) + x) * Rgb)..]);
            }
        }
    }

    private static bool IsGrey(ReadOnlySpan<byte> rgb)
    {
        for (int i = 0; i + 2 < rgb.Length; i += Rgb)
        {
            if (rgb[i] != rgb[i + 1] || rgb[i] != rgb[i + 2])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A file's bytes where a decoder finds them, without a copy, and the decoder; null where no decoder knows them.</summary>
    private sealed class PinnedFile : IDisposable
    {
        private readonly GCHandle _pin;
        private readonly SKData _data;

        internal PinnedFile(ArraySegment<byte> file)
        {
            _pin = GCHandle.Alloc(file.Array, GCHandleType.Pinned);
            _data = SKData.Create(_pin.AddrOfPinnedObject() + file.Offset, file.Count);
            Codec = SKCodec.Create(_data);
        }

        internal SKCodec? Codec { get; }

        public void Dispose()
        {
            Codec?.Dispose();
            _data.Dispose();
            _pin.Free();
        }
    }
}
