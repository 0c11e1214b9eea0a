using System.Globalization;
using Lamina.Learning.Columns;

namespace Lamina.Tasks.Series;

/// <summary>How the cells of a time column are read.</summary>
internal enum TimeReading
{
    /// <summary>Dates, month before day where that isn't said otherwise.</summary>
    MonthFirst,
    /// <summary>Dates, day before month where that isn't said otherwise.</summary>
    DayFirst,
    /// <summary>A year with a month or a quarter: <c>1949-01</c>, <c>01/1949</c>, <c>2020Q1</c>, <c>3-12</c>.</summary>
    YearMonth,
    /// <summary>Digits alone: <c>20240131</c>, <c>202401311530</c>.</summary>
    Compact,
    /// <summary>Numbers: seconds or milliseconds since 1970 where their size and name say so, or anything else that grows.</summary>
    Number,
}

/// <summary>Reads and writes single times. Dates are seconds since the beginning of 2000, numbers what they are.</summary>
internal static class TimeText
{
    private static readonly DateTime s_origin = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly CultureInfo s_dayFirst = DayFirstCulture();

    private static readonly string[] s_patterns =
    [
        "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-ddTHH:mm", "yyyy-MM", "yyyy-MM-ddTHH:mm:sszzz",
            "yyyy-MM-dd HH:mm:sszzz",
        "yyyy-MM-ddTHH:mmzzz", "yyyy-MM-dd HH:mmzzz", "yyyy-MM-ddTHH:mm:ssZ", "yyyy-MM-ddTHH:mmZ", "yyyy/MM/dd HH:mm:ss", "yyyy/MM/dd HH:mm",
            "yyyy/MM/dd", "yyyy/MM",
        "yyyyMMdd", "yyyyMMddHHmm", "yyyyMMddHHmmss", "MMM yyyy", "MMM-yy", "MM/yyyy", "dd.MM.yyyy HH:mm:ss", "dd.MM.yyyy HH:mm", "dd.MM.yyyy",
            "d.M.yyyy",
    ];

    private static readonly string[] s_dayFirstPatterns = ["dd/MM/yyyy HH:mm:ss", "dd/MM/yyyy HH:mm", "dd/MM/yyyy", "d/M/yyyy", "dd-MM-yyyy HH:mm",
        "dd-MM-yyyy"],
        s_monthFirstPatterns = ["MM/dd/yyyy HH:mm:ss", "MM/dd/yyyy HH:mm", "MM/dd/yyyy", "M/d/yyyy", "M/d/yyyy HH:mm", "MM-dd-yyyy HH:mm",
            "MM-dd-yyyy"];

    // No pattern of .NET has quarters.
    private const string Quarters = "Q";

    /// <summary>What a time is written with where no other pattern fits.</summary>
    public const string Usual = "yyyy-MM-dd HH:mm:ss";

    /// <summary>Reads a cell.</summary>
    /// <param name="reading">How.</param>
    /// <param name="cell">The cell.</param>
    /// <param name="time">Seconds since the beginning of 2000, in UTC where the cell has an offset; or the number.</param>
    /// <param name="offset">The offset from UTC in minutes; null where the cell has none.</param>
    public static bool TryRead(TimeReading reading, ReadOnlySpan<char> cell, out double time, out int? offset)
    {
        (time, offset) = (0, null);
        if (cell.Length is 0 or > 48) return false;
        switch (reading)
        {
            case TimeReading.Number:
                return Cell.TryNumber(cell, DecimalMark.Point, out time);
            case TimeReading.Compact:
                return TryCompact(cell, out time);
            case TimeReading.YearMonth:
                return TryYearMonth(cell, out time);
            default:
                return TryDate(cell, reading == TimeReading.DayFirst, out time, out offset);
        }
    }

    /// <summary>A date of a number of seconds since the beginning of 2000.</summary>
    public static DateTime Date(double seconds) =>
        s_origin.AddSeconds(Math.Clamp(Math.Round(seconds, 6), (DateTime.MinValue - s_origin).TotalSeconds + 1,
            (DateTime.MaxValue - s_origin).TotalSeconds - 1));

    /// <summary>Seconds since the beginning of 2000.</summary>
    public static double Seconds(DateTime date) => (date - s_origin).TotalSeconds;

    /// <summary>The pattern that writes a cell as it stands there; <see cref="Usual"/> where none does.</summary>
    public static string PatternOf(TimeReading reading, ReadOnlySpan<char> cell)
    {
        foreach (string pattern in s_patterns.Concat(reading == TimeReading.DayFirst ? s_dayFirstPatterns : s_monthFirstPatterns))
            if (DateTimeOffset.TryParseExact(cell, pattern, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _)) return pattern;
        return reading != TimeReading.YearMonth ? Usual : cell.IndexOfAny('Q', 'q') >= 0 ? Quarters : "yyyy-MM";
    }

