using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Lamina.Tasks.Arrays;

/// <summary>What the values of a NumPy array are.</summary>
internal enum NpyKind
{
    Bool,
    Integer,
    Unsigned,
    Float,
    /// <summary>Texts of one length, in UTF-32.</summary>
    Text,
    /// <summary>Texts of one length, in bytes.</summary>
    Bytes,
    /// <summary>Python objects: a pickle, which is never unpacked, since that runs what is in it.</summary>
    Object,
    /// <summary>Anything else: complex numbers, dates, records.</summary>
    Other,
}

/// <summary>
/// The header of an array in the NPY format, versions 1 to 3 (NumPy enhancement proposal 1): the type and order of its bytes, its shape, and
/// which index runs fastest.
/// </summary>
/// <param name="Description">The type as NumPy writes it, such as <c>|u1</c>.</param>
/// <param name="Kind">What the values are.</param>
/// <param name="Size">Bytes of a value.</param>
/// <param name="IsBigEndian">Whether the first byte of a value counts most.</param>
/// <param name="IsFortran">Whether the first index runs fastest.</param>
/// <param name="Shape">The sizes.</param>
/// <param name="Start">Where the values begin.</param>
internal sealed record NpyHeader(string Description, NpyKind Kind, int Size, bool IsBigEndian, bool IsFortran, IReadOnlyList<int> Shape, int Start)
{
    private const int MostBytes = 1 << 16, MostRank = 32, MostSize = 1 << 16;

    /// <summary>The number of values.</summary>
    public Int128 Count
    {
        get
        {
            Int128 count = 1;
            foreach (int size in Shape) count *= size;
            return count;
        }
    }

    /// <summary>The shape as text: <c>100×28×28</c>.</summary>
    public string ShapeText => Shape.Count == 0 ? "a single value" : string.Join('×', Shape);

    /// <summary>Whether bytes begin as an array in this format does.</summary>
    public static bool Is(ReadOnlySpan<byte> beginning) => IsMagic(beginning);

    /// <summary>Reads a header.</summary>
    /// <param name="stream">From the array's first byte; left where its values begin.</param>
    /// <exception cref="FormatException">It is none; the message says why, as a clause.</exception>
    public static NpyHeader Read(Stream stream)
    {
        Span<byte> beginning = stackalloc byte[12];
        if (stream.ReadAtLeast(beginning[..8], 8, throwOnEndOfStream: false) < 8 || !IsMagic(beginning))
            throw new FormatException("doesn't begin as an array of NumPy does");
        int version = beginning[6], sized = version == 1 ? 2 : 4;
        if (version is < 1 or > 3) throw new FormatException($"is of version {version} of the format, which isn't read");
        if (stream.ReadAtLeast(beginning.Slice(8, sized), sized, throwOnEndOfStream: false) < sized)
            throw new FormatException("ends within its header");
        long length = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(beginning[8..])
            : BinaryPrimitives.ReadUInt32LittleEndian(beginning[8..]);
        if (length > MostBytes) throw new FormatException($"has a header of {length} bytes, more than the {MostBytes} that are read");
        var text = new byte[length];
        if (stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false) < text.Length) throw new FormatException("ends within its header");
        return Parse(Encoding.UTF8.GetString(text), 8 + sized + (int)length);
    }

    private static bool IsMagic(ReadOnlySpan<byte> beginning) => beginning.Length >= 6 && beginning[0] == 0x93
        && beginning[1..].StartsWith("NUMPY"u8);

    // A dictionary as Python writes it: {'descr': '|u1', 'fortran_order': False, 'shape': (3882, 28, 28), }
    private static NpyHeader Parse(string text, int start)
    {
        string? order = After(text, "fortran_order"), shape = After(text, "shape"), description = After(text, "descr");
        if (order is null || shape is null || description is null) throw new FormatException("has a header without a type, an order or a shape");
        (NpyKind kind, int size, bool isBig, string shown) = TypeOf(description);
        return new(shown, kind, size, isBig, order.StartsWith("True", StringComparison.Ordinal), ShapeOf(shape), start);
    }

    private static string? After(string text, string key)
    {
        int at = text.IndexOf($"'{key}'", StringComparison.Ordinal);
        if (at < 0) at = text.IndexOf($"\"{key}\"", StringComparison.Ordinal);
        if (at < 0) return null;
        int colon = text.IndexOf(':', at);
        return colon < 0 ? null : text[(colon + 1)..].TrimStart();
    }

    private static (NpyKind Kind, int Size, bool IsBig, string Shown) TypeOf(string text)
    {
        if (text.Length < 2 || text[0] is not ('\'' or '"')) return (NpyKind.Other, 1, false, "a record of several values");
        int end = text.IndexOf(text[0], 1);
        string type = end < 0 ? "" : text[1..end];
        string plain = type.TrimStart('<', '>', '|', '=');
        if (plain.Length == 0) throw new FormatException("has a header without a type");
        NpyKind kind = plain[0] switch
        {
            'b' or '?' => NpyKind.Bool, 'i' => NpyKind.Integer, 'u' => NpyKind.Unsigned, 'f' => NpyKind.Float, 'U' => NpyKind.Text,
            'S' or 'a' => NpyKind.Bytes, 'O' => NpyKind.Object, _ => NpyKind.Other,
        };
        int number = plain.Length == 1 ? 1 : int.TryParse(plain.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 0;
        int size = kind == NpyKind.Text ? 4 * number : number;
        bool isKnown = kind switch
        {
            NpyKind.Bool => size == 1,
            NpyKind.Integer or NpyKind.Unsigned => size is 1 or 2 or 4 or 8,
            NpyKind.Float => size is 2 or 4 or 8,
            NpyKind.Text or NpyKind.Bytes => size is >= 0 and <= MostSize,
            _ => false,
        };
        return (isKnown || kind == NpyKind.Object ? kind : NpyKind.Other, Math.Max(1, size), type.StartsWith('>'), type);
    }

    private static int[] ShapeOf(string text)
    {
        int end = text.IndexOf(')');
        if (text[0] != '(' || end < 0) throw new FormatException("has a header without a shape");
        string[] parts = [.. text[1..end].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        if (parts.Length > MostRank) throw new FormatException($"has {parts.Length} dimensions");
        // Python 2 wrote 10L.
        return [.. parts.Select(p => int.TryParse(p.TrimEnd('L'), NumberStyles.None, CultureInfo.InvariantCulture, out int size) ? size
            : throw new FormatException($"has the size {p} in its shape"))];
    }
}
