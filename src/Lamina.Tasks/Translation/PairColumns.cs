using System.Globalization;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Translation;

/// <summary>Which columns of a table hold sentences and their translations.</summary>
/// <param name="Source">The name of the column of sentences.</param>
/// <param name="Target">The name of the column of translations.</param>
internal sealed record PairColumns(string Source, string Target)
{
    private const int Looked = 400, LeastRows = 8;
    private const double LeastDifferent = 0.8, LeastLetters = 0.5, LeastWords = 1.5, LeastCorrelation = 0.6;

    private sealed class Look(string name)
    {
        public readonly HashSet<string> Values = new(StringComparer.Ordinal);
        public readonly List<int> Lengths = [];
        private long _letters, _characters, _words;

        public string Name => name;

        public double Words => Lengths.Count == 0 ? 0 : (double)_words / Lengths.Count;

        public bool IsSentences => Values.Count >= LeastDifferent * Lengths.Count && _letters >= LeastLetters * _characters
            && Values.Count(v => v.Length > 0) > 0.5 * Lengths.Count;

        public void Add(string cell)
        {
            Values.Add(cell);
            Lengths.Add(cell.Length);
            _characters += cell.Length;
            _letters += cell.Count(c => char.IsLetter(c) || c == ' ');
            _words += cell.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
        }
    }

    /// <summary>Finds them by a look at the first rows; what a person named is taken.</summary>
    /// <exception cref="DataException">A named column isn't there, or there aren't two that hold sentences.</exception>
    public static PairColumns Of(RowSource rows, string? source, string? target)
    {
        if (rows.Columns.Count < 2) throw new DataException(rows.Name, "has one column, and no translations beside its sentences",
            "a table of two columns, or two files whose lines are translations of each other, with a comma between them");
        if (source is not null) source = rows.Columns[ColumnNames.Find(rows, source)];
        if (target is not null) target = rows.Columns[ColumnNames.Find(rows, target)];
        if (source is not null && source == target) throw new DataException(rows.Name, $"has sentences and translations in one column, '{source}'",
            "two different columns");
        string[] texts = [.. Looks(rows).Where(l => l.IsSentences).Select(l => l.Name)];
        // Where both are left open, the first two; so few rows say nothing that all are taken for texts.
        if (texts.Length < 2) texts = [.. rows.Columns];
        source ??= texts.FirstOrDefault(c => c != target) ?? rows.Columns.First(c => c != target);
        target ??= texts.FirstOrDefault(c => c != source) ?? rows.Columns.First(c => c != source);
        return new(source, target);
    }

    /// <summary>Why a table is taken for pairs of sentences, as a sentence; null where it isn't: two columns of sentences, whose lengths go
    /// together.</summary>
    public static string? Recognize(RowSource rows)
    {
        const int MostColumns = 5;
        if (rows.Columns.Count is < 2 or > MostColumns) return null;
        Look[] looks = Looks(rows), texts = [.. looks.Where(l => l.IsSentences)];
        if (texts.Length != 2 || looks[0].Lengths.Count < LeastRows || texts.Max(t => t.Words) < LeastWords) return null;
        double correlation = Correlation(texts[0].Lengths, texts[1].Lengths);
        return correlation < LeastCorrelation ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"{rows.Name} has two columns of sentences, {Shown(texts[0].Name)} and {Shown(texts[1].Name)}, long and short in the same rows (correlation {correlation:F2})");
    }

    /// <summary>The number of a column.</summary>
    /// <exception cref="DataException">There is none of this name.</exception>
    public int PlaceOf(RowSource rows, string name)
    {
        for (int i = 0; i < rows.Columns.Count; i++)
            if (rows.Columns[i] == name) return i;
        throw ColumnNames.Missing(rows, name);
    }

    private static string Shown(string column) => column.All(char.IsAsciiDigit) ? $"column {column}" : $"'{column}'";

    private static Look[] Looks(RowSource rows)
    {
        Look[] looks = [.. rows.Columns.Select(c => new Look(c))];
        using RowReader reader = rows.Open();
        while (reader.Row < Looked && reader.Read())
            for (int i = 0; i < looks.Length; i++) looks[i].Add(reader[i].ToString());
        return looks;
    }

    private static double Correlation(List<int> x, List<int> y)
    {
        double xMean = x.Average(), yMean = y.Average(), xx = 0, yy = 0, xy = 0;
        for (int i = 0; i < x.Count; i++)
        {
            xx += (x[i] - xMean) * (x[i] - xMean);
            yy += (y[i] - yMean) * (y[i] - yMean);
            xy += (x[i] - xMean) * (y[i] - yMean);
        }
        return xx > 0 && yy > 0 ? xy / Math.Sqrt(xx * yy) : 0;
    }
}
