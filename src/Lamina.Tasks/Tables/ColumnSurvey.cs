using Lamina.Learning.Columns;

namespace Lamina.Tasks.Tables;

/// <summary>What a column of a table holds.</summary>
internal enum ColumnKind
{
    Number,
    Category,
    Date,
    Text,
    /// <summary>A value of its own for each row, which says nothing of another.</summary>
    Identifier,
    /// <summary>The same value in all rows.</summary>
    Constant,
    /// <summary>No value at all.</summary>
    Empty,
}

/// <summary>What was seen in a column, in one pass over all rows and in bounded memory.</summary>
/// <param name="name">The column's name.</param>
internal sealed class ColumnSurvey(string name)
{
    /// <summary>More different values than this aren't told apart.</summary>
    public const int MostValues = 100_000;

    private const double Nearly = 0.95;
    private const int FewestRows = 20, LongestValue = 1000, FewWords = 3;

    private static readonly string[] s_missingWords = ["none", "nil", "missing"];

    private readonly Dictionary<string, long> _values = [], _missingWords = [];
    private readonly long[] _dates = new long[2];
    private long _points, _commas, _integers, _words, _ascending, _presentAtMost;
    private double _before = double.NaN, _least = double.PositiveInfinity, _most = double.NegativeInfinity;
    private string? _notNumber;

    public string Name => name;

    public long Rows { get; private set; }

    public long Missing { get; private set; }

    public long Infinite { get; private set; }

    /// <summary>Whether there are more than <see cref="MostValues"/> different values.</summary>
    public bool HasManyValues { get; private set; }

    /// <summary>The different values and how often each comes; none where there are many.</summary>
    public IReadOnlyDictionary<string, long> Values => _values;

    /// <summary>The number of different values, at most <see cref="MostValues"/>.</summary>
    public int Different => HasManyValues ? MostValues : _values.Count;

    /// <summary>Words such as "none" that count as missing values, but may be meant as a class.</summary>
    public IReadOnlyDictionary<string, long> MissingWords => _missingWords;

    public long Present => Rows - Missing;

    public DecimalMark Mark => _commas > _points ? DecimalMark.Comma : DecimalMark.Point;

    public DateOrder Order => _dates[1] > _dates[0] ? DateOrder.DayFirst : DateOrder.MonthFirst;

    /// <summary>Whether its dates can be read with the day first or the month first alike.</summary>
    public bool HasAmbiguousDates { get; private set; } = true;

    public long Numbers => Math.Max(_points, _commas);

    public long Dates => _dates.Max();

    /// <summary>A value that is no number where most are.</summary>
    public string? NotNumber => _notNumber;

    public bool IsInteger => _integers == Numbers;

    /// <summary>Whether all its values are one, however it is written: 5 and 5.0.</summary>
    public bool HasOneValue => _values.Count == 1 || Numbers == Present && Present > 0 && _least == _most;

    public void Add(ReadOnlySpan<char> cell)
    {
        Rows++;
        if (Cell.IsMissing(cell))
        {
            Missing++;
            foreach (string word in s_missingWords)
                if (cell.Equals(word, StringComparison.OrdinalIgnoreCase))
                    _missingWords[cell.ToString()] = _missingWords.GetValueOrDefault(cell.ToString()) + 1;
            return;
        }
        bool isPoint = Cell.TryNumber(cell, DecimalMark.Point, out double value), isComma = false;
        if (isPoint) _points++;
        if ((!isPoint || cell.Contains(',') || _commas > 0) && Cell.TryNumber(cell, DecimalMark.Comma, out double other))
        {
            (isComma, _commas) = (true, _commas + 1);
            if (!isPoint) value = other;
        }
        if (isPoint || isComma)
        {
            if (value == Math.Floor(value)) _integers++;
            if (value == _before + 1) _ascending++;
            _before = value;
            if (value < _least) _least = value;
            if (value > _most) _most = value;
        }
        else
        {
            if (Cell.IsInfinite(cell)) Infinite++;
            else _notNumber ??= cell.Length > 40 ? $"{cell[..40]}…" : cell.ToString();
            // Numbers were counted as such; only other texts may be dates or words.
            Span<double> days = [double.NaN, double.NaN];
            for (int order = 0; order < _dates.Length; order++)
                if (DateColumn.TryDays(cell, (DateOrder)order, out days[order])) _dates[order]++;
            if (days[0] == days[1]) HasAmbiguousDates = false;
            _words += Words(cell);
        }
        if (HasManyValues) return;
        Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> lookup = _values.GetAlternateLookup<ReadOnlySpan<char>>();
        ReadOnlySpan<char> key = cell.Length > LongestValue ? cell[..LongestValue] : cell;
        lookup.TryGetValue(key, out long count);
        lookup[key] = count + 1;
        if (_values.Count <= MostValues) return;
        (HasManyValues, _presentAtMost) = (true, Present);
        _values.Clear();
        _values.TrimExcess();
    }

