using Lamina.Tasks.Rows;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Tables;

/// <summary>What was seen in all rows of a table.</summary>
/// <param name="Source">The table.</param>
/// <param name="Columns">Its columns, in order.</param>
/// <param name="Rows">The number of rows.</param>
internal sealed record TableSurvey(RowSource Source, IReadOnlyList<ColumnSurvey> Columns, long Rows)
{
    private const int BetweenReports = 50_000;

    /// <summary>Looks through a table.</summary>
    /// <param name="source">The table.</param>
    /// <param name="context">Is told how far it has come.</param>
    /// <param name="most">The most rows to look at.</param>
    public static TableSurvey Of(RowSource source, TaskContext? context = null, long most = long.MaxValue)
    {
        ColumnSurvey[] columns = [.. source.Columns.Select(name => new ColumnSurvey(name))];
        using RowReader rows = source.Open();
        while (rows.Row < most && rows.Read())
        {
            for (int i = 0; i < columns.Length; i++) columns[i].Add(rows[i]);
            if (rows.Row % BetweenReports == 0) context?.Tell(new Preparing("looking at rows", (int)Math.Min(rows.Row, int.MaxValue), 0));
        }
        return new(source, columns, columns.Length == 0 ? 0 : columns[0].Rows);
    }

    /// <summary>The column of a name, or of a number from 1.</summary>
    /// <exception cref="DataException">There is none.</exception>
    public ColumnSurvey Find(string name) => Columns[ColumnOf(Source, name)];

    /// <summary>The place of a column by its name, in any case, or by its number from 1.</summary>
    /// <exception cref="DataException">There is none; the nearest name is given.</exception>
    public static int ColumnOf(RowSource source, string name)
    {
        IReadOnlyList<string> names = source.Columns;
        for (int i = 0; i < names.Count; i++)
            if (names[i] == name) return i;
        for (int i = 0; i < names.Count; i++)
            if (names[i].Equals(name, StringComparison.OrdinalIgnoreCase)) return i;
        if (int.TryParse(name, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= names.Count) return number - 1;
        throw new DataException(source.Name, $"has no column '{name}', only {Wording.Names([.. names])}", NearName.Find(name, [.. names]) is { } near ? $"'{near}'" : "one of these, or a column's number from 1");
    }
}
