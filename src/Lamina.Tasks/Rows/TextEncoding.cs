using System.Text;

namespace Lamina.Tasks.Rows;

/// <summary>How the bytes of a file make characters, recognised by its beginning.</summary>
/// <param name="Name">What a person calls it; null for UTF-8, which needs no word.</param>
/// <param name="Encoding">How bytes make characters.</param>
/// <param name="MarkBytes">Length of the byte order mark.</param>
internal sealed record TextEncoding(string? Name, Encoding Encoding, int MarkBytes)
{
    private static readonly (string? Name, Encoding Encoding, byte[] Mark)[] s_marks =
    [
        // UTF-32 before UTF-16, whose mark it begins with.
        ("UTF-32", new UTF32Encoding(bigEndian: false, byteOrderMark: false), [0xFF, 0xFE, 0, 0]),
        ("UTF-32, big-endian", new UTF32Encoding(bigEndian: true, byteOrderMark: false), [0, 0, 0xFE, 0xFF]),
        ("UTF-16", new UnicodeEncoding(bigEndian: false, byteOrderMark: false), [0xFF, 0xFE]),
        ("UTF-16, big-endian", new UnicodeEncoding(bigEndian: true, byteOrderMark: false), [0xFE, 0xFF]),
        (null, new UTF8Encoding(false), [0xEF, 0xBB, 0xBF]),
    ];

    /// <summary>
    /// By the byte order mark; without one it is UTF-16 where every other byte of many is zero, otherwise UTF-8. Bytes that are no
    /// UTF-8 are read as Windows-1252, one by one, wherever the first of them stands: so a file needs no pass to find its encoding.
    /// </summary>
    public static TextEncoding Of(ReadOnlySpan<byte> head)
    {
        foreach ((string? name, Encoding encoding, byte[] mark) in s_marks)
            if (head.StartsWith(mark)) return new(name, encoding, mark.Length);
        int pairs = head.Length / 2, even = 0, odd = 0;
        for (int i = 0; i < pairs * 2; i += 2)
        {
            if (head[i] == 0) even++;
            if (head[i + 1] == 0) odd++;
        }
        // Western text is nearly all zeros there, and any table has delimiters, digits and line ends.
        if (odd * 3 >= pairs && even * 100 <= odd && pairs > 0) return new("UTF-16 without a byte order mark", s_marks[2].Encoding, 0);
        if (even * 3 >= pairs && odd * 100 <= even && pairs > 0) return new("UTF-16, big-endian, without a byte order mark", s_marks[3].Encoding, 0);
        return new(null, s_marks[4].Encoding, 0);
    }

    /// <summary>A decoder for one pass, and what counts the bytes that are no UTF-8.</summary>
    public (Decoder Decoder, ForeignByteFallback? Fallback) Decoder()
    {
        if (Encoding is not UTF8Encoding) return (Encoding.GetDecoder(), null);
        var fallback = new ForeignByteFallback();
        var encoding = (Encoding)Encoding.Clone();
        encoding.DecoderFallback = fallback;
        return (encoding.GetDecoder(), fallback);
    }
}

/// <summary>Reads bytes that are no UTF-8 as Windows-1252, whose upper half is Latin-1, and counts them.</summary>
internal sealed class ForeignByteFallback : DecoderFallback
{
    // 0x80 to 0x9F of Windows-1252; its five gaps as the control characters of Latin-1.
    private const string Upper =
        "\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F"
        + "\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178";

    public long Count { get; private set; }

    public override int MaxCharCount => 4;

    public override DecoderFallbackBuffer CreateFallbackBuffer() => new Buffer(this);

    private static char Letter(byte b) => b is >= 0x80 and < 0xA0 ? Upper[b - 0x80] : (char)b;

    private sealed class Buffer(ForeignByteFallback owner) : DecoderFallbackBuffer
    {
        private byte[] _bytes = [];
        private int _at;

        public override int Remaining => _bytes.Length - _at;

        public override bool Fallback(byte[] bytesUnknown, int index)
        {
            (_bytes, _at) = (bytesUnknown, 0);
            owner.Count += bytesUnknown.Length;
            return bytesUnknown.Length > 0;
        }

        public override char GetNextChar() => _at < _bytes.Length ? Letter(_bytes[_at++]) : '\0';

        public override bool MovePrevious()
        {
            if (_at == 0) return false;
            _at--;
            return true;
        }

        public override void Reset() => (_bytes, _at) = ([], 0);
    }
}
