using System.Globalization;
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
        if (Named(source, name) is { } place) return place;
        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= source.Columns.Count ? number - 1
            : throw Unknown(source, name, "one of these, or a column's number from 1");
    }

    /// <summary>The place of a column by its name, in any case.</summary>
    /// <exception cref="DataException">There is none; the nearest name is given.</exception>
    public static int NamedIn(RowSource source, string name) =>
        Named(source, name) ?? throw Unknown(source, name, "a table with the columns of the training data");

    private static int? Named(RowSource source, string name)
    {
        IReadOnlyList<string> names = source.Columns;
        for (int i = 0; i < names.Count; i++)
            if (names[i] == name) return i;
        for (int i = 0; i < names.Count; i++)
            if (names[i].Equals(name, StringComparison.OrdinalIgnoreCase)) return i;
        return null;
    }

    private static DataException Unknown(RowSource source, string name, string otherwise) =>
        new(source.Name, $"has no column '{name}', only {Wording.Names([.. source.Columns])}", NearName.Find(name, source.Columns) is { } near
            ? $"'{near}'" : otherwise);
}
