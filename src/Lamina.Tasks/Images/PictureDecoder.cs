using System.Buffers;
using SkiaSharp;

namespace Lamina.Tasks.Images;

/// <summary>What decoding saw in a picture file.</summary>
/// <param name="Grey">Red, green and blue are equal in every pixel of the result.</param>
/// <param name="Resized">The file's size was another than the one asked for.</param>
/// <param name="Transparent">Some pixel wasn't opaque.</param>
/// <param name="StoredGrey">The file has one channel, whatever its pixels are.</param>
/// <param name="Inverted">Dark and light were exchanged, to be as in the training images.</param>
/// <param name="Framed">What is drawn was cut out and centred, to be as in the training images.</param>
internal readonly record struct PictureFacts(bool Grey, bool Resized, bool Transparent, bool StoredGrey = false, bool Inverted = false, bool Framed = false);

/// <summary>
/// Turns a picture file's bytes into pixels of a given size. What the bytes are is decided by their content, not by
/// the file's name. Transparent pixels are laid over white, as a page would show them; the camera's orientation
/// (EXIF) is followed; colour profiles are not applied, so that the values are those stored in the file; of an
/// animation the first frame counts.
/// </summary>
internal static class PictureDecoder
{
    private const int Rgb = 3;
    private const int Rgba = 4;

    /// <summary>Reads the size as seen, after orientation, from the header alone; null where there's none to read.</summary>
    internal static PictureSize? ReadSize(byte[] file, PictureOptions options)
    {
        using SKData data = SKData.CreateCopy(file);
        using SKCodec? codec = SKCodec.Create(data);
        return codec is null || RefuseSize(codec.Info, options) is not null ? null : Seen(codec, Origin(codec, file));
    }

    /// <summary>Decodes a file to RGB of the given size: (height, width, 3).</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="size">The size of the result.</param>
    /// <param name="target">Receives the pixels.</param>
    /// <param name="options">The limits on the file.</param>
    /// <param name="facts">What was seen.</param>
    /// <returns>Null, or in a few words why the file can't be read.</returns>
    internal static string? Decode(
        byte[] file, PictureSize size, Span<byte> target, PictureOptions options, out PictureFacts facts)
    {
        facts = default;
        if (file.Length == 0)
        {
            return "empty file";
        }

        using SKData data = SKData.CreateCopy(file);
        using SKCodec? codec = SKCodec.Create(data);
        if (codec is null)
        {
            return PictureSignature.Describe(file);
        }

        // The claimed size is checked before anything is allocated by it.
        if (RefuseSize(codec.Info, options) is { } refusal)
        {
            return refusal;
        }

        SKEncodedOrigin origin = Origin(codec, file);
        PictureSize goal = IsTurned(origin) ? new(size.Width, size.Height) : size; // as stored
        SKImageInfo info = DecodedInfo(codec, goal);
        byte[] pixels = ArrayPool<byte>.Shared.Rent(info.BytesSize);
        byte[] sized = ArrayPool<byte>.Shared.Rent(checked((int)goal.Area * Rgb));
        try
        {
            if (Refuse(codec.GetPixels(info, pixels)) is { } damage)
            {
                return damage;
            }

            bool transparent = Flatten(pixels, info.Width * info.Height, info.AlphaType);
            PictureResizer.Resize(pixels, new(info.Height, info.Width), sized, goal, Rgb);
            Orient(sized, goal, target, origin);
            facts = new(IsGrey(target), Seen(codec, origin) != size, transparent, codec.Info.ColorType == SKColorType.Gray8);
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(sized);
            ArrayPool<byte>.Shared.Return(pixels);
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

    private static string? RefuseSize(SKImageInfo info, PictureOptions options)
    {
        if (info.Width <= 0 || info.Height <= 0)
        {
            return "no pixels";
        }

        return Math.Max(info.Width, info.Height) > options.MaximumSide
            || (long)info.Width * info.Height > options.MaximumPixels
            ? $"claims {info.Height}×{info.Width} pixels, more than {options.MaximumSide} a side or {options.MaximumPixels} in all"
            : null;
    }

    /// <summary>
    /// The size and layout to decode to. A JPEG far larger than the goal is decoded at a fraction of its size, which
    /// its blocks give almost free, but never at less than twice the goal.
    /// </summary>
    private static SKImageInfo DecodedInfo(SKCodec codec, PictureSize goal)
    {
        SKImageInfo stored = codec.Info;
        var size = new SKSizeI(stored.Width, stored.Height);
        float scale = Math.Max(2f * goal.Width / stored.Width, 2f * goal.Height / stored.Height);
        if (codec.EncodedFormat == SKEncodedImageFormat.Jpeg && scale <= 0.5f)
        {
            SKSizeI smaller = codec.GetScaledDimensions(scale);
            size = smaller.Width >= goal.Width && smaller.Height >= goal.Height ? smaller : size;
        }

        SKAlphaType alpha = stored.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
        return new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, alpha);
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
    private static SKEncodedOrigin Origin(SKCodec codec, byte[] file) =>
        codec.EncodedOrigin is not SKEncodedOrigin.TopLeft and var origin ? origin : PngOrientation.Of(file);

    private static PictureSize Seen(SKCodec codec, SKEncodedOrigin origin) => IsTurned(origin)
        ? new(codec.Info.Width, codec.Info.Height)
        : new(codec.Info.Height, codec.Info.Width);

    /// <summary>Writes the stored picture as it's meant to be seen: turned, mirrored, or both.</summary>
    private static void Orient(ReadOnlySpan<byte> stored, PictureSize size, Span<byte> seen, SKEncodedOrigin origin)
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
        PictureSize to = turned ? new(size.Width, size.Height) : size;
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
}
