using System.Globalization;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Csv;

/// <summary>The cells of a CSV or TSV file with a header.</summary>
internal sealed record CsvTable(string Source, string[] Columns, IReadOnlyList<string[]> Rows)
{
    /// <param name="path">A file, or <c>-</c> for standard input.</param>
    /// <param name="most">How many rows to read at most.</param>
    /// <exception cref="DataException">It can't be read, or is no table with a header.</exception>
    public static CsvTable Read(string path, int most = int.MaxValue)
    {
        RowSource source = RowSources.Open(path, new() { Header = true });
        using RowReader reader = source.Open();
        var rows = new List<string[]>();
        while (rows.Count < most && reader.Read())
        {
            var cells = new string[source.Columns.Count];
            for (int c = 0; c < cells.Length; c++) cells[c] = reader[c].ToString();
            rows.Add(cells);
        }
        return new(path, [.. source.Columns], rows);
    }

    /// <summary>The place of a column.</summary>
    /// <exception cref="DataException">There is none of this name.</exception>
    public int Column(string name)
    {
        int column = Array.IndexOf(Columns, name);
        return column >= 0 ? column
            : throw new DataException(Source, $"has no column '{name}', only {Wording.Names(Columns)}", NearName.Find(name, Columns) is { } near ? $"'{near}'" : "one of these");
    }

    /// <summary>A cell as a number; NaN where it is none.</summary>
    public double Number(int row, int column) =>
        double.TryParse(Rows[row][column], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && float.IsFinite((float)value) ? value : double.NaN;

    /// <summary>A cell as a time: a number, or the ticks of a date.</summary>
    public double Time(int row, int column) => Number(row, column) is var number && !double.IsNaN(number) ? number
        : DateTime.TryParse(Rows[row][column], CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out DateTime date) ? date.Ticks
        : throw new DataException(Source, $"row {row + 1} has '{Rows[row][column]}' in {Columns[column]}, which is neither a number nor a date", "a column of times");
}
