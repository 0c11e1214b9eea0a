using Lamina.Tasks.Rows;
using Lamina.Tasks.Series;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Forecasting;

/// <summary>Which series are forecast, which are looked at besides, and which are known of the future.</summary>
internal sealed record ForecastColumns(string[] Targets, string[] Covariates, string[] Known)
{
    /// <summary>Chooses them.</summary>
    /// <exception cref="DataException">A column isn't there, or there is nothing to forecast.</exception>
    public static ForecastColumns Of(RowSource rows, SeriesTable table, TaskRequest request, long training, List<string> notes)
    {
        string[] all = [.. table.Layout.Columns.Select(c => c.Name)], constant = [.. all.Where((_, c) => IsConstant(table, c, training))];
        string[] Named(string option) => request.Text(option) is { } list ? [.. ColumnNames.FindAll(rows, list).Select(c => rows.Columns[c])] : [];
        string[] targets = Named(ForecastTask.Target), known = Named(ForecastTask.Known);
        if (targets.Intersect(known).FirstOrDefault() is { } both)
            throw new TaskException($"column '{both}' is to be forecast, so it isn't known of the future", "one of --target and --known for it");
        if (targets.FirstOrDefault(constant.Contains) is { } flat)
            throw new DataException(table.Source,
                $"has the same value of '{flat}' in all steps of the training part: there is nothing to learn of it", "another column with --target");
        bool isChosen = targets.Length > 0;
        string[] counters = [.. table.Counters.Except(targets).Except(known)];
        if (!isChosen) targets = [.. all.Except(known).Except(constant).Except(counters)];
        if (targets.Length == 0)
            throw new DataException(table.Source,
                $"has constant columns alone, or such that count rows: {Wording.Names([.. constant, .. counters])}", "a series that varies");
        string[] left = [.. constant.Except(targets)];
        if (left.Length > 0) notes.Add($"left out, since {(left.Length == 1 ? "it doesn't" : "they don't")} vary in training: {Wording.Names(left)}");
        if (counters.Length > 0) notes.Add($"left out, since {(counters.Length == 1 ? "it counts" : "they count")} rows: {Wording.Names(counters)}");
        string[] covariates = isChosen ? [.. all.Except(targets).Except(known).Except(constant).Except(counters)] : [];
        return new(targets, covariates, [.. known.Except(constant)]);
    }

    // Over the training steps.
    private static bool IsConstant(SeriesTable table, int column, long training)
    {
        double first = double.NaN;
        foreach (SeriesTrack track in table.Tracks)
        {
            long end = Math.Min(track.Steps, table.First + training - track.First);
            for (long i = 0; i < end; i++)
            {
                double value = track.Values[i * track.Width + column];
                if (double.IsNaN(value)) continue;
                if (double.IsNaN(first)) first = value;
                if (Math.Abs(value - first) > 1e-12 * Math.Max(Math.Abs(first), 1e-290)) return false;
            }
        }
        return true;
    }
}
