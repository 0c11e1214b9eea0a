using System.Buffers.Binary;

namespace Lamina.Formats.Sounds;

/// <summary>Chunks of a RIFF file, read forwards from any stream: a name of four letters, a length, the body, and a byte of padding behind odd
/// ones.</summary>
internal sealed class ChunkReader(Stream stream, string name)
{
    /// <summary>The names of chunks, as little-endian numbers.</summary>
    public const uint Format = 0x2074_6D66, Data = 0x6174_6164, Sizes = 0x3436_7364;

    private readonly byte[] _ahead = new byte[8];
    private int _count;
    private long _skipped;
    private bool _mayBePadded;

    /// <summary>The place in the file.</summary>
    public long Position { get; private set; }

    /// <summary>Fills as much as there is.</summary>
    public int Read(Span<byte> to)
    {
        int ahead = Math.Min(_count, to.Length);
        _ahead.AsSpan(0, ahead).CopyTo(to);
        _ahead.AsSpan(ahead, _count - ahead).CopyTo(_ahead);
        _count -= ahead;
        int got;
        try
        {
            got = ahead + stream.ReadAtLeast(to[ahead..], to.Length - ahead, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw FileFormatException.Unreadable(name, e);
        }
        Position += got;
        return got;
    }

    /// <summary>Name and length of the next chunk; false at the end.</summary>
    public bool ReadChunk(out uint id, out uint size)
    {
        Span<byte> head = stackalloc byte[8];
        (id, size) = (0, 0);
        if (Read(head) < 8) return false;
        // Some programs leave the byte of padding out: a name doesn't begin with a zero.
        if (_mayBePadded && head[0] == 0)
        {
            head[1..].CopyTo(head);
            if (Read(head[7..]) < 1) return false;
        }
        id = BinaryPrimitives.ReadUInt32LittleEndian(head);
        size = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        _mayBePadded = size % 2 == 1;
        return true;
    }

    /// <summary>A small chunk's body; what is missing at the end of the file is zeros.</summary>
    public byte[] ReadBody(uint size)
    {
        var body = new byte[size];
        Read(body);
        return body;
    }

    /// <summary>Passes over a chunk's body.</summary>
    public void Skip(uint size)
    {
        const long Most = 256 << 20;
        Span<byte> part = stackalloc byte[1_024];
        if ((_skipped += size) > Most) throw Wrong($"byte {Position}", "a data chunk with the samples",
            $"other chunks of more than {Most >> 20} MiB", "another copy of the file");
        for (long left = size; left > 0;)
        {
            int got = Read(part[..(int)Math.Min(left, part.Length)]);
            if (got == 0) return;
            left -= got;
        }
    }

    /// <summary>Whether nothing or a further chunk follows, rather than samples; nothing is taken.</summary>
    public bool IsChunkNext()
    {
        Span<byte> next = stackalloc byte[8];
        int got = Read(next);
        next[..got].CopyTo(_ahead);
        _count = got;
        Position -= got;
        if (got < 8) return got == 0;
        foreach (byte letter in next[..4])
            if (!char.IsAsciiLetterOrDigit((char)letter) && letter != ' ') return false;
        return true;
    }

    /// <summary>The exception of something else than was expected.</summary>
    public FileFormatException Wrong(string place, string expected, string found, string wayOut) => new(name, place, expected, found, wayOut);
}
