using System.Text;

namespace Lamina.Learning.Texts;

/// <summary>A token for each byte of a text in UTF-8, 256 in all: every text can be written, and none is unknown.</summary>
public sealed partial record ByteTokenizer : Tokenizer
{
    /// <inheritdoc/>
    public override int Size => 256;

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> text, List<int> tokens)
    {
        Span<byte> utf8 = stackalloc byte[4];
        foreach (Rune rune in text.EnumerateRunes())
            foreach (byte one in utf8[..rune.EncodeToUtf8(utf8)]) tokens.Add(one);
    }

    /// <inheritdoc/>
    public override void Decode(int token, List<byte> bytes) => bytes.Add(token is >= 0 and < 256 ? (byte)token
        : throw new ArgumentOutOfRangeException(nameof(token), token, "the tokens go from 0 to 255"));

    /// <inheritdoc/>
    public override string ToString() => "ByteTokenizer";
}
