using System.Globalization;
using nietras.SeparatedValues;

namespace Lamina.Tasks.Csv;

/// <summary>The cells of a CSV or TSV file with a header.</summary>
internal sealed record CsvTable(string Source, string[] Columns, IReadOnlyList<string[]> Rows)
{
    /// <param name="path">A file, or <c>-</c> for standard input.</param>
    /// <param name="most">How many rows to read at most.</param>
    /// <exception cref="DataException">It can't be read, or is no table with a header.</exception>
    public static CsvTable Read(string path, int most = int.MaxValue)
    {
        try
        {
            if (path != "-" && !File.Exists(path)) throw new DataException(path, "there's no such file", "the path of a CSV file with a header");
            SepReaderOptions options = Sep.Reader(o => o with { Unescape = true });
            using SepReader reader = path == "-" ? options.From(Console.OpenStandardInput()) : options.FromFile(path);
            string[] columns = [.. reader.Header.ColNames.Select(c => c.Trim())];
            if (columns.Length == 0) throw new DataException(path, "is empty", "a CSV file with a header and rows of numbers");
            if (columns.Distinct().Count() < columns.Length) throw new DataException(path, "has two columns of one name", "other names in its header");
            var rows = new List<string[]>();
            foreach (SepReader.Row row in reader)
            {
                if (rows.Count == most) break;
                var cells = new string[columns.Length];
                for (int c = 0; c < cells.Length; c++) cells[c] = row[c].ToString().Trim();
                rows.Add(cells);
            }
            return new(path, columns, rows);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException or NotSupportedException)
        {
            throw new DataException(path, $"can't be read as CSV: {e.Message.Split('\n')[0]}", "a CSV or TSV file whose first line names its columns", e);
        }
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
