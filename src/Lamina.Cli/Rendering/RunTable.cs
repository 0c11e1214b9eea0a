using System.Globalization;
using Lamina.Tasks;
using Lamina.Tasks.Runs;

namespace Lamina.Cli.Rendering;

/// <summary>Draws a list of runs: a line each, with as many columns as the width takes.</summary>
internal static class RunTable
{
    private const int LongestData = 24;

    private sealed record Column(string Name, bool IsNumber, Func<RunEntry, string> Text);

    private static readonly Column s_state = new("state", false, r => r.State.ToString().ToLowerInvariant()),
        // What is measured on the validation set is no test yet.
        s_score = new("score", true, r => r is { Score: { } score, Metric: { } metric } ? $"{(r.IsTested ? "" : "~")}{metric} {Words.Figure(score)}" : ""),
        s_task = new("task", false, r => r.Task ?? ""),
        s_epochs = new("epochs", true, r => r.Epochs is { } all ? $"{Words.Count(r.EpochsDone)}/{Words.Count(all)}" : ""),
        s_time = new("began", false, r => Date(r, "yyyy-MM-dd HH:mm")),
        s_date = new("began", false, r => Date(r, "yyyy-MM-dd")),
        s_data = new("data", false, r => r.State == RunState.Broken || r.Epochs is null ? "" : Words.Cut(DataName(r.Data!), LongestData)),
        s_run = new("run", false, r => ShellPath.Quote(r.Path));

    // From the widest to the narrowest; the run, whose name is copied, stands last and is never cut.
    private static readonly Column[][] s_choices =
    [
        [s_state, s_task, s_score, s_epochs, s_time, s_data, s_run],
        [s_state, s_score, s_epochs, s_time, s_data, s_run],
        [s_state, s_score, s_epochs, s_date, s_data, s_run],
        [s_state, s_score, s_epochs, s_data, s_run],
        [s_state, s_score, s_run],
        [s_state, s_run],
    ];

    public static void Draw(Canvas canvas, IReadOnlyList<RunEntry> runs, string program)
    {
        if (runs.Count == 0)
        {
            canvas.Line($"no runs yet; {Canvas.Safe(program)} train makes one");
            return;
        }
        (Column[] columns, int[] widths) = s_choices.Select(c => (c, Widths(c, runs)))
            .FirstOrDefault(c => c.Item2.Sum() + 2 * (c.Item2.Length - 1) <= canvas.Width, (s_choices[^1], Widths(s_choices[^1], runs)));
        canvas.Line($"[grey]{Row(columns, widths, c => c.Name)}[/]");
        foreach (RunEntry run in runs)
        {
            canvas.Line(Row(columns, widths, c => c.Text(run)));
            if (run.Problem is { } problem) canvas.Line($"  [yellow]{Canvas.Safe(problem)}[/]");
        }
        if (runs.Any(r => r is { Score: not null, IsTested: false })) canvas.Line("[grey]~ the best on the validation set so far, not on the test set[/]");
    }

    private static int[] Widths(Column[] columns, IReadOnlyList<RunEntry> runs) =>
        [.. columns.Select(c => Math.Max(c.Name.Length, runs.Max(r => Canvas.Clean(c.Text(r)).Length)))];

    private static string Row(Column[] columns, int[] widths, Func<Column, string> text) => string.Join("  ", columns.Select((c, i) =>
    {
        string clean = Canvas.Clean(text(c));
        return Canvas.Safe(c.IsNumber ? clean.PadLeft(widths[i]) : i == columns.Length - 1 ? clean : clean.PadRight(widths[i]));
    }));

    private static string Date(RunEntry run, string format) => run.Created?.ToLocalTime().ToString(format, CultureInfo.InvariantCulture) ?? "";

    private static string DataName(string data) => Path.GetFileName(Path.TrimEndingDirectorySeparator(data));
}
