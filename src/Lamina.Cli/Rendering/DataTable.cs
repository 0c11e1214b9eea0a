using System.Globalization;
using Lamina.Tasks;

namespace Lamina.Cli.Rendering;

/// <summary>Draws what was seen in data.</summary>
internal static class DataTable
{
    private const int MostClasses = 30, MostColumns = 60, LongestName = 24, BarColumns = 20, Indent = 10;

    public static void Draw(Canvas canvas, DataLook x, string? file)
    {
        Field("data", $"[bold]{Canvas.Safe(x.Source)}[/], {Canvas.Safe(x.Input)}");
        Field("", Canvas.Safe(string.Join(", ", x.Parts.Select(p => $"{Words.Count(p.Count)} {p.Name}"))));
        Field("output", Canvas.Safe(x.Output.Text));
        if (x.Output is ClassOutput classes && x.Parts[0].Classes is { } counts) Classes(canvas, classes, x.Parts, counts);
        foreach (DataPart part in x.Parts)
            foreach (NumberRange range in (part.Numbers ?? []).Take(MostColumns))
                Field(part.Name, Canvas.Safe($"{Words.Cut(range.Name, LongestName)} {Words.Number(range.Least)} to {Words.Number(range.Greatest)}, mean {Words.Number(range.Mean)}, deviation {Words.Number(range.Deviation)}"));
        if (x.Columns.Count > 0) Columns(canvas, x.Columns);
        canvas.Line();
        foreach (DataFinding finding in x.Findings)
        {
            string label = finding.IsWarning ? "warning" : "note";
            foreach (string line in Words.Wrap(finding.Text, Math.Max(40, canvas.Width - Indent)))
            {
                Field(label, finding.IsWarning ? $"[yellow]{Canvas.Safe(line)}[/]" : Canvas.Safe(line));
                label = "";
            }
        }
        if (x.Findings.Count == 0) Field("note", "nothing stands out");
        if (file is not null) Field("page", Canvas.Safe(file));

        void Field(string name, string markup) => canvas.Line($"[grey]{name.PadRight(Indent)}[/]{(name.Length >= Indent ? " " : "")}{markup}");
    }

    private static void Classes(Canvas canvas, ClassOutput output, IReadOnlyList<DataPart> parts, IReadOnlyList<long> counts)
    {
        int[] shown = [.. Enumerable.Range(0, counts.Count).OrderByDescending(c => counts.Count > MostClasses ? counts[c] : 0).Take(MostClasses)];
        int widest = Math.Max(5, shown.Max(c => DisplayWidth.Of(Words.Cut(output.Names[c], LongestName))));
        double most = Math.Max(1, counts.Max());
        canvas.Line();
        canvas.Line($"[grey]  {"class".PadRight(widest)}{string.Concat(parts.Select(p => p.Name.PadLeft(12)))}[/]");
        foreach (int c in shown)
        {
            string numbers = string.Concat(parts.Select(p => (p.Classes is { } of ? Words.Count(of[c]) : "").PadLeft(12)));
            canvas.Line($"  {Canvas.Safe(DisplayWidth.Pad(Words.Cut(output.Names[c], LongestName), widest))}{numbers}  [green]{new string('█', (int)Math.Round(BarColumns * counts[c] / most))}[/]");
        }
        if (shown.Length < counts.Count) canvas.Line($"[grey]  and {Words.Count(counts.Count - shown.Length)} less frequent classes[/]");
    }

    private static void Columns(Canvas canvas, IReadOnlyList<DataColumn> columns)
    {
        int widest = Math.Max(6, columns.Take(MostColumns).Max(c => DisplayWidth.Of(Words.Cut(c.Name, LongestName))));
        canvas.Line();
        canvas.Line($"[grey]  {"column".PadRight(widest)}  {"holds",-11}{"missing",9}{"different",11}  values[/]");
        foreach (DataColumn c in columns.Take(MostColumns))
        {
            string values = c is { Range: { } r, Kind: "number" or "identifier" }
                ? $"{Number(r.Least)} to {Number(r.Greatest)}, mean {Number(r.Mean)}"
                : string.Join(", ", c.Frequent.Take(3).Select(f => $"{Words.Cut(f.Key, 16)} ({Words.Count(f.Value)})"));
            string role = c.Role is null ? "" : values.Length == 0 ? c.Role : $"; {c.Role}";
            string line = $"  {DisplayWidth.Pad(Words.Cut(c.Name, LongestName), widest)}  {c.Kind,-11}{Words.Count(c.Missing),9}{Words.Count(c.Different),11}  {values}{role}";
            canvas.Line(Canvas.Safe(line.TrimEnd()));
        }
        if (columns.Count > MostColumns) canvas.Line($"[grey]  and {Words.Count(columns.Count - MostColumns)} more columns[/]");
    }

    private static string Number(double value) => value.ToString("G5", CultureInfo.InvariantCulture);
}
