using System.Globalization;

namespace Lamina.Tasks.SeriesClasses;

/// <summary>Cells of tables of series.</summary>
internal static class SeriesText
{
    private static readonly string[] s_missing = ["", "nan", "na", "n/a", "null", "none", "?", "-", "inf", "-inf"];

    private static readonly string[] s_labels = ["label", "labels", "class", "target", "category", "y", "activity", "kind", "type"];

    private static readonly string[] s_ids = ["id", "series", "series_id", "sample", "sample_id", "case", "case_id", "record", "record_id",
        "instance", "sequence", "sequence_id", "measurement", "window"];

    private static readonly string[] s_times = ["time", "t", "step", "timestamp", "date", "datetime", "seconds", "index", "tick", "frame",
        "time_step", "timestep", "dim_0_index", "pos"];

    /// <summary>Whether a cell is a number or stands for a missing one.</summary>
    public static bool IsValue(ReadOnlySpan<char> cell) => TryRead(cell, out _);

    /// <summary>Reads a number; NaN for a missing or infinite one.</summary>
    public static bool TryRead(ReadOnlySpan<char> cell, out float value)
    {
        value = float.NaN;
        if (double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
        {
            if (float.IsFinite((float)number)) value = (float)number;
            return true;
        }
        foreach (string missing in s_missing)
            if (cell.Equals(missing, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    /// <summary>Whether a column's name says that it holds labels.</summary>
    public static bool IsLabel(string name) => s_labels.Contains(name.ToLowerInvariant());

    /// <summary>Whether a column's name says that it tells series apart.</summary>
    public static bool IsId(string name) => s_ids.Contains(name.ToLowerInvariant().Replace(' ', '_'));

    /// <summary>Whether a column's name says that it holds times.</summary>
    public static bool IsTime(string name) => s_times.Contains(name.ToLowerInvariant());

    /// <summary>A time as a number: a number itself, or a date.</summary>
    public static double Time(ReadOnlySpan<char> cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number
        : DateTime.TryParse(cell, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal,
            out DateTime date) ? date.Ticks : double.NaN;

    /// <summary>A name as messages show it.</summary>
    public static string Shown(string column) => column.All(char.IsAsciiDigit) ? $"column {column}" : $"'{column}'";
}
