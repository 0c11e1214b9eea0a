using System.Buffers.Binary;
using System.IO.Compression;
using Lamina.Formats;

namespace Lamina.Tasks.Images;

/// <summary>
/// One file in the IDX format (LeCun, Cortes and Burges, the MNIST database): two zero bytes, the type, the rank,
/// the sizes as big-endian 32-bit numbers, then the values. Only bytes (type 8) are read. Packed with gzip or not is
/// decided by the content.
/// </summary>
internal sealed class IdxFile : IDisposable
{
    private const byte Bytes = 8;
    private const int MostPerPackedByte = 1032; // deflate can't pack more than this into a byte

    /// <summary>Whether a file begins as unpacked IDX does.</summary>
    internal static bool IsIdx(ReadOnlySpan<byte> beginning) =>
        beginning.Length >= 4 && beginning[0] == 0 && beginning[1] == 0
        && beginning[2] is >= 8 and <= 14 && beginning[3] is >= 1 and <= 8;

    /// <summary>Whether a file begins as gzip does.</summary>
    internal static bool IsGzip(ReadOnlySpan<byte> beginning) => beginning is [0x1F, 0x8B, ..];

    private readonly FileStream _file;
    private readonly string _what;
    private Stream _stream;

    private IdxFile(string path, string what, FileStream file, ReadOnlySpan<int> ranks)
    {
        (Path, _what, _file) = (path, what, file);
        Span<byte> beginning = stackalloc byte[2];
        IsPacked = IsGzip(beginning[..file.ReadAtLeast(beginning, 2, throwOnEndOfStream: false)]);
        _stream = Begin();
        Dimensions = ReadHeader(_stream, path, what, ranks);
        Length = 1;
        foreach (int size in Dimensions)
        {
            Length *= size;
        }

        if (Length > Array.MaxLength || Length > (IsPacked ? file.Length * MostPerPackedByte : file.Length))
        {
            throw Bad(path, $"its header claims {Claim} bytes from byte {HeaderLength} on, more than the file can hold");
        }
    }

    /// <summary>The file.</summary>
    internal string Path { get; }

    /// <summary>The sizes, the count first.</summary>
    internal int[] Dimensions { get; }

    /// <summary>How many values the header announces.</summary>
    internal Int128 Length { get; }

    private bool IsPacked { get; }

    private int HeaderLength => 4 + (4 * Dimensions.Length);

    private string Claim => Dimensions.Length == 1 ? $"{Length}" : $"{string.Join("×", Dimensions)} = {Length}";

    /// <summary>Opens a file and reads its header, and nothing more.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it should hold, for messages: "images" or "labels".</param>
    /// <param name="ranks">The ranks allowed.</param>
    /// <exception cref="DataException">The file isn't what it should be.</exception>
    internal static IdxFile Open(string path, string what, params ReadOnlySpan<int> ranks)
    {
        if (SpecialFile.Describe(path) is { } special) // before opening, which a pipe would block
        {
            throw Bad(path, $"expected IDX {what}, found {special}");
        }

        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return file.Length > 0 ? new IdxFile(path, what, file, ranks) : throw Bad(path, $"expected IDX {what}, found an empty file");
        }
        catch (Exception e)
        {
            file?.Dispose();
            if (Explain(path, e) is { } explained)
            {
                throw explained;
            }

            throw;
        }
    }

    /// <summary>Reads the values, the last dimension running fastest. What is packed is unpacked no further than the header promises.</summary>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="DataException">There are fewer or more than the header says, or they can't be unpacked.</exception>
    internal byte[] ReadValues(CancellationToken cancel)
    {
        const int Trusted = 64 << 20;
        try
        {
            if (IsPacked && Length > Trusted)
            {
                // A few bytes can claim gigabytes: they're counted before memory is taken for them.
                CheckLength(cancel);
                _stream = Begin();
                _stream.ReadExactly(stackalloc byte[HeaderLength]);
            }

            var values = new byte[(int)Length];
            int found = 0;
            for (int got = 1; got > 0 && found < values.Length; found += got)
            {
                cancel.ThrowIfCancellationRequested();
                got = _stream.Read(values, found, Math.Min(values.Length - found, 1 << 20));
            }

            CheckEnd(found);
            return values;
        }
        catch (Exception e)
        {
            if (Explain(Path, e) is { } explained)
            {
                throw explained;
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _file.Dispose();
    }

    private void CheckLength(CancellationToken cancel)
    {
        var piece = new byte[1 << 16];
        long found = 0;
        for (int got = 1; got > 0 && found < (long)Length; found += got)
        {
            cancel.ThrowIfCancellationRequested();
            got = _stream.Read(piece, 0, (int)Math.Min(piece.Length, (long)Length - found));
        }

        CheckEnd(found);
    }

    private void CheckEnd(long found)
    {
        if (found < (long)Length)
        {
            throw Bad(Path, $"ends at byte {HeaderLength + found}: its header claims {Claim} bytes from byte {HeaderLength} on, found {found}");
        }

        // Reading the end also has gzip compare its checksum; only a file cut within that checksum goes unnoticed.
        if (_stream.ReadByte() >= 0)
        {
            throw Bad(Path, $"goes on after byte {HeaderLength + Length}, where its header ({string.Join("×", Dimensions)} bytes) says it ends");
        }
    }

    private Stream Begin()
    {
        _file.Position = 0;
        return IsPacked ? new GZipStream(_file, CompressionMode.Decompress, leaveOpen: true) : _file;
    }

    private static DataException? Explain(string path, Exception e) => e switch
    {
        // The message of .NET is about unsupported methods, which would mislead.
        InvalidDataException => new DataException(path, "its gzip packing is damaged: a wrong code or checksum", Again, e),
        IOException or UnauthorizedAccessException =>
            new DataException(path, $"can't be read: {e.Message}", "giving yourself the right to read it, or copying it again", e),
        _ => null,
    };

    private const string Again = "downloading or copying the file again";

    private static int[] ReadHeader(Stream stream, string path, string what, ReadOnlySpan<int> ranks)
    {
        Span<byte> magic = stackalloc byte[4];
        if (stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) < 4)
        {
            throw Bad(path, "expected an IDX header, found fewer than 4 bytes");
        }

        int rank = magic[3];
        if (magic[0] != 0 || magic[1] != 0 || magic[2] != Bytes || !ranks.Contains(rank))
        {
            string allowed = string.Join(" or ", ranks.ToArray().Select(r => $"{(Bytes << 8) | r:x8}"));
            throw Bad(path, $"expected the magic number {allowed} of IDX {what} at byte 0, found {Convert.ToHexStringLower(magic)}");
        }

        var dimensions = new int[rank];
        Span<byte> number = stackalloc byte[4];
        for (int i = 0; i < rank; i++)
        {
            if (stream.ReadAtLeast(number, 4, throwOnEndOfStream: false) < 4)
            {
                throw Bad(path, $"ends within its header, before byte {4 + (4 * (i + 1))}");
            }

            uint size = BinaryPrimitives.ReadUInt32BigEndian(number);
            dimensions[i] = size is > 0 and <= int.MaxValue
                ? (int)size
                : throw Bad(path, $"its header gives dimension {i} the size {size}, at byte {4 + (4 * i)}");
        }

        return dimensions;
    }

    private static DataException Bad(string path, string problem) =>
        new(path, problem, $"{Again}; if it's another kind of data, moving it out of the folder");
}
