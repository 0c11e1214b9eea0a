using Lamina.Tensors;

namespace Lamina.Tasks.Spine;

/// <summary>How sure measured figures are.</summary>
internal static class Statistics
{
    private const double Normal95 = 1.959963984540054;
    private const int MostResamples = 1000, FewestResamples = 200;
    private const long MostDraws = 20_000_000;

    /// <summary>The 95 % interval of a share (Wilson, 1927): it stays within 0 to 1, and is sound for few examples and shares near 0 or 1.</summary>
    public static Interval Wilson(double share, long count)
    {
        double square = Normal95 * Normal95 / count, middle = (share + square / 2) / (1 + square);
        double half = Normal95 / (1 + square) * Math.Sqrt(share * (1 - share) / count + square / (4 * count));
        // Exact at the ends, where rounding would leave a trace.
        return new(share == 0 ? 0 : Math.Max(0, middle - half), share == 1 ? 1 : Math.Min(1, middle + half));
    }

    /// <summary>
    /// The 95 % interval of a statistic of <paramref name="count"/> examples by the percentile bootstrap (Efron, 1979); the draws depend on nothing
    /// but the count. Null for fewer than two examples, or where a resample has no finite value.
    /// </summary>
    /// <param name="count">Number of examples.</param>
    /// <param name="statistic">The statistic of the examples at some indices, which may repeat.</param>
    public static Interval? Bootstrap(int count, Func<int[], double> statistic)
    {
        if (count < 2) return null;
        int resamples = (int)Math.Clamp(MostDraws / count, FewestResamples, MostResamples);
        var random = new RandomStream(0, (ulong)count);
        var values = new double[resamples];
        var indices = new int[count];
        for (int r = 0; r < resamples; r++)
        {
            for (int i = 0; i < count; i++) indices[i] = random.NextInt(count);
            values[r] = statistic(indices);
            if (!double.IsFinite(values[r])) return null;
        }
        Array.Sort(values);
        return new(values[(int)(0.025 * (resamples - 1))], values[(int)Math.Ceiling(0.975 * (resamples - 1))]);
    }

    /// <summary>Mean and standard deviation (of a sample, by n − 1; 0 for one value).</summary>
    public static (double Mean, double Deviation) Of(IReadOnlyList<double> values)
    {
        double mean = values.Average();
        return (mean, values.Count < 2 ? 0 : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1)));
    }
}
