using System.Globalization;

namespace Lamina.Tasks.Sequences;

/// <summary>How lines hold sequences: a symbol and its label in each line, with something between sequences; or a sequence in each line.</summary>
/// <param name="Symbol">The place of the symbols among the fields of a line, from 0.</param>
/// <param name="Label">The place of the labels; −1: none.</param>
/// <param name="Fields">Number of fields of most lines.</param>
/// <param name="Separator">What separates fields: a tab, a comma or a semicolon; a blank for blanks of any kind.</param>
/// <param name="AreWhole">Whether each line is a sequence: a text of symbols and one of as many labels, a character each.</param>
/// <param name="Header">The names of the fields, where the first line has them.</param>
internal sealed record SequenceLayout(int Symbol, int Label, int Fields, char Separator, bool AreWhole, string[]? Header)
{
    private const double Most = 0.9;

    private static readonly string[] s_symbols = ["token", "tokens", "word", "words", "symbol", "symbols", "form", "residue", "residues", "char",
        "character",
        "text", "sequence", "seq", "input", "observation", "aa", "base"],
        s_labels = ["label", "labels", "tag", "tags", "ner", "nertag", "nertags", "pos", "upos", "class", "target", "structure", "sst", "state",
            "states", "output"],
        s_marks = ["<", ">", "<>", "end", "<end>", "begin", "<begin>", "<s>", "</s>", "//", "--", "---", "==", "===", "***", "#"];

    /// <summary>Lines that were looked at, and how many of them are blank or marks between lines of sequences.</summary>
    public int Lines { get; private init; }

    /// <summary>Number of sequences among the lines that were looked at.</summary>
    public int Sequences { get; private init; }

    /// <summary>Finds how lines hold sequences.</summary>
    /// <param name="lines">The first lines.</param>
    /// <param name="symbol">The column of symbols that a person named, by name or by number from 1; null: to be found.</param>
    /// <param name="label">The column of labels that a person named; null: to be found.</param>
    /// <param name="source">What a person calls the data.</param>
    /// <exception cref="DataException">There is no such column.</exception>
    public static SequenceLayout Of(IReadOnlyList<string> lines, string? symbol, string? label, string source)
    {
        string[] filled = [.. lines.Where(l => !string.IsNullOrWhiteSpace(l))];
        char separator = SeparatorOf(filled);
        string[][] rows = [.. filled.Select(l => Split(l, separator))];
        // A mark stands alone in its line, so one field is the usual number only where no line has more.
        int fields = rows.Where(r => r.Length > 1).GroupBy(r => r.Length).OrderByDescending(g => g.Count()).Select(g => g.Key).FirstOrDefault(1);
        string[][] alike = [.. rows.Where(r => r.Length == fields)];
        string[]? header = alike.Length > 1 && alike[0].Any(f => Is(f, s_labels) || Is(f, s_symbols)) && alike[0].All(f => f.Any(char.IsLetter))
            && !alike.Skip(1).Any(r => r.SequenceEqual(alike[0])) && ReferenceEquals(alike[0], rows.FirstOrDefault()) ? alike[0] : null;
        if (header is not null) alike = alike[1..];
        int Named(string? name, string kind) => name is null ? -1 : header is not null
            && Array.FindIndex(header, h => h.Equals(name, StringComparison.OrdinalIgnoreCase)) is >= 0 and int at ? at
            : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= fields ? number - 1
            : throw new DataException(source,
                $"has no column '{name}' for {kind}s: lines have {Wording.Count(fields, "field")}{(header is null ? "" : $", {Wording.Names(header)}")}", "a number from 1, or one of the names");
        int symbols = Named(symbol, SequencesTask.Symbol), labels = Named(label, SequencesTask.Label);
        bool isUniversal = fields == 10 && separator == '\t' && symbol is null && label is null; // CoNLL-U: index, word, lemma, part of speech, …
        if (symbols < 0) symbols = isUniversal ? 1 : header is not null && Array.FindIndex(header, h => Is(h, s_symbols)) is >= 0 and int s ? s
            : fields > 2 && CountsUp(alike) ? 1 : 0;
        if (labels < 0) labels = fields == 1 ? -1 : isUniversal ? 3 : header is not null
            && Array.FindIndex(header, h => Is(h, s_labels)) is >= 0 and int l && l != symbols ? l : fields - 1;
        if (labels == symbols) labels = fields == 1 ? -1 : throw new DataException(source,
            $"would have symbols and labels in one column, {symbols + 1}", "two different columns");
        bool areWhole = labels >= 0 && alike.Length > 0 && alike.Count(r => r[symbols].Length == r[labels].Length) >= Most * alike.Length
            && alike.Average(r => r[symbols].Length) >= 5;
        (int sequences, bool isInside) = (0, false);
        foreach (string line in lines)
        {
            bool isMark = IsMark(line, separator, fields);
            if (!isMark && !isInside) sequences++;
            isInside = !isMark;
        }
        return new(symbols, labels, fields, separator, areWhole, header) { Lines = lines.Count, Sequences = areWhole ? alike.Length : sequences };
    }

