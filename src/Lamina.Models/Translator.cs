using Lamina.Learning.Data;
using Lamina.Learning.Generation;
using Lamina.Learning.Texts;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

/// <summary>
/// Translates texts with a <see cref="TransformerTranslator"/> that was trained on a <see cref="SequencePairDataset"/> of what <see cref="Encode"/>
/// gives. Texts of about the same length are translated together; the memory for groups of one shape is kept. Not safe for several threads.
/// </summary>
/// <param name="model">The network; its weights are read as they are at each call.</param>
/// <param name="tokenizer">What makes tokens of texts of both languages.</param>
public sealed class Translator(TransformerTranslator model, Tokenizer tokenizer)
{
    private const int MostRows = 128, Granularity = 8, MostMemories = 8;

    // Tokens that are read and written together at most, over all rows: keys and values of so many are kept.
    private const int MostTokens = 40_000;
    private const double LengthPenalty = 0.6;
    private static readonly int[] s_banned = [SequencePairDataset.Padding, SequencePairDataset.Begin];

    private readonly List<TranslatorMemory> _memories = [];

    /// <summary>The network.</summary>
    public TransformerTranslator Model => model;

    /// <summary>The number of tokens that a network needs to know: those of a tokenizer, and those that pad, begin and end.</summary>
    public static int SizeOf(Tokenizer tokenizer) => tokenizer.Size + SequencePairDataset.First;

    /// <summary>The tokens of a text as the network takes them, without one that ends it. The first word gets a blank, so that it is the word it is
    /// elsewhere.</summary>
    public static int[] Encode(Tokenizer tokenizer, string text)
    {
        int[] tokens = tokenizer.Encode(text.Length > 0 && !char.IsWhiteSpace(text[0]) ? $" {text}" : text);
        for (int i = 0; i < tokens.Length; i++) tokens[i] += SequencePairDataset.First;
        return tokens;
    }

    /// <summary>The number of tokens of a text.</summary>
    public int Count(string text) => Encode(tokenizer, text).Length;

    /// <summary>The text of tokens as the network gives them.</summary>
    public static string Decode(Tokenizer tokenizer, IEnumerable<int> tokens) =>
        tokenizer.Decode(tokens.Where(t => t >= SequencePairDataset.First).Select(t => t - SequencePairDataset.First)).Trim();

    /// <summary>Translates texts.</summary>
    /// <param name="texts">The texts; one of blanks becomes an empty one.</param>
    /// <param name="beams">Beginnings of each translation that are kept while it is searched for, 1 to 128.</param>
    /// <param name="longest">Tokens of a text that are read; what is behind them is left out. Null: all.</param>
    /// <param name="most">The most tokens of a translation; null: twice those of the text, and 10.</param>
    /// <param name="cancel">Stops between two groups.</param>
    /// <returns>The translations, in the order of the texts.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public string[] Translate(IReadOnlyList<string> texts, int beams = 4, int? longest = null, int? most = null, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(beams, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(beams, MostRows);
        if (longest is { } l) ArgumentOutOfRangeException.ThrowIfLessThan(l, 1, nameof(longest));
        if (most is { } m) ArgumentOutOfRangeException.ThrowIfLessThan(m, 1, nameof(most));
        int[][] tokens = [.. texts.Select(text => string.IsNullOrWhiteSpace(text) ? [] : Encode(tokenizer, text))
            .Select(t => longest is { } limit && t.Length > limit ? t[..limit] : t)];
        var translations = new string[texts.Count];
        Array.Fill(translations, "");
        int[] order = [.. Enumerable.Range(0, texts.Count).Where(i => tokens[i].Length > 0).OrderBy(i => tokens[i].Length)];
        for (int next = 0; next < order.Length;)
        {
            cancel.ThrowIfCancellationRequested();
            int count = Math.Min(Math.Max(1, MostRows / beams), order.Length - next);
            while (count > 1 && (long)count * beams * (tokens[order[next + count - 1]].Length + Places(tokens[order[next + count - 1]],
                most)) > MostTokens) count /= 2;
            int[] group = order[next..(next += count)];
            int[][] found = Search([.. group.Select(i => tokens[i])], beams, most);
            for (int i = 0; i < group.Length; i++) translations[group[i]] = Decode(tokenizer, found[i]);
        }
        return translations;
    }

    private int[][] Search(int[][] sources, int beams, int? most)
    {
        // A few shapes serve all: rows and steps are rounded up.
        int rows = Rounded(sources.Length) * beams, steps = Multiple(sources.Max(s => s.Length) + 1), places = Multiple(sources.Max(s => Places(s, most)));
        TranslatorMemory memory = MemoryOf(rows, steps, places + 1);
        int texts = rows / beams;
        memory.Begin(Tensor.Create<int>(new Shape(rows, steps), values =>
        {
            values.Fill(SequencePairDataset.Padding);
            for (int row = 0; row < rows; row++)
            {
                ReadOnlySpan<int> source = row / beams < sources.Length ? sources[row / beams] : [];
                source.CopyTo(values[(row * steps)..]);
                values[row * steps + source.Length] = SequencePairDataset.End;
            }
        }));
        int[][] found = new BeamSearch(model.Options.Vocabulary, beams, SequencePairDataset.End, LengthPenalty)
            .Search([.. Enumerable.Range(0, texts).Select(i => i < sources.Length ? Places(sources[i], most) : 1)], SequencePairDataset.Begin,
            (last, from) => memory.Write(Tensor.From(last, new Shape(rows, 1)), Tensor.From(from)).Read<float>(), s_banned);
        return found[..sources.Length];
    }

    // The most tokens of a translation.
    private static int Places(int[] source, int? most) => most ?? 2 * source.Length + 10;

    private TranslatorMemory MemoryOf(int rows, int steps, int places)
    {
        int at = _memories.FindIndex(m => m.Rows == rows && m.Steps == steps && m.Places == places);
        TranslatorMemory memory = at >= 0 ? _memories[at] : new TranslatorMemory(model, rows, steps, places);
        if (at >= 0) _memories.RemoveAt(at);
        _memories.Insert(0, memory);
        while (_memories.Count > MostMemories || _memories.Count > 1 && _memories.Sum(m => m.Rows * (m.Steps + (long)m.Places)) > 2 * MostTokens)
            _memories.RemoveAt(_memories.Count - 1);
        return memory;
    }

    private static int Multiple(int count) => (count + Granularity - 1) / Granularity * Granularity;

    // A power of two.
    private static int Rounded(int count) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count);
}
