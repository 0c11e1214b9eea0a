using Lamina.Tensors;

namespace Lamina.Formats;

/// <summary>
/// Tensors by name in one file: the safetensors format (Hugging Face, 2022). Eight bytes of header length, little endian;
/// a JSON header that gives each tensor's type, shape and place; the values, little endian, rows first, without gaps.
/// </summary>
/// <remarks>
/// Reading trusts nothing: whatever the bytes are, the result is the tensors or a <see cref="FileFormatException"/>, and
/// memory is only taken for bytes that are there. Files are laid out as by the reference
/// implementation: wide types first, then by name, the header padded with spaces to a multiple of eight. Equal tensors
/// give equal bytes (and the reference's bytes, but for names with characters that JSON may spell in two ways).
/// </remarks>
public static class SafeTensors
{
    /// <summary>The longest header that is read or written, in bytes, as in the reference implementation.</summary>
    public const int MaxHeaderBytes = 100_000_000;

    internal const string MetadataName = "__metadata__";

    /// <summary>Saves tensors to a file, which is replaced as a whole or not at all (see <see cref="AtomicFile"/>).</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="tensors">The tensors by name, in any order; views are made compact.</param>
    /// <param name="metadata">Free text to keep beside them.</param>
    /// <exception cref="SaveException">The file could not be saved.</exception>
    /// <exception cref="ArgumentException">Two tensors have one name, or a name cannot stand in a file.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        SafeTensorsWriter writer = new(tensors, metadata);
        AtomicFile.Write(path, writer.WriteTo);
    }

    /// <summary>Writes tensors to a stream, which is left open.</summary>
    /// <param name="stream">Where the bytes go.</param>
    /// <param name="tensors">The tensors by name, in any order; views are made compact.</param>
    /// <param name="metadata">Free text to keep beside them.</param>
    /// <exception cref="ArgumentException">Two tensors have one name, or a name cannot stand in a file.</exception>
    public static void Write(Stream stream, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        new SafeTensorsWriter(tensors, metadata).WriteTo(stream);

    /// <summary>Reads a file.</summary>
    /// <exception cref="FileFormatException">The file is missing, may not be read, is a pipe or a device, or is not a valid safetensors file of
    /// types that tensors hold; the message says which, where, and the way out.</exception>
    public static SafeTensorsFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SpecialFile.Refuse(path);
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            return Read(file, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileFormatException.Unreadable(path, e);
        }
    }

    /// <summary>Reads what is left of a stream, which need not be seekable and is left open.</summary>
    /// <param name="stream">The bytes, from the stream's position to its end.</param>
    /// <param name="name">What messages call the stream.</param>
    /// <exception cref="FileFormatException">The bytes are not a valid safetensors file of types that tensors hold.</exception>
    public static SafeTensorsFile Read(Stream stream, string name = "stream") => new SafeTensorsReader(stream, name).Read();
}
