using Lamina.Tasks.Rows;
using Lamina.Tasks.Series;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Forecasting;

/// <summary>
/// Tells a table of series from other tables: a column of dates, one evenly after the other, and numbers in all other columns.
/// </summary>
internal static class SeriesRecognition
{
    private const int LeastRows = 20;
    private const double LeastRegular = 0.9, Surely = 0.8;

    public static Recognition Of(DataSource data)
    {
        try
        {
            if (data.IsStandardInput || !File.Exists(data.Path) || data.Test is not null || data.Validation is not null) return Recognition.None;
            RowSource rows = RowSources.Open(data.Path);
            if (rows.Columns.Count < 2) return Recognition.None;
            List<string[]> sample = SeriesReader.Sample(rows);
            if (sample.Count < LeastRows) return Recognition.None;
            TimeColumns time = TimeColumns.Of(rows, sample, null);
            if (!time.HasDates) return Recognition.None;
            int[] others = [.. Enumerable.Range(0, rows.Columns.Count).Except(time.Places)];
            if (others.Any(c => SeriesReader.MarkOf(sample, c, out _) is null)) return Recognition.None;
            double regular = time.Readings.Max(r => Regular(sample, time, r));
            return regular < LeastRegular ? Recognition.None
                : new(Surely, $"{data.Path} has a row for each step of time in {Wording.Names([.. time.Places.Select(p => rows.Columns[p])])} and numbers in its other columns");
        }
        catch (Exception e) when (e is DataException or IOException or UnauthorizedAccessException)
        {
            return Recognition.None;
        }
    }

    // The share of rows that come one step behind the row before, or before it where all run backwards.
    private static double Regular(List<string[]> sample, TimeColumns time, TimeReading reading)
    {
        double[] times = [.. sample.Select(row => TimeText.TryRead(reading, TimeColumns.Join(row, time.Places), out double value, out _) ? value
            : double.NaN)];
        if (times.Any(double.IsNaN)) return 0;
        double[] sorted = [.. times.Distinct().Order()];
        if (sorted.Length < LeastRows) return 0;
        TimeGrid grid = TimeGrid.Of(sorted, isDates: true, out _);
        int next = 0;
        for (int i = 1; i < times.Length; i++)
            if (Math.Abs(Math.Abs(grid.IndexOf(times[i]) - grid.IndexOf(times[i - 1])) - 1) < 0.01) next++;
        return (double)next / (times.Length - 1);
    }
}
