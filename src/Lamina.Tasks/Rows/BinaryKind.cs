namespace Lamina.Tasks.Rows;

/// <summary>Tells files that are no text by their first bytes.</summary>
internal static class BinaryKind
{
    private const double MostControl = 0.01;

    private static readonly (byte[] Bytes, string Name, string? Remedy)[] s_marks =
    [
        ([(byte)'P', (byte)'K', 3, 4], "a zip archive or an office document such as .xlsx", "unpacking it, or saving the sheet as CSV"),
        ([0xD0, 0xCF, 0x11, 0xE0], "an old office document such as .xls", "saving the sheet as CSV"),
        ([(byte)'%', (byte)'P', (byte)'D', (byte)'F'], "PDF", null),
        ([0x89, (byte)'P', (byte)'N', (byte)'G'], "a PNG image", null),
        ([0xFF, 0xD8, 0xFF], "a JPEG image", null),
        ([(byte)'A', (byte)'R', (byte)'R', (byte)'O', (byte)'W', (byte)'1'], "an Arrow file", "writing it as Parquet or CSV"),
        ([(byte)'O', (byte)'b', (byte)'j', 1], "an Avro file", "writing it as Parquet or CSV"),
        ([0x28, 0xB5, 0x2F, 0xFD], "a Zstandard file", "unpacking it"),
        ([(byte)'B', (byte)'Z', (byte)'h'], "a bzip2 file", "unpacking it"),
        ([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0], "an xz file", "unpacking it"),
        ([(byte)'7', (byte)'z', 0xBC, 0xAF], "a 7z archive", "unpacking it"),
        ([0x89, (byte)'H', (byte)'D', (byte)'F'], "HDF5", "writing it as Parquet or CSV"),
        ([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'], "a NumPy array (.npy)", "writing it as CSV"),
        ([0x1F, 0x8B], "gzip within gzip", "unpacking it once"),
    ];

    /// <summary>What it is and what helps; null where it is text.</summary>
    public static (string Name, string? Remedy)? Of(ReadOnlySpan<byte> head, TextEncoding encoding)
    {
        foreach ((byte[] bytes, string name, string? remedy) in s_marks)
            // A text may begin with letters like these; a binary file of that kind goes on with bytes that no text has.
            if (head.StartsWith(bytes) && (bytes.Any(b => b is < 9 or > 126) || head.ContainsAnyInRange((byte)0, (byte)8))) return (name, remedy);
        if (encoding.Encoding is not System.Text.UTF8Encoding) return null;
        int control = 0;
        foreach (byte b in head)
            if (b < 32 && b is not ((byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f' or 0x1A)) control++;
        return control > 1 && control > MostControl * head.Length ? ("binary", null) : null;
    }
}
