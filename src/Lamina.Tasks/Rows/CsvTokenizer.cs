using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lamina.Tasks.Rows;

/// <summary>
/// Cuts text into rows of cells. A cell whose first character other than a blank is a quote goes on to the quote before a delimiter or a
/// line end, whatever lies between; two quotes in it stand for one, and a lone one for itself. A quote elsewhere is a character like others.
/// </summary>
/// <remarks>
/// Sep isn't used, since it takes every quote for the beginning or end of a quoted part: <c>5" disk</c> in one cell would swallow the lines
/// up to the next quote, and nothing could be said about where.
/// </remarks>
internal sealed class CsvTokenizer(string name, CharSource text, char delimiter, bool quotes, bool lenient = false) : IDisposable
{
    /// <summary>Most characters in a row.</summary>
    internal const int MostChars = 1 << 24;

    private const int Lanes = 32;
    private const double MostNul = 0.01;
    private const int FewNul = 1000;

    // Lanes more than are ever filled, so that a whole block can be loaded anywhere.
    private char[] _buffer = new char[(1 << 16) + Lanes];
    // The start and the end of each cell, from the start of the row: that one moves when the buffer is refilled.
    private int[] _bounds = new int[64];
    private int _start, _next, _end;
    private long _nextLine = 1, _chars;
    private bool _ended, _skipLineFeed;

    /// <summary>Number of cells of the current row.</summary>
    public int Count { get; private set; }

    /// <summary>The line on which the current row begins, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Number of quotes so far that stood alone inside a quoted cell.</summary>
    public long StrayQuotes { get; private set; }

    /// <summary>Number of line ends so far inside quoted cells.</summary>
    public long QuotedLines { get; private set; }

    /// <summary>Number of NUL characters so far, read as blanks; and the line by which the first was met.</summary>
    public (long Count, long Line) Nuls { get; private set; }

    /// <summary>Number of bytes so far that are no UTF-8.</summary>
    public long ForeignBytes => text.ForeignBytes;

    /// <summary>Whether a lenient tokenizer came to the end of the text within quotes.</summary>
    public bool Unclosed { get; private set; }

    /// <summary>A cell of the current row without blanks around it.</summary>
    public ReadOnlySpan<char> this[int cell]
    {
        get
        {
            if ((uint)cell >= (uint)Count) throw new ArgumentOutOfRangeException(nameof(cell));
            int from = _bounds[2 * cell];
            return _buffer.AsSpan(_start + from, _bounds[2 * cell + 1] - from).Trim();
        }
    }

    /// <summary>Goes to the next line that isn't blank.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="DataException">A quote is never closed, a row is too long, or this is no text.</exception>
    public bool Read()
    {
        while (ReadLine())
        {
            // A line of blanks; a quoted cell starts after its quote, so `""` is a cell.
            if (Count > 1 || _bounds[0] > 0 || !this[0].IsEmpty) return true;
        }
        Count = 0;
        return false;
    }

    public void Dispose() => text.Dispose();

    private bool ReadLine()
    {
        _start = _next;
        if (_skipLineFeed)
        {
            if (_start == _end && !Refill()) return false;
            if (_buffer[_start] == '\n') _start++;
            _skipLineFeed = false;
        }
        if (_start == _end && !Refill()) return false;
        Line = _nextLine;
        Count = 0;
        int cell = _start, at = _start;
        while (true)
        {
            int stop = Find(ref cell, at);
            if (stop < 0)
            {
                // All that is in the buffer belongs to this row.
                (int begun, int seen) = (cell - _start, _end - _start);
                bool more = Refill();
                (cell, at) = (_start + begun, _start + seen);
                if (more) continue;
                Add(cell, _end);
                _next = _end;
                return true;
            }
            if (_buffer[stop] != '"' || !quotes)
            {
                Add(cell, stop);
                _skipLineFeed = _buffer[stop] == '\r';
                _next = stop + 1;
                _nextLine++;
                return true;
            }
            if (!_buffer.AsSpan(cell, stop - cell).Trim().IsEmpty)
            {
                at = stop + 1;
                continue;
            }
            at = Quoted(stop);
            if (at < 0) return false;
            if (at == _end)
            {
                _next = _end;
                return true;
            }
            if (_buffer[at] == delimiter)
            {
                cell = ++at;
                continue;
            }
            _skipLineFeed = _buffer[at] == '\r';
            _next = at + 1;
            _nextLine++;
            return true;
        }
    }

