namespace Lamina.Results;

/// <summary>The page of results: a table with a line for each row, rewritten a line at a time.</summary>
internal static class ResultsPage
{
    private const string Start = """
        # Results

        What the defaults reach, measured by `bench/Results`: `dotnet run -c Release --project bench/Results -- --only ROW` runs the built
        `lamina` command as a process, reads its last event and rewrites that row here. With `--folds` a figure is the mean over the folds ± its
        standard deviation, duplicates on one side; seconds are those of the whole process, start and reading included. `$LAMINA_DATA` stands for
        the folder of real data. A `+` after the commit means that files differed from it.


        """;

    private static readonly string[] s_columns = ["row", "data", "result", "baseline", "target", "met", "seconds", "commit", "date", "machine", "command"];

    private static string Header => $"| {string.Join(" | ", s_columns)} |";

    /// <summary>The page with a line for every row; those that have one keep it, and nothing else is changed.</summary>
    /// <param name="page">The page; empty for a new one.</param>
    /// <param name="rows">The rows, in order.</param>
    public static string Complete(string page, IReadOnlyList<ResultRow> rows)
    {
        if (page.Length == 0) page = Start;
        if (!page.Contains(Header, StringComparison.Ordinal)) page = $"{page}{Header}\n|{string.Concat(s_columns.Select(_ => "---|"))}\n";
        List<string> lines = [.. page.Split('\n')];
        int after = lines.IndexOf(Header) + 1; // the line of dashes
        foreach (ResultRow row in rows)
        {
            if (Find(lines, row.Name) is >= 0 and var at) after = at;
            else lines.Insert(++after, row.Unmeasured);
        }
        return string.Join('\n', lines);
    }

    /// <summary>The page with another line for one row.</summary>
    /// <exception cref="ResultsException">The page has no such row.</exception>
    public static string With(string page, string name, string line)
    {
        List<string> lines = [.. page.Split('\n')];
        int at = Find(lines, name);
        if (at < 0) throw new ResultsException($"the page has no row {name}");
        lines[at] = line;
        return string.Join('\n', lines);
    }

    private static int Find(List<string> lines, string name) => lines.FindIndex(l => l.StartsWith($"| {name} |", StringComparison.Ordinal));
}
