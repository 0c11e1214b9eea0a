using Lamina.Learning.Ratings;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Recommendations;

/// <summary>What items are called: their identifiers, or names from a table of items.</summary>
/// <param name="ratings">The items.</param>
/// <param name="names">A name for each item that has one, by the item's number.</param>
internal sealed class ItemNames(UserRatings ratings, IReadOnlyDictionary<int, string> names)
{
    private const int Looked = 1_000, Longest = 100;

    /// <summary>The names by a verb's option <c>items</c>.</summary>
    /// <exception cref="DataException">The table can't be read, or names none of the items.</exception>
    public static ItemNames Of(IReadOnlyDictionary<string, object> values, UserRatings ratings) =>
        new(ratings, values.TryGetValue("items", out object? file) ? Read((string)file, ratings) : new Dictionary<int, string>());

    /// <summary>What an item is called.</summary>
    public string Of(int item) => names.TryGetValue(item, out string? name) ? $"{name} [{ratings.Items[item - 1]}]" : ratings.Items[item - 1];

    /// <summary>The number of an item, by its identifier or its name.</summary>
    /// <exception cref="TaskException">There is none.</exception>
    public int Find(string item)
    {
        if (ratings.ItemOf(item) is > 0 and int number) return number;
        foreach ((int named, string name) in names)
            if (name.Equals(item, StringComparison.OrdinalIgnoreCase)) return named;
        string? near = NearName.Find(item, ratings.Items.Concat(names.Values));
        throw new TaskException($"the run knows no item '{IdText.Of(item)}'", near is null ? "the name of an item, as it stands in the data"
            : $"'{near}'");
    }

    private static Dictionary<int, string> Read(string path, UserRatings ratings)
    {
        RowSource rows = RatingRows.Open(path);
        int columns = rows.Columns.Count;
        int[] known = new int[columns], words = new int[columns];
        using (RowReader reader = rows.Open())
            while (reader.Row < Looked && reader.Read())
                for (int c = 0; c < columns; c++)
                {
                    if (ratings.ItemOf(reader[c]) > 0) known[c]++;
                    else if (reader[c].ContainsAnyInRange('A', 'z')) words[c]++;
                }
        int id = Enumerable.Range(0, columns).MaxBy(c => known[c]);
        // The first column that is words in about as many rows as any.
        int name = Enumerable.Range(0, columns).Where(c => c != id && words[c] * 2 > words.Where((_, i) => i != id).DefaultIfEmpty(0).Max())
            .FirstOrDefault(-1);
        if (known[id] == 0 || name < 0) throw new DataException(path, known[id] == 0
            ? "has no column with the items' identifiers, such as '" + ratings.Items[0] + "'"
            : "has no column of names beside the items' identifiers", "a table of items: an identifier and a name in each row");
        var names = new Dictionary<int, string>();
        using RowReader all = rows.Open();
        while (all.Read())
            if (ratings.ItemOf(all[id]) is > 0 and int item && !all[name].IsEmpty) names.TryAdd(item,
                all[name][..Math.Min(Longest, all[name].Length)].ToString());
        return names;
    }
}
