using Lamina.Tasks.Series;

namespace Lamina.Tasks.Forecasting;

/// <summary>Mean, deviation and unrest of series over the training steps.</summary>
internal static class ForecastScaling
{
    /// <summary>The meaning of a network's output for these targets, the first columns of a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="targets">The number of targets.</param>
    /// <param name="training">The training steps, counted from the first.</param>
    /// <param name="horizon">The horizon.</param>
    /// <param name="window">The window.</param>
    /// <param name="season">The season.</param>
    public static SeriesOutput Output(SeriesTable table, int targets, long training, int horizon, int window, int season)
    {
        var columns = new NumberOutput[targets];
        double[] scales = new double[targets], seasonal = new double[targets];
        for (int c = 0; c < targets; c++)
        {
            double[] values = Values(table, c, training);
            bool isLog = ForecastDefaults.IsMultiplicative(values, season) && AllPositive(table, c);
            ColumnScale own = Of(values), network = isLog ? Of([.. values.Select(v => Math.Log(v))]) : own;
            columns[c] = new(table.Layout.Columns[c].Name, network.Mean, network.Deviation) { Transform = isLog ? NumberOutput.Log : null };
            (scales[c], seasonal[c]) = (own.Deviation, SeasonalError(table, c, training, season));
        }
        return new(columns, horizon, window) { Season = season, Scales = scales, SeasonalErrors = seasonal };
    }

    /// <summary>Mean and deviation of a column over the training steps.</summary>
    public static ColumnScale Of(SeriesTable table, int column, long training) => Of(Values(table, column, training));

    /// <summary>The training values of a column, without missing ones, track by track.</summary>
    public static double[] Values(SeriesTable table, int column, long training) =>
        [.. table.Tracks.SelectMany(t => Enumerable.Range(0, Steps(table, t, training)).Select(i => t.Values[i * t.Width + column]).Where(v =>
            !double.IsNaN(v)))];

    /// <summary>The number of a track's training steps.</summary>
    public static int Steps(SeriesTable table, SeriesTrack track, long training) =>
        (int)Math.Clamp(table.First + training - track.First, 0, track.Steps);

    private static ColumnScale Of(double[] values)
    {
        if (values.Length == 0) return new(0, 1);
        // Of shares of the greatest, whose squares are finite.
        double most = values.Max(v => Math.Abs(v)), mean = 0, squares = 0;
        if (!(most > 0)) return new(0, 1);
        foreach (double v in values) mean += v / most / values.Length;
        foreach (double v in values) squares += (v / most - mean) * (v / most - mean);
        double deviation = most * Math.Sqrt(squares / values.Length);
        return new(most * mean, deviation > 1e-12 * Math.Abs(most * mean) ? deviation : 1);
    }

    private static bool AllPositive(SeriesTable table, int column) =>
        table.Tracks.All(t => Enumerable.Range(0, t.Steps).All(i => !(t.Values[i * t.Width + column] <= 0)));

    private static double SeasonalError(SeriesTable table, int column, long training, int season)
    {
        (double sum, long count) = (0, 0);
        foreach (SeriesTrack track in table.Tracks)
            for (int i = season; i < Steps(table, track, training); i++)
            {
                double distance = Math.Abs(track.Values[i * track.Width + column] - track.Values[(i - season) * track.Width + column]);
                if (!double.IsNaN(distance)) (sum, count) = (sum + distance, count + 1);
            }
        return count == 0 ? 0 : sum / count;
    }
}
