using System.Globalization;
using System.Text;

namespace Lamina.Cli.Rendering;

/// <summary>
/// How many columns of a terminal text takes: two for East Asian wide letters and emoji (Unicode Standard Annex 11), none for marks that
/// combine with the letter before.
/// </summary>
internal static class DisplayWidth
{
    private const int EmojiStyle = 0xFE0F, FirstTone = 0x1F3FB, LastTone = 0x1F3FF;

    // First and last letters of the ranges that are wide or full-width, in order.
    private static readonly (int First, int Last)[] s_wide =
    [
        (0x1100, 0x115F), (0x231A, 0x231B), (0x2329, 0x232A), (0x23E9, 0x23EC), (0x23F0, 0x23F0), (0x23F3, 0x23F3), (0x25FD, 0x25FE),
        (0x2614, 0x2615), (0x2648, 0x2653), (0x267F, 0x267F), (0x2693, 0x2693), (0x26A1, 0x26A1), (0x26AA, 0x26AB), (0x26BD, 0x26BE),
        (0x26C4, 0x26C5), (0x26CE, 0x26CE), (0x26D4, 0x26D4), (0x26EA, 0x26EA), (0x26F2, 0x26F3), (0x26F5, 0x26F5), (0x26FA, 0x26FA),
        (0x26FD, 0x26FD), (0x2705, 0x2705), (0x270A, 0x270B), (0x2728, 0x2728), (0x274C, 0x274C), (0x274E, 0x274E), (0x2753, 0x2755),
        (0x2757, 0x2757), (0x2795, 0x2797), (0x27B0, 0x27B0), (0x27BF, 0x27BF), (0x2B1B, 0x2B1C), (0x2B50, 0x2B50), (0x2B55, 0x2B55),
        (0x2E80, 0x303E), (0x3041, 0x33FF), (0x3400, 0x4DBF), (0x4E00, 0xA4CF), (0xA960, 0xA97F), (0xAC00, 0xD7A3), (0xF900, 0xFAFF),
        (0xFE10, 0xFE19), (0xFE30, 0xFE6F), (0xFF00, 0xFF60), (0xFFE0, 0xFFE6), (0x16FE0, 0x18DFF), (0x1AFF0, 0x1B2FF), (0x1F004, 0x1F004),
        (0x1F0CF, 0x1F0CF), (0x1F18E, 0x1F18E), (0x1F191, 0x1F19A), (0x1F200, 0x1F320), (0x1F32D, 0x1F335), (0x1F337, 0x1F37C),
        (0x1F37E, 0x1F393), (0x1F3A0, 0x1F3CA), (0x1F3CF, 0x1F3D3), (0x1F3E0, 0x1F3F0), (0x1F3F4, 0x1F3F4), (0x1F3F8, 0x1F43E),
        (0x1F440, 0x1F440), (0x1F442, 0x1F4FC), (0x1F4FF, 0x1F53D), (0x1F54B, 0x1F54E), (0x1F550, 0x1F567), (0x1F57A, 0x1F57A),
        (0x1F595, 0x1F596), (0x1F5A4, 0x1F5A4), (0x1F5FB, 0x1F64F), (0x1F680, 0x1F6C5), (0x1F6CC, 0x1F6CC), (0x1F6D0, 0x1F6D2),
        (0x1F6D5, 0x1F6D7), (0x1F6DC, 0x1F6DF), (0x1F6EB, 0x1F6EC), (0x1F6F4, 0x1F6FC), (0x1F7E0, 0x1F7EB), (0x1F7F0, 0x1F7F0),
        (0x1F90C, 0x1F93A), (0x1F93C, 0x1F945), (0x1F947, 0x1F9FF), (0x1FA70, 0x1FAFF), (0x20000, 0x3FFFD),
    ];

    /// <summary>The columns of a text on one line.</summary>
    public static int Of(string text)
    {
        if (System.Text.Ascii.IsValid(text)) return text.Length;
        int columns = 0;
        TextElementEnumerator elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext()) columns += OfElement(elements.GetTextElement());
        return columns;
    }

    /// <summary>As much of a text as fits into so many columns, an ellipsis in place of what was cut.</summary>
    public static string Cut(string text, int most)
    {
        if (Of(text) <= most) return text;
        var cut = new StringBuilder();
        int columns = 0;
        TextElementEnumerator elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext() && (columns += OfElement(elements.GetTextElement())) <= most - 1) cut.Append(elements.GetTextElement());
        return cut.Append('…').ToString();
    }

    /// <summary>The text with spaces behind it, up to so many columns.</summary>
    public static string Pad(string text, int columns) => text + new string(' ', Math.Max(0, columns - Of(text)));

    // The sum of its parts; only emoji say more: a style makes the one before wide, a skin tone is part of it.
    private static int OfElement(string element)
    {
        int columns = 0;
        foreach (Rune rune in element.EnumerateRunes())
        {
            if (rune.Value == EmojiStyle && columns == 1) columns = 2;
            if (columns == 0 || rune.Value is not (>= FirstTone and <= LastTone)) columns += OfRune(rune);
        }
        return columns;
    }

    private static int OfRune(Rune rune)
    {
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.Control) return 0;
        if (rune.Value is >= 0x1160 and <= 0x11FF) return 0; // vowels and ends of Hangul syllables that are spelled out
        int at = Array.BinarySearch(s_wide, (rune.Value, int.MaxValue));
        int range = at >= 0 ? at : ~at - 1;
        return range >= 0 && rune.Value <= s_wide[range].Last ? 2 : 1;
    }
}
