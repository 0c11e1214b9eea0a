namespace Lamina.Tasks.Series;

/// <summary>Finds after how many steps series repeat themselves, by their autocorrelation.</summary>
internal static class Seasonality
{
    private const int MostSteps = 20_000, MostLag = 3_000, MostColumns = 8;
    private const double Least = 0.2, NearlyBest = 0.85, Near = 0.05;

    /// <summary>The season in steps; 1 where there is none.</summary>
    /// <param name="series">Series without missing values, of one length.</param>
    /// <param name="grid">Their steps: a season near to a day, a week or a year is that.</param>
    public static int Of(IReadOnlyList<double[]> series, TimeGrid grid)
    {
        int count = Math.Min(MostSteps, series[0].Length), most = Math.Min(MostLag, count / 3);
        if (most < 2) return 1;
        var mean = new double[most * 6 / 5 + 2];
        int used = 0;
        foreach (double[] one in series.Take(MostColumns))
            if (Correlations(one.AsSpan(one.Length - count), Math.Min(mean.Length, count / 2)) is { } its)
            {
                for (int k = 0; k < its.Length; k++) mean[k] += its[k];
                used++;
            }
        if (used == 0) return 1;
        int reached = Math.Min(mean.Length, count / 2);
        double least = Math.Max(Least, 3 / Math.Sqrt(count)); // three deviations of what chance gives
        var peaks = new List<int>();
        for (int k = 2; k <= most && k < reached; k++)
            if (mean[k] >= least * used && mean[k] > mean[k / 2] && IsHighest(mean.AsSpan(0, reached), k)) peaks.Add(k);
        if (peaks.Count == 0) return 1;
        double best = peaks.Max(k => mean[k]);
        int season = peaks.First(k => mean[k] >= NearlyBest * best);
        foreach (double natural in Natural(grid))
            if (Math.Abs(season / natural - 1) <= Near) return (int)Math.Round(natural);
        return season;
    }

    /// <summary>The lengths of a day, a week and a year in steps of a grid, those above one step.</summary>
    public static IEnumerable<double> Natural(TimeGrid grid)
    {
        double[] lengths = grid.Unit switch
        {
            StepUnit.Months => [12 / grid.Step],
            StepUnit.Weekdays => [5, 261],
            StepUnit.Seconds => [TimeGrid.Day / grid.Step, 7 * TimeGrid.Day / grid.Step, 365.25 * TimeGrid.Day / grid.Step],
            _ => [],
        };
        return lengths.Where(l => l > 1.5);
    }

    private static bool IsHighest(ReadOnlySpan<double> correlations, int k)
    {
        int around = Math.Max(1, k / 5);
        for (int i = Math.Max(1, k - around); i <= Math.Min(correlations.Length - 1, k + around); i++)
            if (correlations[i] > correlations[k]) return false;
        return true;
    }

    // Around a straight line; null for a series that doesn't vary.
    private static double[]? Correlations(ReadOnlySpan<double> series, int lags)
    {
        int n = series.Length;
        double mean = 0, slope = 0, squares = 0, middle = (n - 1) / 2.0;
        for (int i = 0; i < n; i++) mean += series[i] / n;
        for (int i = 0; i < n; i++) (slope, squares) = (slope + (i - middle) * (series[i] - mean), squares + (i - middle) * (i - middle));
        slope /= Math.Max(squares, 1);
        var rest = new double[n];
        double variance = 0;
        for (int i = 0; i < n; i++)
        {
            rest[i] = series[i] - mean - slope * (i - middle);
            variance += rest[i] * rest[i];
        }
        if (!(variance > 1e-12 * n * Math.Max(1e-300, mean * mean)) || !double.IsFinite(variance)) return null;
        var found = new double[lags];
        for (int k = 0; k < lags; k++)
            found[k] = System.Numerics.Tensors.TensorPrimitives.Dot<double>(rest.AsSpan(0, n - k), rest.AsSpan(k)) / variance * n / (n - k);
        return found;
    }
}
