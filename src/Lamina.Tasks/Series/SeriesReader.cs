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
        int[] ids = choice.Id is { } list ? ColumnNames.FindAll(rows, list)
            : IdColumn(rows, sample, time, [.. named, .. dropped]) is >= 0 and var one ? [one] : [];
        if (named.FirstOrDefault(c => time.Places.Contains(c) || ids.Contains(c), -1) is >= 0 and int clash)
            throw new DataException(rows.Name, $"has its times or the names of its series in '{rows.Columns[clash]}', so that is no series itself",
                "another column");
        var values = new List<SeriesColumn>();
        for (int c = 0; c < rows.Columns.Count; c++)
        {
            if (time.Places.Contains(c) || ids.Contains(c) || dropped.Contains(c) && !named.Contains(c)) continue;
            DecimalMark? mark = MarkOf(sample, c, out string? other);
            if (mark is { } found) values.Add(new(rows.Columns[c], found));
            else if (named.Contains(c)) throw new DataException(rows.Name, other is null
                ? $"has no value in '{rows.Columns[c]}', which is to be forecast or used"
                : $"has '{other}' in '{rows.Columns[c]}', which is no number: a series is one of numbers", "a column of numbers");
        }
        if (values.Count == 0) throw new DataException(rows.Name,
            $"has no column of numbers besides its times, among {Wording.Names(rows.Columns)}", "a table with a column of times and one of numbers");
        var builder = new SeriesBuilder(rows, time, ids, values);
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
        int[] ids = [.. layout.Ids.Select(name => ColumnNames.Find(rows, name))];
        var builder = new SeriesBuilder(rows, new TimeColumns(time, time.Length == 0 ? [] : [layout.Reading], ""), ids, [.. layout.Columns])
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

    // A column of words or of a few whole numbers that tells rows of one time apart, where times come more than once.
    private static int IdColumn(RowSource rows, List<string[]> sample, TimeColumns time, int[] taken)
    {
        if (time.Places.Length == 0 || sample.Count < 4) return -1;
        string[] times = [.. sample.Select(row => TimeColumns.Join(row, time.Places))];
        // Words come first; a number may well be what is measured.
        foreach (int c in Enumerable.Range(0, rows.Columns.Count).OrderBy(c => MarkOf(sample, c, out _) is null ? 0 : 1))
        {
            bool isNumber = MarkOf(sample, c, out string? word) is not null;
            if (time.Places.Contains(c) || taken.Contains(c) || !isNumber && word is null) continue;
            if (isNumber && sample.Any(row => !long.TryParse(row[c], System.Globalization.NumberStyles.None,
                System.Globalization.CultureInfo.InvariantCulture, out _))) continue;
            string[] ids = [.. sample.Select(row => row[c])];
            int different = ids.Distinct().Count();
            bool isRepeated = times.Distinct().Count() <= sample.Count * 0.75;
            if (different >= 2 && different <= sample.Count / 2 && isRepeated && times.Zip(ids).Distinct().Count() >= sample.Count * 0.98) return c;
        }
        return -1;
    }
}
