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

    private static string[] Cells(RowReader reader, int columns)
    {
        var cells = new string[columns];
        for (int c = 0; c < columns; c++) cells[c] = reader[c].ToString();
        return cells;
    }
}
