using System.Globalization;
using Lamina.Learning.Training;
using Lamina.Tasks;

namespace Lamina.Cli.Rendering;

/// <summary>Draws the speed of training by batch size, and what is suggested.</summary>
internal static class BatchTable
{
    private const int BarColumns = 24;

    public static void Draw(Canvas canvas, BatchSearch x)
    {
        BatchSizes sizes = x.Sizes;
        Field("network", $"[bold]{Canvas.Safe(x.Network)}[/]");
        canvas.Line();
        canvas.Line($"[grey]{"batch",8}{"ms a step",12}{"examples/s",13}{"memory",11}[/]");
        double best = sizes.Points.Count == 0 ? 1 : sizes.Points.Max(p => p.Throughput);
        foreach (BatchSizePoint p in sizes.Points)
        {
            string bar = new('█', (int)Math.Round(BarColumns * p.Throughput / best));
            string line = $"{Words.Count(p.Size),8}{(1000 * p.Seconds).ToString("N3", CultureInfo.InvariantCulture),12}{Words.Count((long)p.Throughput),13}{Words.Bytes(p.Memory.Total),11}";
            canvas.Line($"{Canvas.Safe(line)}  [green]{bar}[/]{(p.Size == sizes.Suggestion ? "  ★" : "")}");
        }
        canvas.Line();
        if (sizes.TooLarge is { } size) Field("memory",
            Canvas.Safe($"a batch of {Words.Count(size)} would hold {Words.Bytes(sizes.TooLargeBytes)}, and {Words.Bytes(sizes.Limit)} may be held"));
        if (sizes.Suggestion is not { } suggested)
        {
            Field("suggested", "[yellow]none: not even the smallest batch fits[/]");
            return;
        }
        Field("suggested", Canvas.Safe($"{Words.Count(suggested)}: the smallest within a tenth of the best speed; train would take {Words.Count(x.Default)}"));
        if (x.Training is { } training && suggested * 16 > training)
            Field("note", Canvas.Safe($"of {Words.Count(training, "example")} that makes {Words.Count((training + suggested - 1) / suggested, "step")} an epoch; fewer than sixteen seldom learn much, whatever their speed"));
        else Field("", "a larger batch makes fewer steps an epoch, so it needs a higher learning rate or more epochs");

        void Field(string name, string markup) => canvas.Line($"[grey]{name.PadRight(10)}[/]{markup}");
    }
}
