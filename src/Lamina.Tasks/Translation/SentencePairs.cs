using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lamina.Formats;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Translation;

/// <summary>Sentences and their translations, in memory.</summary>
/// <param name="source">A path, or the name of built-in data.</param>
internal sealed class SentencePairs(string source)
{
    /// <summary>The most pairs that are read.</summary>
    public const int Most = 1_000_000;

    // Characters of both sides: 4 GB of memory.
    private const long MostCharacters = 2_000_000_000;

    private const double MostEqual = 0.5;

    private long _characters;

    private readonly List<string> _sources = [], _targets = [];
    private readonly List<int> _places = [];

    /// <summary>A path, or the name of built-in data.</summary>
    public string Source => source;

    /// <summary>The sentences.</summary>
    public IReadOnlyList<string> Sources => _sources;

    /// <summary>Their translations.</summary>
    public IReadOnlyList<string> Targets => _targets;

    /// <summary>What both sides are called.</summary>
    public (string Source, string Target) Names { get; private set; } = ("source", "target");

    /// <summary>Whether they came from a table, whose rows they are.</summary>
    public bool IsTable { get; private set; }

    /// <summary>What a person should know of how they were read.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Number of pairs.</summary>
    public int Count => _sources.Count;

    /// <summary>A hash of everything in it.</summary>
    public string Hash
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (List<string> side in (List<string>[])[_sources, _targets])
                foreach (string text in side)
                {
                    hash.AppendData(BitConverter.GetBytes(text.Length));
                    hash.AppendData(Encoding.Unicode.GetBytes(text));
                }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>A hash of a pair.</summary>
    public ulong HashOf(int pair) => BitConverter.ToUInt64(SHA256.HashData(Encoding.Unicode.GetBytes($"{_sources[pair]}\n{_targets[pair]}")));

    /// <summary>Where a pair stands, such as <c>line 17</c>.</summary>
    public string Place(int pair) => string.Create(CultureInfo.InvariantCulture, $"{(IsTable ? "row" : "line")} {_places[pair]:N0}");

    /// <summary>Takes pairs that are at hand.</summary>
    public static SentencePairs Of(string source, (string Source, string Target) names, IEnumerable<(string Source, string Target)> pairs)
    {
        var all = new SentencePairs(source) { Names = names };
        foreach ((string one, string other) in pairs) all.Add(one, other, all.Count + 1);
        return all;
    }

    /// <summary>Reads pairs.</summary>
    /// <param name="files">Where they are.</param>
    /// <param name="columns">Which columns of a table; null: two aligned files.</param>
    /// <param name="isTraining">Whether they are learned from: one language twice is refused.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="DataException">They can't be read, aren't aligned, or are no pairs of sentences in two languages.</exception>
    public static SentencePairs Read(PairFiles files, PairColumns? columns, bool isTraining, CancellationToken cancel)
    {
        var pairs = new SentencePairs(files.Text) { IsTable = columns is not null, Names = columns is null ? files.Names
            : (columns.Source, columns.Target) };
        (int blank, int firstBlank, bool isCut) = columns is null ? pairs.ReadLines(files, cancel)
            : pairs.ReadRows(RowSources.Open(files.Source), columns, cancel);
        if (pairs.Count == 0)
            throw new DataException(files.Text, blank == 0 ? "is empty"
                : $"has no pair with something on both sides: one is empty in {(blank == 1 ? "its only one" : $"all {blank:N0}")}",
                "sentences with their translations");
        if (blank > 0) pairs.Notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"{Wording.Count(blank, "pair")} of {files.Text} with an empty side left out, the first in {(pairs.IsTable ? "row" : "line")} {firstBlank:N0}"));
        if (isCut) pairs.Notes.Add(string.Create(CultureInfo.InvariantCulture, $"the first {pairs.Count:N0} pairs of {files.Text} are read, and no more"));
        int equal = Enumerable.Range(0, pairs.Count).Count(i => string.Equals(pairs._sources[i], pairs._targets[i],
            StringComparison.OrdinalIgnoreCase));
        if (isTraining && equal > MostEqual * pairs.Count && pairs.Count > 1)
            throw new DataException(files.Text, string.Create(CultureInfo.InvariantCulture,
                $"is one language twice: both sides are equal in {equal:N0} of {pairs.Count:N0} pairs"),
                "sentences and their translations into another language");
        if (equal > 0.01 * pairs.Count) pairs.Notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"both sides are equal in {equal:N0} of {pairs.Count:N0} pairs of {files.Text}"));
        return pairs;
    }

    private bool IsFull => Count == Most || _characters > MostCharacters;

    private void Add(string one, string other, int place)
    {
        // Composed: the same word in two forms would be two words.
        _sources.Add(ComposedText.Of(one));
        _targets.Add(ComposedText.Of(other));
        _places.Add(place);
        _characters += one.Length + other.Length;
    }

    private (int Blank, int FirstBlank, bool IsCut) ReadLines(PairFiles files, CancellationToken cancel)
    {
        using IEnumerator<string> ones = TextLines.Sentences(files.Source).GetEnumerator(),
            others = TextLines.Sentences(files.Target!).GetEnumerator();
        int number = 0, blank = 0, firstBlank = 0;
        while (true)
        {
            bool hasOne = ones.MoveNext(), hasOther = others.MoveNext();
            if (!hasOne && !hasOther) return (blank, firstBlank, false);
            if (hasOne != hasOther)
            {
                int rest = 1;
                for (IEnumerator<string> longer = hasOne ? ones : others; longer.MoveNext();) rest++;
                (int own, int its) = hasOne ? (number + rest, number) : (number, number + rest);
                throw new DataException(files.Source, string.Create(CultureInfo.InvariantCulture,
                    $"has {own:N0} {(own == 1 ? "line" : "lines")}, and {files.Target} has {its:N0}: each line should be the translation of the line of the same number"),
                    "files that are aligned line by line");
            }
            if (++number % 10_000 == 0) cancel.ThrowIfCancellationRequested();
            (string one, string other) = (ones.Current.Trim(), others.Current.Trim());
            if (one.Length > 0 && other.Length > 0) Add(one, other, number);
            // Blank on both sides: a line between paragraphs.
            else if ((one.Length > 0 || other.Length > 0) && blank++ == 0) firstBlank = number;
            if (IsFull) return (blank, firstBlank, true);
        }
    }

    private (int Blank, int FirstBlank, bool IsCut) ReadRows(RowSource rows, PairColumns columns, CancellationToken cancel)
    {
        int source = columns.PlaceOf(rows, columns.Source), target = columns.PlaceOf(rows, columns.Target), blank = 0, firstBlank = 0;
        Notes.AddRange(rows.Notes);
        using RowReader reader = rows.Open();
        while (reader.Read())
        {
            if (reader.Row % 10_000 == 0) cancel.ThrowIfCancellationRequested();
            (string one, string other) = (reader[source].ToString().Trim(), reader[target].ToString().Trim());
            if (one.Length > 0 && other.Length > 0) Add(one, other, (int)reader.Row);
            else if (blank++ == 0) firstBlank = (int)reader.Row;
            if (IsFull) return (blank, firstBlank, true);
        }
        return (blank, firstBlank, false);
    }
}
