using System.IO.Compression;

namespace Lamina.Tasks.Rows;

/// <summary>Unpacks gzip, of several members too, and refuses one that is cut short.</summary>
/// <remarks>
/// <see cref="GZipStream"/> takes the end of its stream for the end of the data, wherever it comes. So a member that is known follows the
/// file's own: what comes out ends with it only where the file ends with a whole member.
/// </remarks>
internal sealed class GzipBytes(Stream file) : Stream
{
    private static readonly byte[] s_seal = "end of the lamina"u8.ToArray();
    private static readonly byte[] s_sealPacked = Pack(s_seal);

    private readonly GZipStream _unpacked = new(new Followed(file, s_sealPacked), CompressionMode.Decompress);
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _start, _end;
    private bool _ended;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        // The last bytes are held back until it's known whether they are the seal.
        while (_end - _start <= s_seal.Length && !_ended) Fill();
        int count = Math.Min(buffer.Length, Math.Max(0, _end - _start - s_seal.Length));
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _unpacked.Dispose();
        base.Dispose(disposing);
    }

    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        int got = _unpacked.Read(_buffer.AsSpan(_end));
        _end += got;
        if (got > 0) return;
        _ended = true;
        if (!_buffer.AsSpan(0, _end).EndsWith(s_seal)) throw new InvalidDataException("the gzip data end early");
    }

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(bytes);
        return packed.ToArray();
    }

    // A stream, and bytes after its last.
    private sealed class Followed(Stream first, byte[] then) : Stream
    {
        private int _at = -1;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_at < 0)
            {
                int got = first.Read(buffer);
                if (got > 0 || buffer.IsEmpty) return got;
                _at = 0;
            }
            int count = Math.Min(buffer.Length, then.Length - _at);
            then.AsSpan(_at, count).CopyTo(buffer);
            _at += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) first.Dispose();
            base.Dispose(disposing);
        }
    }
}
