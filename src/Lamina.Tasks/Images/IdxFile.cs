using System.Buffers.Binary;
using System.IO.Compression;

namespace Lamina.Tasks.Images;

/// <summary>
/// One file in the IDX format (LeCun, Cortes and Burges, the MNIST database): two zero bytes, the type, the rank,
/// the sizes as big-endian 32-bit numbers, then the values. Only bytes (type 8) are read. Packed with gzip or not is
/// decided by the content.
/// </summary>
/// <param name="Dimensions">The sizes, the count first.</param>
/// <param name="Values">The values, the last dimension running fastest.</param>
internal sealed record IdxFile(int[] Dimensions, byte[] Values)
{
    private const byte Bytes = 8;
    private const int MostPerPackedByte = 1032; // deflate can't pack more than this into a byte

    /// <summary>Whether a file begins as unpacked IDX does.</summary>
    internal static bool IsIdx(ReadOnlySpan<byte> beginning) =>
        beginning.Length >= 4 && beginning[0] == 0 && beginning[1] == 0
        && beginning[2] is >= 8 and <= 14 && beginning[3] is >= 1 and <= 8;

    /// <summary>Whether a file begins as gzip does.</summary>
    internal static bool IsGzip(ReadOnlySpan<byte> beginning) => beginning is [0x1F, 0x8B, ..];

    /// <summary>Reads a file whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it should hold, for messages: "pictures" or "labels".</param>
    /// <param name="ranks">The ranks allowed.</param>
    /// <exception cref="DataException">The file isn't what it should be.</exception>
    internal static IdxFile Read(string path, string what, params ReadOnlySpan<int> ranks)
    {
        try
        {
            if (new FileInfo(path).Length == 0)
            {
                throw Bad(path, $"expected IDX {what}, found an empty file"); // before opening, which a pipe would block
            }

            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            Span<byte> beginning = stackalloc byte[2];
            bool packed = IsGzip(beginning[..file.ReadAtLeast(beginning, 2, throwOnEndOfStream: false)]);
            file.Position = 0;
            if (!packed)
            {
                return Read(file, file.Length, path, what, ranks);
            }

            using var gzip = new GZipStream(file, CompressionMode.Decompress);
            return Read(gzip, file.Length * MostPerPackedByte, path, what, ranks);
        }
        catch (InvalidDataException e)
        {
            // The message of .NET is about unsupported methods, which would mislead.
            throw new DataException(path, "its gzip packing is damaged: a wrong code or checksum", Again, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"can't be read: {e.Message}", "giving yourself the right to read it, or copying it again", e);
        }
    }

    private const string Again = "downloading or copying the file again";

    private static IdxFile Read(Stream stream, long mostBytes, string path, string what, ReadOnlySpan<int> ranks)
    {
        int[] dimensions = ReadHeader(stream, path, what, ranks);
        int header = 4 + (4 * dimensions.Length);
        Int128 expected = 1;
        foreach (int size in dimensions)
        {
            expected *= size;
        }

        string shape = string.Join("×", dimensions);
        if (expected > Array.MaxLength || expected > mostBytes)
        {
            throw Bad(path, $"its header claims {shape} = {expected} bytes from byte {header} on, more than the file can hold");
        }

        var values = new byte[(int)expected];
        int found = stream.ReadAtLeast(values, values.Length, throwOnEndOfStream: false);
        if (found < values.Length)
        {
            throw Bad(path, $"ends at byte {header + (long)found}: its header claims {shape} = {expected} bytes from byte {header} on, found {found}");
        }

        // Reading the end also has gzip compare its checksum; only a file cut within that checksum goes unnoticed.
        return stream.ReadByte() < 0
            ? new IdxFile(dimensions, values)
            : throw Bad(path, $"goes on after byte {header + expected}, where its header ({shape} bytes) says it ends");
    }

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
