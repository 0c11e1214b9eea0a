using System.Globalization;

namespace Lamina.Tasks.Rows;

/// <summary>How a text is a table, recognised by its first rows.</summary>
/// <param name="Delimiter">Character between cells.</param>
/// <param name="Quotes">Whether quotes hold cells together.</param>
/// <param name="Columns">Number of cells of most rows.</param>
/// <param name="Rows">The first rows, header included.</param>
internal sealed record CsvLook(char Delimiter, bool Quotes, int Columns, IReadOnlyList<string[]> Rows)
{
    private const int MostRows = 200;
    private const double Consistent = 0.9;

    // In the order in which they are preferred where nothing else tells.
    private static readonly char[] s_delimiters = ['\t', ',', ';', '|'];

    /// <summary>Recognises the delimiter.</summary>
    /// <param name="sample">The beginning of the text.</param>
    /// <param name="delimiter">The delimiter where a person has named it.</param>
    /// <param name="isTable">Whether the file's name says that it has delimiters.</param>
    public static CsvLook At(ReadOnlyMemory<char> sample, char? delimiter, bool isTable)
    {
        Try[] tries = delimiter is { } named ? [Look(sample, named)] : [.. s_delimiters.Select(d => Look(sample, d))];
        Try[] several = [.. tries.Where(t => t.Look.Columns > 1)];
        double best = several.Select(t => t.Share).DefaultIfEmpty(0).Max();
        // Text in lines has commas too, but not as many in each.
        if (best >= Consistent || delimiter is not null && several.Length > 0)
            return several.Where(t => t.Share >= best - 0.02).OrderByDescending(t => Math.Round(t.Atoms, 2)).First().Look;
        if (isTable && several.Where(t => t.Look.Rows[0].Length > 1).OrderByDescending(t => t.Share).FirstOrDefault() is { } likeliest)
            return likeliest.Look;
        Try one = tries.OrderBy(t => t.Look.Rows.Count(r => r.Length > 1)).First();
        if (one.Look.Rows.All(r => r.Length == 1)) return one.Look;
        // None that a keyboard has: then each line is a cell.
        return Look(sample, '\u001F').Look;
    }

    /// <summary>Whether the first row names the columns: words above numbers, or above words among which they don't occur.</summary>
    public bool RecogniseHeader()
    {
        string[] first = Rows[0];
        string[][] below = [.. Rows.Skip(1).Where(r => r.Length == first.Length && !r.SequenceEqual(first))];
        if (below.Length == 0) return !first.Any(IsValue) && first.All(c => c.Length > 0);
        if (IsCount(first) && !IsCount(below[0])) return true;
        int names = 0, values = 0;
        for (int c = 0; c < first.Length; c++)
        {
            string[] cells = [.. below.Select(r => r[c]).Where(v => !IsMissing(v))];
            if (IsMissing(first[c]) || cells.Length == 0) continue;
            bool numbers = cells.Count(IsValue) >= Consistent * cells.Length;
            if (IsValue(first[c])) values++;
            else if (numbers) names++;
            else if (cells.Contains(first[c], StringComparer.Ordinal)) values++;
            // Few words, each often, and this isn't one of them.
            else if (cells.Length > 2 && cells.Distinct(StringComparer.Ordinal).Count() <= cells.Length / 2) names++;
        }
        if (names + values > 0) return names >= values;
        const int LongestName = 40;
        return first.All(c => c.Length is > 0 and <= LongestName) && first.Distinct(StringComparer.Ordinal).Count() == first.Length;
    }

    /// <summary>Whether a cell stands for a missing value.</summary>
    internal static bool IsMissing(string cell) => cell.Length == 0 || cell is "?" or "-" or "." ||
        cell.Length <= 4 && cell.ToUpperInvariant() is "NA" or "N/A" or "NAN" or "NULL" or "NONE" or "#N/A";

    // A number, with a decimal comma too, or what is written in digits like a date or a time.
    private static bool IsValue(string cell) =>
        cell.Length > 0 && (double.TryParse(cell, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _)
            || (char.IsAsciiDigit(cell[0]) || cell[0] is '-' or '+' or '.' or '$') && cell.AsSpan(1).IndexOfAnyExcept("0123456789.,:/-+% TZ\u00A0'") < 0);

    // 0, 1, 2 … as a library names columns that have no names, or years; a word before them may name the rows.
    private static bool IsCount(string[] row)
    {
        string[] numbers = row.Length > 3 && !IsValue(row[0]) ? row[1..] : row;
        if (numbers.Length < 3 || !int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out int start)) return false;
        return numbers.Index().All(n => n.Item == (start + n.Index).ToString(CultureInfo.InvariantCulture));
    }

    private static Try Look(ReadOnlyMemory<char> sample, char delimiter)
    {
        Try quoted = Look(sample, delimiter, quotes: true);
        // Tools that write tabs seldom write quotes: there they are characters, when they don't come in pairs.
        if (delimiter != '\t' || !quoted.Doubtful) return quoted;
        Try plain = Look(sample, delimiter, quotes: false);
        return plain.Look.Columns > 1 && plain.Share > quoted.Share - 0.001 && plain.Share >= Consistent ? plain : quoted;
    }

    private static Try Look(ReadOnlyMemory<char> sample, char delimiter, bool quotes)
    {
        using var tokenizer = new CsvTokenizer("", new MemoryChars(sample), delimiter, quotes, lenient: true);
        var rows = new List<string[]>();
        while (rows.Count < MostRows && tokenizer.Read())
        {
            var row = new string[tokenizer.Count];
            for (int c = 0; c < row.Length; c++) row[c] = tokenizer[c].ToString();
            rows.Add(row);
        }
        if (rows.Count == 0) return new(new(delimiter, quotes, 0, rows), 0, 0, tokenizer.Unclosed);
        var usual = rows.GroupBy(r => r.Length).OrderByDescending(g => g.Count()).ThenByDescending(g => g.Key).First();
        string[][] alike = [.. usual];
        long cells = alike.Sum(r => (long)r.Length), atoms = alike.Sum(r => r.LongCount(c => c.Length == 0 || IsValue(c)));
        return new(new(delimiter, quotes, usual.Key, rows), (double)alike.Length / rows.Count, (double)atoms / cells,
            tokenizer.Unclosed || tokenizer is { StrayQuotes: > 0, QuotedLines: > 0 });
    }

    // A look; the share of rows with the usual number of cells; the share of their cells that are numbers; whether quotes were odd.
    private sealed record Try(CsvLook Look, double Share, double Atoms, bool Doubtful);
}
