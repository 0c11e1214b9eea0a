namespace Article;

/// <summary>Small images to learn from, drawn by the program: digits of 5×7 dots, somewhere in 16×16 pixels, fainter or stronger, with noise.</summary>
internal static class Glyphs
{
    public const int Side = 16;

    // The digits of a dot-matrix display, a row of five dots in each number.
    private static readonly byte[][] s_digits =
    [
        [14, 17, 19, 21, 25, 17, 14], [4, 12, 4, 4, 4, 4, 14], [14, 17, 1, 2, 4, 8, 31], [31, 2, 4, 2, 1, 17, 14], [2, 6, 10, 18, 31, 2, 2],
        [31, 16, 30, 1, 1, 17, 14], [6, 8, 16, 30, 17, 17, 14], [31, 1, 2, 4, 8, 8, 8], [14, 17, 17, 14, 17, 17, 14], [14, 17, 17, 15, 1, 2, 12],
    ];

    /// <summary>Images (count, 16, 16, 1) of digits and their labels, numbered from 0 in the order of <paramref name="digits"/>.</summary>
    public static (Tensor Images, Tensor Labels) Draw(int count, ulong seed, params int[] digits)
    {
        var random = new RandomStream(seed, 7);
        float[] pixels = new float[count * Side * Side];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = i % digits.Length;
            byte[] rows = s_digits[digits[labels[i]]];
            int top = random.NextInt(Side - 13), left = random.NextInt(Side - 9);
            float ink = 0.5f + 0.5f * random.NextSingle(), slant = random.NextSingle() * 0.5f - 0.25f;
            Span<float> image = pixels.AsSpan(i * Side * Side, Side * Side);
            // Each dot is nearly two pixels high and wide.
            for (int y = 0; y < 13; y++)
                for (int x = 0; x < 10; x++)
                {
                    int at = (int)Math.Round(left + x + slant * (y - 6));
                    if ((rows[y / 2] >> (4 - x / 2) & 1) == 1 && at is >= 0 and < Side) image[(top + y) * Side + at] = ink;
                }
            for (int p = 0; p < image.Length; p++) image[p] += 0.15f * (float)random.NextNormal();
        }
        return (Tensor.From(pixels, [count, Side, Side, 1]), Tensor.From(labels));
    }
}
