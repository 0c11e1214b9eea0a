using System.Globalization;
using System.Text;

namespace Lamina.Learning.Texts;

/// <summary>
/// Which characters are one letter to a reader: case and the compatibility forms that texts are styled with (full width, mathematical and
/// circled letters, ligatures). It depends on no language and on no library of the system.
/// </summary>
internal static class WordFolding
{
    /// <summary>The most characters that one code point becomes.</summary>
    public const int Most = 3;

    private const int CapitalLetters = 26, MathematicalFirst = 0x1D400, MathematicalLast = 0x1D6A3, DigitFirst = 0x1D7CE, DigitLast = 0x1D7FF;

    private static readonly string[] s_ligatures = ["ff", "fi", "fl", "ffi", "ffl", "st", "st"];

    /// <summary>Writes a code point in its folded form.</summary>
    /// <returns>The number of characters written, 1 to <see cref="Most"/>.</returns>
    public static int Fold(Rune rune, Span<char> to)
    {
        int value = rune.Value;
        if (value < 0x80)
        {
            to[0] = value is >= 'A' and <= 'Z' ? (char)(value | 0x20) : (char)value;
            return 1;
        }
        if (value is >= 0xFB00 and <= 0xFB06)
        {
            string letters = s_ligatures[value - 0xFB00];
            letters.CopyTo(to);
            return letters.Length;
        }
        return Rune.ToLowerInvariant(Plain(rune)) is { Value: not 0x3C2 } lower ? lower.EncodeToUtf16(to)
            : new Rune(0x3C3).EncodeToUtf16(to); // ς at a word's end is σ
    }

    /// <summary>The ordinary character that a styled one stands for, or the same.</summary>
    public static Rune Plain(Rune rune)
    {
        int value = rune.Value;
        return value switch
        {
            < 0x130 => rune,
            0x130 => new('i'),
            0x2018 or 0x2019 or 0x2BC or 0xFF07 => new('\''),
            >= 0xFF01 and <= 0xFF5E => new(value - 0xFF01 + '!'),
            >= 0x24B6 and <= 0x24CF => new(value - 0x24B6 + 'A'),
            >= 0x24D0 and <= 0x24E9 => new(value - 0x24D0 + 'a'),
            >= 0x1F130 and <= 0x1F149 => new(value - 0x1F130 + 'A'),
            >= 0x1F150 and <= 0x1F169 => new(value - 0x1F150 + 'A'),
            >= 0x1F170 and <= 0x1F189 => new(value - 0x1F170 + 'A'),
            >= MathematicalFirst and <= MathematicalLast => new('a' + (value - MathematicalFirst) % CapitalLetters),
            >= DigitFirst and <= DigitLast => new('0' + (value - DigitFirst) % 10),
            _ => rune,
        };
    }

    /// <summary>Whether a code point may stand in a word: a letter, a mark that belongs to one, a digit or a connector such as <c>_</c>.</summary>
    public static bool IsWordPart(Rune rune) => rune.Value < 0x80
        ? char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value == '_'
        : Rune.GetUnicodeCategory(Plain(rune)) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.EnclosingMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation;

    /// <summary>Whether a code point is a mark that belongs to what stands before it.</summary>
    public static bool IsMark(Rune rune) => rune.Value >= 0x300
        && Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    /// <summary>Whether a code point shows nothing: it neither ends a word nor belongs to it.</summary>
    public static bool IsInvisible(Rune rune) => rune.Value == 0xAD || rune.Value >= 0x600
        && Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format || rune.Value is >= 0xFE00 and <= 0xFE0F;

    /// <summary>Whether words of its script are written without blanks between them, so that each character counts as a word.</summary>
    public static bool StandsAlone(Rune rune) => rune.Value is
        >= 0x0E00 and <= 0x0EFF or // Thai, Lao
        >= 0x1000 and <= 0x109F or >= 0x1780 and <= 0x17FF or // Burmese, Khmer
        >= 0x2E80 and <= 0x2FDF or >= 0x3005 and <= 0x3007 or >= 0x3040 and <= 0x30FF or >= 0x3100 and <= 0x312F or >= 0x31A0 and <= 0x31BF or >= 0x31F0 and <= 0x31FF or
        >= 0x3400 and <= 0x4DBF or >= 0x4E00 and <= 0x9FFF or >= 0xF900 and <= 0xFAFF or >= 0xFF66 and <= 0xFF9F or >= 0x20000 and <= 0x323AF;

    /// <summary>Whether composing a word could change it.</summary>
    public static bool MayCompose(Rune rune) => rune.Value >= 0x300 && (IsMark(rune)
        || rune.Value is (>= 0x340 and <= 0x344) or 0x374 or 0x37E or 0x387 or >= 0x1100 and <= 0x11FF
        or >= 0x1F71 and <= 0x1FFF or >= 0x2000 and <= 0x2001 or >= 0x2126 and <= 0x212B or >= 0xF900 and <= 0xFB4E or >= 0x2F800 and <= 0x2FA1D);
}
