using System.Buffers.Binary;

namespace Lamina.Tasks.Rows;

/// <summary>
/// Checks the metadata at the end of a Parquet file before the library reads them: a damaged length makes it go round for minutes or
/// allocate without bound. They are a structure of Thrift's compact protocol (Apache Thrift, thrift-compact-protocol.md).
/// </summary>
internal static class ParquetFooter
{
    private const int TailBytes = 8, MostBytes = 1 << 28, Deepest = 32;

    /// <summary>Goes through all lengths.</summary>
    /// <exception cref="InvalidDataException">The file doesn't end as Parquet does, or a length reaches beyond the metadata.</exception>
    public static void Check(Stream file)
    {
        const string Broken = "its last bytes aren't those of a Parquet file";
        Span<byte> tail = stackalloc byte[TailBytes];
        if (file.Length < TailBytes + 4) throw new InvalidDataException(Broken);
        file.Seek(-TailBytes, SeekOrigin.End);
        file.ReadExactly(tail);
        int length = BinaryPrimitives.ReadInt32LittleEndian(tail);
        if (!tail[4..].SequenceEqual("PAR1"u8) || length <= 0 || length > MostBytes || length > file.Length - TailBytes - 4)
            throw new InvalidDataException(Broken);
        var footer = new byte[length];
        file.Seek(-TailBytes - length, SeekOrigin.End);
        file.ReadExactly(footer);
        file.Seek(0, SeekOrigin.Begin);
        try
        {
            // A signature may follow, of 28 bytes.
            if (SkipStruct(footer, 0).Length > 28) throw new InvalidDataException("its metadata end too early");
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            throw new InvalidDataException("a length in its metadata reaches beyond them", e);
        }
    }

    private static ReadOnlySpan<byte> SkipStruct(ReadOnlySpan<byte> bytes, int depth)
    {
        while (true)
        {
            int field = bytes[0];
            bytes = bytes[1..];
            if (field == 0) return bytes;
            if (field >> 4 == 0) Number(ref bytes);
            bytes = Skip(bytes, field & 15, depth, inList: false);
        }
    }

    private static ReadOnlySpan<byte> Skip(ReadOnlySpan<byte> bytes, int type, int depth, bool inList)
    {
        if (depth > Deepest) throw new InvalidDataException("its metadata are nested too deeply");
        switch (type)
        {
            case 1 or 2: // a boolean: in a field it is the type itself
                return inList ? bytes[1..] : bytes;
            case 3:
                return bytes[1..];
            case 4 or 5 or 6:
                Number(ref bytes);
                return bytes;
            case 7:
                return bytes[8..];
            case 8:
                ulong length = Number(ref bytes);
                return bytes[checked((int)Math.Min(length, int.MaxValue))..];
            case 9 or 10:
                int head = bytes[0];
                bytes = bytes[1..];
                ulong count = head >> 4 == 15 ? Number(ref bytes) : (ulong)(head >> 4);
                // Each element has at least one byte.
                if (count > (ulong)bytes.Length) throw new InvalidDataException("a length in its metadata reaches beyond them");
                for (; count > 0; count--) bytes = Skip(bytes, head & 15, depth + 1, inList: true);
                return bytes;
            case 11:
                ulong pairs = Number(ref bytes);
                if (pairs == 0) return bytes;
                int types = bytes[0];
                bytes = bytes[1..];
                if (pairs > (ulong)bytes.Length) throw new InvalidDataException("a length in its metadata reaches beyond them");
                for (; pairs > 0; pairs--) bytes = Skip(Skip(bytes, types >> 4, depth + 1, inList: true), types & 15, depth + 1, inList: true);
                return bytes;
            case 12:
                return SkipStruct(bytes, depth + 1);
            default:
                throw new InvalidDataException($"its metadata hold a value of no known kind ({type})");
        }
    }

    private static ulong Number(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte b = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(b & 127) << Math.Min(shift, 63);
            if (b < 128) return value;
        }
        throw new InvalidDataException("a number in its metadata has no end");
    }
}
