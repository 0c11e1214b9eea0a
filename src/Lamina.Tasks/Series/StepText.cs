using System.Globalization;

namespace Lamina.Tasks.Series;

/// <summary>Reads a step as a person types it: <c>15min</c>, <c>1h</c>, <c>1d</c>, <c>1mo</c>, or a number of the time column's own unit.</summary>
internal static class StepText
{
    private static readonly (string[] Names, StepUnit Unit, double Size)[] s_units =
    [
        (["s", "sec", "second", "seconds"], StepUnit.Seconds, 1), (["min", "m", "minute", "minutes"], StepUnit.Seconds, 60),
            (["h", "hour", "hours"], StepUnit.Seconds, 3600),
        (["d", "day", "days"], StepUnit.Seconds, TimeGrid.Day), (["w", "week", "weeks"], StepUnit.Seconds, 7 * TimeGrid.Day),
            (["mo", "month", "months"], StepUnit.Months, 1),
        (["q", "quarter", "quarters"], StepUnit.Months, 3), (["y", "year", "years"], StepUnit.Months, 12), ([""], StepUnit.Numbers, 1),
    ];

    /// <exception cref="TaskException">It can't be used with times of this kind.</exception>
    public static (StepUnit Unit, double Step) Read(string text, bool isDates)
    {
        string digits = new([.. text.TakeWhile(c => char.IsAsciiDigit(c) || c is '.')]), unit = text[digits.Length..].Trim().ToLowerInvariant();
        double size = digits.Length == 0 ? 1 : double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number
            : 0;
        foreach ((string[] names, StepUnit kind, double one) in s_units)
            if (names.Contains(unit) && size > 0 && (kind != StepUnit.Numbers) == isDates
                && (kind != StepUnit.Months || size == Math.Round(size))) return (kind, size * one);
        throw new TaskException($"--step {text}: expected {(isDates ? "a number with s, min, h, d, w, mo or y behind it" : "a number, since the times are no dates")}", isDates ? "15min or 1h" : "1");
    }
}
