using Lamina.Learning.Layers;
using Lamina.Learning.Saving;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Texts;

/// <summary>How a <see cref="TextVocabulary"/> is built.</summary>
public sealed record VocabularyOptions
{
    /// <summary>The number of texts in which a word or a pair of words has to occur to be known, from 1.</summary>
    public int LeastTexts { get; init; } = 2;

    /// <summary>The most words and pairs that are known, the most frequent ones, 1 to 1,000,000.</summary>
    public int MostWords { get; init; } = 100_000;

    /// <summary>The number of numbers that pieces of unknown words share, 0 or more; 0: unknown words are left out.</summary>
    public int Pieces { get; init; } = 4_096;

    /// <summary>Whether neighbouring words count as a pair too.</summary>
    public bool HasPairs { get; init; } = true;

    /// <summary>The most tokens of a text; null: as many as the longest of the texts has, at most 512.</summary>
    public int? Length { get; init; }
}

/// <summary>
/// Texts of any language as tokens: int32 (texts, <see cref="Length"/>), filled up with 0 at the end. A token stands for a word, for a pair of
/// neighbouring words (Wang and Manning, 2012: "Baselines and bigrams"), or, where a word isn't known, for a piece of three to five of
/// its characters (Bojanowski et al., 2017: "Enriching word vectors with subword information"), so that a misspelt word and one never seen
/// still say something. Case, accents' spelling and styled letters make no difference; a word in capitals has a token of its own
/// before it. Of a text with too many tokens the beginning and the end are kept. It encodes on any number of threads at once.
/// </summary>
public sealed partial record TextVocabulary : TextPreprocessing
{
    private const int MostPieces = 1 << 24, MostLength = 1 << 16, UsualLength = 512;

    private readonly Dictionary<string, int> _numbers;

    /// <summary>A vocabulary of words, such as one that was saved.</summary>
    /// <param name="words">The words and pairs that are known, as <see cref="Words"/> has them, without repetition.</param>
    /// <param name="length">The number of tokens of every text, 1 to 65,536.</param>
    /// <param name="pieces">The number of numbers that pieces of unknown words share, 0 to 16,777,216.</param>
    /// <exception cref="ArgumentException">A word comes twice, or a number is out of its range.</exception>
    public TextVocabulary(IReadOnlyList<string> words, int length, int pieces)
    {
        Expect.AtLeast(1, length);
        Expect.AtLeast(0, pieces);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MostLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pieces, MostPieces);
        (Words, Length, Pieces) = (words, length, pieces);
        _numbers = new(words.Count);
        foreach (string word in words)
            if (!_numbers.TryAdd(word, _numbers.Count + 1)) throw new ArgumentException($"the word '{word}' comes twice", nameof(words));
    }

    /// <summary>The words that are known, folded, and pairs with a blank between their words; the first one's token is 1.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>The number of tokens of every text.</summary>
    public int Length { get; }

    /// <summary>The number of tokens that pieces of unknown words share; the first comes after the last word's.</summary>
    public int Pieces { get; }

    /// <summary>The number of tokens that there are, 0 for padding among them: what an embedding of them needs.</summary>
    public int Size => 1 + Words.Count + Pieces;

    /// <summary>Builds a vocabulary in one pass over texts, in memory that doesn't grow with their number. The same texts give the same one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static TextVocabulary Build(IEnumerable<string> texts, VocabularyOptions? options = null)
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LeastTexts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MostWords, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MostWords, 1_000_000);
        var counts = new WordCounts(options.HasPairs);
        foreach (string text in texts) counts.Add(text);
        return new(counts.Frequent(options.LeastTexts, options.MostWords), options.Length ?? Math.Clamp(counts.MostTokens, 1, UsualLength),
            options.Pieces);
    }

    /// <inheritdoc/>
    public override Tensor Encode(IReadOnlyList<string> texts) => Tensor.Create<int>(new Shape(texts.Count, Length), tokens =>
    {
        for (int i = 0; i < texts.Count; i++) Encode(texts[i], tokens.Slice(i * Length, Length));
    });

    /// <summary>Writes the tokens of a text, and 0 behind them. Nothing is allocated for words that are in composed form.</summary>
    /// <param name="text">Any text, an empty one too.</param>
    /// <param name="tokens">Where they go; of any length, such as <see cref="Length"/>.</param>
    /// <returns>The number of tokens that were written.</returns>
    public int Encode(ReadOnlySpan<char> text, Span<int> tokens)
    {
        var known = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        var kept = new TokenEnds(tokens);
        var reader = new TokenReader(text, stackalloc char[TokenReader.Memory]);
        while (reader.Read())
        {
            if (known.TryGetValue(reader.Token, out int number)) kept.Add(number);
            else if (reader.Kind == TokenKind.Word) AddPieces(reader.Token, ref kept);
        }
        return kept.End();
    }

    // How an unknown word begins and how it ends.
    private void AddPieces(scoped ReadOnlySpan<char> word, ref TokenEnds kept)
    {
        const int Beginning = 4, End = 3;
        if (Pieces == 0) return;
        kept.Add(Piece('<', word[..Math.Min(Beginning, word.Length)]));
        kept.Add(Piece('>', word[^Math.Min(End, word.Length)..]));
    }

    // FNV-1a (Fowler, Noll and Vo).
    private int Piece(char kind, ReadOnlySpan<char> letters)
    {
        uint hash = (2_166_136_261 ^ kind) * 16_777_619;
        foreach (char letter in letters) hash = (hash ^ letter) * 16_777_619;
        return 1 + Words.Count + (int)((hash ^ hash >> 15) % (uint)Pieces);
    }

    /// <inheritdoc/>
    public override string ToString() => $"TextVocabulary({Words.Count:N0} words and pairs, {Pieces:N0} pieces, {Length} tokens)";
}
