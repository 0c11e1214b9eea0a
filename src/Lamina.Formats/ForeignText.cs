using System.Globalization;
using System.Text;

namespace Lamina.Formats;

/// <summary>
/// Makes text that came from outside (names of files, entries of archives, fields of headers) safe to print: what could start a new
/// line, steer a terminal, turn the direction of reading or hide itself is shown as an escape.
/// </summary>
public static class ForeignText
{
    /// <summary>The text on one line, with every character visible.</summary>
    /// <param name="text">Text from outside, or a message that holds some.</param>
    /// <returns>
    /// The same text where it is harmless. Otherwise control characters (also newlines and the ESC of terminal sequences), line and
    /// paragraph separators, format characters (bidirectional controls U+202A to U+202E and U+2066 to U+2069, zero-width characters,
    /// soft hyphens, tags), invisible letters and lone surrogates are written as <c>\u202e</c> or <c>\u{e0001}</c>.
    /// Applying it twice changes nothing more.
    /// </returns>
    public static string Show(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int first = FirstUnsafe(text);
        if (first < 0) return text;
        StringBuilder shown = new(text, 0, first, text.Length + 16);
        for (int at = first; at < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, at, out Rune rune))
            {
                shown.Append($"\\u{(int)text[at++]:x4}"); // half of a surrogate pair
                continue;
            }
            if (IsSafe(rune)) shown.Append(text, at, rune.Utf16SequenceLength);
            else if (rune.IsBmp) shown.Append($"\\u{rune.Value:x4}");
            else shown.Append($"\\u{{{rune.Value:x}}}");
            at += rune.Utf16SequenceLength;
        }
        return shown.ToString();
    }

    /// <summary>As <see cref="Show(string)"/>, cut to about so many characters, with an ellipsis in place of what was cut.</summary>
    /// <param name="text">Text from outside.</param>
    /// <param name="most">The most UTF-16 code units of it to show, 1 or more.</param>
    public static string Show(string text, int most)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most);
        if (text.Length <= most) return Show(text);
        int end = char.IsHighSurrogate(text[most - 1]) && char.IsLowSurrogate(text[most]) ? most - 1 : most;
        return Show(text[..end]) + "…";
    }

    private static int FirstUnsafe(string text)
    {
        for (int at = 0; at < text.Length;)
        {
            if (text[at] is >= ' ' and <= '~')
            {
                at++;
                continue;
            }
            if (!Rune.TryGetRuneAt(text, at, out Rune rune) || !IsSafe(rune)) return at;
            at += rune.Utf16SequenceLength;
        }
        return -1;
    }

    private static bool IsSafe(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        // Letters that are drawn as nothing: Hangul fillers and the grapheme joiner; tags are unassigned in part.
        _ => rune.Value is not (0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x3164 or 0xFFA0 or (>= 0xE0000 and <= 0xE00FF)),
    };
}
