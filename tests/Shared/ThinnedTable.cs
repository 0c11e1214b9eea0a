namespace Lamina.Tests;

/// <summary>A table of two classes of which one is made rare.</summary>
internal static class ThinnedTable
{
    /// <summary>All rows of the other class, and so many of the one whose rows end like this that they are a share of all; always the
    /// same.</summary>
    public static IEnumerable<string> Of(IReadOnlyList<string> rows, string ending, double share)
    {
        string[] rare = [.. rows.Where(r => r.EndsWith(ending, StringComparison.Ordinal))],
            others = [.. rows.Where(r => r.Length > 0 && !r.EndsWith(ending, StringComparison.Ordinal))];
        int count = (int)Math.Round(others.Length * share / (1 - share));
        var random = new Random(2026);
        random.Shuffle(rare);
        string[] all = [.. others, .. rare.Take(count)];
        random.Shuffle(all);
        return all;
    }
}
