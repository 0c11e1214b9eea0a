using Lamina.Learning.Layers;
using Lamina.Learning.Saving;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Texts;

/// <summary>
/// Sequences of symbols as numbers: int32 (sequences, steps, <see cref="Features"/>), 0 for padding behind the end. A symbol is a character or a
/// word. Where <see cref="Pieces"/> is above 0, words have five numbers: their own (1 where it is unknown), and those of their beginning, of their
/// endings of two and three letters, and of how they are written (capitals, digits), which say something of words that were never seen. It encodes
/// on any number of threads at once.
/// </summary>
public sealed partial record SymbolVocabulary : TextPreprocessing
{
    /// <summary>The number of an unknown symbol.</summary>
    public const int Unknown = 1;

    private const int MostPieces = 1 << 20, WordFeatures = 5;

    private readonly Dictionary<string, int> _numbers;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    /// <summary>A vocabulary of symbols, such as one that was saved.</summary>
    /// <param name="symbols">The symbols that are known, without repetition.</param>
    /// <param name="pieces">The number of numbers that pieces of words share, 0 to 1,048,576; 0: a symbol has its own number alone.</param>
    /// <exception cref="ArgumentException">A symbol comes twice, or is empty.</exception>
    public SymbolVocabulary(IReadOnlyList<string> symbols, int pieces)
    {
        Expect.AtLeast(0, pieces);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pieces, MostPieces);
        (Symbols, Pieces) = (symbols, pieces);
        _numbers = new(symbols.Count, StringComparer.Ordinal);
        foreach (string symbol in symbols)
            if (symbol.Length == 0 || !_numbers.TryAdd(symbol,
                _numbers.Count + 2)) throw new ArgumentException($"the symbol '{symbol}' is empty or comes twice", nameof(symbols));
        _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        AreCharacters = pieces == 0 && symbols.All(s => s.Length == 1);
    }

    /// <summary>The symbols that are known; the first one's number is 2.</summary>
    public IReadOnlyList<string> Symbols { get; }

    /// <summary>The number of numbers that pieces of words share.</summary>
    public int Pieces { get; }

    /// <summary>Whether every symbol is a character, so that a text is a sequence of its characters; otherwise one of its words.</summary>
    public bool AreCharacters { get; }

    /// <summary>How many numbers a symbol has.</summary>
    public int Features => Pieces > 0 ? WordFeatures : 1;

    /// <summary>How many numbers there are, 0 for padding among them: what an embedding of them needs.</summary>
    public int Size => 2 + Symbols.Count + Pieces;

    /// <summary>The symbols of a text: its characters without blanks, or what is between blanks.</summary>
    public string[] Split(string text) => AreCharacters ? [.. text.Where(c => !char.IsWhiteSpace(c)).Select(c => c.ToString())]
        : text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Writes the numbers of a symbol.</summary>
    /// <param name="symbol">The symbol.</param>
    /// <param name="numbers">Their memory, <see cref="Features"/> long.</param>
    /// <returns>Whether the symbol is known.</returns>
    public bool Encode(ReadOnlySpan<char> symbol, Span<int> numbers)
    {
        bool isKnown = _lookup.TryGetValue(symbol, out int number);
        numbers[0] = isKnown ? number : Unknown;
        if (Pieces == 0) return isKnown;
        Span<char> lower = stackalloc char[Math.Min(symbol.Length, 64)];
        symbol[..lower.Length].ToLowerInvariant(lower);
        numbers[1] = Piece('<', lower[..Math.Min(3, lower.Length)]);
        numbers[2] = Piece('>', lower[^Math.Min(2, lower.Length)..]);
        numbers[3] = Piece(')', lower[^Math.Min(3, lower.Length)..]);
        numbers[4] = Piece('#', Shape(symbol));
        return isKnown;
    }

    /// <summary>Texts as numbers, (texts, steps of the longest, <see cref="Features"/>).</summary>
    public override Tensor Encode(IReadOnlyList<string> texts)
    {
        string[][] symbols = [.. texts.Select(Split)];
        int steps = Math.Max(1, symbols.Select(s => s.Length).DefaultIfEmpty(0).Max()), features = Features;
        return Tensor.Create<int>(new Shape(texts.Count, steps, features), values =>
        {
            values.Clear();
            for (int i = 0; i < symbols.Length; i++)
                for (int s = 0; s < symbols[i].Length; s++) Encode(symbols[i][s], values.Slice((i * steps + s) * features, features));
        });
    }

    // Capitals, small letters, digits and others, each run of them once: "McDonald's" is "AaAaxa".
    private static string Shape(ReadOnlySpan<char> word)
    {
        Span<char> shape = stackalloc char[8];
        int length = 0;
        foreach (char c in word)
        {
            char kind = char.IsUpper(c) ? 'A' : char.IsLetter(c) ? 'a' : char.IsDigit(c) ? '0' : 'x';
            if (length > 0 && shape[length - 1] == kind) continue;
            if (length == shape.Length) break;
            shape[length++] = kind;
        }
        return new(shape[..length]);
    }

    // FNV-1a (Fowler, Noll and Vo).
    private int Piece(char kind, ReadOnlySpan<char> letters)
    {
        uint hash = (2_166_136_261 ^ kind) * 16_777_619;
        foreach (char letter in letters) hash = (hash ^ letter) * 16_777_619;
        return 2 + Symbols.Count + (int)((hash ^ hash >> 15) % (uint)Pieces);
    }

    /// <inheritdoc/>
    public override string ToString() => $"SymbolVocabulary({Symbols.Count:N0} symbols{(Pieces > 0 ? $", {Pieces:N0} pieces" : "")})";
}
