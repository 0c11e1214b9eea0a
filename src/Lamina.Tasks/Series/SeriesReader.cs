using System.Globalization;
using Lamina.Learning.Columns;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Series;

/// <summary>Reads tables of series: one pass over a few rows to see what the columns are, one over all.</summary>
internal static class SeriesReader
{
    private const int Looked = 1_000;
    private const double LeastNumbers = 0.9;

    /// <summary>Reads a table whose columns are found.</summary>
    /// <exception cref="DataException">It can't be used; the message says why and what would do.</exception>
    public static SeriesTable Read(RowSource rows, SeriesChoice choice, CancellationToken cancel)
    {
        List<string[]> sample = Sample(rows);
        if (sample.Count == 0) throw new DataException(rows.Name, "has no rows", "a table with a row for each step of time");
        TimeColumns time = TimeColumns.Of(rows, sample, choice.Time);
        int[] named = [.. choice.Named.SelectMany(list => ColumnNames.FindAll(rows, list)).Distinct()],
            dropped = [.. choice.Dropped.SelectMany(list => ColumnNames.FindAll(rows, list))];
        int id = choice.Id is { } column ? ColumnNames.Find(rows, column) : IdColumn(rows, sample, time, [.. named, .. dropped]);
        if (named.FirstOrDefault(c => time.Places.Contains(c) || c == id, -1) is >= 0 and int clash) throw new DataException(rows.Name,
            $"has its times or the names of its series in '{rows.Columns[clash]}', so that is no series itself", "another column");
        var values = new List<SeriesColumn>();
        for (int c = 0; c < rows.Columns.Count; c++)
        {
            if (time.Places.Contains(c) || c == id || dropped.Contains(c) && !named.Contains(c)) continue;
            DecimalMark? mark = MarkOf(sample, c, out string? other);
            if (mark is { } found) values.Add(new(rows.Columns[c], found));
            else if (named.Contains(c)) throw new DataException(rows.Name, other is null
                ? $"has no value in '{rows.Columns[c]}', which is to be forecast or used"
                : $"has '{other}' in '{rows.Columns[c]}', which is no number: a series is one of numbers", "a column of numbers");
        }
        if (values.Count == 0) throw new DataException(rows.Name,
            $"has no column of numbers besides its times, among {Wording.Names(rows.Columns)}", "a table with a column of times and one of numbers");
        var builder = new SeriesBuilder(rows, time, id, values);
        builder.ReadAll(cancel);
        return builder.Build(choice.Step);
    }

    /// <summary>Reads another table as the first was read.</summary>
    /// <param name="rows">The table.</param>
    /// <param name="layout">How the first was read.</param>
    /// <param name="optional">Columns that may be missing.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="DataException">It has other columns, or can't be used.</exception>
    public static SeriesTable Read(RowSource rows, SeriesLayout layout, IReadOnlyList<string> optional, CancellationToken cancel)
    {
        int[] time = [.. layout.Time.Select(name => ColumnNames.Find(rows, name))];
        SeriesColumn[] missing = [.. layout.Columns.Where(c => optional.Contains(c.Name)
            && !rows.Columns.Contains(c.Name, StringComparer.OrdinalIgnoreCase))];
        var builder = new SeriesBuilder(rows, new TimeColumns(time, time.Length == 0 ? [] : [layout.Reading], ""), layout.Id is { } id
            ? ColumnNames.Find(rows, id) : -1, [.. layout.Columns])
        {
            Absent = missing, Layout = layout,
        };
        builder.ReadAll(cancel);
        return builder.Build(null);
    }

    /// <summary>Some of the first rows.</summary>
    public static List<string[]> Sample(RowSource rows)
    {
        var sample = new List<string[]>();
        using RowReader reader = rows.Open();
        while (sample.Count < Looked && reader.Read())
        {
            var row = new string[rows.Columns.Count];
            for (int c = 0; c < row.Length; c++) row[c] = reader[c].ToString();
            sample.Add(row);
        }
        return sample;
    }

    /// <summary>The decimal mark of a column of numbers; null where nearly all of its cells aren't numbers, or it has none.</summary>
    public static DecimalMark? MarkOf(IReadOnlyList<string[]> sample, int column, out string? other)
    {
        (int filled, int points, int commas) = (0, 0, 0);
        other = null;
        foreach (string[] row in sample)
        {
            string cell = row[column];
            if (Cell.IsMissing(cell) || Cell.IsInfinite(cell)) continue;
            filled++;
            bool isPoint = Cell.TryNumber(cell, DecimalMark.Point, out _), isComma = Cell.TryNumber(cell, DecimalMark.Comma, out _);
            if (isPoint) points++;
            if (isComma) commas++;
            if (!isPoint && !isComma) other ??= cell.Length <= 40 ? cell : cell[..40] + "…";
        }
        return filled == 0 || Math.Max(points, commas) < LeastNumbers * filled ? null : points >= commas ? DecimalMark.Point : DecimalMark.Comma;
    }

    // A column of words that tells rows of one time apart, where nearly all times come more than once.
    private static int IdColumn(RowSource rows, List<string[]> sample, TimeColumns time, int[] taken)
    {
        if (time.Places.Length == 0 || sample.Count < 4) return -1;
        string[] times = [.. sample.Select(row => TimeColumns.Join(row, time.Places))];
        for (int c = 0; c < rows.Columns.Count; c++)
        {
            if (time.Places.Contains(c) || taken.Contains(c) || MarkOf(sample, c, out string? word) is not null || word is null) continue;
            string[] ids = [.. sample.Select(row => row[c])];
            int different = ids.Distinct().Count();
            bool isRepeated = times.Distinct().Count() <= sample.Count * 0.75
                || ids.Zip(ids.Skip(1)).Count(p => p.First == p.Second) >= sample.Count * 0.8 && different > 1;
            if (different >= 2 && different <= sample.Count / 2 && isRepeated && times.Zip(ids).Distinct().Count() >= sample.Count * 0.98) return c;
        }
        return -1;
    }
}
