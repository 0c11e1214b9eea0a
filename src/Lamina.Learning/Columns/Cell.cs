using System.Globalization;

namespace Lamina.Learning.Columns;

/// <summary>Which character separates a number's decimals.</summary>
public enum DecimalMark
{
    /// <summary>A point, as in <c>1,234.5</c>.</summary>
    Point,
    /// <summary>A comma, as in <c>1.234,5</c>.</summary>
    Comma,
}

/// <summary>What the text in a cell of a table says.</summary>
public static class Cell
{
    private const int LongestNumber = 64;

    private static readonly string[] s_missing = ["", "?", "-", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "missing"];

    /// <summary>Whether a cell says that there is no value: it is empty, or <c>NA</c>, <c>N/A</c>, <c>NaN</c>, <c>null</c>, <c>none</c>,
    /// <c>missing</c>, <c>?</c> or <c>-</c>.</summary>
    public static bool IsMissing(ReadOnlySpan<char> cell)
    {
        if (cell.Length > 7) return false;
        foreach (string marker in s_missing)
            if (cell.Equals(marker, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    /// <summary>
    /// Reads a finite number: with a sign, an exponent, groups of three digits (between them the other mark, a blank or an apostrophe), a currency sign
    /// before or behind it, or a percent sign behind it.
    /// </summary>
    public static bool TryNumber(ReadOnlySpan<char> cell, DecimalMark mark, out double value)
    {
        value = 0;
        if (cell.Length is 0 or > LongestNumber) return false;
        // The ordinary case needs no copy.
        if (mark == DecimalMark.Point && double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out value)) return double.IsFinite(value);
        Span<char> plain = stackalloc char[LongestNumber];
        int length = 0, group = -1, count = 0; // digits of the group, and of the whole part
        bool isDecimal = false;
        char between = '\0'; // what stands between groups, the same in the whole number
        ReadOnlySpan<char> digits = cell.TrimEnd("%$€£¥").Trim();
        if (digits.Length > 1 && digits[0] is '-' or '−' or '+' && "$€£¥".Contains(digits[1]))
        {
            plain[length++] = digits[0] == '+' ? '+' : '-';
            digits = digits[1..];
        }
        digits = digits.TrimStart("$€£¥").Trim();
        char point = mark == DecimalMark.Point ? '.' : ',', separator = mark == DecimalMark.Point ? ',' : '.';
        foreach (char c in digits)
        {
            if (c == separator || c is ' ' or '\u00A0' or '\u202F' or '\'' or '’')
            {
                // 1234,567 and 0,123 have a decimal comma.
                if (isDecimal || group is 0 or 1 or 2 || count is 0 or > 3 && between == '\0' || count == 1 && plain[length - 1] == '0'
                    || between != '\0' && between != c) return false;
                (group, between) = (0, c);
                continue;
            }
            if (c == point)
            {
                if (group is >= 0 and < 3) return false;
                (isDecimal, group) = (true, -1);
                plain[length++] = '.';
                continue;
            }
            if (char.IsAsciiDigit(c)) count++;
            if (group >= 0 && char.IsAsciiDigit(c) && ++group > 3) return false;
            plain[length++] = c == '−' ? '-' : c;
        }
        return group is not (>= 0 and < 3) && double.TryParse(plain[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }

    /// <summary>Whether a cell is infinite, as <c>inf</c>, <c>-Infinity</c> or a number that is too large.</summary>
    public static bool IsInfinite(ReadOnlySpan<char> cell)
    {
        ReadOnlySpan<char> text = cell.TrimStart("+-");
        return text.Equals("inf", StringComparison.OrdinalIgnoreCase)
            || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsInfinity(value);
    }
}
