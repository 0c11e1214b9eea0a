namespace Lamina.Cli.Commands;

/// <summary>Finds the name that was probably meant.</summary>
internal static class Nearest
{
    /// <summary>"; did you mean …?" with the candidate that is near enough for a typing slip, or nothing.</summary>
    public static string Suggestion(string typed, IEnumerable<string> candidates) =>
        Find(typed, candidates) is { } near ? $"; did you mean {near}?" : "";

    public static string? Find(string typed, IEnumerable<string> candidates)
    {
        // Dashes are no letters of a name: -epochs and --epochs are the same slip away.
        string letters = Letters(typed);
        int most = Math.Max(1, letters.Length / 3);
        return candidates
            .Select(c => (Name: c, Distance: Distance(letters, Letters(c))))
            .Where(c => c.Distance <= most || (letters.Length > 2 && Letters(c.Name).StartsWith(letters, StringComparison.Ordinal)))
            .OrderBy(c => c.Distance).ThenBy(c => c.Name, StringComparer.Ordinal)
            .Select(c => c.Name).FirstOrDefault();
    }

    private static string Letters(string name) => name.TrimStart('-').ToLowerInvariant();

    // Letters to insert, delete or replace (Levenshtein, 1966).
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[b.Length];
    }
}
