using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Tables;

/// <summary>Opens tables that are to be read as the training's was.</summary>
internal static class LikeTraining
{
    /// <summary>
    /// Opens a table. In one of words alone a header may be taken for a row, or a row for the header: the names of the training data tell. What was
    /// said of a database is left out for files that are none.
    /// </summary>
    /// <exception cref="DataException">It can't be read.</exception>
    public static RowSource Open(string path, TableLayout layout, RowOptions options)
    {
        if ((options.Table ?? options.Query) is not null && !RowSources.IsDatabase(path)) options = new RowOptions();
        RowSource source = RowSources.Open(path, options);
        if (!layout.HasHeader || source is not CsvRows) return source;
        bool isHeader = IsHeader(source.HasHeader ? source.Columns : FirstRow(source), layout, source.HasHeader);
        return isHeader == source.HasHeader ? source : RowSources.Open(path, options with { Header = isHeader });
    }

    // What was taken for a header is one if it has any of the names, what wasn't if it has all.
    private static bool IsHeader(IReadOnlyList<string> cells, TableLayout layout, bool isTakenForIt)
    {
        var names = new HashSet<string>(cells, StringComparer.OrdinalIgnoreCase);
        if (!isTakenForIt) return layout.Names.All(names.Contains);
        return cells.Count < layout.Width - layout.Targets.Count || cells.Count > layout.Width || layout.Names.Concat(layout.Targets).Any(names.Contains);
    }

    private static string[] FirstRow(RowSource source)
    {
        using RowReader rows = source.Open();
        if (!rows.Read()) return [];
        var cells = new string[source.Columns.Count];
        for (int i = 0; i < cells.Length; i++) cells[i] = rows[i].ToString();
        return cells;
    }
}