    /// <summary>Whether a line only separates sequences.</summary>
    public bool IsMark(string line) => IsMark(line, Separator, Fields);

    /// <summary>Whether a line is a comment or the header.</summary>
    public bool IsPassedOver(string line, long number) => Fields > 1 && line.StartsWith("# ", StringComparison.Ordinal)
        || number == 1 && Header is not null || line.StartsWith("-DOCSTART-", StringComparison.Ordinal);

    /// <summary>The fields of a line.</summary>
    public string[] Split(string line) => Split(line, Separator);

    /// <summary>In a few words, such as <c>a symbol and its label in each line</c>.</summary>
    public string Text => AreWhole ? "a sequence and its labels in each line" : Label < 0 ? "a symbol in each line"
        : Fields == 2 ? "a symbol and its label in each line"
        : $"symbols in column {Name(Symbol)} and labels in column {Name(Label)} of {Fields}";

    private string Name(int column) => Header is null ? $"{column + 1}" : $"'{Header[column]}'";

    private static bool IsMark(string line, char separator, int fields)
    {
        ReadOnlySpan<char> text = line.AsSpan().Trim();
        if (text.IsEmpty) return true;
        return fields > 1 && text.Length <= 10 && Split(line, separator) is [var one] && s_marks.Contains(one.ToLowerInvariant());
    }

    private static string[] Split(string line, char separator) => separator != ' ' ? line.Split(separator, StringSplitOptions.TrimEntries)
        : line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    // Blanks, unless most lines have tabs, or have no blanks and the same number of commas or semicolons.
    private static char SeparatorOf(string[] lines)
    {
        if (lines.Length > 0 && lines.Count(l => l.Contains('\t')) >= 0.5 * lines.Length) return '\t';
        string[] joined = [.. lines.Where(l => !l.Trim().Contains(' '))];
        foreach (char separator in (char[])[',', ';'])
            if (joined.Length >= Most * lines.Length && joined.GroupBy(l => l.Count(c => c == separator)).MaxBy(g => g.Count()) is { Key: > 0 } usual
                && usual.Count() >= 0.7 * lines.Length) return separator;
        return ' ';
    }

    private static bool Is(string name, string[] names) => names.Contains(new string([.. name.Where(char.IsAsciiLetter)]).ToLowerInvariant());

    // Whether the first fields are places in the sequence: 1, 2, 3 … or 0, 1, 2 …
    private static bool CountsUp(string[][] rows)
    {
        int before = int.MinValue, steps = 0;
        foreach (string[] row in rows)
        {
            if (!int.TryParse(row[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number)) return false;
            if (number == before + 1) steps++;
            before = number;
        }
        return rows.Length > 1 && steps >= 0.5 * rows.Length;
    }
}
