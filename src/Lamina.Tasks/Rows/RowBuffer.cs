using System.Globalization;
using System.Text;

namespace Lamina.Tasks.Rows;

/// <summary>The cells of one row as text, in one buffer that is used again for the next row.</summary>
internal sealed class RowBuffer(int columns)
{
    private readonly (int Start, int End)[] _cells = new (int, int)[columns];
    private char[] _text = new char[1024];
    private int _end;

    /// <summary>A cell without blanks around it.</summary>
    public ReadOnlySpan<char> this[int column] => Raw(column).Trim();

    /// <summary>A cell as it was set.</summary>
    public ReadOnlySpan<char> Raw(int column) => _text.AsSpan(_cells[column].Start, _cells[column].End - _cells[column].Start);

    /// <summary>Makes all cells empty.</summary>
    public void Clear()
    {
        Array.Clear(_cells);
        _end = 0;
    }

    public void Set(int column, ReadOnlySpan<char> text)
    {
        text.CopyTo(Room(text.Length));
        Take(column, text.Length);
    }

    public void SetUtf8(int column, ReadOnlySpan<byte> text) => Take(column, Encoding.UTF8.GetChars(text, Room(text.Length)));

    /// <summary>A number, date or the like, so that it reads back to the same value.</summary>
    public void Set<T>(int column, T value, ReadOnlySpan<char> format = default) where T : ISpanFormattable
    {
        for (int room = 64; ; room *= 2)
        {
            if (!value.TryFormat(Room(room), out int written, format, CultureInfo.InvariantCulture)) continue;
            Take(column, written);
            return;
        }
    }

    /// <summary>Room for the text of a cell, of at least a length.</summary>
    public Span<char> Room(int length)
    {
        if (_text.Length - _end < length) Array.Resize(ref _text, Math.Max(2 * _text.Length, _end + length));
        return _text.AsSpan(_end);
    }

    /// <summary>Makes what was written to the room a cell.</summary>
    public void Take(int column, int length)
    {
        _cells[column] = (_end, _end + length);
        _end += length;
    }
}
