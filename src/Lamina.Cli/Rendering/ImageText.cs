using System.Text;
using Lamina.Tasks;
using Spectre.Console;

namespace Lamina.Cli.Rendering;

/// <summary>
/// Draws images in letters, at most 28 columns wide and 14 lines high: a cell of a terminal is about twice as high as
/// wide, so it shows two pixels, one above the other.
/// </summary>
internal static class ImageText
{
    /// <summary>The most pixels on a side; larger images are scaled down.</summary>
    public const int Side = 28;

    // From black to white, as it looks on the dark ground of most terminals.
    private const string Ramp = " .:-=+*#%@";

    /// <summary>The columns that an image takes.</summary>
    public static int Columns(ImageSample image) => Size(image).Width;

    /// <summary>Lines of markup, each as wide as the image: coloured half blocks, or a ramp of letters.</summary>
    public static string[] Draw(ImageSample image, bool inColor)
    {
        (byte R, byte G, byte B)[,] pixels = Scale(image);
        var lines = new string[(pixels.GetLength(0) + 1) / 2];
        for (int i = 0; i < lines.Length; i++) lines[i] = inColor ? Blocks(pixels, 2 * i) : Letters(pixels, 2 * i);
        return lines;
    }

    /// <summary>Images beside each other, as many as fit.</summary>
    public static IEnumerable<string> Row(IReadOnlyList<ImageSample> images, bool inColor, int width, string gap = "  ")
    {
        var fitting = new List<ImageSample>();
        int used = 0;
        foreach (ImageSample image in images.Where(p => p is { Height: > 0, Width: > 0, Channels: > 0 }))
        {
            used += Columns(image) + gap.Length;
            // One column stays free: terminals break the line when the last is written.
            if (fitting.Count > 0 && used - gap.Length >= width) break;
            fitting.Add(image);
        }
        string[][] drawn = [.. fitting.Select(p => Draw(p, inColor))];
        for (int line = 0; line < drawn.Select(d => d.Length).DefaultIfEmpty(0).Max(); line++)
            yield return string.Join(gap, drawn.Select((d, i) => line < d.Length ? d[line] : new string(' ', Columns(fitting[i]))));
    }

    private static (int Height, int Width) Size(ImageSample image)
    {
        double scale = Math.Min(1, (double)Side / Math.Max(image.Height, image.Width));
        return (Math.Max(1, (int)Math.Round(image.Height * scale)), Math.Max(1, (int)Math.Round(image.Width * scale)));
    }

    // Each pixel is the mean of those it stands for.
    private static (byte R, byte G, byte B)[,] Scale(ImageSample image)
    {
        (int height, int width) = Size(image);
        var scaled = new (byte, byte, byte)[height, width];
        for (int y = 0; y < height; y++)
        {
            int top = y * image.Height / height, bottom = Math.Max(top + 1, (y + 1) * image.Height / height);
            for (int x = 0; x < width; x++)
            {
                int left = x * image.Width / width, right = Math.Max(left + 1, (x + 1) * image.Width / width);
                byte Mean(int channel)
                {
                    int sum = 0;
                    for (int row = top; row < bottom; row++)
                    {
                        for (int column = left; column < right; column++)
                            sum += image.Pixels[((row * image.Width) + column) * image.Channels + channel];
                    }
                    int count = (bottom - top) * (right - left);
                    return (byte)((sum + (count / 2)) / count);
                }

                // One or two channels are grey (and alpha), three or four are colour (and alpha).
                byte first = Mean(0);
                scaled[y, x] = image.Channels < 3 ? (first, first, first) : (first, Mean(1), Mean(2));
            }
        }
        return scaled;
    }

    private static string Blocks((byte R, byte G, byte B)[,] pixels, int row)
    {
        var line = new StringBuilder();
        int width = pixels.GetLength(1);
        bool hasLower = row + 1 < pixels.GetLength(0);
        for (int x = 0; x < width;)
        {
            string style = Style(x);
            int end = x + 1;
            while (end < width && Style(end) == style) end++;
            line.Append('[').Append(style).Append(']').Append('▀', end - x).Append("[/]");
            x = end;
        }
        return line.ToString();

        string Style(int x)
        {
            string upper = Hex(pixels[row, x]);
            return hasLower ? $"{upper} on {Hex(pixels[row + 1, x])}" : upper;
        }
    }

    private static string Hex((byte R, byte G, byte B) color) => $"#{color.R:x2}{color.G:x2}{color.B:x2}";

    private static string Letters((byte R, byte G, byte B)[,] pixels, int row)
    {
        var line = new StringBuilder();
        int lower = Math.Min(row + 1, pixels.GetLength(0) - 1);
        for (int x = 0; x < pixels.GetLength(1); x++)
        {
            double light = (Light(pixels[row, x]) + Light(pixels[lower, x])) / 2;
            line.Append(Ramp[(int)Math.Min(Ramp.Length - 1, light / 256 * Ramp.Length)]);
        }
        return Markup.Escape(line.ToString());
    }

    // Rec. 601 luma.
    private static double Light((byte R, byte G, byte B) c) => (0.299 * c.R) + (0.587 * c.G) + (0.114 * c.B);
}
