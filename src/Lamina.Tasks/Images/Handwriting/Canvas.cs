namespace Lamina.Tasks.Images.Handwriting;

/// <summary>
/// Sizes a line to the frame, inks it and centres it: the digit fits 20×20 pixels and its centre of mass lies in the
/// middle of the 28×28 frame, as in MNIST (LeCun, Bottou, Bengio and Haffner, 1998).
/// </summary>
internal static class Canvas
{
    /// <summary>The digit's longer side, ink included.</summary>
    private const float Fit = 20;

    /// <summary>The working image's side: the frame, with room for the move to the centre of mass.</summary>
    private const int Side = 40;

    /// <summary>Scales the line so that its longer side, ink included, is 20 pixels, and lays it in the canvas's middle.</summary>
    public static void Place(ref KeyedRandom random, Span<Dot> dots, float pen)
    {
        float left = float.MaxValue, top = float.MaxValue, right = float.MinValue, bottom = float.MinValue;
        foreach (Dot dot in dots)
        {
            left = Math.Min(left, dot.X);
            right = Math.Max(right, dot.X);
            top = Math.Min(top, dot.Y);
            bottom = Math.Max(bottom, dot.Y);
        }

        float fit = Fit + (0.35f * random.Normal()) - (2 * pen);
        float scale = fit / Math.Max(right - left, bottom - top);
        float x = (Side / 2f) - (scale * (left + right) / 2) + random.Uniform(-0.5f, 0.5f);
        float y = (Side / 2f) - (scale * (top + bottom) / 2) + random.Uniform(-0.5f, 0.5f);
        foreach (ref Dot dot in dots)
        {
            dot.X = (scale * dot.X) + x;
            dot.Y = (scale * dot.Y) + y;
        }
    }

    /// <summary>Inks the placed line and copies it, centred, into <paramref name="pixels"/> (28×28, rows first).</summary>
    public static void Ink(ref KeyedRandom random, ReadOnlySpan<Dot> dots, Span<byte> pixels)
    {
        Span<float> depth = stackalloc float[Side * Side];
        depth.Fill(-8);
        for (int i = 0; i < dots.Length; i++)
        {
            Segment(dots[dots[i].Lift ? i : i - 1], dots[i], depth);
        }

        Expose(ref random, depth);
        Centre(depth, pixels);
    }

    /// <summary>Raises <paramref name="depth"/>, how far inside the ink each pixel's middle lies, by one piece of line.</summary>
    private static void Segment(Dot a, Dot b, Span<float> depth)
    {
        float reach = Math.Max(a.Radius, b.Radius) + 1;
        int x0 = Math.Max((int)(Math.Min(a.X, b.X) - reach), 0), x1 = Math.Min((int)(Math.Max(a.X, b.X) + reach), Side - 1);
        int y0 = Math.Max((int)(Math.Min(a.Y, b.Y) - reach), 0), y1 = Math.Min((int)(Math.Max(a.Y, b.Y) + reach), Side - 1);
        float dx = b.X - a.X, dy = b.Y - a.Y;
        float per = 1 / ((dx * dx) + (dy * dy) + 1e-9f);
        for (int row = y0; row <= y1; row++)
        {
            float y = row + 0.5f - a.Y;
            for (int column = x0; column <= x1; column++)
            {
                float x = column + 0.5f - a.X;
                float t = Math.Clamp(((x * dx) + (y * dy)) * per, 0, 1);
                float ex = x - (t * dx), ey = y - (t * dy);
                float inside = a.Radius + (t * (b.Radius - a.Radius)) - MathF.Sqrt((ex * ex) + (ey * ey));
                ref float pixel = ref depth[(row * Side) + column];
                pixel = Math.Max(pixel, inside);
            }
        }
    }

    /// <summary>Turns depth into grey of 0…1: a soft edge, a little roughness on it, sometimes paler ink.</summary>
    private static void Expose(ref KeyedRandom random, Span<float> depth)
    {
        float edge = 1 / random.Uniform(0.9f, 1.6f);
        float rough = random.Uniform(0, 0.22f);
        float ink = random.Uniform(0.97f, 1.1f);
        foreach (ref float pixel in depth)
        {
            if (pixel < -1.2f)
            {
                pixel = 0;
                continue;
            }

            pixel = Math.Clamp(ink * (0.5f + (edge * (pixel + (rough * random.Normal())))), 0, 1);
        }
    }

    /// <summary>Copies the frame whose middle is nearest to the ink's centre of mass.</summary>
    private static void Centre(ReadOnlySpan<float> grey, Span<byte> pixels)
    {
        const int Size = HandwrittenDigits.Size;
        float mass = 0, massX = 0, massY = 0;
        for (int i = 0; i < grey.Length; i++)
        {
            mass += grey[i];
            massX += grey[i] * (i % Side);
            massY += grey[i] * (i / Side);
        }

        int left = Math.Clamp((int)((massX / mass) + 0.5f) - (Size / 2), 0, Side - Size);
        int top = Math.Clamp((int)((massY / mass) + 0.5f) - (Size / 2), 0, Side - Size);
        for (int i = 0; i < Size * Size; i++)
        {
            float value = grey[((top + (i / Size)) * Side) + left + (i % Size)];
            pixels[i] = (byte)((255 * value) + 0.5f);
        }
    }
}
