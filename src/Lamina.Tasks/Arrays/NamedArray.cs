using System.Buffers.Binary;
using System.Text;

namespace Lamina.Tasks.Arrays;

/// <summary>An array of a file, whose header was read; its values are read as a stream, in bounded memory.</summary>
internal sealed class NamedArray
{
    private const int ChunkValues = 1 << 14;

    private readonly string _place;
    private readonly Func<Stream> _open;

    /// <param name="place">The file, for messages.</param>
    /// <param name="key">Its name in the file.</param>
    /// <param name="header">What it holds.</param>
    /// <param name="open">Opens it at its first byte.</param>
    public NamedArray(string place, string key, NpyHeader header, Func<Stream> open) => (_place, Key, Header, _open) = (place, key, header, open);

    /// <summary>Its name in the file, without an ending.</summary>
    public string Key { get; }

    /// <summary>What it holds.</summary>
    public NpyHeader Header { get; }

    /// <summary>The sizes.</summary>
    public IReadOnlyList<int> Shape => Header.Shape;

    /// <summary>Whether its values are numbers or truth values.</summary>
    public bool IsNumeric => Header.Kind is NpyKind.Bool or NpyKind.Integer or NpyKind.Unsigned or NpyKind.Float;

    /// <summary>Visits the values in the order of the file, as double precision; the buffer is valid during the call alone.</summary>
    /// <exception cref="DataException">They can't be read to the end.</exception>
    public void ReadNumbers(Action<double[], int> visit, CancellationToken cancel)
    {
        RequireNumbers();
        var numbers = new double[ChunkValues];
        ReadChunks(chunk =>
        {
            int count = chunk.Length / Header.Size;
            Convert(chunk, numbers.AsSpan(0, count));
            visit(numbers, count);
        }, cancel);
    }

    /// <summary>Reads the bytes of the values as they are.</summary>
    /// <exception cref="DataException">They can't be read to the end.</exception>
    public void ReadBytes(Span<byte> target, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        try
        {
            using Stream stream = OpenAtValues();
            stream.ReadExactly(target);
            RequireEnd(stream);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Damaged(e);
        }
    }

    /// <summary>Reads texts, without the zeros that fill them up.</summary>
    /// <exception cref="DataException">They can't be read to the end.</exception>
    public string[] ReadTexts(CancellationToken cancel)
    {
        var texts = new List<string>();
        Encoding encoding = Header.Kind != NpyKind.Text ? Encoding.Latin1 : new UTF32Encoding(Header.IsBigEndian, byteOrderMark: false);
        ReadChunks(chunk =>
        {
            for (int at = 0; at < chunk.Length; at += Header.Size) texts.Add(encoding.GetString(chunk.Slice(at, Header.Size)).TrimEnd('\0'));
        }, cancel);
        return [.. texts];
    }

    /// <summary>A refusal that names the array.</summary>
    public DataException Bad(string problem, string remedy, Exception? inner = null) => new(_place, $"its array '{Key}' {problem}", remedy, inner);

    /// <exception cref="DataException">It holds something else than numbers.</exception>
    public void RequireNumbers()
    {
        if (Header.Kind == NpyKind.Object)
            throw Bad("holds Python objects, which are never unpacked, since that could run any program",
                "saving plain numbers, for example: np.savez_compressed(file, x_train=np.stack(images).astype('uint8'), …)");
        if (!IsNumeric) throw Bad($"is of type {Header.Description}, where numbers were expected",
            "an array of uint8, of another type of whole numbers, or of floats");
    }

    private delegate void ChunkVisitor(ReadOnlySpan<byte> chunk);

    private void ReadChunks(ChunkVisitor visit, CancellationToken cancel)
    {
        var buffer = new byte[Math.Max(1, Math.Min(ChunkValues, (1 << 20) / Header.Size)) * Header.Size];
        try
        {
            using Stream stream = OpenAtValues();
            for (Int128 left = Header.Count * Header.Size; left > 0;)
            {
                cancel.ThrowIfCancellationRequested();
                int take = (int)Int128.Min(buffer.Length, left);
                stream.ReadExactly(buffer, 0, take);
                visit(buffer.AsSpan(0, take));
                left -= take;
            }
            RequireEnd(stream);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Damaged(e);
        }
    }

    private Stream OpenAtValues()
    {
        Stream stream = _open();
        try
        {
            stream.ReadExactly(new byte[Header.Start]);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private void RequireEnd(Stream stream)
    {
        if (stream.ReadByte() >= 0) throw Bad($"goes on after the {Header.ShapeText} values that its header claims", "saving it again with NumPy");
    }

    private static bool IsDamage(Exception e) => e is InvalidDataException or IOException or UnauthorizedAccessException or NotSupportedException;

    private DataException Damaged(Exception e) => Bad(
        e is EndOfStreamException ? $"ends before the {Header.ShapeText} values that its header claims"
            : "can't be unpacked: it is damaged, or packed in a way that isn't read",
        "downloading or copying the file again", e);

    private void Convert(ReadOnlySpan<byte> bytes, Span<double> numbers)
    {
        int size = Header.Size;
        bool isBig = Header.IsBigEndian;
        if (size == 1)
        {
            bool isSigned = Header.Kind == NpyKind.Integer;
            for (int i = 0; i < numbers.Length; i++) numbers[i] = isSigned ? (sbyte)bytes[i] : bytes[i];
            return;
        }
        for (int i = 0; i < numbers.Length; i++)
        {
            ReadOnlySpan<byte> one = bytes.Slice(i * size, size);
            ulong bits = size switch
            {
                2 => isBig ? BinaryPrimitives.ReadUInt16BigEndian(one) : BinaryPrimitives.ReadUInt16LittleEndian(one),
                4 => isBig ? BinaryPrimitives.ReadUInt32BigEndian(one) : BinaryPrimitives.ReadUInt32LittleEndian(one),
                _ => isBig ? BinaryPrimitives.ReadUInt64BigEndian(one) : BinaryPrimitives.ReadUInt64LittleEndian(one),
            };
            numbers[i] = (Header.Kind, size) switch
            {
                (NpyKind.Float, 2) => (double)BitConverter.UInt16BitsToHalf((ushort)bits),
                (NpyKind.Float, 4) => BitConverter.UInt32BitsToSingle((uint)bits),
                (NpyKind.Float, _) => BitConverter.UInt64BitsToDouble(bits),
                (NpyKind.Integer, 2) => (short)bits,
                (NpyKind.Integer, 4) => (int)bits,
                (NpyKind.Integer, _) => (long)bits,
                _ => bits,
            };
        }
    }
}
