using SkiaSharp;

namespace Lamina.Tasks.Images;

/// <summary>
/// How an image is decoded so that memory stays bounded: whole where it's small, otherwise strip by strip from the top, as its format allows.
/// </summary>
/// <param name="Info">The size and layout that is decoded to.</param>
/// <param name="Rows">Rows of a strip.</param>
/// <param name="Memory">Bytes needed at once: the strip, and what the decoder itself holds.</param>
/// <param name="Way">How a strip is got.</param>
internal sealed record ImageStrips(SKImageInfo Info, int Rows, long Memory, StripWay Way)
{
    private const long Whole = 16 << 20; // bytes of pixels up to which there's one strip: 4 megapixels
    private const long Sequential = 4 << 20; // bytes of a strip where the next one costs nothing
    private const int Rgba = 4;

    /// <summary>Decides on the way.</summary>
    /// <param name="codec">The decoder, at the file's start.</param>
    /// <param name="file">The file.</param>
    /// <param name="goal">The size wanted, as stored.</param>
    internal static ImageStrips Of(SKCodec codec, ReadOnlySpan<byte> file, ImageSize goal)
    {
        SKImageInfo info = DecodedInfo(codec, goal);
        long all = (long)info.RowBytes * info.Height, area = (long)codec.Info.Width * codec.Info.Height;
        StripWay way = all <= Whole ? StripWay.Whole : codec.EncodedFormat switch
        {
            SKEncodedImageFormat.Jpeg => StripWay.Sequential,
            SKEncodedImageFormat.Png => StripWay.Subset,
            SKEncodedImageFormat.Bmp => codec.ScanlineOrder == SKCodecScanlineOrder.TopDown ? StripWay.Sequential : StripWay.BottomUp,
            _ => StripWay.Whole,
        };
        long own = codec.EncodedFormat switch
        {
            SKEncodedImageFormat.Jpeg => JpegCoefficients.Bytes(file),
            SKEncodedImageFormat.Webp => WebpBytes(file) * area,
            SKEncodedImageFormat.Gif or SKEncodedImageFormat.Ico => Rgba * area,
            _ => 0,
        };

        // A restart for each strip costs time, so these are as large as memory allows. Interlacing needs the strip twice.
        bool isInterlaced = codec.EncodedFormat == SKEncodedImageFormat.Png && file.Length > 28 && file[28] != 0;
        long largest = way == StripWay.Sequential ? Sequential : DecodeMemory.Pixels.Limit / (isInterlaced ? 2 : 1);
        int rows = way == StripWay.Whole ? info.Height : (int)Math.Clamp(largest / info.RowBytes, 1, info.Height);
        return new(info, rows, ((long)info.RowBytes * rows * (isInterlaced ? 2 : 1)) + own, way);
    }

    /// <summary>Decodes the strip that begins at a row; strips are asked for from the top.</summary>
    /// <param name="codec">The decoder.</param>
    /// <param name="top">The strip's first row.</param>
    /// <param name="rows">How many rows it has.</param>
    /// <param name="target">Where they go.</param>
    internal SKCodecResult Read(SKCodec codec, int top, int rows, IntPtr target)
    {
        switch (Way)
        {
            case StripWay.Subset:
                var options = new SKCodecOptions(new SKRectI(0, top, Info.Width, top + rows));
                SKCodecResult started = codec.StartIncrementalDecode(Info, target, Info.RowBytes, options);
                return started == SKCodecResult.Success ? codec.IncrementalDecode(out _) : started;
            case StripWay.Sequential or StripWay.BottomUp:
                bool isBottomUp = Way == StripWay.BottomUp;
                SKCodecResult begun = top == 0 || isBottomUp ? codec.StartScanlineDecode(Info) : SKCodecResult.Success;
                int below = Info.Height - top - rows;
                return begun != SKCodecResult.Success ? begun
                    : isBottomUp && below > 0 && !codec.SkipScanlines(below) ? SKCodecResult.IncompleteInput
                    : codec.GetScanlines(target, rows, Info.RowBytes) < rows ? SKCodecResult.IncompleteInput
                    : SKCodecResult.Success;
            default:
                return codec.GetPixels(Info, target);
        }
    }

