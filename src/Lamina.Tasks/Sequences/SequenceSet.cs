using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Lamina.Formats;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Sequences;

/// <summary>Names and their numbers, from 0, in the order in which they came.</summary>
internal sealed class NameTable
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    public IReadOnlyList<string> Names => _names;

    public int NumberOf(string name)
    {
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, name, out bool isKnown);
        if (isKnown) return number;
        _names.Add(name);
        return number = _names.Count - 1;
    }
}

/// <summary>Sequences in memory, their symbols and labels as numbers; eight bytes a position.</summary>
/// <param name="source">A path, or the name of built-in data.</param>
internal sealed class SequenceSet(string source)
{
    /// <summary>The most positions of a sequence; a longer one is cut.</summary>
    public const int MostSteps = 512;

    private const int LongestSymbol = 200, LookedLines = 5_000;

    private readonly List<int> _symbols = [], _labels = [], _starts = [0], _lines = [];

    /// <summary>A path, or the name of built-in data.</summary>
    public string Source => source;

    /// <summary>What a person should know of how they were read.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>The names of the symbols.</summary>
    public NameTable Symbols { get; init; } = new();

    /// <summary>The names of the labels.</summary>
    public NameTable Labels { get; init; } = new();

    /// <summary>Number of sequences.</summary>
    public int Count => _lines.Count;

    /// <summary>Number of positions.</summary>
    public int Positions => _symbols.Count;

    /// <summary>The symbols of a sequence.</summary>
    public ReadOnlySpan<int> SymbolsOf(int sequence) => CollectionsMarshal.AsSpan(_symbols)[_starts[sequence].._starts[sequence + 1]];

    /// <summary>The labels of a sequence; −1 where one is missing.</summary>
    public ReadOnlySpan<int> LabelsOf(int sequence) => CollectionsMarshal.AsSpan(_labels)[_starts[sequence].._starts[sequence + 1]];

    /// <summary>Where a sequence begins, such as <c>line 17</c>.</summary>
    public string Place(int sequence) => string.Create(CultureInfo.InvariantCulture, $"line {_lines[sequence]:N0}");

    /// <summary>A hash of everything in it.</summary>
    public string Hash
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (NameTable names in (NameTable[])[Symbols, Labels])
                foreach (string name in names.Names)
                {
                    hash.AppendData(BitConverter.GetBytes(name.Length));
                    hash.AppendData(Encoding.Unicode.GetBytes(name));
                }
            foreach (List<int> numbers in (List<int>[])[_symbols, _labels,
                _starts]) hash.AppendData(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(numbers)));
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>A hash of a sequence's symbols and labels.</summary>
    public ulong HashOf(int sequence)
    {
        ulong hash = 14695981039346656037; // FNV-1a (Fowler, Noll and Vo)
        foreach (int symbol in SymbolsOf(sequence)) hash = (hash ^ (uint)symbol) * 1099511628211;
        foreach (int label in LabelsOf(sequence)) hash = (hash ^ (uint)label) * 1099511628211;
        return hash;
    }

    /// <summary>Adds a position to the sequence that is being read.</summary>
    /// <param name="symbol">The symbol.</param>
    /// <param name="label">Its label; null: it is missing.</param>
    public void Add(string symbol, string? label)
    {
        if (symbol.Length > LongestSymbol) symbol = symbol[..LongestSymbol];
        _symbols.Add(Symbols.NumberOf(symbol));
        _labels.Add(label is null ? -1 : Labels.NumberOf(label));
    }

    /// <summary>Number of positions of the sequence that is being read.</summary>
    public int Open => _symbols.Count - _starts[^1];

    /// <summary>Ends the sequence that is being read, if it has any position.</summary>
    /// <param name="line">The line that it began in.</param>
    public void End(int line)
    {
        if (Open == 0) return;
        _starts.Add(_symbols.Count);
        _lines.Add(line);
    }

    /// <summary>The first lines of a file; null where it isn't text.</summary>
    /// <exception cref="DataException">There is no such file, or it can't be read.</exception>
    public static List<string>? FirstLines(string path)
    {
        RowInput input = TextLines.Open(path);
        if (input.Head.Length == 0 || BinaryKind.Of(input.Head, TextEncoding.Of(input.Head)) is not null) return null;
        return [.. TextLines.Of(input).Take(LookedLines)];
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="layout">How its lines hold sequences.</param>
    /// <param name="like">The set whose symbols and labels have numbers already; null: none.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="DataException">It can't be read, or has no sequence.</exception>
    public static SequenceSet Read(string path, SequenceLayout layout, SequenceSet? like, CancellationToken cancel)
    {
        var set = new SequenceSet(path) { Symbols = like?.Symbols ?? new(), Labels = like?.Labels ?? new() };
        int number = 0, began = 1, cut = 0, unlabelled = 0, firstUnlabelled = 0, unequal = 0;
        bool isCut = false;
        foreach (string line in TextLines.Of(TextLines.Open(path)))
        {
            if (++number % 10_000 == 0) cancel.ThrowIfCancellationRequested();
            if (layout.IsPassedOver(line, number)) continue;
            if (layout.IsMark(line))
            {
                End();
                continue;
            }
            string[] fields = layout.Split(line);
            if (layout.AreWhole)
            {
                if (fields.Length <= Math.Max(layout.Symbol, layout.Label) || fields[layout.Symbol].Length != fields[layout.Label].Length)
                {
                    unequal++;
                    continue;
                }
                for (int i = 0; i < fields[layout.Symbol].Length; i++) Next(fields[layout.Symbol][i].ToString(), fields[layout.Label][i].ToString(),
                    number);
                End();
                continue;
            }
            string? label = layout.Label >= 0 && layout.Label < fields.Length && fields[layout.Label].Length > 0 ? fields[layout.Label] : null;
            string symbol = fields.Length > layout.Symbol ? fields[layout.Symbol] : fields[^1];
            if (symbol.Length == 0) continue;
            if (label is null && layout.Label >= 0 && unlabelled++ == 0) firstUnlabelled = number;
            Next(symbol, label, number);
        }
        set.End(began);
        if (set.Count == 0) throw new DataException(path, "has no sequence in it", "a file with a symbol and its label in each line");
        if (cut > 0) set.Notes.Add($"cut {Wording.Count(cut, "sequence")} of {path} that {(cut == 1 ? "has" : "have")} more than {MostSteps} positions into pieces");
        if (unlabelled > 0) set.Notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"{unlabelled:N0} positions of {path} have no label, such as that in line {firstUnlabelled:N0}: they are seen, and not learned"));
        if (unequal > 0) set.Notes.Add($"passed over {Wording.Count(unequal, "line")} of {path} whose labels are not as many as its symbols");
        return set;

        void End()
        {
            set.End(began);
            isCut = false;
        }

        void Next(string symbol, string? label, int line)
        {
            if (set.Open == MostSteps)
            {
                set.End(began);
                if (!isCut) cut++;
                isCut = true;
            }
            if (set.Open == 0) began = line;
            set.Add(symbol, label);
        }
    }
}