    // Adds the cells that end before the next quote or line end and returns its place, -1 where the buffer ends first.
    private int Find(ref int cell, int at)
    {
        ref ushort first = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetArrayDataReference(_buffer));
        Vector256<byte> delimiters = Vector256.Create((byte)delimiter), marks = Vector256.Create((byte)(quotes ? '"' : '\n')),
            feeds = Vector256.Create((byte)'\n'), returns = Vector256.Create((byte)'\r');
        for (; at < _end; at += Lanes)
        {
            // Characters above 255 become 255, which is none of the four.
            Vector256<byte> block = Vector256.NarrowWithSaturation(Vector256.LoadUnsafe(ref first, (nuint)at),
                Vector256.LoadUnsafe(ref first, (nuint)at + Lanes / 2));
            uint found = (Vector256.Equals(block, delimiters) | Vector256.Equals(block, marks)
                | Vector256.Equals(block, feeds) | Vector256.Equals(block, returns))
                .ExtractMostSignificantBits();
            if (_end - at < Lanes) found &= (1u << (_end - at)) - 1;
            for (; found != 0; found &= found - 1)
            {
                int place = at + BitOperations.TrailingZeroCount(found);
                if (_buffer[place] != delimiter) return place;
                Add(cell, place);
                cell = place + 1;
            }
        }
        return -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(int from, int to)
    {
        int[] bounds = _bounds;
        int at = 2 * Count;
        if (at + 1 >= bounds.Length) Array.Resize(ref _bounds, 2 * bounds.Length);
        _bounds[at] = from - _start;
        _bounds[at + 1] = to - _start;
        Count++;
    }

    // Adds the cell that a quote opens, and returns the place after it: a delimiter, a line end or the end of the text.
    private int Quoted(int opening)
    {
        int from = opening + 1 - _start, search = from, to = -1, after = 0, doubled = 0;
        while (to < 0)
        {
            int quote = _buffer.AsSpan(_start + search, _end - _start - search).IndexOf('"');
            if (quote < 0)
            {
                search = _end - _start;
                if (Refill(inQuotes: true)) continue;
                Unclosed = true;
                return lenient ? -1 : throw new DataException(name, $"the quote that opens in line {_nextLine} is never closed",
                    "closing it there, or doubling a quote that belongs to the text");
            }
            quote += search;
            if (Peek(quote + 1) == '"')
            {
                doubled++;
                search = quote + 2;
                continue;
            }
            after = quote + 1;
            while (Peek(after) is ' ' or '\t' && _buffer[_start + after] != delimiter) after++;
            if (Peek(after) is '\n' or '\r' or -1 || Peek(after) == delimiter)
            {
                to = quote;
            }
            else
            {
                StrayQuotes++;
                search = quote + 1;
            }
        }
        int lines = LineEnds(_buffer.AsSpan(_start + from, to - from));
        (_nextLine, QuotedLines) = (_nextLine + lines, QuotedLines + lines);
        if (doubled > 0) to = from + Join(_buffer.AsSpan(_start + from, to - from));
        Add(_start + from, _start + to);
        return _start + after;
    }

    // The character at a place from the row's start, -1 at the end of the text.
    private int Peek(int place) => _start + place < _end || Refill() ? _buffer[_start + place] : -1;

    // Makes pairs of quotes one.
    private static int Join(Span<char> cell)
    {
        int to = 0;
        for (int from = 0; from < cell.Length; from++)
        {
            cell[to++] = cell[from];
            if (cell[from] == '"' && from + 1 < cell.Length && cell[from + 1] == '"') from++;
        }
        return to;
    }

    // LF, CR and CRLF.
    private static int LineEnds(ReadOnlySpan<char> chars)
    {
        int returns = chars.Count('\r');
        return chars.Count('\n') + (returns == 0 ? 0 : returns - chars.Count("\r\n"));
    }

    // Moves the current row to the front of the buffer and fills the rest; false at the end of the text.
    private bool Refill(bool inQuotes = false)
    {
        if (_ended) return false;
        int kept = _end - _start;
        if (kept > MostChars)
        {
            string where = inQuotes ? $"the quote that opens in line {_nextLine} isn't closed within"
                : $"the row that begins in line {Line} is longer than";
            throw new DataException(name, $"{where} {MostChars:N0} characters", inQuotes ? "closing the quote" : "a table without cells of this size");
        }
        char[] into = kept > (_buffer.Length - Lanes) / 2 ? new char[2 * (_buffer.Length - Lanes) + Lanes] : _buffer;
        _buffer.AsSpan(_start, kept).CopyTo(into);
        (_buffer, _start, _end) = (into, 0, kept);
        int got = text.Read(_buffer.AsSpan(kept, _buffer.Length - Lanes - kept));
        if (got == 0)
        {
            _ended = true;
            return false;
        }
        _end += got;
        _chars += got;
        Clean(_buffer.AsSpan(kept, got));
        return true;
    }

    // Makes NUL characters blanks.
    private void Clean(Span<char> chars)
    {
        if (!chars.Contains('\0')) return;
        Nuls = (Nuls.Count + chars.Count('\0'), Nuls.Count > 0 ? Nuls.Line : _nextLine + LineEnds(chars[..chars.IndexOf('\0')]));
        if (Nuls.Count > Math.Max(FewNul, MostNul * _chars))
            throw new DataException(name, $"is no text: of its first {_chars:N0} characters {Nuls.Count:N0} are NUL", "a table as text, such as CSV");
        chars.Replace('\0', ' ');
    }
}
