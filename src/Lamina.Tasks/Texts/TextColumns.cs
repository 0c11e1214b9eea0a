using System.Globalization;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Texts;

/// <summary>Which columns of a table hold texts and labels.</summary>
/// <param name="Text">The name of the column of texts.</param>
/// <param name="Target">The name of the column of labels.</param>
/// <param name="Reason">Why these, as a sentence.</param>
internal sealed record TextColumns(string Text, string Target, string Reason)
{
    private const int Looked = 2_000, LeastRows = 4, MostClasses = 200;
    private const double LeastWords = 3, LeastFilled = 0.5, LeastDifferent = 0.5;

    private static readonly string[] s_targets = ["label", "labels", "class", "category", "target", "sentiment", "y", "spam", "topic", "rating",
        "stars", "intent", "language", "lang", "author", "type", "tag"];

    /// <summary>Finds them by a look at the first rows; what a person named is taken.</summary>
    /// <exception cref="DataException">A named column isn't there, or none fits.</exception>
    public static TextColumns Of(RowSource rows, string? text, string? target)
    {
        if (text is not null) text = rows.Columns[ColumnNames.Find(rows, text)];
        if (target is not null) target = rows.Columns[ColumnNames.Find(rows, target)];
        if (text is not null && text == target) throw new DataException(rows.Name, $"has its texts and its labels in one column, '{text}'",
            "two different columns");
        ColumnLook[] looks = ColumnLook.Of(rows, Looked);
        ColumnLook? best = looks.Where(c => c.Name != target && c.IsText).MaxBy(c => c.Words);
        text ??= best?.Name ?? throw new DataException(rows.Name,
            $"has no column of texts, with at least {LeastWords:N0} words on the average, among {Wording.Names(rows.Columns)}",
            "naming one with --text, or the task tables");
        if (target is not null) return new(text, target,
            $"texts are in {Shown(text)}{(best?.Name == text ? $", {best.About}" : "")}; labels in {Shown(target)}, as asked for");
        ColumnLook[] labels = [.. looks.Where(c => c.Name != text && c.IsLabel)];
        ColumnLook? named = labels.FirstOrDefault(c => s_targets.Contains(c.Name.ToLowerInvariant()));
        ColumnLook chosen = named ?? labels.LastOrDefault()
            ?? throw new DataException(rows.Name,
                $"has no column of labels besides the texts in '{text}': one with 2 to {MostClasses} different values that come again and again",
                "naming one with --target");
        string more = labels.Length > 1 ? $"; --target chooses another, such as {Shown(labels.First(c => c != chosen).Name)}" : "";
        return new(text, chosen.Name,
            $"texts are in {Shown(text)}{(best?.Name == text ? $", {best.About}" : "")}; labels in {Shown(chosen.Name)}, with {Wording.Count(chosen.Different, "different value")}{(named is null ? "" : " and by its name")}{more}");
    }

    /// <summary>How well a table fits: one column of texts, one of labels, and nothing else that says much.</summary>
    public static (double Score, string Reason) Recognize(RowSource rows)
    {
        ColumnLook[] looks = ColumnLook.Of(rows, Looked);
        ColumnLook? text = looks.Where(c => c.IsText).MaxBy(c => c.Words);
        if (text is null) return (0, "");
        ColumnLook[] labels = [.. looks.Where(c => c != text && c.IsLabel)], others = [.. looks.Where(c => c != text && c.SaysMuch)];
        if (labels.Length == 0) return (0.3, $"{rows.Name} has texts in {Shown(text.Name)}");
        // The label is one of them; with several more it is a table that has a text too.
        return (others.Length <= 2 ? 0.9 : 0.4, $"{rows.Name} has texts in {Shown(text.Name)}, {text.About}, and labels in {Shown(labels[^1].Name)}");
    }

    /// <summary>The number of a column.</summary>
    /// <exception cref="DataException">There is none of this name.</exception>
    public static int Place(RowSource rows, string name)
    {
        for (int i = 0; i < rows.Columns.Count; i++)
            if (rows.Columns[i] == name) return i;
        throw ColumnNames.Missing(rows, name);
    }

    private static string Shown(string column) => column.All(char.IsAsciiDigit) ? $"column {column}" : $"'{column}'";

    /// <summary>What the first rows have in a column.</summary>
    private sealed class ColumnLook(string name)
    {
        private readonly HashSet<string> _values = [];
        private long _words;
        private int _rows, _filled, _numbers;

        public string Name => name;

        public int Different => _values.Count;

        public double Words => _filled == 0 ? 0 : (double)_words / _filled;

        public string About => $"with {Words:F0} words on the average";

        public bool IsText => _filled > 0 && Words >= LeastWords && _numbers * 2 < _filled
            && (_values.Count >= LeastDifferent * _filled || _rows < LeastRows && _values.Count > 1);

        public bool IsLabel => _filled >= LeastFilled * _rows && !IsText && _values.Count >= 2
            && _values.Count <= Math.Min(MostClasses, Math.Max(2, _filled / 2)) && _values.All(v => v.Length <= 100);

        /// <summary>Whether it is filled, varies, and isn't a number for each row.</summary>
        public bool SaysMuch => _filled >= LeastFilled * _rows && _values.Count >= 2 && (_values.Count < _filled || _numbers < _filled);

        public static ColumnLook[] Of(RowSource rows, int most)
        {
            ColumnLook[] looks = [.. rows.Columns.Select(c => new ColumnLook(c))];
            using RowReader reader = rows.Open();
            while (reader.Row < most && reader.Read())
                for (int i = 0; i < looks.Length; i++) looks[i].Add(reader[i]);
            return looks;
        }

        private void Add(ReadOnlySpan<char> cell)
        {
            const int Beginning = 2_000;
            _rows++;
            if (cell.IsEmpty) return;
            _filled++;
            if (double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _)) _numbers++;
            ReadOnlySpan<char> beginning = cell[..Math.Min(cell.Length, Beginning)];
            _words += WordsIn(beginning);
            _values.Add(beginning.ToString());
        }

        // A run of letters; a script without blanks has about a word in two characters.
        private static int WordsIn(ReadOnlySpan<char> text)
        {
            int words = 0, alone = 0;
            bool isInside = false;
            foreach (char c in text)
            {
                bool isLetter = char.IsLetter(c);
                if (c is >= '\u0E00' and <= '\u0EFF' or >= '\u2E80' and <= '\u9FFF' || char.IsHighSurrogate(c)) alone++;
                else if (isLetter && !isInside) words++;
                isInside = isLetter || isInside && char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
            }
            return words + alone / 2;
        }
    }
}
