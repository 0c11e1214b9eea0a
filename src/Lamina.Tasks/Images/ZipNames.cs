using System.Text;

namespace Lamina.Tasks.Images;

/// <summary>
/// The encoding of names in a zip that aren't marked as UTF-8. The format says code page 437 (IBM PC), but several programs write UTF-8
/// without the mark: what is valid UTF-8 is read as that, the rest as code page 437. Two names of different bytes stay different.
/// </summary>
internal sealed class ZipNames : Encoding
{
    // The upper half of code page 437.
    private const string Upper =
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00A0";

    /// <inheritdoc/>
    public override int GetCharCount(byte[] bytes, int index, int count)
    {
        ReadOnlySpan<byte> name = bytes.AsSpan(index, count);
        return System.Text.Unicode.Utf8.IsValid(name) ? UTF8.GetCharCount(name) : count;
    }

    /// <inheritdoc/>
    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        ReadOnlySpan<byte> name = bytes.AsSpan(byteIndex, byteCount);
        if (System.Text.Unicode.Utf8.IsValid(name))
        {
            return UTF8.GetChars(name, chars.AsSpan(charIndex));
        }

        for (int i = 0; i < name.Length; i++)
        {
            chars[charIndex + i] = name[i] < 128 ? (char)name[i] : Upper[name[i] - 128];
        }

        return byteCount;
    }

    /// <inheritdoc/>
    public override int GetMaxCharCount(int byteCount) => byteCount + 1;

    /// <inheritdoc/>
    public override int GetByteCount(char[] chars, int index, int count) => throw new NotSupportedException("names are only read");

    /// <inheritdoc/>
    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        throw new NotSupportedException("names are only read");

    /// <inheritdoc/>
    public override int GetMaxByteCount(int charCount) => charCount * 3;
}
