using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Tests.Rows;

/// <summary>Rows of a source as texts.</summary>
internal static class RowText
{
    /// <summary>All cells of a pass.</summary>
    public static List<string[]> All(RowSource source)
    {
        using RowReader reader = source.Open();
        var rows = new List<string[]>();
        while (reader.Read()) rows.Add(Cells(reader, source.Columns.Count));
        Assert.Equal(rows.Count, reader.Row);
        Assert.False(reader.Read());
        return rows;
    }

    /// <summary>The rows with their cells between bars, a line each.</summary>
    public static string Lines(RowSource source) => string.Join('\n', All(source).Select(r => string.Join('|', r)));

    /// <summary>The refusal of a table, be it when it is opened or in its pass; it has to name the table and a way out.</summary>
    public static DataException Refused(string path, RowOptions? options = null)
    {
        DataException e = Assert.Throws<DataException>(() => All(RowSources.Open(path, options)));
        Assert.StartsWith(path == "-" ? "standard input: " : path + ": ", e.Message, StringComparison.Ordinal);
        string[] lines = e.Message.Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("  try ", lines[1], StringComparison.Ordinal);
        Assert.True(lines.All(l => l.Length < 700), e.Message);
        return e;
    }

    private static string[] Cells(RowReader reader, int columns)
    {
        var cells = new string[columns];
        for (int c = 0; c < columns; c++) cells[c] = reader[c].ToString();
        return cells;
    }
}
