using Lamina.Tensors;

namespace Lamina.Tasks.Spine;

/// <summary>How sure measured figures are. The work of each is bounded, whatever the number of examples.</summary>
internal static class Statistics
{
    private const double Normal95 = 1.959963984540054;
    private const int MostResamples = 1000, FewestResamples = 200, MostUnits = 10_000, Blocks = 2_000, MostCells = 100_000;
    private const long MostDraws = 20_000_000;

    /// <summary>The 95 % interval of a share (Wilson, 1927): it stays within 0 to 1, and is sound for few examples and shares near 0 or 1.</summary>
    public static Interval Wilson(double share, long count)
    {
        double square = Normal95 * Normal95 / count, middle = (share + square / 2) / (1 + square);
        double half = Normal95 / (1 + square) * Math.Sqrt(share * (1 - share) / count + square / (4 * count));
        // Exact at the ends, where rounding would leave a trace.
        return new(share == 0 ? 0 : Math.Max(0, middle - half), share == 1 ? 1 : Math.Min(1, middle + half));
    }

    /// <summary>The 95 % interval of a score between 0 and 1 by the normal distribution of its logit; null at 0 and 1, and where nothing varies.</summary>
    /// <param name="score">The score.</param>
    /// <param name="error">Its standard error.</param>
    public static Interval? Logit(double score, double error)
    {
        if (!(score > 0 && score < 1) || !(error > 0) || !double.IsFinite(error)) return null;
        double middle = Math.Log(score / (1 - score)), half = Normal95 * error / (score * (1 - score));
        return new(1 / (1 + Math.Exp(half - middle)), 1 / (1 + Math.Exp(-half - middle)));
    }

    /// <summary>The 95 % interval of the median of sorted values, from the order statistics (Conover, 1999); null for fewer than six.</summary>
    public static Interval? Median(ReadOnlySpan<double> sorted)
    {
        if (sorted.Length < 6) return null;
        double half = Normal95 * Math.Sqrt(sorted.Length) / 2;
        int low = (int)Math.Max(0, Math.Floor(sorted.Length / 2.0 - half)), high = (int)Math.Min(sorted.Length - 1, Math.Ceiling(sorted.Length / 2.0 + half));
        return new(sorted[low], sorted[high]);
    }

    /// <summary>
    /// The 95 % intervals of statistics of <paramref name="count"/> examples by the percentile bootstrap (Efron, 1979); the draws depend on nothing
    /// but the count. Statistics are functions of sums over the examples, so one draw serves all. Above 10,000 examples 2,000 random blocks of
    /// them are drawn in place of examples. Null for fewer than two examples, or where a resample has no finite value.
    /// </summary>
    /// <param name="count">Number of examples.</param>
    /// <param name="sums">How many values of an example are summed.</param>
    /// <param name="values">Adds the values of an example, by its index, to those that are there.</param>
    /// <param name="statistics">The statistics, each of the sums.</param>
    public static Interval?[] Bootstrap(int count, int sums, Action<int, Span<double>> values, params ReadOnlySpan<Func<double[], double>> statistics)
    {
        var intervals = new Interval?[statistics.Length];
        if (count < 2) return intervals;
        var random = new RandomStream(0, (ulong)count);
        int units = count <= MostUnits ? count : Blocks;
        var table = new double[units * sums];
        for (int i = 0; i < count; i++) values(i, table.AsSpan((units == count ? i : random.NextInt(units)) * sums, sums));
        int resamples = (int)Math.Clamp(MostDraws / units, FewestResamples, MostResamples);
        var drawn = new double[statistics.Length][];
        for (int s = 0; s < drawn.Length; s++) drawn[s] = new double[resamples];
        var total = new double[sums];
        for (int r = 0; r < resamples; r++)
        {
            Array.Clear(total);
            for (int i = 0; i < units; i++)
            {
                int unit = random.NextInt(units) * sums;
                for (int s = 0; s < total.Length; s++) total[s] += table[unit + s];
            }
            for (int s = 0; s < drawn.Length; s++) drawn[s][r] = statistics[s](total);
        }
        for (int s = 0; s < drawn.Length; s++) intervals[s] = Percentiles(drawn[s]);
        return intervals;
    }

    /// <summary>
    /// The 95 % intervals of statistics of a table of counts by the percentile bootstrap: the counts of a resample are drawn from their multinomial
    /// distribution, so the work doesn't depend on the number of examples. Null where a resample has no finite value, and for very large tables.
    /// </summary>
    /// <param name="cells">The counts.</param>
    /// <param name="statistics">Gives the statistics of drawn counts.</param>
    /// <param name="number">How many statistics there are.</param>
    public static Interval?[] BootstrapCounts(IReadOnlyList<long> cells, int number, Func<long[], double[]> statistics)
    {
        long count = cells.Sum();
        if (count < 2 || cells.Count > MostCells) return new Interval?[number];
        var random = new RandomStream(0, (ulong)count);
        int resamples = (int)Math.Clamp(MostDraws / 10 / cells.Count, FewestResamples, MostResamples);
        var drawn = new double[number][];
        for (int s = 0; s < number; s++) drawn[s] = new double[resamples];
        var sample = new long[cells.Count];
        for (int r = 0; r < resamples; r++)
        {
            long left = count, mass = count;
            for (int c = 0; c < sample.Length; c++)
            {
                sample[c] = mass == cells[c] ? left : Binomial(random, left, (double)cells[c] / mass);
                left -= sample[c];
                mass -= cells[c];
            }
            double[] values = statistics(sample);
            for (int s = 0; s < number; s++) drawn[s][r] = values[s];
        }
        return [.. drawn.Select(Percentiles)];
    }

    /// <summary>Mean and standard deviation (of a sample, by n − 1; 0 for one value).</summary>
    public static (double Mean, double Deviation) Of(IReadOnlyList<double> values)
    {
        double mean = values.Average();
        return (mean, values.Count < 2 ? 0 : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1)));
    }

    private static Interval? Percentiles(double[] values)
    {
        if (!values.All(double.IsFinite)) return null;
        Array.Sort(values);
        return new(values[(int)(0.025 * (values.Length - 1))], values[(int)Math.Ceiling(0.975 * (values.Length - 1))]);
    }

    // How often of n times something of probability p happens: by inversion (Kachitvichyanukul and Schmeiser, 1988) where that is short, else by the
    // normal distribution, which is then near enough for an interval.
    private static long Binomial(RandomStream random, long n, double p)
    {
        const double Inverted = 30;
        if (n == 0 || p <= 0) return 0;
        if (p > 0.5) return n - Binomial(random, n, 1 - p);
        if (n * p > Inverted) return Math.Clamp((long)Math.Round(n * p + Math.Sqrt(n * p * (1 - p)) * random.NextNormal()), 0, n);
        double odds = p / (1 - p), scale = (n + 1) * odds, chance = Math.Exp(n * Math.Log(1 - p)), u = random.NextDouble();
        long x = 0;
        for (; u > chance && x < n; x++)
        {
            u -= chance;
            chance *= scale / (x + 1) - odds;
        }
        return x;
    }
}
