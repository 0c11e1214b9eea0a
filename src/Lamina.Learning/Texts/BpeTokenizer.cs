using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Lamina.Learning.Texts;

/// <summary>
/// Tokens of several bytes, by byte-pair encoding (Sennrich, Haddow and Birch, 2016: "Neural machine translation of rare words with subword
/// units"; over bytes as in Radford et al., 2019): text is cut into words with the blank before them, each word into the bytes of its UTF-8, and
/// neighbouring tokens are merged, those first that were merged first in training. Every text can be written, and none is unknown.
/// </summary>
public sealed partial record BpeTokenizer : Tokenizer
{
    // Merging costs the square of a word's length, so a word without end is cut.
    private const int LongestWord = 256, MostMerges = 1 << 20;

    private readonly Dictionary<(int, int), int> _merged;
    private readonly byte[][] _bytes;

    /// <summary>A tokenizer of merges, such as one that was saved.</summary>
    /// <param name="merges">Pairs of tokens one behind the other, in the order of their merging: the first pair makes token 256, the next 257.</param>
    /// <exception cref="ArgumentException">A pair comes twice, or has a token that isn't there yet; or there is half a pair.</exception>
    public BpeTokenizer(IReadOnlyList<int> merges)
    {
        if (merges.Count % 2 != 0) throw new ArgumentException("the last pair has one token", nameof(merges));
        if (merges.Count / 2 > MostMerges) throw new ArgumentException($"there are {merges.Count / 2:N0} merges, and {MostMerges:N0} at most", nameof(merges));
        Merges = merges;
        _merged = new(merges.Count / 2);
        _bytes = new byte[256 + merges.Count / 2][];
        for (int i = 0; i < 256; i++) _bytes[i] = [(byte)i];
        for (int i = 0, token = 256; i < merges.Count; i += 2, token++)
        {
            (int first, int second) = (merges[i], merges[i + 1]);
            if ((uint)first >= (uint)token || (uint)second >= (uint)token)
                throw new ArgumentException($"merge {i / 2} is of {first} and {second}, and there are {token} tokens before it", nameof(merges));
            if (_bytes[first].Length + _bytes[second].Length > LongestWord)
                throw new ArgumentException($"merge {i / 2} makes a token of more than {LongestWord} bytes", nameof(merges));
            if (!_merged.TryAdd((first, second), token)) throw new ArgumentException($"{first} and {second} are merged twice", nameof(merges));
            _bytes[token] = [.. _bytes[first], .. _bytes[second]];
        }
    }

    /// <summary>Pairs of tokens one behind the other, in the order of their merging.</summary>
    public IReadOnlyList<int> Merges { get; }

    /// <inheritdoc/>
    public override int Size => _bytes.Length;

    /// <summary>
    /// Learns merges from texts: the pair that occurs most often in them is merged, again and again; of equally frequent pairs the one of the
    /// smallest tokens. The same texts give the same tokenizer.
    /// </summary>
    /// <param name="texts">The texts, or parts of one that end at the end of a word.</param>
    /// <param name="size">The number of tokens wanted, 256 or more; there are fewer where no pair occurs twice any more.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 256 tokens are wanted, or more than 1,048,832.</exception>
    public static BpeTokenizer Train(IEnumerable<string> texts, int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 256);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 256 + MostMerges);
        var training = new BpeTraining(LongestWord);
        foreach (string text in texts)
            foreach (ValueMatch word in Words().EnumerateMatches(text)) training.Add(text.AsSpan(word.Index, word.Length));
        return new(training.Merge(size - 256));
    }

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> text, List<int> tokens)
    {
        Span<byte> utf8 = stackalloc byte[4];
        var word = new List<int>();
        foreach (ValueMatch match in Words().EnumerateMatches(text))
        {
            word.Clear();
            foreach (Rune rune in text.Slice(match.Index, match.Length).EnumerateRunes())
            {
                int length = rune.EncodeToUtf8(utf8);
                if (word.Count + length > LongestWord) Flush(word, tokens);
                foreach (byte one in utf8[..length]) word.Add(one);
            }
            Flush(word, tokens);
        }
    }

    // Merges the pair that was merged first in training, as long as there is one.
    private void Flush(List<int> word, List<int> tokens)
    {
        Span<int> parts = CollectionsMarshal.AsSpan(word);
        while (true)
        {
            int best = int.MaxValue;
            for (int i = 0; i + 1 < parts.Length; i++)
                if (_merged.TryGetValue((parts[i], parts[i + 1]), out int token)) best = Math.Min(best, token);
            if (best == int.MaxValue) break;
            (int first, int second) = (Merges[2 * (best - 256)], Merges[2 * (best - 256) + 1]);
            parts = parts[..BpeTraining.Replace(parts, first, second, best)];
        }
        foreach (int part in parts) tokens.Add(part);
        word.Clear();
    }

    /// <inheritdoc/>
    public override void Decode(int token, List<byte> bytes) => bytes.AddRange((uint)token < (uint)_bytes.Length ? _bytes[token]
        : throw new ArgumentOutOfRangeException(nameof(token), token, $"the tokens go from 0 to {Size - 1}"));

    // A word, a number or signs, each with the blank before it; or blanks, of which the last belongs to what follows.
    [GeneratedRegex(@" ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Words();

    /// <inheritdoc/>
    public override string ToString() => $"BpeTokenizer({Size:N0} tokens)";
}
