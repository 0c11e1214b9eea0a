using System.Runtime.InteropServices;
using System.Text;

namespace Lamina.Learning.Texts;

/// <summary>Tokens as text while they come, a character when all of its bytes are there.</summary>
/// <param name="tokenizer">Says what the tokens stand for.</param>
public sealed class TokenDecoder(Tokenizer tokenizer)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly List<byte> _bytes = [];

    /// <summary>The characters that are complete with this token; empty where more bytes are needed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public string Add(int token)
    {
        _bytes.Clear();
        tokenizer.Decode(token, _bytes);
        return Text(flush: false);
    }

    /// <summary>What is left at the end: <c>�</c> where the last character is incomplete.</summary>
    public string End()
    {
        _bytes.Clear();
        return Text(flush: true);
    }

    private string Text(bool flush)
    {
        ReadOnlySpan<byte> bytes = CollectionsMarshal.AsSpan(_bytes);
        Span<char> characters = new char[_decoder.GetCharCount(bytes, flush)];
        return new string(characters[.._decoder.GetChars(bytes, characters, flush)]);
    }
}
