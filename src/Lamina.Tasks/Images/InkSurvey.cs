using Lamina.Learning.Data;

namespace Lamina.Tasks.Images;

/// <summary>Finds out from training images how they look.</summary>
internal static class InkSurvey
{
    // Of so many training images nearly all have to be drawings of one kind.
    private const int MostLookedAt = 2_000;
    private const double NearlyAll = 0.95, MostSpread = 0.12, MostOffCentre = 0.1;

    /// <summary>Looks at training images: null where they are in colour, photographs, or drawings of both kinds.</summary>
    internal static InkStyle? Of(ImageDataset training)
    {
        if (training.Channels != 1) return null;
        int count = Math.Min(training.Count, MostLookedAt), light = 0, dark = 0;
        var size = new ImageSize(training.Height, training.Width);
        var sizes = new List<double>();
        var offsets = new List<double>();
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> image = training.Pixels((int)((long)i * training.Count / count));
            InkLook look = InkLook.Of(image, size);
            if (!look.IsDrawing) continue;
            if (look.IsLightOnDark) light++;
            else dark++;
            InkBox box = InkBox.Of(image, size, look);
            sizes.Add((double)box.Longer / size.Longer);
            offsets.Add(Math.Max(Math.Abs(box.CentreY + 0.5 - size.Height / 2.0) / size.Height, Math.Abs(box.CentreX + 0.5 - size.Width / 2.0) / size.Width));
        }
        if (Math.Max(light, dark) < NearlyAll * count) return null;
        double mean = sizes.Average(), spread = Math.Sqrt(sizes.Average(s => (s - mean) * (s - mean)));
        bool isFramed = spread <= MostSpread && mean < 0.95 && offsets.Average() <= MostOffCentre;
        return new InkStyle { IsLightOnDark = light > dark, Size = isFramed ? Math.Round(mean, 4) : null };
    }
}

/// <summary>What the border of a grey image tells of its ground.</summary>
/// <param name="Ground">The ground's grey: the median of the outermost pixels.</param>
/// <param name="Darkest">The darkest pixel.</param>
/// <param name="Lightest">The lightest pixel.</param>
/// <param name="Evenness">The share of the outermost pixels that are about as light as the ground.</param>
internal readonly record struct InkLook(int Ground, int Darkest, int Lightest, double Evenness)
{
    private const int LeastContrast = 32;

    private int Contrast => Lightest - Darkest;

    /// <summary>Where the ground lies between the darkest pixel, 0, and the lightest, 1.</summary>
    private double Place => Contrast == 0 ? 0.5 : (double)(Ground - Darkest) / Contrast;

    /// <summary>Whether what is seen is lighter than the ground.</summary>
    public bool IsLightOnDark => Place < 0.5;

    /// <summary>Whether there are lines on even ground, which is the darkest or the lightest that there is.</summary>
    public bool IsDrawing => HasContrast && Evenness >= 0.75 && Place is < 0.25 or > 0.75;

    /// <summary>Whether anything can be seen.</summary>
    public bool HasContrast => Contrast >= LeastContrast;

    /// <summary>Whether the ground is clearly at one end, be it as uneven as a sheet of paper in the light of a lamp.</summary>
    public bool IsClear => HasContrast && Place is < 0.35 or > 0.65;

    /// <summary>Looks at an image (height, width) of grey.</summary>
    public static InkLook Of(ReadOnlySpan<byte> image, ImageSize size)
    {
        Span<int> histogram = stackalloc int[256];
        int border = 0;
        for (int y = 0; y < size.Height; y++)
        {
            bool isEdge = y == 0 || y == size.Height - 1;
            for (int x = 0; x < size.Width; x += isEdge || x == size.Width - 1 ? 1 : Math.Max(1, size.Width - 1))
            {
                histogram[image[(y * size.Width) + x]]++;
                border++;
            }
        }
        int ground = 0, darkest = 255, lightest = 0;
        for (int below = histogram[0]; 2 * below < border; below += histogram[++ground]) { }
        foreach (byte value in image)
        {
            darkest = Math.Min(darkest, value);
            lightest = Math.Max(lightest, value);
        }
        int near = 0, reach = (lightest - darkest) / 6;
        for (int value = Math.Max(0, ground - reach); value <= Math.Min(255, ground + reach); value++) near += histogram[value];
        return new(ground, darkest, lightest, (double)near / border);
    }
}

/// <summary>Where the lines of a drawing are.</summary>
/// <param name="Top">The first row.</param>
/// <param name="Left">The first column.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="CentreY">The row of the centre of mass.</param>
/// <param name="CentreX">The column of the centre of mass.</param>
internal readonly record struct InkBox(int Top, int Left, int Height, int Width, double CentreY, double CentreX)
{
    // Half-tones at the edges of lines count little.
    private const double Threshold = 0.3;

    public int Longer => Math.Max(Height, Width);

    /// <summary>Measures an image (height, width) of grey.</summary>
    public static InkBox Of(ReadOnlySpan<byte> image, ImageSize size, InkLook look)
    {
        int most = look.IsLightOnDark ? look.Lightest - look.Ground : look.Ground - look.Darkest;
        double least = Math.Max(1, Threshold * most), mass = 0, sumY = 0, sumX = 0;
        int top = size.Height, left = size.Width, bottom = -1, right = -1;
        for (int y = 0; y < size.Height; y++)
        {
            for (int x = 0; x < size.Width; x++)
            {
                int ink = look.IsLightOnDark ? image[(y * size.Width) + x] - look.Ground : look.Ground - image[(y * size.Width) + x];
                if (ink < least) continue;
                (top, bottom, left, right) = (Math.Min(top, y), y, Math.Min(left, x), Math.Max(right, x));
                mass += ink;
                sumY += (double)ink * y;
                sumX += (double)ink * x;
            }
        }
        return bottom < 0
            ? new(0, 0, size.Height, size.Width, (size.Height - 1) / 2.0, (size.Width - 1) / 2.0)
            : new(top, left, bottom - top + 1, right - left + 1, sumY / mass, sumX / mass);
    }
}