    /// <summary>Writes a date.</summary>
    /// <param name="seconds">Seconds since the beginning of 2000.</param>
    /// <param name="pattern">The pattern.</param>
    /// <param name="offset">The offset from UTC in minutes that it is written with; null: none.</param>
    public static string Write(double seconds, string pattern, int? offset)
    {
        DateTime date = Date(seconds + 60.0 * (offset ?? 0));
        if (pattern == Quarters) return string.Create(CultureInfo.InvariantCulture, $"{date.Year:0000}Q{(date.Month + 2) / 3}");
        // Seconds that the pattern would leave out are told apart all the same.
        if (pattern is "yyyy-MM-dd" or "yyyy/MM/dd" && date.TimeOfDay != TimeSpan.Zero) pattern += " HH:mm";
        if (pattern is "yyyy-MM" or "yyyy/MM" && date is not { Day: 1, Hour: 0 }) pattern += pattern[4] + "dd";
        return new DateTimeOffset(DateTime.SpecifyKind(date, DateTimeKind.Unspecified), TimeSpan.FromMinutes(offset ?? 0)).ToString(pattern,
            CultureInfo.InvariantCulture);
    }

    private static bool TryDate(ReadOnlySpan<char> cell, bool isDayFirst, out double time, out int? offset)
    {
        (time, offset) = (0, null);
        if (cell.EndsWith(" UTC", StringComparison.OrdinalIgnoreCase) || cell.EndsWith(" GMT", StringComparison.OrdinalIgnoreCase))
        {
            offset = 0;
            return TryDate(cell[..^4], isDayFirst, out time, out _);
        }
        if (cell.Length < 6 || !char.IsAsciiLetterOrDigit(cell[0]) || !HasDate(cell)) return false;
        bool isYearFirst = char.IsAsciiDigit(cell[1]) && char.IsAsciiDigit(cell[2]) && char.IsAsciiDigit(cell[3]);
        // 31.3.2024 has its day first everywhere.
        CultureInfo culture = !isYearFirst && (isDayFirst || cell.IndexOf('.') is 1 or 2) ? s_dayFirst : CultureInfo.InvariantCulture;
        bool hasOffset = HasOffset(cell);
        if (hasOffset)
        {
            if (!DateTimeOffset.TryParse(cell, culture, DateTimeStyles.AssumeUniversal, out DateTimeOffset its)) return false;
            (time, offset) = (Seconds(its.UtcDateTime), (int)its.Offset.TotalMinutes);
            return true;
        }
        if (!DateTime.TryParse(cell, culture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out DateTime date)) return false;
        time = Seconds(date);
        return true;
    }

    // Two separators of a date, or a month by its name: not a number, a version or a time of day.
    private static bool HasDate(ReadOnlySpan<char> cell)
    {
        int separators = 0, letters = 0;
        foreach (char c in cell)
        {
            if (c is '-' or '/' or '.' or ' ') separators++;
            if (char.IsAsciiLetter(c)) letters++;
        }
        return cell[^1] is not ('-' or '/') && (separators >= 2 || separators == 1 && letters >= 3);
    }

    // Z, +01:00, +0100 or -05:00 behind a time of day.
    private static bool HasOffset(ReadOnlySpan<char> cell)
    {
        int colon = cell.IndexOf(':');
        if (colon < 0) return false;
        ReadOnlySpan<char> behind = cell[colon..];
        return behind[^1] is 'Z' or 'z' || behind.IndexOfAny('+', '-') >= 0;
    }

    private static bool TryYearMonth(ReadOnlySpan<char> cell, out double time)
    {
        time = 0;
        Span<Range> parts = stackalloc Range[3];
        if (cell.IndexOfAny('Q', 'q') is >= 0 and int q)
        {
            // 2020Q1, 2020-Q1, Q1 2020
            ReadOnlySpan<char> digit = q + 1 < cell.Length ? cell.Slice(q + 1, 1) : default;
            ReadOnlySpan<char> rest = q == 0 ? cell[Math.Min(2, cell.Length)..].Trim(" -/") : cell[..q].Trim(" -/");
            return digit is ['1' or '2' or '3' or '4'] && (q == 0 || q + 2 == cell.Length) && TryYear(rest, out int of)
                && Of(of, 3 * (digit[0] - '1') + 1, out time);
        }
        int count = cell.SplitAny(parts, "-/");
        if (count != 2) return false;
        ReadOnlySpan<char> first = cell[parts[0]], second = cell[parts[1]];
        if (second.Length == 4 && first.Length <= 2) return TryYear(second, out int late) && TryMonth(first, out int month)
            && Of(late, month, out time);
        return second.Length <= 2 && TryMonth(second, out int behind)
            && (TryYear(first, out int year) || first.Length is 1 or 2 && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture,
            out year) && year >= 1) && Of(year, behind, out time);
    }

    private static bool Of(int year, int month, out double time)
    {
        time = Seconds(new DateTime(year, month, 1, 0, 0, 0, DateTimeKind.Utc));
        return true;
    }

    private static bool TryYear(ReadOnlySpan<char> text, out int year) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out year) && text.Length == 4 && year >= 1;

    private static bool TryMonth(ReadOnlySpan<char> text, out int month) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out month) && month is >= 1 and <= 12;

    private static bool TryCompact(ReadOnlySpan<char> cell, out double time)
    {
        time = 0;
        if (cell.Length is not (8 or 12 or 14)) return false;
        if (!DateTime.TryParseExact(cell, cell.Length == 8 ? "yyyyMMdd" : cell.Length == 12 ? "yyyyMMddHHmm" : "yyyyMMddHHmmss",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out DateTime date) || date.Year is < 1600 or > 2300) return false;
        time = Seconds(date);
        return true;
    }

    private static CultureInfo DayFirstCulture()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.DateTimeFormat.ShortDatePattern = "dd/MM/yyyy";
        return culture;
    }
}
