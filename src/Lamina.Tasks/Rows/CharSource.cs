using System.Text;

namespace Lamina.Tasks.Rows;

/// <summary>Characters from front to back.</summary>
internal abstract class CharSource : IDisposable
{
    /// <summary>Number of bytes so far that are no UTF-8 and were read as Windows-1252.</summary>
    public virtual long ForeignBytes => 0;

    /// <summary>Fills a part of the destination, at least one character where there are more.</summary>
    /// <returns>The number of characters; 0 at the end.</returns>
    public abstract int Read(Span<char> destination);

    public virtual void Dispose()
    {
    }
}

/// <summary>Characters in memory.</summary>
internal sealed class MemoryChars(ReadOnlyMemory<char> text) : CharSource
{
    private int _at;

    public override int Read(Span<char> destination)
    {
        int count = Math.Min(destination.Length, text.Length - _at);
        text.Span.Slice(_at, count).CopyTo(destination);
        _at += count;
        return count;
    }
}

/// <summary>The characters of a stream of bytes.</summary>
internal sealed class StreamChars : CharSource
{
    private readonly byte[] _bytes = new byte[1 << 17];
    private readonly Stream _stream;
    private readonly Decoder _decoder;
    private readonly ForeignByteFallback? _fallback;
    private int _at, _end;
    private bool _ended;

    public StreamChars(Stream stream, TextEncoding encoding)
    {
        _stream = stream;
        (_decoder, _fallback) = encoding.Decoder();
        for (int left = encoding.MarkBytes, got; left > 0 && (got = stream.Read(_bytes, 0, left)) > 0;) left -= got;
    }

    public override long ForeignBytes => _fallback?.Count ?? 0;

    public override int Read(Span<char> destination)
    {
        if (destination.IsEmpty) throw new ArgumentException("no room for a character", nameof(destination));
        while (true)
        {
            if (_at == _end && !_ended)
            {
                (_at, _end) = (0, _stream.Read(_bytes));
                _ended = _end == 0;
            }
            // A pair of surrogates needs room for two: StreamChars is read into buffers of thousands.
            _decoder.Convert(_bytes.AsSpan(_at, _end - _at), destination, _ended, out int used, out int made, out bool completed);
            _at += used;
            if (made > 0 || _ended && completed) return made;
        }
    }

    public override void Dispose() => _stream.Dispose();
}
