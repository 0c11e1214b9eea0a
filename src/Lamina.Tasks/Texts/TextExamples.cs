using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lamina.Learning.Data;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Texts;

/// <summary>Texts with their labels, in memory.</summary>
/// <param name="Source">A path, or the name of built-in data.</param>
/// <param name="Notes">What a person should know of how they were read.</param>
internal sealed record TextExamples(string Source, List<string> Notes)
{
    private const int ShownText = 300;

    /// <summary>The texts, none of them blank.</summary>
    public List<string> Texts { get; } = [];

    /// <summary>Their labels.</summary>
    public List<string> Labels { get; } = [];

    /// <summary>Where each stands, such as <c>row 17</c> or <c>spam/3.txt</c>.</summary>
    public List<string> Places { get; } = [];

    /// <summary>The group of each, where they have one.</summary>
    public List<object?> Groups { get; } = [];

    /// <summary>The time of each, where they have one.</summary>
    public List<double> Times { get; } = [];

    /// <summary>What one of them is called, such as <c>row</c>.</summary>
    public string Item { get; init; } = "text";

    /// <summary>Number of examples.</summary>
    public int Count => Texts.Count;

    /// <summary>What makes two of them the same: text and label.</summary>
    public IEnumerable<string> Contents => Texts.Select((text, i) => $"{Labels[i]}\n{text}");

    /// <summary>A hash of everything in them.</summary>
    public string Hash
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (string content in Contents)
            {
                hash.AppendData(BitConverter.GetBytes(content.Length));
                hash.AppendData(Encoding.Unicode.GetBytes(content));
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>An example as a person sees it.</summary>
    public TextSample Show(int index) => new(Places[index], Texts[index].Length <= ShownText ? Texts[index] : Texts[index][..ShownText] + "…");

    /// <summary>Adds an example.</summary>
    public void Add(string text, string label, string place)
    {
        Texts.Add(text);
        Labels.Add(label);
        Places.Add(place);
    }

    /// <summary>Reads rows; those without text or label are passed over, and counted.</summary>
    /// <exception cref="DataException">A column isn't there, or no row can be used.</exception>
    public static TextExamples Of(RowSource rows, TextColumns columns, SplitRule rule, CancellationToken cancel)
    {
        int text = TextColumns.Place(rows, columns.Text), target = TextColumns.Place(rows, columns.Target);
        int group = rule.Group is { } g ? TextColumns.Place(rows, g) : -1, time = rule.Time is { } t ? TextColumns.Place(rows, t) : -1;
        var examples = new TextExamples(rows.Name, []) { Item = "row" };
        int noText = 0, noLabel = 0;
        using (RowReader reader = rows.Open())
            while (reader.Read())
            {
                cancel.ThrowIfCancellationRequested();
                if (reader[target].IsEmpty) noLabel++;
                else if (reader[text].IsEmpty) noText++;
                else
                {
                    examples.Add(reader[text].ToString(), reader[target].ToString(), $"row {reader.Row}");
                    if (group >= 0) examples.Groups.Add(reader[group].ToString());
                    if (time >= 0) examples.Times.Add(Time(rows, reader, time));
                }
            }
        examples.Notes.AddRange(rows.Notes);
        if (examples.Count == 0)
            throw new DataException(rows.Name, noLabel + noText == 0 ? "has no rows" : noText == 0
                ? $"has no label in any row: the column '{columns.Target}' is empty"
                : $"has no row with both a text in '{columns.Text}' and a label in '{columns.Target}'",
                "a file with texts and labels");
        if (noText > 0) examples.Notes.Add($"passed over {Wording.Count(noText, "row")} without text in '{columns.Text}'");
        if (noLabel > 0) examples.Notes.Add($"passed over {Wording.Count(noLabel, "row")} without a label in '{columns.Target}'");
        return examples;
    }

    /// <summary>The classes that occur, numbers by their size and others in the order of their characters.</summary>
    /// <exception cref="DataException">There is one alone, or there are too many to be classes.</exception>
    public string[] Classes(string? target)
    {
        const int MostClasses = 10_000;
        string[] classes = [.. Labels.Distinct()];
        string where = target is null ? "" : $" in '{target}'";
        if (classes.Length < 2) throw new DataException(Source,
            $"has one class alone{where}, '{classes.FirstOrDefault()}': there is nothing to tell apart", "texts of a second class");
        if (classes.Length > MostClasses || classes.Length > 20 && classes.Length > Count / 2)
            throw new DataException(Source,
                $"has {classes.Length:N0} different labels{where} in {Wording.Count(Count, "text")}: these are no classes",
                "another column of labels, with --target");
        bool areNumbers = classes.All(c => double.TryParse(c, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
        return areNumbers ? [.. classes.OrderBy(c => double.Parse(c, CultureInfo.InvariantCulture)).ThenBy(c => c, StringComparer.Ordinal)]
            : [.. classes.Order(StringComparer.Ordinal)];
    }

    private static double Time(RowSource rows, RowReader reader, int column)
    {
        ReadOnlySpan<char> cell = reader[column];
        if (double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)) return number;
        if (DateTime.TryParse(cell, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal,
            out DateTime date)) return date.Ticks;
        throw new DataException(rows.Name, $"row {reader.Row} has '{cell}' in {rows.Columns[column]}, which is neither a number nor a date",
            "a column of times");
    }
}
