using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Tables;

/// <summary>Where the columns that a network learned from stand in another table.</summary>
internal static class ColumnMap
{
    /// <summary>The place of each column; by name where both tables name their columns, by number otherwise.</summary>
    /// <param name="source">The table.</param>
    /// <param name="names">The columns' names in the training table.</param>
    /// <param name="places">Their places in the training table.</param>
    /// <param name="hasHeader">Whether the training table named its columns.</param>
    /// <exception cref="DataException">A column is missing.</exception>
    public static int[] Of(RowSource source, IReadOnlyList<string> names, IReadOnlyList<int> places, bool hasHeader)
    {
        var columns = new int[names.Count];
        for (int i = 0; i < columns.Length; i++)
        {
            if (hasHeader && source.HasHeader) columns[i] = TableSurvey.ColumnOf(source, names[i]);
            else if (places[i] < source.Columns.Count) columns[i] = places[i];
            else
                throw new DataException(source.Name, $"has {Wording.Count(source.Columns.Count, "column")}; the network learned from column {places[i] + 1}{(hasHeader ? $", '{names[i]}'" : "")} too",
                    "a table with the columns of the training data, in their order");
        }
        return columns;
    }
}
