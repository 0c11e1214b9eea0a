using SkiaSharp;

namespace Lamina.Tasks.Tests.Images;

/// <summary>Draws coloured shapes on coloured ground, at any place and of any size, whose mirror images belong to another class or to the same one.</summary>
internal static class MirroredShapes
{
    public const int Side = 32;

    /// <summary>An arrow that points to the right, or mirrored.</summary>
    public static byte[] Arrow(int seed, bool mirrored) => Draw(seed, mirrored, (canvas, paint) =>
    {
        canvas.DrawLine(-9, 0, 9, 0, paint);
        canvas.DrawLine(9, 0, 3, -6, paint);
        canvas.DrawLine(9, 0, 3, 6, paint);
    });

    /// <summary>The letter b, or mirrored: d.</summary>
    public static byte[] Letter(int seed, bool mirrored) => Draw(seed, mirrored, (canvas, paint) =>
    {
        canvas.DrawLine(-4, -10, -4, 10, paint);
        canvas.DrawOval(1, 5, 5, 5, paint);
    });

    /// <summary>A ring or, "mirrored", a cross: shapes that are their own mirror images.</summary>
    public static byte[] RingOrCross(int seed, bool isCross) => Draw(seed, false, (canvas, paint) =>
    {
        if (!isCross)
        {
            canvas.DrawOval(0, 0, 7, 7, paint);
            return;
        }
        canvas.DrawLine(-8, 0, 8, 0, paint);
        canvas.DrawLine(0, -8, 0, 8, paint);
    });

    /// <summary>Writes so many of both kinds into a sub-folder per class.</summary>
    public static void Write(TempFolder folder, string name, int each, Func<int, bool, byte[]> draw, string one, string other, int seed = 0)
    {
        for (int i = 0; i < each; i++)
        {
            folder.Write($"{name}/{one}/{i:D4}.png", draw(seed + (2 * i), false));
            folder.Write($"{name}/{other}/{i:D4}.png", draw(seed + (2 * i) + 1, true));
        }
    }

    private static byte[] Draw(int seed, bool mirrored, Action<SKCanvas, SKPaint> shape)
    {
        var random = new Random(seed);
        using var bitmap = new SKBitmap(Side, Side, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(bitmap);
        float hue = random.Next(360);
        canvas.Clear(SKColor.FromHsv(hue, 60, random.Next(30, 100)));
        using var paint = new SKPaint { Color = SKColor.FromHsv((hue + random.Next(90, 270)) % 360, 90, random.Next(30, 100)), StrokeWidth = random.Next(2, 5), Style = SKPaintStyle.Stroke, IsAntialias = true };
        canvas.Translate(16 + random.Next(-4, 5), 16 + random.Next(-4, 5));
        float scale = 0.7f + (random.NextSingle() * 0.4f);
        canvas.Scale(mirrored ? -scale : scale, scale);
        shape(canvas, paint);
        canvas.Flush();
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }
}
