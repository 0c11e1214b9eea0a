using Lamina.Tasks.Runs;

namespace Lamina.Cli.Rendering;

/// <summary>Draws two runs beside each other: figures, then what differs.</summary>
internal static class ComparisonTable
{
    private const int LongestCell = 26;

    public static void Draw(Canvas canvas, RunComparison x)
    {
        canvas.Line($"[grey]left  [/]{Canvas.Safe(x.Left.Path)}");
        canvas.Line($"[grey]right [/]{Canvas.Safe(x.Right.Path)}");
        if (x.Problem is { } problem) canvas.Line($"[yellow]their figures say little beside each other: {Canvas.Safe(problem)}[/]");
        var rows = new List<string[]> { new[] { "", "left", "right", "" } };
        rows.AddRange(x.Figures.Select(f => new[] { f.Name, f.Left is { } l ? Words.Figure(l) : "", f.Right is { } r ? Words.Figure(r) : "",
            x.Problem is null ? Verdict(f) : "" }));
        rows.AddRange(x.Settings.Select(s => new[] { s.Name, s.Left ?? "", s.Right ?? "", "" }));
        if (x.Settings.Count == 0) rows.Add(["settings", "the same", "the same", ""]);
        for (int i = 0; i < rows.Count; i++) rows[i] = [.. rows[i].Select(cell => Words.Cut(cell, LongestCell))];
        int[] widths = [.. Enumerable.Range(0, 3).Select(c => rows.Max(r => DisplayWidth.Of(r[c])))];
        canvas.Line();
        foreach (string[] row in rows)
        {
            string text = string.Join("  ", row.Select((cell, c) => c < widths.Length ? DisplayWidth.Pad(cell, widths[c]) : cell)).TrimEnd();
            canvas.Line(row == rows[0] ? $"[grey]{Canvas.Safe(text)}[/]" : Canvas.Safe(text));
        }
    }

    private static string Verdict(ComparedFigure figure) => figure.RightIsBetter switch
    {
        true => "right is better",
        false => "left is better",
        _ => figure.Difference == 0 ? "equal" : "",
    };
}
