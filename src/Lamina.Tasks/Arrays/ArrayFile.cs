using System.IO.Compression;
using Lamina.Formats;

namespace Lamina.Tasks.Arrays;

/// <summary>
/// The arrays of NumPy in an .npz file, or in the .npy files of a folder, by their names. Only headers are read until values are asked for, and
/// what headers claim is held against the bytes that are there before any memory is taken for it.
/// </summary>
internal sealed class ArrayFile : IDisposable
{
    private const int MostArrays = 10_000;

    // Images never pack so well; what does was made to fill a memory.
    private const long Suspicious = 256 << 20, BombRatio = 100;

    private readonly ZipArchive? _archive;

    private ArrayFile(string path, IReadOnlyList<NamedArray> arrays, IReadOnlyList<string> notes, ZipArchive? archive) =>
        (Path, Arrays, Notes, _archive) = (path, arrays, notes, archive);

    /// <summary>The file or folder, as it was given.</summary>
    public string Path { get; }

    /// <summary>The arrays, by their names in ordinal order.</summary>
    public IReadOnlyList<NamedArray> Arrays { get; }

    /// <summary>What a person should know: entries that are no arrays.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Opens an .npz file or a folder with .npy files, and reads the headers.</summary>
    /// <exception cref="DataException">It is damaged, or made to do harm, or holds no arrays.</exception>
    public static ArrayFile Open(string path) => Directory.Exists(path) ? OpenFolder(path) : OpenZip(path);

    /// <inheritdoc/>
    public void Dispose() => _archive?.Dispose();

    private static ArrayFile OpenFolder(string folder)
    {
        NamedArray[] arrays = [.. Directory.EnumerateFiles(folder, "*.npy").Order(StringComparer.Ordinal).Select(file =>
        {
            if (SpecialFile.Describe(file) is { } special) throw new DataException(file, $"expected an array of NumPy, found {special}", "a file");
            Stream Open() => new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            return OfHeader(file, System.IO.Path.GetFileNameWithoutExtension(file), new FileInfo(file).Length, Open);
        })];
        return new(folder, arrays, [], null);
    }

    private static ArrayFile OpenZip(string path)
    {
        ZipArchive? archive = null;
        try
        {
            archive = new ZipArchive(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.RandomAccess),
                ZipArchiveMode.Read);
            return List(archive, path);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            archive?.Dispose();
            throw new DataException(path, $"expected an .npz file, a zip of arrays with its table of contents at the end: {e.Message}",
                "copying or downloading the file again: it may be cut short", e);
        }
        catch
        {
            archive?.Dispose();
            throw;
        }
    }

    private static ArrayFile List(ZipArchive archive, string path)
    {
        Int128 packed = 0;
        var arrays = new List<NamedArray>();
        var others = new List<string>();
        if (archive.Entries.Count > MostArrays)
            throw new DataException(path, $"holds {archive.Entries.Count} entries, more than {MostArrays}",
            "one array of images and one of labels for each part");
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            packed += entry.CompressedLength;
            if (!entry.FullName.EndsWith(".npy", StringComparison.OrdinalIgnoreCase))
            {
                if (!entry.FullName.EndsWith('/')) others.Add(entry.FullName);
                continue;
            }
            string key = entry.FullName[..^".npy".Length];
            if (entry.IsEncrypted) throw new DataException(path, $"its array '{key}' is encrypted",
                "unpacking it with its password, and giving the folder of .npy files");
            if (entry.Length > Suspicious && entry.Length / Math.Max(1, entry.CompressedLength) > BombRatio)
                throw new DataException(path, $"its array '{key}' claims {entry.Length >> 20} MiB out of {entry.CompressedLength >> 10} KiB, as a "
                    + $"zip bomb does: no images pack so well",
                    "a file of real images; if they are meant to be empty, fewer of them");
            if (arrays.Exists(a => a.Key == key))
                throw new DataException(path, $"holds two arrays named '{key}'", "saving it again with np.savez_compressed");
            arrays.Add(OfHeader(path, key, entry.Length, entry.Open));
        }
        if (packed > new FileInfo(path).Length)
            throw new DataException(path, "its entries claim more packed bytes than the whole file has: they overlap, as in a zip bomb",
                "saving it again with np.savez_compressed");
        if (arrays.Count == 0) throw new DataException(path, "holds no arrays (.npy)", "a file that np.savez or np.savez_compressed wrote");
        return new(path, [.. arrays.OrderBy(a => a.Key, StringComparer.Ordinal)], others.Count == 0 ? []
            : [$"ignored {Wording.Names(others)}, no arrays"], archive);
    }

    private static NamedArray OfHeader(string path, string key, long length, Func<Stream> open)
    {
        NpyHeader header;
        try
        {
            using Stream stream = open();
            header = NpyHeader.Read(stream);
        }
        catch (FormatException e)
        {
            throw new DataException(path, $"its array '{key}' {e.Message}", "saving it again with NumPy", e);
        }
        catch (InvalidDataException e)
        {
            throw new DataException(path, $"its array '{key}' is damaged, or packed in a way that isn't read",
                "downloading the file again, or saving it with np.savez_compressed", e);
        }
        // A pickle has any length, and is never read.
        Int128 claimed = header.Count * header.Size + header.Start;
        if (header.Kind != NpyKind.Object && claimed != length)
            throw new DataException(path, $"its array '{key}' claims the shape {header.ShapeText} of type {header.Description}, "
                + $"{claimed - header.Start} bytes, and holds {length - header.Start}",
                "downloading or copying the file again; if it was written by a program, saving it with NumPy");
        return new(path, key, header, open);
    }
}
