using Lamina.Learning.Columns;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Tables;

/// <summary>Opens tables that are to be read as the training's was.</summary>
internal static class LikeTraining
{
    /// <summary>
    /// Opens a table. Where its first row has the names of the training's columns it is a header, and where it reads as a row of the training it is none,
    /// however few rows or numbers there are to tell. What was said of a database is left out for files that are none.
    /// </summary>
    /// <exception cref="DataException">It can't be read.</exception>
    public static RowSource Open(string path, TableLayout layout, RowOptions options)
    {
        if ((options.Table ?? options.Query) is not null && !RowSources.IsDatabase(path)) options = new RowOptions();
        RowSource bare = RowSources.Open(path, options with { Header = false });
        if (bare is not CsvRows) return bare;
        string[] first = FirstRow(bare);
        if (layout.HasHeader && layout.Names.All(name => first.Contains(name, StringComparer.OrdinalIgnoreCase))) return RowSources.Open(path,
            options with { Header = true });
        return IsRow(first, bare, layout) ? bare : RowSources.Open(path, options);
    }

    private static bool IsRow(string[] cells, RowSource bare, TableLayout layout)
    {
        if (!ColumnMap.Fits(bare, layout)) return false;
        int[] places = ColumnMap.Of(bare, layout);
        var row = new float[layout.Columns.Slots];
        bool isSaid = false; // any words are a text, and nothing is a missing value
        for (int i = 0; i < places.Length; i++)
        {
            if (!layout.Columns.Encode(i, cells[places[i]], row)) return false;
            isSaid |= layout.Columns.Columns[i] is not TextColumn && !Cell.IsMissing(cells[places[i]]);
        }
        return isSaid;
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
