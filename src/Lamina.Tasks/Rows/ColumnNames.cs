using System.Globalization;

namespace Lamina.Tasks.Rows;

/// <summary>Finds columns as a person names them.</summary>
internal static class ColumnNames
{
    /// <summary>The number of a column, from 0: by its name, by its name in other case, or by its number from 1.</summary>
    /// <exception cref="DataException">There is no such column.</exception>
    public static int Find(RowSource rows, string name)
    {
        int place = -1, similar = -1;
        for (int i = 0; i < rows.Columns.Count; i++)
        {
            if (rows.Columns[i] == name) place = i;
            if (rows.Columns[i].Equals(name, StringComparison.OrdinalIgnoreCase)) similar = similar == -1 ? i : -2;
        }
        if (place >= 0) return place;
        if (similar >= 0) return similar;
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1
            && number <= rows.Columns.Count) return number - 1;
        throw Missing(rows, name);
    }

    /// <summary>What is said of a column that isn't there.</summary>
    public static DataException Missing(RowSource rows, string name) => new(rows.Name, $"has no column '{name}', only {Wording.Names(rows.Columns)}",
        NearName.Find(name, rows.Columns) is { } near ? $"'{near}'" : "one of these");

    /// <summary>The numbers of columns that are named with commas between them; a name may have commas itself.</summary>
    /// <exception cref="DataException">There is no such column.</exception>
    public static int[] FindAll(RowSource rows, string list) => rows.Columns.Contains(list) ? [Find(rows, list)]
        : [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => Find(rows, name)).Distinct()];
}
