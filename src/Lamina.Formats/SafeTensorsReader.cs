using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Formats;

/// <summary>Reads a safetensors file, front to back, and checks it as it goes.</summary>
internal sealed class SafeTensorsReader(Stream stream, string file)
{
    internal const string CutShort = "copying or downloading it again, or an earlier checkpoint: the file is cut short";

    private const string NotOurs = "the reader for its own format, if it is not a safetensors file; else copying it again or an earlier checkpoint: the file is damaged";
    private const int LengthBytes = sizeof(ulong);
    private const int PieceBytes = 1 << 20;

    /// <summary>The bytes from the start to the end, or null where only reading can tell.</summary>
    private readonly long? _fileBytes = stream.CanSeek ? Math.Max(stream.Length - stream.Position, 0) : null;

    public SafeTensorsFile Read()
    {
        byte[] header = ReadHeader();
        SafeTensorsHeader parsed = SafeTensorsHeader.Parse(file, header);
        long start = LengthBytes + header.Length;
        List<SafeTensorsEntry> entries = SafeTensorsLayout.InOrder(file, parsed.Entries, _fileBytes - start);
        OrderedDictionary<string, Tensor> tensors = new(entries.Count);
        foreach (SafeTensorsEntry entry in entries) tensors.Add(entry.Name, ReadTensor(entry, start + entry.Begin));
        if (_fileBytes is null && stream.ReadByte() >= 0)
        {
            long end = start + (entries.Count > 0 ? entries[^1].End : 0);
            throw new FileFormatException(file, $"byte {end}", "the end of the file, where the last tensor ends", "more bytes", SafeTensorsLayout.Damaged);
        }
        return new(tensors, parsed.Metadata);
    }

    private byte[] ReadHeader()
    {
        Span<byte> start = stackalloc byte[LengthBytes];
        int got = stream.ReadAtLeast(start, LengthBytes, throwOnEndOfStream: false);
        if (got < LengthBytes) throw Cut(0, $"the {LengthBytes} bytes of the header's length", got == 0 ? "an empty file" : $"{got} bytes");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (length > SafeTensors.MaxHeaderBytes)
            throw new FileFormatException(file, "byte 0", $"a header length of at most {SafeTensors.MaxHeaderBytes}",
                $"{length}{SafeTensorsGuess.Kind(start)}", NotOurs);
        if (length < 2)
            throw new FileFormatException(file, "byte 0", "a header length of 2 or more", $"{length}", SafeTensorsLayout.Damaged);
        if (_fileBytes - LengthBytes < (long)length)
            throw Cut(0, $"a header length within the {_fileBytes} bytes of the file", $"{length}");
        byte[] header = ReadPieces((int)length, LengthBytes, "the header");
        if (header[0] != '{')
            throw new FileFormatException(file, $"byte {LengthBytes}", "the { that starts the header", $"byte 0x{header[0]:x2}", NotOurs);
        return header;
    }

    private Tensor ReadTensor(SafeTensorsEntry entry, long at)
    {
        try
        {
            return entry.Spec.DType switch
            {
                // A pipe's length is unknown, so memory is taken as the bytes arrive.
                _ when _fileBytes is null && entry.Spec.Bytes > PieceBytes => FromPieces(entry, at),
                DType.Float32 => Fill<float>(entry, at),
                DType.Float64 => Fill<double>(entry, at),
                DType.Int32 => Fill<int>(entry, at),
                DType.Int64 => Fill<long>(entry, at),
                DType.UInt8 => Fill<byte>(entry, at),
                DType.Bool => Fill<bool>(entry, at),
                DType.Float16 => Fill<Half>(entry, at),
                _ => FromPieces(entry, at),
            };
        }
        catch (TensorException e)
        {
            throw new FileFormatException(file, entry.Place, "a tensor that fits into memory", e.Message, "splitting it where the file is made", e);
        }
    }

    private Tensor Fill<T>(SafeTensorsEntry entry, long at) where T : unmanaged =>
        Tensor.Create<T>(entry.Spec.Shape, values =>
        {
            Span<byte> bytes = MemoryMarshal.AsBytes(values);
            int got = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (got < bytes.Length) throw Cut(at + got, $"{bytes.Length - got} more bytes of {entry.Place}", "the end of the file");
            Check(entry, at, bytes);
        });

    private Tensor FromPieces(SafeTensorsEntry entry, long at)
    {
        byte[] bytes = ReadPieces((int)entry.Spec.Bytes, at, entry.Place);
        Check(entry, at, bytes);
        return Tensor.FromBytes(bytes, entry.Spec);
    }

    private void Check(SafeTensorsEntry entry, long at, Span<byte> bytes)
    {
        if (!BitConverter.IsLittleEndian) ByteOrder.Reverse(bytes, entry.Spec.DType.Size);
        if (entry.Spec.DType != DType.Bool) return;
        int bad = bytes.IndexOfAnyExceptInRange((byte)0, (byte)1);
        if (bad >= 0)
            throw new FileFormatException(file, $"byte {at + bad}, in {entry.Place}", "a truth value, 0 or 1", $"{bytes[bad]}", SafeTensorsLayout.Damaged);
    }

    /// <summary>Reads so many bytes, and takes the memory for them as they come unless the file is known to have them.</summary>
    private byte[] ReadPieces(int count, long at, string what)
    {
        byte[] bytes = new byte[_fileBytes is null ? Math.Min(count, PieceBytes) : count];
        for (int done = 0; done < count;)
        {
            if (done == bytes.Length) Array.Resize(ref bytes, (int)Math.Min(count, 2L * bytes.Length));
            int got = stream.Read(bytes, done, bytes.Length - done);
            if (got == 0) throw Cut(at + done, $"{count - done} more bytes of {what}", "the end of the file");
            done += got;
        }
        return bytes;
    }

    private FileFormatException Cut(long at, string expected, string found) => new(file, $"byte {at}", expected, found, CutShort);
}

/// <summary>Recognises files that are often taken for safetensors.</summary>
internal static class SafeTensorsGuess
{
    /// <summary>A clause such as <c> (it starts like a zip archive …)</c>, or nothing.</summary>
    public static string Kind(ReadOnlySpan<byte> start) =>
        start.StartsWith("PK"u8) ? " (it starts like a zip archive: a PyTorch or npz file)" :
        start.StartsWith("version "u8) ? " (it starts like a Git LFS pointer: the file itself was not fetched)" :
        start.StartsWith("GGUF"u8) ? " (it starts like a GGUF file)" :
        start[1..].StartsWith("HDF"u8) ? " (it starts like an HDF5 file)" :
        start[0] == 0x80 ? " (it starts like a Python pickle)" :
        start[0] == '<' ? " (it starts like a web page)" : "";
}
