using System.Globalization;
using Lamina.Learning.Columns;

namespace Lamina.Tasks.Tables;

/// <summary>A column that orders the rows: numbers or dates, read in the one way that fits all of its cells.</summary>
/// <param name="source">The table's name.</param>
/// <param name="column">The column's name.</param>
internal sealed class TimeReader(string source, string column)
{
    private delegate bool Reading(ReadOnlySpan<char> cell, out double value);

    // In the order in which they are preferred.
    private static readonly Reading[] s_readings =
    [
        (cell, out value) => Cell.TryNumber(cell, DecimalMark.Point, out value), (cell, out value) => Cell.TryNumber(cell, DecimalMark.Comma, out value),
        (cell, out value) => DateColumn.TryDays(cell, DateOrder.MonthFirst, out value),
            (cell, out value) => DateColumn.TryDays(cell, DateOrder.DayFirst, out value),
    ];

    private readonly List<double>?[] _values = [.. s_readings.Select(_ => new List<double>())];

    /// <summary>Reads the next row's cell.</summary>
    /// <exception cref="DataException">No reading fits it and all cells before it.</exception>
    public void Add(ReadOnlySpan<char> cell, long row)
    {
        for (int i = 0; i < s_readings.Length; i++)
        {
            if (_values[i] is not { } values) continue;
            if (s_readings[i](cell, out double value)) values.Add(value);
            else _values[i] = null;
        }
        if (Array.TrueForAll(_values, v => v is null))
        {
            string what = $"row {row.ToString("N0", CultureInfo.InvariantCulture)} has '{ColumnSurvey.Shown(cell.ToString())}' in {column}";
            throw new DataException(source, $"{what}, which is neither a number nor a date as in the rows before", "a column of times");
        }
    }

    /// <summary>The times of all rows, in days or in the column's own unit.</summary>
    public double[] Values => [.. _values.First(v => v is not null)!];
}
