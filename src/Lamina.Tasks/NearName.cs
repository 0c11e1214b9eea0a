namespace Lamina.Tasks;

/// <summary>Finds the name that was probably meant.</summary>
public static class NearName
{
    /// <summary>
    /// The candidate nearest to the name, upper and lower case being equal, if it is near enough for a typing slip: one letter
    /// in three may be wrong, or the name is a candidate's beginning.
    /// </summary>
    /// <returns>The candidate, or null where none is near; of equally near ones the first in ordinal order.</returns>
    public static string? Find(string name, IEnumerable<string> candidates)
    {
        const int ShortestBeginning = 3;
        string typed = name.ToUpperInvariant();
        int most = Math.Max(1, typed.Length / 3);
        return candidates
            .Select(c => (Name: c, Letters: c.ToUpperInvariant()))
            .Select(c => (c.Name, Distance: Distance(typed, c.Letters),
                Begins: typed.Length >= ShortestBeginning && c.Letters.StartsWith(typed, StringComparison.Ordinal)))
            .Where(c => c.Distance <= most && c.Distance < c.Name.Length || c.Begins)
            .OrderBy(c => c.Distance).ThenBy(c => c.Name, StringComparer.Ordinal)
            .Select(c => c.Name).FirstOrDefault();
    }

    // Letters to insert, delete, replace, or swap with their neighbour (Damerau, 1964, in the form that swaps each once).
    private static int Distance(string a, string b)
    {
        var costs = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    costs[i, j] = i + j;
                    continue;
                }
                int replaced = costs[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                int swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] ? costs[i - 2, j - 2] + 1 : int.MaxValue;
                costs[i, j] = Math.Min(Math.Min(replaced, swapped), 1 + Math.Min(costs[i - 1, j], costs[i, j - 1]));
            }
        }
        return costs[a.Length, b.Length];
    }
}
