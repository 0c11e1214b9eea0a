using System.Globalization;

namespace Lamina.Tasks.Tables;

/// <summary>Which columns of a table are predicted from, and what a person should know of each.</summary>
internal static class InputColumns
{
    // More columns of which the same is to be said are named in one note.
    private const int MostNotes = 8;
    private const double MuchMissing = 0.1;

    /// <summary>The places of the columns that say something, in order.</summary>
    /// <param name="survey">The table.</param>
    /// <param name="target">What is predicted.</param>
    /// <param name="apart">Columns that are not to be used.</param>
    /// <param name="notes">Takes what a person should know.</param>
    /// <exception cref="DataException">There are none.</exception>
    public static int[] Of(TableSurvey survey, TargetChoice target, IReadOnlyCollection<ColumnSurvey> apart, List<string> notes)
    {
        var inputs = new List<int>();
        var found = new List<Remark>();
        HashSet<ColumnSurvey> others = [.. target.Columns, .. apart];
        for (int i = 0; i < survey.Columns.Count; i++)
        {
            ColumnSurvey column = survey.Columns[i];
            if (others.Contains(column)) continue;
            (ColumnKind kind, string? reason) = column.Kind();
            if (Useless(kind) is { } useless) found.Add(new(column.Name, $"left out '{column.Name}': {reason}", useless));
            else
            {
                inputs.Add(i);
                found.AddRange(Remarks(column, kind));
            }
        }
        foreach (IGrouping<string, Remark> alike in found.GroupBy(r => r.Summary))
        {
            Remark[] all = [.. alike];
            if (all.Length <= MostNotes) notes.AddRange(all.Select(r => r.Text));
            else notes.Add($"{all.Length.ToString("N0", CultureInfo.InvariantCulture)} columns {alike.Key}: {Wording.Names([.. all.Select(r => r.Column)])}");
        }
        if (inputs.Count > 0) return [.. inputs];
        string why = found.Count == 0 ? "" : $": {string.Join("; ", found.Take(3).Select(r => r.Text))}{(found.Count > 3 ? "; …" : "")}";
        throw new DataException(survey.Source.Name, $"has no column to predict '{target.Columns[0].Name}' from{why}", "a table with more columns");
    }

    /// <summary>What is to be said of a column.</summary>
    /// <param name="Column">Its name.</param>
    /// <param name="Text">The sentence for it alone.</param>
    /// <param name="Summary">What follows after the number of columns where it is to be said of many.</param>
    private readonly record struct Remark(string Column, string Text, string Summary);

    private static string? Useless(ColumnKind kind) => kind switch
    {
        ColumnKind.Identifier => "left out, since they tell rows apart",
        ColumnKind.Constant => "left out, since they have the same value in all rows",
        ColumnKind.Empty => "left out, since they have no values",
        _ => null,
    };

    private static IEnumerable<Remark> Remarks(ColumnSurvey column, ColumnKind kind)
    {
        string Say(FormattableString text) => $"'{column.Name}' {text.ToString(CultureInfo.InvariantCulture)}";
        if (kind == ColumnKind.Number && column.Infinite > 0)
            yield return new(column.Name, Say($"has {column.Infinite:N0} infinite values, which count as missing"),
                "have infinite values, which count as missing");
        long words = column.Present - column.Numbers - column.Infinite;
        if (kind == ColumnKind.Number && words > 0)
            yield return new(column.Name, Say($"has {words:N0} cells that are no numbers, such as '{column.NotNumber}', which count as missing"),
                "have cells that are no numbers, which count as missing");
        if (kind == ColumnKind.Date && column.Dates < column.Present)
            yield return new(column.Name, Say($"has {column.Present - column.Dates:N0} cells that are no dates, which count as missing"),
                "have cells that are no dates, which count as missing");
        if (column.Missing > 0 && column.Missing >= MuchMissing * column.Rows)
            yield return new(column.Name, Say($"is missing in {100.0 * column.Missing / column.Rows:F0} % of the rows"),
                "are missing in a tenth of the rows or more");
        if (kind == ColumnKind.Date && column.HasAmbiguousDates)
            yield return new(column.Name, $"the dates in '{column.Name}' could have the day or the month first; they are read with the month first",
                "have dates with the day or the month first, read with the month first");
    }
}
