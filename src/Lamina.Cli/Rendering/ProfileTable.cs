using System.Globalization;
using Lamina.Learning.Training;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Rendering;

/// <summary>Draws the profile of a training step: in all, by module, by op, memory.</summary>
internal static class ProfileTable
{
    private const int Indent = 10;

    private sealed record Column(string Name, Func<ProfileEntry, string> Text);

    private static readonly Column[] s_all =
    [
        new("forward", e => Time(e.Forward)), new("gradient", e => Time(e.Gradient)), new("update", e => Time(e.Update)), new("ms", e => Time(e.Microseconds)),
        new("share", e => Percent(e.Share)), new("of peak", e => e.MultiplyAdds > 0 ? Percent(e.ShareOfPeak) : ""),
    ];

    // The parts of the step go first where there is no room: they have a line of their own.
    private static readonly Column[][] s_choices = [s_all, s_all[3..], s_all[3..5]];

    public static void Draw(Canvas canvas, string run, RunProfile x, int top)
    {
        StepProfile step = x.Step;
        Field(canvas, "run", Canvas.Safe(run));
        Field(canvas, "network", $"[bold]{Canvas.Safe(x.Network)}[/]");
        Field(canvas, "step", $"[bold]{Time(step.Microseconds)} ms[/] for a batch of {Words.Count(x.Batch, "example")}");
        Field(canvas, "", string.Join(", ", step.ByPhase.Select(p => $"{p.Name} {Time(p.Microseconds)} ms ({Percent(p.Share)})")));
        Field(canvas, "peak", $"{Words.Large((long)step.PeakRate)} multiply-adds a second, in a large matrix product");
        Rows(canvas, "module", step.ByModule, top);
        Rows(canvas, "op", step.ByOp, top);
        canvas.Line();
        StepMemory memory = step.Memory;
        Amount("memory", "parameters", memory.Parameters);
        Amount("", "optimiser state", memory.OptimizerState);
        Amount("", "intermediates", memory.Intermediates);
        Amount("", "batch", memory.Batch);
        Amount("", "in all", memory.Total);

        void Amount(string name, string what, long bytes) => Field(canvas, name, $"{what,-16}{Words.Bytes(bytes),10}");
    }

    private static void Rows(Canvas canvas, string title, IReadOnlyList<ProfileEntry> entries, int top)
    {
        var shown = entries.Take(top).ToList();
        if (entries.Skip(top).ToList() is { Count: > 0 } rest) shown.Add(Sum($"{Words.Count(rest.Count)} more", rest));
        Column[] columns = s_choices.FirstOrDefault(c => NameWidth(canvas, Widths(c, shown)) >= 16, s_choices[^1]);
        int[] widths = Widths(columns, shown);
        int name = Math.Min(Math.Max(NameWidth(canvas, widths), 8), shown.Max(e => DisplayWidth.Of(Canvas.Clean(e.Name))));
        canvas.Line();
        canvas.Line($"[grey]{Row(title, c => c.Name)}[/]");
        foreach (ProfileEntry entry in shown) canvas.Line(Row(entry.Name, c => c.Text(entry)));

        string Row(string first, Func<Column, string> text)
        {
            string numbers = string.Concat(columns.Select((c, i) => "  " + text(c).PadLeft(widths[i])));
            return Canvas.Safe($"  {DisplayWidth.Pad(Words.Cut(first, name), name)}{numbers}".TrimEnd());
        }
    }

    private static int[] Widths(Column[] columns, List<ProfileEntry> entries) =>
        [.. columns.Select(c => Math.Max(c.Name.Length, entries.Max(e => c.Text(e).Length)))];

    private static int NameWidth(Canvas canvas, int[] widths) => canvas.Width - 3 - widths.Sum() - 2 * widths.Length;

    // Multiply-adds of several entries have no one rate.
    private static ProfileEntry Sum(string name, List<ProfileEntry> entries) => new(name, entries.Sum(e => e.Microseconds), entries.Sum(e => e.Share), 0, 0)
    {
        Forward = entries.Sum(e => e.Forward), Gradient = entries.Sum(e => e.Gradient), Update = entries.Sum(e => e.Update),
    };

    private static void Field(Canvas canvas, string name, string markup) => canvas.Line($"[grey]{name.PadRight(Indent)}[/]{markup}");

    // In milliseconds; a call takes a microsecond or more.
    private static string Time(double microseconds) => (microseconds / 1000).ToString("N3", CultureInfo.InvariantCulture);

    private static string Percent(double share) => $"{(100 * share).ToString("F1", CultureInfo.InvariantCulture)} %";
}