    /// <summary>
    /// The size and layout to decode to. A JPEG, and a WebP of many pixels, far larger than the goal is decoded at a fraction of its size,
    /// which is almost free, but never at less than twice the goal. What is stored grey is decoded to one channel where it's large.
    /// </summary>
    private static SKImageInfo DecodedInfo(SKCodec codec, ImageSize goal)
    {
        SKImageInfo stored = codec.Info;
        var size = new SKSizeI(stored.Width, stored.Height);
        float scale = Math.Max(2f * goal.Width / stored.Width, 2f * goal.Height / stored.Height);
        bool isLarge = (long)stored.Width * stored.Height * Rgba > Whole;
        bool scales = codec.EncodedFormat == SKEncodedImageFormat.Jpeg || (codec.EncodedFormat == SKEncodedImageFormat.Webp && isLarge);
        if (scales && scale <= 0.5f)
        {
            SKSizeI smaller = codec.GetScaledDimensions(scale);
            size = smaller.Width >= goal.Width && smaller.Height >= goal.Height ? smaller : size;
        }

        bool isOpaque = stored.AlphaType == SKAlphaType.Opaque;
        SKColorType layout = isLarge && isOpaque && stored.ColorType == SKColorType.Gray8 && codec.EncodedFormat == SKEncodedImageFormat.Png
            ? SKColorType.Gray8 : SKColorType.Rgba8888;
        return new SKImageInfo(size.Width, size.Height, layout, isOpaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul);
    }

    // Bytes a pixel that the decoder holds: lossless WebP and animations keep all pixels, lossy ones a few rows and the transparency.
    private static int WebpBytes(ReadOnlySpan<byte> file)
    {
        int most = 1;
        for (int at = 12; at + 8 <= file.Length;)
        {
            ReadOnlySpan<byte> chunk = file[at..];
            most = chunk.StartsWith("VP8L"u8) || chunk.StartsWith("ANIM"u8) ? Rgba : chunk.StartsWith("ALPH"u8) ? Math.Max(most, 3) : most;
            long next = at + 8L + System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (most == Rgba || next >= file.Length)
            {
                break;
            }

            at = (int)(next + (next & 1));
        }

        return most;
    }
}

/// <summary>How the strips of an image are decoded.</summary>
internal enum StripWay
{
    /// <summary>There's one strip.</summary>
    Whole,

    /// <summary>Each goes on where the one before ended.</summary>
    Sequential,

    /// <summary>The decoder starts anew for each and leaves out the rows above (PNG).</summary>
    Subset,

    /// <summary>The file begins with the lowest row: the decoder starts anew for each and skips what's below (BMP).</summary>
    BottomUp,
}

/// <summary>The coefficients that a JPEG decoder has to keep of an image: all where they come in several scans (progressive), otherwise a few rows.</summary>
internal static class JpegCoefficients
{
    private const int Block = 64, Bytes16 = 2;

    /// <summary>How many bytes they take; 0 where a few rows are enough or the file can't be read.</summary>
    internal static long Bytes(ReadOnlySpan<byte> file)
    {
        long coefficients = 0;
        int components = 0;
        bool isProgressive = false;
        for (int at = 2; at + 4 <= file.Length && file[at] == 0xFF;)
        {
            byte marker = file[at + 1];
            if (marker == 0xFF)
            {
                at++; // filling
                continue;
            }

            int length = (file[at + 2] << 8) | file[at + 3];
            ReadOnlySpan<byte> body = file[(at + 4)..Math.Max(at + 4, Math.Min(at + 2 + length, file.Length))];
            bool isFrame = marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
            if (isFrame && body.Length >= 6 && body.Length >= 6 + (3 * body[5]))
            {
                isProgressive = marker is 0xC2 or 0xC6 or 0xCA or 0xCE;
                components = body[5];
                coefficients = Coefficients((body[1] << 8) | body[2], (body[3] << 8) | body[4], body[6..(6 + (3 * components))]);
            }
            else if (marker == 0xDA && body.Length > 0)
            {
                return isProgressive || body[0] < components ? coefficients * Bytes16 : 0;
            }

            at += 2 + length;
        }

        return 0;
    }

    private static long Coefficients(int height, int width, ReadOnlySpan<byte> components)
    {
        int across = 1, down = 1;
        for (int i = 1; i < components.Length; i += 3)
        {
            across = Math.Max(across, components[i] >> 4);
            down = Math.Max(down, components[i] & 15);
        }

        long sum = 0;
        for (int i = 1; i < components.Length; i += 3)
        {
            long wide = Blocks((long)width * (components[i] >> 4), 8L * across), high = Blocks((long)height * (components[i] & 15), 8L * down);
            sum += wide * high * Block;
        }

        return sum;
    }

    private static long Blocks(long size, long block) => (size + block - 1) / block;
}
