using System.Globalization;
using Lamina.Tasks;

namespace Lamina.Cli.Rendering;

/// <summary>Numbers and names as people read them.</summary>
internal static class Words
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>12,000</summary>
    public static string Count(long count) => count.ToString("N0", Invariant);

    /// <summary>"1 image", "2 images"</summary>
    public static string Count(long count, string one) => $"{Count(count)} {one}{(count == 1 ? "" : "s")}";

    /// <summary>"1 class", "2 classes"</summary>
    public static string Count(long count, string one, string many) => $"{Count(count)} {(count == 1 ? one : many)}";

    /// <summary>0.9785 → 97.85 %</summary>
    public static string Percent(double share) => double.IsFinite(share) ? $"{(100 * share).ToString("F2", Invariant)} %" : share.ToString(Invariant);

    /// <summary>Four digits after the point, or as many as stay readable.</summary>
    public static string Loss(double loss) => loss.ToString(Math.Abs(loss) < 1000 ? "F4" : "G5", Invariant);

    public static string Rate(double rate) => rate.ToString("G3", Invariant);

    public static string Seconds(double seconds) => seconds.ToString("F1", Invariant);

    /// <summary>1:05, or 2:01:05</summary>
    public static string Duration(TimeSpan time) =>
        time.TotalHours < 1 ? time.ToString(@"m\:ss", Invariant) : $"{(int)Math.Min(time.TotalHours, 9999)}:{time.ToString(@"mm\:ss", Invariant)}";

    /// <summary>1,234,567 → 1.23 million</summary>
    public static string Large(long count) => count switch
    {
        < 1_000_000 => Count(count),
        < 1_000_000_000 => $"{Three(count / 1e6)} million",
        _ => $"{Three(count / 1e9)} billion",
    };

    /// <summary>204 KiB</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1000 * 1024 => $"{Three(bytes / 1024.0)} KiB",
        < 1000L * 1024 * 1024 => $"{Three(bytes / (1024.0 * 1024))} MiB",
        _ => $"{Three(bytes / (1024.0 * 1024 * 1024))} GiB",
    };

    // Three digits that count, and never a power of ten.
    private static string Three(double number) => number.ToString(number < 99.95 ? "G3" : "N0", Invariant);

    /// <summary>A figure as its kind is written: shares as percent, the rest as losses are.</summary>
    public static string Figure(Figure figure) => figure.Kind == FigureKind.Share ? Percent(figure.Value) : Loss(figure.Value);

    /// <summary>97.31 to 98.20 %</summary>
    public static string Interval(Figure figure)
    {
        (double low, double high) = (figure.Interval!.Value.Low, figure.Interval.Value.High);
        return figure.Kind == FigureKind.Share ? $"{(100 * low).ToString("F2", Invariant)} to {Percent(high)}" : $"{Loss(low)} to {Loss(high)}";
    }

    /// <summary>Six digits that count.</summary>
    public static string Number(double value) => value.ToString("G6", Invariant);

    /// <summary>A metric as its kind is written: shares as percent, the rest as losses are.</summary>
    public static string Metric(string name, double value) => Figure(new Figure(value, Lamina.Tasks.Figure.KindOf(name)));

    /// <summary>Text from outside in at most so many columns, an ellipsis in place of what was cut.</summary>
    public static string Cut(string text, int most) => DisplayWidth.Cut(Canvas.Clean(text), most);

    /// <summary>Lines of whole words, none longer than the width but a word that alone is.</summary>
    public static IEnumerable<string> Wrap(string text, int width)
    {
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = word;
                continue;
            }
            line = line.Length == 0 ? word : $"{line} {word}";
        }
        yield return line;
    }

    /// <summary>Names that fit into a line, and how many more there are.</summary>
    public static string Some(IReadOnlyList<string> names, int width)
    {
        const int LongestName = 30;
        int length = 0, shown = 0;
        while (shown < names.Count && (length += Math.Min(DisplayWidth.Of(Canvas.Clean(names[shown])), LongestName) + 2) <= width) shown++;
        shown = Math.Clamp(shown, Math.Min(names.Count, 1), names.Count);
        string text = string.Join(", ", names.Take(shown).Select(n => Cut(n, LongestName)));
        return shown == names.Count ? text : $"{text} and {Count(names.Count - shown)} more";
    }
}
