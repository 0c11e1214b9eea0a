using System.Globalization;

using Lamina.Learning.Saving;

namespace Lamina.Learning.Columns;

/// <summary>How a date's day and month stand where neither the year is first nor the month has a name, nor points separate them.</summary>
public enum DateOrder
{
    /// <summary>Month, day, year: <c>3/31/2024</c>.</summary>
    MonthFirst,
    /// <summary>Day, month, year: <c>31/3/2024</c>.</summary>
    DayFirst,
}

/// <summary>
/// Dates as numbers: the time in standard units, and the place in the year, in the week and in the day each as a point on a circle (sine and cosine),
/// so that December lies beside January. A missing date is zeros; a last slot says so by 1.
/// </summary>
public sealed partial record DateColumn : ColumnEncoding
{
    /// <summary>An encoding of dates.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="order">The order of a date's parts.</param>
    /// <param name="mean">The mean over the training rows, in days since the beginning of 2000.</param>
    /// <param name="deviation">The standard deviation in days, above 0.</param>
    public DateColumn(string name, DateOrder order, double mean, double deviation)
    {
        Require(double.IsFinite(mean) && double.IsFinite(deviation) && deviation > 0, $"column {name}: mean or deviation is no usable number");
        (Name, Order, Mean, Deviation) = (name, order, mean, deviation);
    }

    private static readonly DateTime s_origin = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>The order of a date's parts.</summary>
    public DateOrder Order { get; }

    /// <summary>The mean in days since the beginning of 2000.</summary>
    public double Mean { get; }

    /// <summary>The standard deviation in days.</summary>
    public double Deviation { get; }

    /// <inheritdoc/>
    public override SlotKind Kind => SlotKind.Number;

    /// <inheritdoc/>
    public override int Slots => 8;

    /// <inheritdoc/>
    public override bool Encode(ReadOnlySpan<char> cell, Span<float> slots)
    {
        slots.Clear();
        if (!TryDays(cell, Order, out double days))
        {
            slots[7] = 1;
            return Cell.IsMissing(cell);
        }
        slots[0] = (float)Math.Clamp((days - Mean) / Deviation, -8, 8);
        DateTime time = s_origin.AddDays(days);
        Circle((time.DayOfYear - 1) / 365.25, slots[1..]);
        Circle((int)time.DayOfWeek / 7.0, slots[3..]);
        Circle(time.TimeOfDay.TotalDays, slots[5..]);
        return true;
    }

    /// <summary>
    /// Reads a date, with or without a time, as days since the beginning of 2000: ISO 8601 and others with the year first, days and months in either order,
    /// days before points (<c>31.3.2024</c>), names of months. A time zone is brought to UTC.
    /// </summary>
    public static bool TryDays(ReadOnlySpan<char> cell, DateOrder order, out double days)
    {
        days = 0;
        if (cell.Length is < 6 or > 40 || !char.IsAsciiLetterOrDigit(cell[0]) || !HasParts(cell)) return false;
        bool isYearFirst = char.IsAsciiDigit(cell[0]) && char.IsAsciiDigit(cell[1]) && char.IsAsciiDigit(cell[2]) && char.IsAsciiDigit(cell[3]);
        bool isDayFirst = !isYearFirst && !HasLetters(cell) && (order == DateOrder.DayFirst || cell.IndexOf('.') is 1 or 2);
        if (!DateTime.TryParse(cell, isDayFirst ? s_dayFirst : CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out DateTime time)) return false;
        days = (time - s_origin).TotalDays;
        return true;
    }

    private static readonly CultureInfo s_dayFirst = DayFirst();

    private static CultureInfo DayFirst()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.DateTimeFormat.ShortDatePattern = "dd/MM/yyyy";
        return culture;
    }

    // A plain number such as 12.5 or 2024.5 is no date: there are two separators.
    private static bool HasParts(ReadOnlySpan<char> cell)
    {
        int separators = 0;
        foreach (char c in cell)
            if (c is '-' or '/' or '.' or ' ') separators++;
        return separators >= 2 && cell[^1] is not ('-' or '/');
    }

    private static bool HasLetters(ReadOnlySpan<char> cell)
    {
        foreach (char c in cell)
            if (char.IsAsciiLetter(c) && c is not ('T' or 'Z')) return true;
        return false;
    }

    private static void Circle(double share, Span<float> slots) =>
        (slots[0], slots[1]) = ((float)Math.Sin(2 * Math.PI * share), (float)Math.Cos(2 * Math.PI * share));
}
