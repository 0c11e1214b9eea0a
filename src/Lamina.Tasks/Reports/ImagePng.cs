using SkiaSharp;

namespace Lamina.Tasks.Reports;

/// <summary>Images as PNG files.</summary>
internal static class ImagePng
{
    private const int Gap = 2;
    private const byte Between = 128;

    /// <summary>An image as the bytes of a PNG file; larger ones are shrunk: in a page they are looked at in a small frame, and 24 of them stay
    /// below 2 MB.</summary>
    /// <param name="image">The image, grey or colour.</param>
    /// <param name="mostSide">The most pixels on a side.</param>
    public static byte[] Of(ImageSample image, int mostSide = int.MaxValue)
    {
        var pixels = new byte[checked(image.Height * image.Width * 4)];
        for (int i = 0; i < image.Height * image.Width; i++)
        {
            for (int c = 0; c < 3; c++) pixels[4 * i + c] = image.Pixels[i * image.Channels + (image.Channels >= 3 ? c : 0)];
            pixels[4 * i + 3] = 255;
        }
        using SKImage whole = SKImage.FromPixelCopy(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque), pixels);
        double scale = Math.Min(1, (double)mostSide / Math.Max(image.Height, image.Width));
        if (scale == 1) return Encode(whole);
        var size = new SKImageInfo(Math.Max(1, (int)(image.Width * scale)), Math.Max(1, (int)(image.Height * scale)), SKColorType.Rgba8888,
            SKAlphaType.Opaque);
        using var small = new SKBitmap(size);
        whole.ScalePixels(small.PeekPixels(), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        using SKImage shrunk = SKImage.FromBitmap(small);
        return Encode(shrunk);
    }

    /// <summary>Images of one size beside each other as one image, with two pixels of grey between them.</summary>
    /// <param name="images">The images, row by row; one at least.</param>
    /// <param name="columns">How many stand in a row.</param>
    public static ImageSample Sheet(IReadOnlyList<ImageSample> images, int columns)
    {
        (int height, int width, int channels) = (images[0].Height, images[0].Width, images[0].Channels);
        columns = Math.Clamp(columns, 1, images.Count);
        int rows = (images.Count + columns - 1) / columns, across = columns * (width + Gap) - Gap;
        var sheet = new byte[checked((rows * (height + Gap) - Gap) * across * channels)];
        Array.Fill(sheet, Between);
        for (int i = 0; i < images.Count; i++)
        {
            int top = i / columns * (height + Gap), left = i % columns * (width + Gap);
            for (int y = 0; y < height; y++)
                images[i].Pixels.AsSpan(y * width * channels, width * channels).CopyTo(sheet.AsSpan(((top + y) * across + left) * channels));
        }
        return new(sheet, rows * (height + Gap) - Gap, across, channels);
    }

    private static byte[] Encode(SKImage image)
    {
        using SKData data = image.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }
}
