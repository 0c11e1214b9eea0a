namespace Lamina.Conformance;

/// <summary>Draws the values of an operand with so many elements.</summary>
internal delegate double[] Draw(Random random, int count);

/// <summary>
/// Where operands come from. All values are multiples of 1/512 (or corners chosen by hand that float32 holds), so that an
/// operand is the same number in float32 and float64.
/// </summary>
internal static class Draws
{
    /// <summary>From −3 to 3, at least 1/16 away from 0, where rectifiers and their like have a kink.</summary>
    public static Draw Signed { get; } = Each(r => (r.Next(2) * 2 - 1) * (1 / 16.0 + r.NextDouble() * 2.9));

    /// <summary>From ½ to 3 and the same below 0: divisors.</summary>
    public static Draw AwayFromZero { get; } = Each(r => (r.Next(2) * 2 - 1) * (0.5 + r.NextDouble() * 2.5));

    /// <summary>From ¼ to 4.</summary>
    public static Draw Positive { get; } = Uniform(0.25, 4);

    /// <summary>From −2½ to 2½ but at least 1/16 away from whole and half numbers, where <c>floor</c> and <c>round</c> jump.</summary>
    public static Draw BetweenWholes { get; } = Each(r => r.Next(-3, 3) + (r.Next(2) + 0.15 + 0.7 * r.NextDouble()) / 2);

    /// <summary>True or false.</summary>
    public static Draw Truth { get; } = Each(r => r.Next(2));

    /// <summary>What IEEE 754 has in its corners, and values over the whole range where the base library's functions are still finite.</summary>
    public static Draw Corners { get; } = (r, count) =>
    {
        double[] corners =
        [
            0, -0.0, 1, -1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0.5, -0.5, 2, -2,
            Math.ScaleB(1, -20), -Math.ScaleB(1, -20), Math.ScaleB(1, -130), 7.5, -7.5, 20, -20, 80, -80, 1000, -1000, Math.ScaleB(1, 60), -Math.ScaleB(1, 60),
        ];
        return [.. Enumerable.Range(0, count).Select(i => corners[i % corners.Length])];
    };

    /// <summary>Evenly spread multiples of 1/512.</summary>
    public static Draw Uniform(double low, double high) => Each(r => low + r.NextDouble() * (high - low));

    /// <summary>Whole numbers below <paramref name="end"/>: classes, indices.</summary>
    public static Draw Below(int end) => Each(r => r.Next(end));

    /// <summary>
    /// All different, 1/8 or more apart, in random order, so that largest, least and order are clear; two tensors drawn
    /// with shifts that differ by 1/16 have no value in common.
    /// </summary>
    public static Draw Distinct(double shift = 0) => (r, count) =>
    {
        double[] values = [.. Enumerable.Range(0, count).Select(i => (i - count / 2) / 8.0 + 1 / 32.0 + shift)];
        r.Shuffle(values);
        return values;
    };

    /// <summary>The same value everywhere: ties.</summary>
    public static Draw Constant(double value) => (_, count) => [.. Enumerable.Repeat(value, count)];

    private static Draw Each(Func<Random, double> one) => (r, count) => [.. Enumerable.Range(0, count).Select(_ => Math.Round(one(r) * 512) / 512)];
}