    /// <summary>What the column holds, and why where that may surprise.</summary>
    public (ColumnKind Kind, string? Reason) Kind()
    {
        if (Present == 0) return (ColumnKind.Empty, "it has no values");
        if (HasOneValue && Missing == 0) return (ColumnKind.Constant, $"it has the same value in all rows, '{Shown(_values.Keys.FirstOrDefault() ?? "")}'");
        // Of a long column the share of different values is that of its beginning.
        double different = (double)Different / (HasManyValues ? _presentAtMost : Present);
        bool isDistinct = different == 1;
        if (Numbers >= Nearly * Present || HasWordsForMissing())
        {
            bool isCounter = isDistinct && Rows >= FewestRows && IsInteger && (_ascending >= Nearly * (Present - 1) || HasIdentifierName());
            return isCounter ? (ColumnKind.Identifier, "its whole numbers number the rows") : (ColumnKind.Number, null);
        }
        if (_dates.Max() + Numbers >= Nearly * Present && _dates.Max() > Numbers) return (ColumnKind.Date, null);
        long texts = Math.Max(1, Present - Numbers);
        double words = (double)_words / texts;
        bool isMostlyDistinct = different > 0.5;
        if (words >= 3 && isMostlyDistinct && Present >= FewestRows) return (ColumnKind.Text, null);
        if (Rows >= FewestRows && (different > 0.9 || isMostlyDistinct && HasManyValues && HasIdentifierName()))
            return (ColumnKind.Identifier, "nearly every row has a value of its own");
        return (ColumnKind.Category, null);
    }

    public override string ToString() => name;

    // Numbers of which many differ, and beside them a word or two such as "unknown" again and again.
    private bool HasWordsForMissing()
    {
        if (HasManyValues || 2 * Numbers < Present || _values.Count < FewestRows) return false;
        DecimalMark mark = Mark;
        return _values.Keys.Count(value => !Cell.TryNumber(value, mark, out _)) <= FewWords;
    }

    private bool HasIdentifierName()
    {
        string plain = name.Trim().ToLowerInvariant();
        return plain is "id" or "index" or "uuid" or "guid" or "key" or "nr" or "no" or "row" || plain.EndsWith("_id", StringComparison.Ordinal)
            || plain.EndsWith(" id", StringComparison.Ordinal)
            || name.EndsWith("Id", StringComparison.Ordinal) || name.EndsWith("ID", StringComparison.Ordinal);
    }

    private static int Words(ReadOnlySpan<char> cell)
    {
        int words = 0;
        bool isIn = false;
        foreach (char c in cell)
        {
            bool isLetter = char.IsLetter(c);
            if (isLetter && !isIn) words++;
            // Scripts without blanks between words have about two characters in each.
            isIn = isLetter && (c < 0x2E80 || !isIn);
        }
        return words;
    }

    public static string Shown(string value) => value.Length > 40 ? value[..40] + "…" : value;
}
