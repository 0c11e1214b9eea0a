using System.Text;

namespace Lamina.Learning.Texts;

/// <summary>A token for each character (Unicode scalar value) that occurred in some text: small, and enough to learn to write from one book.</summary>
public sealed partial record CharacterTokenizer : Tokenizer
{
    private readonly Dictionary<Rune, int> _numbers = [];
    private readonly Rune[] _runes;

    /// <summary>A tokenizer for an alphabet, such as one that was saved.</summary>
    /// <param name="alphabet">The characters; a character's token is its place among them.</param>
    /// <exception cref="ArgumentException">There is no character, one comes twice, or half of one is alone.</exception>
    public CharacterTokenizer(string alphabet)
    {
        ArgumentException.ThrowIfNullOrEmpty(alphabet);
        Alphabet = alphabet;
        for (int i = 0; i < alphabet.Length;)
        {
            if (!Rune.TryGetRuneAt(alphabet, i, out Rune rune))
                throw new ArgumentException($"character {i} of the alphabet is half a character", nameof(alphabet));
            if (!_numbers.TryAdd(rune, _numbers.Count)) throw new ArgumentException($"'{rune}' is in the alphabet twice", nameof(alphabet));
            i += rune.Utf16SequenceLength;
        }
        _runes = [.. _numbers.Keys];
    }

    /// <summary>Every character that it knows.</summary>
    public string Alphabet { get; }

    /// <inheritdoc/>
    public override int Size => _runes.Length;

    /// <summary>A tokenizer for the characters of texts, in the order of their numbers in Unicode.</summary>
    /// <param name="texts">The texts, or parts of one.</param>
    /// <exception cref="ArgumentException">There is no character in them.</exception>
    public static CharacterTokenizer Of(IEnumerable<string> texts)
    {
        var found = new SortedSet<Rune>();
        foreach (string text in texts)
            foreach (Rune rune in text.EnumerateRunes()) found.Add(rune);
        return new(string.Concat(found));
    }

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> text, List<int> tokens)
    {
        foreach (Rune rune in text.EnumerateRunes())
            if (_numbers.TryGetValue(rune, out int number)) tokens.Add(number);
    }

    /// <inheritdoc/>
    public override void Decode(int token, List<byte> bytes)
    {
        Span<byte> utf8 = stackalloc byte[4];
        bytes.AddRange(utf8[..Known(token).EncodeToUtf8(utf8)]);
    }

    /// <inheritdoc/>
    public override string Unknown(ReadOnlySpan<char> text)
    {
        var unknown = new List<Rune>();
        foreach (Rune rune in text.EnumerateRunes())
            if (!_numbers.ContainsKey(rune) && !unknown.Contains(rune)) unknown.Add(rune);
        return string.Concat(unknown);
    }

    private Rune Known(int token) => (uint)token < (uint)_runes.Length ? _runes[token]
        : throw new ArgumentOutOfRangeException(nameof(token), token, $"the tokens go from 0 to {Size - 1}");

    /// <inheritdoc/>
    public override string ToString() => $"CharacterTokenizer({Size} characters)";
}
