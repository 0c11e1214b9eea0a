namespace Lamina.Tasks.Images;

/// <summary>Finds the name that was probably meant.</summary>
internal static class NearName
{
    /// <summary>The candidate nearest to the name, if one is near enough for a typing slip.</summary>
    internal static string? Find(string name, IEnumerable<string> candidates)
    {
        string? best = null;
        int bestDistance = 1 + Math.Max(1, name.Length / 3);
        foreach (string candidate in candidates.Order(StringComparer.Ordinal))
        {
            int distance = Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (distance < bestDistance)
            {
                (best, bestDistance) = (candidate, distance);
            }
        }

        return best;
    }

    /// <summary>The beginning of a remedy for a missing path: its near-named sibling, where there is one.</summary>
    internal static string Suggestion(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string? parent = Path.GetDirectoryName(full);
        if (parent is null)
        {
            return "";
        }

        if (!Directory.Exists(parent))
        {
            return $"a folder that exists ({parent} doesn't either), ";
        }

        try
        {
            IEnumerable<string> siblings = Directory.EnumerateFileSystemEntries(parent).Select(s => Path.GetFileName(s)!);
            string? near = Find(Path.GetFileName(full), siblings);
            return near is null ? "" : $"{Path.Combine(Path.GetDirectoryName(path) ?? "", near)}, which is there, ";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // a suggestion is a courtesy; the missing path is the message
        }
    }

    /// <summary>How many letters to insert, delete or replace (Levenshtein, 1966).</summary>
    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

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
