using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Series;

/// <summary>The columns of a table that say when a row is, found by a look at the first rows.</summary>
/// <param name="Places">Their numbers; none where rows are steps.</param>
/// <param name="Readings">The readings that fit, the likeliest first.</param>
/// <param name="Reason">Why these, as a clause.</param>
internal sealed record TimeColumns(int[] Places, TimeReading[] Readings, string Reason)
{
    /// <summary>Seconds from 1970 to 2000.</summary>
    public const double UnixOrigin = 946_684_800;

    private const double LeastShare = 0.9;

    private static readonly string[] s_names = ["date", "datetime", "timestamp", "time", "ds", "month", "day", "year", "period", "quarter", "week",
        "hour", "dt", "when", "observation_date"],
        s_counts = ["time", "timestamp", "t", "step", "index", "year", "ds", "unix", "epoch", "ts", "unix_time", "timestamp_ms"];

    private static readonly string[][] s_parts = [["year", "month", "day", "hour", "minute"], ["year", "month", "day", "hour"],
        ["year", "month", "day"], ["year", "month"]];

    /// <summary>Whether times are dates.</summary>
    public bool HasDates => Readings.Length > 0 && Readings[0] != TimeReading.Number;

    /// <summary>Looks for them, or at those that are named.</summary>
    /// <exception cref="DataException">A named column has no times.</exception>
    public static TimeColumns Of(RowSource rows, IReadOnlyList<string[]> sample, string? named)
    {
        if (named is not null)
        {
            int[] places = ColumnNames.FindAll(rows, named);
            TimeReading[] readings = Fitting(sample, places);
            if (readings.Length > 0) return new(places, readings, "as asked for");
            string cell = sample.Select(row => Join(row, places)).FirstOrDefault(c => c.Length > 0) ?? "";
            throw new DataException(rows.Name,
                $"has '{cell}' in {Wording.Names([.. places.Select(p => rows.Columns[p])])}, which is neither a date nor a number",
                "another column with --time");
        }
        string[] names = [.. rows.Columns.Select(c => c.Trim().ToLowerInvariant())];
        foreach (string[] parts in s_parts)
        {
            int[] places = [.. parts.Select(p => Array.IndexOf(names, p))];
            if (Array.TrueForAll(places, p => p >= 0) && Fitting(sample, places) is { Length: > 0 } joined && joined[0] != TimeReading.Number)
                return new(places, joined, $"joined from {string.Join(", ", parts)}");
        }
        TimeReading[][] fits = [.. Enumerable.Range(0, names.Length).Select(c => Fitting(sample, [c]))];
        int[] dates = [.. Enumerable.Range(0, names.Length).Where(c =>
            fits[c].Any(r => r is TimeReading.MonthFirst or TimeReading.DayFirst or TimeReading.YearMonth)
            || fits[c].Contains(TimeReading.Compact) && s_names.Contains(names[c]))];
        if (dates.Length > 0)
        {
            int date = dates.OrderBy(c => Array.IndexOf(s_names, names[c]) is >= 0 and int at ? at : int.MaxValue).ThenBy(c => c).First();
            TimeReading[] readings = [.. fits[date].Where(r => r != TimeReading.Number)];
            // A date with the time of day in another column.
            int clock = Array.FindIndex(names, n => n is "time" or "hour" or "clock");
            if (clock >= 0 && clock != date && sample.Count > 1 && sample.Take(50).All(row => IsClock(row[clock]))
                && sample.Take(50).All(row => !row[date].Contains(':')))
                return new([date, clock], Fitting(sample, [date, clock]), "with the time of day in the next");
            return new([date], readings, "dates");
        }
        int count = Enumerable.Range(0, names.Length).FirstOrDefault(c => s_counts.Contains(names[c]) && fits[c].Contains(TimeReading.Number)
            && IsRising(sample, c), -1);
        return count >= 0 ? new([count], [TimeReading.Number], "numbers that grow") : new([], [], "no column of times");
    }

    /// <summary>The text of a row's time: one cell, or several that are joined to one date.</summary>
    public static string Join(IReadOnlyList<string> row, int[] places) => places.Length switch
    {
        1 => row[places[0]],
        2 => IsMonth(row[places[1]]) ? $"{row[places[0]]}-{row[places[1]]}"
            : $"{row[places[0]]} {(row[places[1]].Contains(':') ? row[places[1]] : $"{row[places[1]]}:00")}",
        3 => $"{row[places[0]]}-{Two(row[places[1]])}-{Two(row[places[2]])}",
        _ => $"{row[places[0]]}-{Two(row[places[1]])}-{Two(row[places[2]])} {Two(row[places[3]])}:{(places.Length > 4 ? Two(row[places[4]]) : "00")}",
    };

    // A year and a month alone; a time of day has a colon, or stands behind a date, which is longer.
    private static bool IsMonth(string cell) => cell.Length <= 2 && !cell.Contains(':') && int.TryParse(cell, out int month)
        && month is >= 1 and <= 12;

    private static string Two(string cell) => cell.Length == 1 ? $"0{cell}" : cell;

    private static bool IsClock(string cell) => cell.Length == 0
        || TimeSpan.TryParse(cell.Contains(':') ? cell : $"{cell}:00", System.Globalization.CultureInfo.InvariantCulture, out TimeSpan time)
        && time >= TimeSpan.Zero && time <= TimeSpan.FromDays(1);

    private static bool IsRising(IReadOnlyList<string[]> sample, int column)
    {
        double before = double.NegativeInfinity;
        int falls = 0;
        foreach (string[] row in sample)
        {
            if (!TimeText.TryRead(TimeReading.Number, row[column], out double value, out _)) continue;
            if (value <= before) falls++;
            before = value;
        }
        return sample.Count > 1 && falls <= sample.Count / 20;
    }

    // The readings that fit nearly all cells of a sample, the best first; of equal ones the first.
    private static TimeReading[] Fitting(IReadOnlyList<string[]> sample, int[] places)
    {
        int filled = 0;
        var good = new int[Enum.GetValues<TimeReading>().Length];
        foreach (string[] row in sample)
        {
            string cell = Join(row, places);
            if (cell.Length == 0) continue;
            filled++;
            for (int r = 0; r < good.Length; r++)
                if (TimeText.TryRead((TimeReading)r, cell, out _, out _)) good[r]++;
        }
        if (filled == 0) return [];
        return [.. Enumerable.Range(0, good.Length).Where(r => good[r] >= LeastShare * filled).OrderByDescending(r => good[r]).Select(r =>
            (TimeReading)r)];
    }
}
