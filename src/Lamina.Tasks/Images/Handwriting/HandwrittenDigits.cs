namespace Lamina.Tasks.Images.Handwriting;

/// <summary>
/// Images of handwritten digits, made and not read: skeletons of the ten digits, written by a random hand and pen,
/// in the form of MNIST (white ink on black, 20×20 pixels in a frame of 28×28, centred by mass). An image depends on
/// its seed and index alone, never on the machine, the thread count or the images before it.
/// </summary>
public static class HandwrittenDigits
{
    /// <summary>The images' width and height in pixels.</summary>
    public const int Size = 28;

    /// <summary>The number of classes: the digits 0 to 9.</summary>
    public const int Classes = 10;

    /// <summary>Makes the images with indices <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> − 1.</summary>
    /// <remarks>
    /// Every ten indices from a multiple of ten hold each digit once, in a shuffled order. Ranges that don't overlap
    /// share no image: take one for training, one for validation, one for the test.
    /// </remarks>
    /// <param name="count">The number of images.</param>
    /// <param name="seed">The seed of the whole series.</param>
    /// <param name="first">The index of the first image.</param>
    /// <returns>Pixels as (count, 28, 28), 0 the paper and 255 the ink, and the digits as (count).</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="count"/> or <paramref name="first"/> is negative, or the pixels are more than an array holds.
    /// </exception>
    public static (byte[] Pixels, byte[] Labels) Generate(int count, ulong seed, int first = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Array.MaxLength / (Size * Size));

        var pixels = new byte[count * Size * Size];
        var labels = new byte[count];
        Parallel.For(0, count, i =>
        {
            long index = (long)first + i;
            labels[i] = (byte)Label(seed, index);
            Draw(labels[i], seed, index, pixels.AsSpan(i * Size * Size, Size * Size));
        });
        return (pixels, labels);
    }

    /// <summary>Draws one image of <paramref name="digit"/>: the one of that seed and index.</summary>
    /// <param name="digit">The digit, 0 to 9.</param>
    /// <param name="seed">The seed of the whole series.</param>
    /// <param name="index">The image's place in the series.</param>
    /// <param name="pixels">Receives 28×28 pixels, rows first: 0 the paper, 255 the ink.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="digit"/> is not 0 to 9.</exception>
    /// <exception cref="ArgumentException"><paramref name="pixels"/> holds fewer or more than 784 bytes.</exception>
    public static void Draw(int digit, ulong seed, long index, Span<byte> pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(digit);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(digit, Classes);
        if (pixels.Length != Size * Size)
        {
            throw new ArgumentException($"An image is {Size}×{Size} = {Size * Size} bytes; the span holds {pixels.Length}.", nameof(pixels));
        }

        var random = new KeyedRandom(seed, index);
        Span<Dot> buffer = stackalloc Dot[Penman.MostDots];
        Span<Dot> dots = buffer[..Penman.Trace(Skeletons.Choose(digit, ref random), ref random, buffer)];
        Hand.Shape(ref random, dots);
        float pen = Hand.Press(ref random, dots, digit == 1 ? 3f : 2.2f);     // a 1 has nothing to fill in
        Canvas.Place(ref random, dots, pen);
        Canvas.Ink(ref random, dots, pixels);
    }

    /// <summary>The digit at an index: its place in the shuffled ten that it belongs to.</summary>
    private static int Label(ulong seed, long index)
    {
        Span<byte> digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
        var random = new KeyedRandom(~seed, index / Classes);
        for (int i = digits.Length - 1; i > 0; i--)
        {
            int j = random.Below(i + 1);
            (digits[i], digits[j]) = (digits[j], digits[i]);
        }

        return digits[(int)(index % Classes)];
    }
}
