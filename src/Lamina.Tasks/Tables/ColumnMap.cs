using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Tables;

/// <summary>
/// Where the columns that a network learned from stand in another table: by name where both tables name their columns, in any order and among others;
/// otherwise by number, where the table is as wide as the training's, or lacks the targets alone.
/// </summary>
internal static class ColumnMap
{
    /// <summary>The places of the inputs.</summary>
    /// <exception cref="DataException">A column is missing.</exception>
    public static int[] Of(RowSource source, TableLayout layout)
    {
        if (layout.HasHeader && source.HasHeader) return ByName(source, layout.Names);
        int width = source.Columns.Count;
        if (width == layout.Width) return [.. layout.Places];
        if (width == layout.Width - layout.Targets.Count) return [.. layout.Places.Select(place => place - layout.TargetPlaces.Count(t => t < place))];
        throw new DataException(source.Name, Differs(source, layout), "a table with the columns of the training data, in their order");
    }

    /// <summary>Whether a table without names is as wide as the training's, with or without the targets.</summary>
    public static bool Fits(RowSource source, TableLayout layout) => source.Columns.Count == layout.Width
        || source.Columns.Count == layout.Width - layout.Targets.Count;

    /// <summary>The places of the targets.</summary>
    /// <exception cref="DataException">A column is missing.</exception>
    public static int[] TargetsOf(RowSource source, TableLayout layout)
    {
        if (layout.HasHeader && source.HasHeader) return ByName(source, layout.Targets);
        if (source.Columns.Count == layout.Width) return [.. layout.TargetPlaces];
        throw new DataException(source.Name, Differs(source, layout), "a table with the columns of the training data, in their order, targets too");
    }

    private static int[] ByName(RowSource source, IReadOnlyList<string> names)
    {
        var places = new Dictionary<string, int>(source.Columns.Count, StringComparer.Ordinal);
        for (int i = 0; i < source.Columns.Count; i++) places.TryAdd(source.Columns[i], i);
        return [.. names.Select(name => places.TryGetValue(name, out int place) ? place : TableSurvey.NamedIn(source, name))];
    }

    private static string Differs(RowSource source, TableLayout layout) =>
        $"has {Wording.Count(source.Columns.Count, "column")} and {(source.HasHeader ? "the training data had no names" : "no names")}, "
        + $"so they are told by number: the training data had {layout.Width}, {Wording.Names([.. layout.Targets])} among them";
}
