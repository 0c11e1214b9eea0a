using System.Globalization;
using Lamina.Learning.Columns;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Tables;

/// <summary>What stands out in the columns of a table.</summary>
internal static class TableLook
{
    private const int Frequent = 5;
    private const double MostlyMissing = 0.5, FarOff = 12;

    /// <param name="source">The table.</param>
    /// <param name="layout">How it would be read.</param>
    /// <param name="apart">Columns that only say how rows are split.</param>
    /// <param name="context">Is told how far it has come; cancelled, it stops.</param>
    public static DataDetails Of(RowSource source, TableLayout layout, IReadOnlyCollection<string> apart, TaskContext context)
    {
        TableSurvey survey = TableSurvey.Of(source, context);
        RunningRange[] ranges = Ranges(survey, context);
        var columns = new DataColumn[survey.Columns.Count];
        var findings = new List<DataFinding>();
        for (int i = 0; i < columns.Length; i++)
        {
            ColumnSurvey column = survey.Columns[i];
            bool isNumber = column.Numbers > 0 && column.Numbers >= 0.95 * column.Present;
            columns[i] = new(column.Name, column.Kind().Kind.ToString().ToLowerInvariant(), column.Missing, column.Different)
            {
                Range = isNumber ? ranges[i].Range(column.Name) : null,
                Frequent = [.. column.Values.Where(v => v.Value > 1).OrderByDescending(v => v.Value).ThenBy(v => v.Key, StringComparer.Ordinal)
                    .Take(Frequent)
                    .Select(v => KeyValuePair.Create(ColumnSurvey.Shown(v.Key), v.Value))],
                Role = layout.TargetPlaces.Contains(i) ? "predicted" : apart.Contains(column.Name) ? "splits" : layout.Places.Contains(i) ? null
                    : "left out",
            };
            if (column.Present > 0 && column.Missing > MostlyMissing * column.Rows)
                findings.Add(new("missing", true,
                    Text($"'{column.Name}' is missing in {100.0 * column.Missing / column.Rows:0.#} % of the rows")) { Count = column.Missing });
            if (columns[i].Range is { Deviation: > 0 } range && layout.Places.Contains(i)
                && Math.Max(range.Greatest - range.Mean, range.Mean - range.Least) / range.Deviation is > FarOff and var far)
                findings.Add(new("outliers", true,
                    Text($"'{column.Name}' goes from {range.Least:G5} to {range.Greatest:G5}, {far:0} deviations from its mean, {range.Mean:G5}")));
        }
        long cells = survey.Rows * columns.Length, missing = columns.Sum(c => c.Missing);
        if (missing > 0)
        {
            DataColumn most = columns.MaxBy(c => c.Missing)!;
            findings.Add(new("missingCells", false,
                Text($"{missing:N0} of {cells:N0} cells are missing, most in '{most.Name}' ({most.Missing:N0})")) { Count = missing });
        }
        foreach (string kind in (string[])["constant", "empty", "identifier"])
        {
            string[] names = [.. columns.Where(c => c.Kind == kind && c.Role != "predicted").Select(c => c.Name)];
            if (names.Length > 0) findings.Add(new(kind, false,
                $"{Wording.Names(names)} {(names.Length == 1 ? "is" : "are")} {(kind == "identifier" ? "a value of its own in nearly every row" : kind)}") { Count = names.Length });
        }
        return new() { Columns = columns, Findings = findings };
    }

    private static RunningRange[] Ranges(TableSurvey survey, TaskContext context)
    {
        const int BetweenReports = 50_000;
        var ranges = new RunningRange[survey.Columns.Count];
        int[] numbers = [.. Enumerable.Range(0, ranges.Length).Where(i => survey.Columns[i].Numbers > 0)];
        using RowReader rows = survey.Source.Open();
        while (rows.Read())
        {
            foreach (int i in numbers)
                if (Cell.TryNumber(rows[i], survey.Columns[i].Mark, out double value)) ranges[i].Add(value);
            if (rows.Row % BetweenReports == 0) context.Cancel.ThrowIfCancellationRequested();
        }
        return ranges;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
