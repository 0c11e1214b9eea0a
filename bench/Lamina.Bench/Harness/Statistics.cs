namespace Lamina.Bench.Harness;

/// <summary>Order statistics of few numbers.</summary>
internal static class Statistics
{
    public static double Median(IEnumerable<double> values) => Quantile(values, 0.5);

    /// <summary>The value below which a share of all lies, between neighbours in proportion.</summary>
    /// <exception cref="ArgumentException">There are no values.</exception>
    public static double Quantile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0) throw new ArgumentException("a quantile of no values", nameof(values));
        double place = share * (sorted.Length - 1);
        int below = (int)place, above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    /// <summary>The distance of the quartiles: half of all values lie within it.</summary>
    public static double Spread(IReadOnlyCollection<double> values) => Quantile(values, 0.75) - Quantile(values, 0.25);

    public static double GeometricMean(IEnumerable<double> values)
    {
        double[] all = [.. values];
        return all.Length == 0 ? double.NaN : Math.Exp(all.Average(Math.Log));
    }
}
