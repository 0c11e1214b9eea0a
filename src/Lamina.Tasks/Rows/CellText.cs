using System.Globalization;

namespace Lamina.Tasks.Rows;

/// <summary>Writes values of typed sources as cells.</summary>
internal static class CellText
{
    // As many digits of a second as there are.
    private const string Time = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", Day = "yyyy-MM-dd";

    /// <summary>Whether values of a type are cells: numbers, texts, booleans, dates, times, identifiers, enumerations, and these with null.</summary>
    public static bool IsCell(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum || type == typeof(string) || type == typeof(bool) || typeof(ISpanFormattable).IsAssignableFrom(type);
    }

    /// <summary>Sets a cell to a value; a null, a NaN and what is no value of a cell leave it empty.</summary>
    /// <returns>False where the value isn't one that a cell can hold.</returns>
    public static bool Set(RowBuffer row, int column, object? value)
    {
        switch (value)
        {
            case null or DBNull: break;
            case string text: row.Set(column, text); break;
            case bool flag: row.Set(column, flag ? "true" : "false"); break;
            case double number: Set(row, column, number); break;
            case float number: Set(row, column, number); break;
            case Half number: Set(row, column, (float)number); break;
            case DateTime time: Set(row, column, time); break;
            case DateTimeOffset time: row.Set(column, time, time.TimeOfDay == TimeSpan.Zero && time.Offset == TimeSpan.Zero ? Day : Time + "zzz"); break;
            case DateOnly day: row.Set(column, day, Day); break;
            case TimeOnly time: row.Set(column, time, "HH:mm:ss.FFFFFFF"); break;
            case TimeSpan span: row.Set(column, span, "c"); break;
            case Enum name: row.Set(column, name.ToString()); break;
            case ISpanFormattable other: row.Set(column, other.ToString(null, CultureInfo.InvariantCulture)); break;
            default: return false;
        }
        return true;
    }

    public static void Set(RowBuffer row, int column, double value)
    {
        if (!double.IsNaN(value)) row.Set<double>(column, value);
    }

    public static void Set(RowBuffer row, int column, float value)
    {
        if (!float.IsNaN(value)) row.Set<float>(column, value);
    }

    public static void Set(RowBuffer row, int column, DateTime value) => row.Set(column, value, value.TimeOfDay == TimeSpan.Zero ? Day : Time);
}
