namespace Lamina.Tasks.Images;

/// <summary>
/// Cuts a drawing out of its ground and centres it, after the way in which MNIST was made (LeCun et al., 1998): lines on
/// ground 0, the longer side of their box at a given part of the image, the centre of mass in the middle. Uneven light is
/// taken for a quadratic surface, which is fitted to the ground and subtracted.
/// </summary>
internal static class InkFrame
{
    private const int Rounds = 4, Terms = 6;
    private const double LineThreshold = 0.35, LeastSpeck = 0.04, MostGain = 4;

    /// <summary>The drawing as light lines on dark: grey (to.Height, to.Width).</summary>
    /// <param name="image">Grey (from.Height, from.Width).</param>
    /// <param name="from">The size of the image.</param>
    /// <param name="look">What its border tells.</param>
    /// <param name="to">The size of the result.</param>
    /// <param name="part">The longer side of what is drawn, as a part of the result's longer side.</param>
    internal static byte[] Of(ReadOnlySpan<byte> image, ImageSize from, InkLook look, ImageSize to, double part)
    {
        byte[] ink = Lines(image, from, look);
        bool[] kept = WithoutSpecks(ink, from);
        InkBox box = InkBox.Of(ink, from, new(0, 0, 255, 1));
        int longer = Math.Clamp((int)Math.Round(part * to.Longer), 1, Math.Min(to.Height, to.Width));
        double scale = (double)longer / box.Longer;
        ImageSize size = new(Math.Max(1, (int)Math.Round(box.Height * scale)), Math.Max(1, (int)Math.Round(box.Width * scale)));
        var cut = new byte[box.Height * box.Width];
        for (int y = 0; y < box.Height; y++)
        {
            for (int x = 0; x < box.Width; x++)
            {
                int at = ((box.Top + y) * from.Width) + box.Left + x;
                cut[(y * box.Width) + x] = kept[at] ? ink[at] : (byte)0;
            }
        }

        var small = new byte[size.Area];
        ImageResizer.Resize(cut, new(box.Height, box.Width), small, size, 1);
        // Thin lines grow faint when they shrink.
        double gain = Math.Min(MostGain, 255.0 / Math.Max(1, Percentile(small, 0.98)));
        foreach (ref byte value in small.AsSpan())
        {
            value = (byte)Math.Min(255, value * gain);
        }

        return Placed(small, size, to);
    }

    private static byte[] Placed(byte[] small, ImageSize size, ImageSize to)
    {
        double mass = 1e-9, sumY = 0, sumX = 0;
        for (int i = 0; i < small.Length; i++)
        {
            mass += small[i];
            sumY += (double)small[i] * (i / size.Width);
            sumX += (double)small[i] * (i % size.Width);
        }

        int top = Math.Clamp((int)Math.Round(((to.Height - 1) / 2.0) - (sumY / mass)), 0, to.Height - size.Height);
        int left = Math.Clamp((int)Math.Round(((to.Width - 1) / 2.0) - (sumX / mass)), 0, to.Width - size.Width);
        var placed = new byte[to.Area];
        for (int y = 0; y < size.Height; y++)
        {
            small.AsSpan(y * size.Width, size.Width).CopyTo(placed.AsSpan(((top + y) * to.Width) + left));
        }

        return placed;
    }

    /// <summary>How far pixels stand out from the ground, 0 to 255: the ground's noise is 0, the lines' strongest part 255.</summary>
    private static byte[] Lines(ReadOnlySpan<byte> image, ImageSize size, InkLook look)
    {
        int sign = look.IsLightOnDark ? 1 : -1;
        double contrast = look.IsLightOnDark ? look.Lightest - look.Ground : look.Ground - look.Darkest;
        var surface = new double[Terms];
        surface[0] = look.Ground;
        double reach = 0.4 * contrast, noise = 0;
        for (int round = 0; round < Rounds; round++)
        {
            // Pixels far from the surface on the lines' side are lines.
            noise = Fit(image, size, surface, sign, reach);
            reach = Math.Clamp(3 * noise, 0.08 * contrast, 0.4 * contrast);
        }

        var strength = new double[image.Length];
        for (int i = 0; i < strength.Length; i++)
        {
            strength[i] = Math.Max(0, (sign * (image[i] - Value(surface, size, i))) - (2 * noise));
        }

        double[] ordered = [.. strength.Where(s => s > 0).Order()];
        double strongest = ordered.Length == 0 ? 1 : ordered[(int)(0.95 * (ordered.Length - 1))];
        double most = ordered.Length == 0 ? 1 : ordered[^1];
        double full = Math.Max(1, Math.Max(strongest, 0.5 * most));
        return [.. strength.Select(s => (byte)Math.Min(255, 255 * s / full))];
    }

