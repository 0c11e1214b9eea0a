using System.Globalization;
using Lamina.Tasks.Series;

namespace Lamina.Tasks.Forecasting;

/// <summary>What a forecast looks at and how far it goes, where that isn't said.</summary>
internal static class ForecastDefaults
{
    private const double TrainingShare = 0.7, ValidationShare = 0.1;

    /// <summary>The horizon: what people plan with, at most a tenth of the series.</summary>
    public static int Horizon(TimeGrid grid, long steps)
    {
        int usual = grid.Unit switch
        {
            StepUnit.Months => grid.Step switch { 1 => 12, 3 => 4, _ => 3 },
            StepUnit.Weekdays => 10,
            StepUnit.Seconds => grid.Step switch { >= 7 * TimeGrid.Day => 8, >= TimeGrid.Day => 14, >= 3600 => 24, >= 600 => 36, >= 60 => 60, _ =>
                30 },
            _ => 24,
        };
        return (int)Math.Clamp(steps / 10, 1, usual);
    }

    /// <summary>
    /// The window: three and a half horizons and two seasons, whole seasons where it has several, and room left in the training steps.
    /// </summary>
    public static int Window(int horizon, int season, long training)
    {
        const int Most = 1_000;
        long room = Math.Max(1, Math.Min(Most, Math.Min(training / 4, (training - horizon) / 2)));
        int wanted = (int)Math.Ceiling(3.5 * horizon);
        if (season > 1 && 2L * season <= room) wanted = Math.Max(wanted, 2 * season);
        wanted = (int)Math.Min(room, Math.Max(wanted, 8));
        return season > 1 && wanted > season ? wanted / season * season : wanted;
    }

    /// <summary>
    /// The ends of the three parts, in steps from the first: as typed, or 70, 10 and 20 of a hundred, with a horizon at least to validate and to
    /// test.
    /// </summary>
    /// <param name="text">Three counts of steps, or three shares, with commas between them; null: not typed.</param>
    /// <param name="steps">The steps that there are.</param>
    /// <param name="horizon">The horizon.</param>
    /// <param name="source">The table's name.</param>
    /// <exception cref="TaskException">What was typed is something else.</exception>
    /// <exception cref="DataException">There are fewer steps.</exception>
    public static long[] Parts(string? text, long steps, int horizon, string source)
    {
        if (text is null)
        {
            long test = Math.Max(horizon, steps - (long)Math.Round((TrainingShare + ValidationShare) * steps)),
                validation = Math.Max(horizon, (long)Math.Round(ValidationShare * steps));
            long training = steps - test - validation;
            return training >= 1 ? [training, training + validation, steps] : throw TooShort(source, steps, horizon, 1);
        }
        double[] parts = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(p =>
            double.TryParse(p.TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out double x) ? x : -1)];
        bool areShares = parts.Sum() is > 0.99 and < 1.01 || parts.Sum() is > 99.5 and < 100.5 && text.Contains('%');
        if (parts.Length != 3 || parts.Any(p => !(p > 0)) || !areShares && parts.Any(p => p != Math.Floor(p)))
            throw new TaskException($"--parts {text}: expected three numbers of steps or three shares of 1 with commas between them, for training, validation and test", "0.7,0.1,0.2");
        if (areShares)
        {
            double all = parts.Sum();
            parts = [Math.Round(parts[0] / all * steps), Math.Round(parts[1] / all * steps), 0];
            parts[2] = steps - parts[0] - parts[1];
        }
        if (parts.Sum() > steps) throw new DataException(source,
            $"has {steps:N0} steps, and --parts asks for {parts.Sum().ToString("N0", CultureInfo.InvariantCulture)}",
            "fewer steps, or shares such as 0.7,0.1,0.2");
        return [(long)parts[0], (long)(parts[0] + parts[1]), (long)parts.Sum()];
    }

    /// <summary>Refuses a series that is too short for what it is to be cut into, and says what would do.</summary>
    public static DataException TooShort(string source, long steps, int horizon, int window)
    {
        // Training holds a window, a horizon and a step; the others a horizon each.
        long shorter = Math.Max(1, Math.Min(horizon, steps / 8)), back = Math.Max(1, Math.Min(window, (steps - 3 * shorter) / 3));
        return new(source, $"has {steps:N0} steps, too few to look {Wording.Count(window, "step")} back and {Wording.Count(horizon, "step")} ahead in training, validation and test: that takes {window + 3L * horizon + 1:N0}",
            steps < 8 ? "a longer series" : $"--horizon {shorter} --window {back}, or a longer series");
    }

    /// <summary>Whether a column's logarithm is learned: it is above 0, has grown or shrunk a good deal, and its swings with it.</summary>
    /// <param name="values">Its training values in order, without missing ones.</param>
    /// <param name="season">The steps of a season.</param>
    public static bool IsMultiplicative(ReadOnlySpan<double> values, int season)
    {
        const double LeastGrowth = 1.8, LeastCorrelation = 0.6;
        int block = Math.Max(season > 1 ? season : 0, Math.Max(4, values.Length / 20)), blocks = values.Length / block;
        if (blocks < 4 || System.Numerics.Tensors.TensorPrimitives.Min(values) <= 0) return false;
        double[] levels = new double[blocks], swings = new double[blocks];
        for (int b = 0; b < blocks; b++)
        {
            ReadOnlySpan<double> part = values.Slice(values.Length - (blocks - b) * block, block);
            double mean = System.Numerics.Tensors.TensorPrimitives.Sum(part) / block, squares = 0;
            foreach (double v in part) squares += (v - mean) * (v - mean);
            (levels[b], swings[b]) = (mean, Math.Sqrt(squares / block));
        }
        return levels.Max() >= LeastGrowth * levels.Min() && Correlation(levels, swings) >= LeastCorrelation
            && Math.Abs(Correlation(levels, [.. Enumerable.Range(0, blocks).Select(b => (double)b)])) >= LeastCorrelation;
    }

    private static double Correlation(double[] x, double[] y)
    {
        double mx = x.Average(), my = y.Average(), xy = 0, xx = 0, yy = 0;
        for (int i = 0; i < x.Length; i++) (xy, xx, yy) = (xy + (x[i] - mx) * (y[i] - my), xx + (x[i] - mx) * (x[i] - mx), yy
            + (y[i] - my) * (y[i] - my));
        return xx > 0 && yy > 0 ? xy / Math.Sqrt(xx * yy) : 0;
    }
}
