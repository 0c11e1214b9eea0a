namespace Lamina.Tasks.Images.Handwriting;

/// <summary>A place the pen passes, with half the width of the line there.</summary>
/// <param name="X">Place to the right.</param>
/// <param name="Y">Place downwards.</param>
/// <param name="Radius">Half the line's width, in pixels.</param>
/// <param name="Lift">The pen is put down here: no ink from the dot before.</param>
internal record struct Dot(float X, float Y, float Radius, bool Lift);

/// <summary>Draws a skeleton as a hand would: between two poses, a little beside every knot, in flowing curves.</summary>
internal static class Penman
{
    /// <summary>Curve pieces between two knots.</summary>
    private const int Pieces = 6;

    /// <summary>The most knots that a skeleton may have.</summary>
    private const int MostKnots = 24;

    /// <summary>Room for every dot of the longest skeleton.</summary>
    public const int MostDots = (MostKnots * Pieces) + 8;

    /// <summary>Writes the digit's line into <paramref name="dots"/>, in the skeleton's box of 0…1.</summary>
    /// <returns>How many dots were written.</returns>
    public static int Trace(Skeleton skeleton, ref KeyedRandom random, Span<Dot> dots)
    {
        Span<Knot> buffer = stackalloc Knot[MostKnots];
        Span<Knot> knots = buffer[..skeleton.Poses[0].Length];
        Blend(skeleton, ref random, knots);
        Wobble(ref random, knots);
        bool rounds = random.Chance(0.12f);     // a quick hand flows through its corners

        int count = 0;
        for (int i = 0; i < knots.Length; i++)
        {
            if (knots[i].Lift)
            {
                dots[count++] = new Dot(knots[i].X, knots[i].Y, 0, true);
            }

            if (i + 1 < knots.Length && !knots[i + 1].Lift)
            {
                count += Curve(knots, i, rounds, dots[count..]);
            }
        }

        return count;
    }

    /// <summary>A point between two of the skeleton's poses.</summary>
    private static void Blend(Skeleton skeleton, ref KeyedRandom random, Span<Knot> knots)
    {
        Knot[] from = skeleton.Poses[random.Below(skeleton.Poses.Length)];
        Knot[] to = skeleton.Poses[random.Below(skeleton.Poses.Length)];
        float t = random.Uniform();
        for (int i = 0; i < knots.Length; i++)
        {
            knots[i] = from[i] with { X = from[i].X + (t * (to[i].X - from[i].X)), Y = from[i].Y + (t * (to[i].Y - from[i].Y)) };
        }
    }

    /// <summary>Moves every knot a little, every stroke as a whole, and lengthens or shortens the strokes' ends.</summary>
    private static void Wobble(ref KeyedRandom random, Span<Knot> knots)
    {
        float size = random.Uniform(0.008f, 0.035f);    // a steady hand or a shaky one
        float strokeX = 0, strokeY = 0;
        for (int i = 0; i < knots.Length; i++)
        {
            Knot knot = knots[i];
            if (knot.Lift && i > 0)
            {
                strokeX = 0.035f * random.Normal();
                strokeY = 0.035f * random.Normal();
            }

            knots[i] = knot with { X = knot.X + strokeX + (size * random.Normal()), Y = knot.Y + strokeY + (size * random.Normal()) };
        }

        for (int i = 0; i < knots.Length; i++)
        {
            bool starts = knots[i].Lift, ends = i + 1 == knots.Length || knots[i + 1].Lift;
            if (starts != ends)
            {
                Knot inner = knots[starts ? i + 1 : i - 1];
                float reach = 0.13f * random.Normal();
                knots[i] = knots[i] with { X = knots[i].X + (reach * (knots[i].X - inner.X)), Y = knots[i].Y + (reach * (knots[i].Y - inner.Y)) };
            }
        }
    }

    /// <summary>The Catmull–Rom curve from knot <paramref name="i"/> (left out) to the next (put in).</summary>
    private static int Curve(ReadOnlySpan<Knot> knots, int i, bool rounds, Span<Dot> dots)
    {
        Knot b = knots[i], c = knots[i + 1];
        Knot a = b.Lift || (b.Corner && !rounds) ? b : knots[i - 1];
        Knot d = (c.Corner && !rounds) || i + 2 >= knots.Length || knots[i + 2].Lift ? c : knots[i + 2];
        for (int step = 1; step <= Pieces; step++)
        {
            float t = step / (float)Pieces;
            dots[step - 1] = new Dot(Spline(a.X, b.X, c.X, d.X, t), Spline(a.Y, b.Y, c.Y, d.Y, t), 0, false);
        }

        return Pieces;
    }

    private static float Spline(float a, float b, float c, float d, float t)
        => b + (0.5f * t * ((c - a) + (t * (((2 * a) - (5 * b) + (4 * c) - d) + (t * ((3 * (b - c)) + d - a))))));
}