    // Least squares over the pixels that are within reach of the surface as it was; returns their standard deviation from the new one.
    private static double Fit(ReadOnlySpan<byte> image, ImageSize size, double[] surface, int sign, double reach)
    {
        var normal = new double[Terms, Terms + 1];
        Span<double> terms = stackalloc double[Terms];
        var isGround = new bool[image.Length];
        int count = 0;
        for (int i = 0; i < image.Length; i++)
        {
            if (sign * (image[i] - Value(surface, size, i)) > reach) continue;
            isGround[i] = true;
            count++;
            Fill(terms, size, i);
            for (int a = 0; a < Terms; a++)
            {
                for (int b = 0; b < Terms; b++) normal[a, b] += terms[a] * terms[b];
                normal[a, Terms] += terms[a] * image[i];
            }
        }

        if (count < 4 * Terms || !Solve(normal, surface)) return 0;
        double squares = 0;
        for (int i = 0; i < image.Length; i++)
        {
            if (isGround[i]) squares += Math.Pow(image[i] - Value(surface, size, i), 2);
        }

        return Math.Sqrt(squares / count);
    }

    private static void Fill(Span<double> terms, ImageSize size, int index)
    {
        double y = (2.0 * (index / size.Width) / size.Height) - 1, x = (2.0 * (index % size.Width) / size.Width) - 1;
        (terms[0], terms[1], terms[2], terms[3], terms[4], terms[5]) = (1, x, y, x * x, x * y, y * y);
    }

    private static double Value(double[] surface, ImageSize size, int index)
    {
        Span<double> terms = stackalloc double[Terms];
        Fill(terms, size, index);
        double value = 0;
        for (int i = 0; i < Terms; i++) value += surface[i] * terms[i];
        return value;
    }

    // Gauss with pivots; false where the pixels lie so that there's no one surface.
    private static bool Solve(double[,] normal, double[] solution)
    {
        for (int column = 0; column < Terms; column++)
        {
            int pivot = Enumerable.Range(column, Terms - column).MaxBy(row => Math.Abs(normal[row, column]));
            if (Math.Abs(normal[pivot, column]) < 1e-9) return false;
            for (int k = 0; k <= Terms; k++) (normal[column, k], normal[pivot, k]) = (normal[pivot, k], normal[column, k]);
            for (int row = 0; row < Terms; row++)
            {
                if (row == column) continue;
                double factor = normal[row, column] / normal[column, column];
                for (int k = column; k <= Terms; k++) normal[row, k] -= factor * normal[column, k];
            }
        }

        for (int i = 0; i < Terms; i++) solution[i] = normal[i, Terms] / normal[i, i];
        return true;
    }

    /// <summary>Which pixels are near lines that are no specks; the others are cleared.</summary>
    private static bool[] WithoutSpecks(byte[] ink, ImageSize size)
    {
        var part = new int[ink.Length];
        var areas = new List<int> { 0 };
        var open = new Stack<int>();
        for (int start = 0; start < ink.Length; start++)
        {
            if (part[start] != 0 || ink[start] < LineThreshold * 255) continue;
            areas.Add(0);
            part[start] = areas.Count - 1;
            open.Push(start);
            while (open.TryPop(out int at))
            {
                areas[^1]++;
                for (int dy = -1; dy <= 1; dy++)
                {
                    for (int dx = -1; dx <= 1; dx++)
                    {
                        int y = (at / size.Width) + dy, x = (at % size.Width) + dx, next = (y * size.Width) + x;
                        if ((uint)y >= (uint)size.Height || (uint)x >= (uint)size.Width || part[next] != 0 || ink[next] < LineThreshold * 255) continue;
                        part[next] = areas.Count - 1;
                        open.Push(next);
                    }
                }
            }
        }

        double least = LeastSpeck * areas.Max();
        int reach = Math.Max(1, size.Longer / 100);
        var kept = new bool[ink.Length];
        for (int i = 0; i < ink.Length; i++)
        {
            if (part[i] == 0 || areas[part[i]] < least) continue;
            for (int y = Math.Max(0, (i / size.Width) - reach); y <= Math.Min(size.Height - 1, (i / size.Width) + reach); y++)
                kept.AsSpan((y * size.Width) + Math.Max(0, (i % size.Width) - reach),
                    Math.Min(size.Width - 1, (i % size.Width) + reach) - Math.Max(0, (i % size.Width) - reach) + 1).Fill(true);
        }

        for (int i = 0; i < ink.Length; i++)
        {
            if (!kept[i]) ink[i] = 0;
        }

        return kept;
    }

    private static int Percentile(byte[] values, double share)
    {
        byte[] ordered = [.. values.Where(v => v > 0).Order()];
        return ordered.Length == 0 ? 1 : ordered[(int)(share * (ordered.Length - 1))];
    }
}
