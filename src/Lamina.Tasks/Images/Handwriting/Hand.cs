namespace Lamina.Tasks.Images.Handwriting;

/// <summary>
/// What one writer does to every line: slant, turn, width and proportions, a smooth elastic bend (Simard, Steinkraus
/// and Platt, 2003), and the pen's thickness and pressure.
/// </summary>
internal static class Hand
{
    /// <summary>The elastic bend's grid: a point every third of the box, and one beyond each edge.</summary>
    private const int Grid = 6;

    /// <summary>Bends and slants <paramref name="dots"/>, which lie in a box of about 0…1.</summary>
    public static void Shape(ref KeyedRandom random, Span<Dot> dots)
    {
        Span<float> gridX = stackalloc float[Grid * Grid];
        Span<float> gridY = stackalloc float[Grid * Grid];
        float bend = random.Uniform(0.015f, 0.085f);
        for (int i = 0; i < gridX.Length; i++)
        {
            gridX[i] = bend * random.Normal();
            gridY[i] = bend * random.Normal();
        }

        float balance = 0.25f * random.Normal();        // a large upper half, or a large lower one
        float taper = 0.18f * random.Normal();          // wider below, or above
        float bow = 0.12f * random.Normal();            // the whole digit bent to one side
        float width = Math.Clamp(0.86f + (0.19f * random.Normal()), 0.52f, 1.4f);
        float slant = 0.15f + (0.25f * random.Normal());
        float half = 0.06f * random.Normal();           // tan of half the turn: (1−h²)/(1+h²) and 2h/(1+h²) are its cos and sin
        float cos = (1 - (half * half)) / (1 + (half * half)), sin = 2 * half / (1 + (half * half));
        foreach (ref Dot dot in dots)
        {
            float x = dot.X - 0.5f + Bend(gridX, dot.X, dot.Y);
            float y = dot.Y - 0.5f + Bend(gridY, dot.X, dot.Y);
            y += balance * (0.25f - (y * y));
            x = (x * (1 + (2 * taper * y))) + (bow * ((y * y) - 0.1f));
            x = (x * width) - (slant * y);
            dot.X = (cos * x) - (sin * y);
            dot.Y = (sin * x) + (cos * y);
        }
    }

    /// <summary>Gives every dot its thickness: the pen's own, its nib's lie, and a pressure that comes and goes.</summary>
    /// <param name="random">The image's stream.</param>
    /// <param name="dots">The line.</param>
    /// <param name="thickest">The largest radius in pixels at which the digit stays legible.</param>
    /// <returns>The pen's own radius in pixels.</returns>
    public static float Press(ref KeyedRandom random, Span<Dot> dots, float thickest)
    {
        float heavy = random.Chance(0.08f) ? random.Uniform(0.2f, 1.2f) : 0;    // a felt pen, now and then
        float pen = Math.Clamp(1.2f + (0.36f * random.Normal()) + heavy, 0.5f, thickest);
        float flat = 0.16f * random.Normal(), nibX = random.Uniform(-1, 1), nibY = random.Uniform(-1, 1);
        float nib = MathF.Sqrt((nibX * nibX) + (nibY * nibY)) + 1e-6f;
        float swell = 0.13f * random.Normal(), early = random.Normal(), late = random.Normal(), middle = random.Normal();
        for (int i = 0; i < dots.Length; i++)
        {
            Dot other = dots[i == 0 || dots[i].Lift ? Math.Min(i + 1, dots.Length - 1) : i - 1];
            float x = dots[i].X - other.X, y = dots[i].Y - other.Y;
            float length = MathF.Sqrt((x * x) + (y * y)) + 1e-6f;
            float along = ((x * nibX) + (y * nibY)) / (length * nib);
            float t = i / (float)dots.Length;
            float pressure = ((1 - t) * (1 - t) * early) + (2 * t * (1 - t) * middle) + (t * t * late);
            float radius = pen * (1 + (flat * ((2 * along * along) - 1)) + (swell * pressure));
            dots[i].Radius = Math.Clamp(radius, 0.4f, 3.2f);
        }

        return pen;
    }

    /// <summary>The grid's uniform cubic B-spline at a place in the box.</summary>
    private static float Bend(ReadOnlySpan<float> grid, float x, float y)
    {
        float placeX = Math.Clamp(x, 0, 0.999f) * (Grid - 3), placeY = Math.Clamp(y, 0, 0.999f) * (Grid - 3);
        int column = (int)placeX, row = (int)placeY;
        (float x0, float x1, float x2, float x3) = Basis(placeX - column);
        (float y0, float y1, float y2, float y3) = Basis(placeY - row);
        return (y0 * Row(grid, row)) + (y1 * Row(grid, row + 1)) + (y2 * Row(grid, row + 2)) + (y3 * Row(grid, row + 3));

        float Row(ReadOnlySpan<float> g, int r)
        {
            ReadOnlySpan<float> cells = g.Slice((r * Grid) + column, 4);
            return (x0 * cells[0]) + (x1 * cells[1]) + (x2 * cells[2]) + (x3 * cells[3]);
        }
    }

    private static (float A, float B, float C, float D) Basis(float t)
    {
        float s = 1 - t, t2 = t * t, t3 = t2 * t;
        return (s * s * s / 6, ((3 * t3) - (6 * t2) + 4) / 6, ((-3 * t3) + (3 * t2) + (3 * t) + 1) / 6, t3 / 6);
    }
}
