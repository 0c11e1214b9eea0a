using System.Buffers;
using System.Globalization;

namespace Lamina.Tasks.Rows;

/// <summary>Writes CSV or TSV.</summary>
internal sealed class CsvWriter(TextWriter writer, int columns, char delimiter) : RowWriter(columns)
{
    private readonly SearchValues<char> _special = SearchValues.Create([delimiter, '"', '\r', '\n']);
    private readonly bool _isAlone = columns == 1;

    private protected override void Write(int column, ReadOnlySpan<char> text)
    {
        if (column > 0) writer.Write(delimiter);
        bool isFormula = IsFormula(text);
        // A blank line would be no row, and blanks at the ends are only kept in quotes.
        bool quoted = text.ContainsAny(_special) || (text.IsEmpty ? _isAlone : char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]));
        if (quoted) writer.Write('"');
        if (isFormula) writer.Write('\'');
        for (int quote; quoted && (quote = text.IndexOf('"')) >= 0; text = text[(quote + 1)..])
        {
            writer.Write(text[..(quote + 1)]);
            writer.Write('"');
        }
        writer.Write(text);
        if (quoted) writer.Write('"');
    }

    private protected override void Write(int column, double value) => Number(column, value, double.IsNaN(value));

    private protected override void Write(int column, float value) => Number(column, value, float.IsNaN(value));

    private protected override void End() => writer.Write('\n');

    private static bool IsFormula(ReadOnlySpan<char> text) =>
        !text.IsEmpty && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' && !IsNumber(text);

    // With a decimal comma too.
    private static bool IsNumber(ReadOnlySpan<char> text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) && text[0] is '+' or '-'
        || text.Length > 1 && text[0] is '+' or '-' && char.IsAsciiDigit(text[1]) && text[1..].IndexOfAnyExcept("0123456789.,") < 0;

    private void Number<T>(int column, T value, bool isMissing) where T : ISpanFormattable
    {
        if (column > 0) writer.Write(delimiter);
        Span<char> text = stackalloc char[32];
        if (!isMissing && value.TryFormat(text, out int length, default, CultureInfo.InvariantCulture)) writer.Write(text[..length]);
        else if (_isAlone) writer.Write("\"\"");
    }
}
