using System.IO.Compression;

namespace Lamina.Tasks.Images;

/// <summary>
/// The files in a zip, read from it one at a time: nothing is unpacked to disk, so no name in it can do harm, and no
/// more of an entry is held in memory than the limit allows, whatever its header claims.
/// </summary>
internal sealed class ZipReader : PictureTree
{
    private readonly ZipArchive _archive;
    private readonly ZipArchiveEntry[] _entries;
    private readonly Lock _lock = new(); // a ZipArchive reads one entry at a time

    private ZipReader(ZipArchive archive, string[] names, ZipArchiveEntry[] entries, string[] folders)
    {
        _archive = archive;
        _entries = entries;
        Files = names;
        Folders = folders;
    }

    internal override IReadOnlyList<string> Files { get; }

    internal override IReadOnlyList<string> Folders { get; }

    /// <summary>Whether a file begins as a zip does.</summary>
    internal static bool IsZip(ReadOnlySpan<byte> beginning) =>
        beginning.StartsWith("PK\u0003\u0004"u8) || beginning.StartsWith("PK\u0005\u0006"u8);

    /// <summary>Reads a zip's table of contents.</summary>
    /// <exception cref="DataException">The file is no whole zip, or one made to do harm.</exception>
    internal static ZipReader Open(string path)
    {
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.RandomAccess);
            var archive = new ZipArchive(stream, ZipArchiveMode.Read);
            return List(archive, path, stream.Length);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            stream?.Dispose();
            throw new DataException(
                path, $"expected a zip with its table of contents at the end: {e.Message}",
                "copying or downloading the file again (it may be cut short), or unpacking it and giving the folder", e);
        }
        catch
        {
            stream?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => _archive.Dispose();

    /// <inheritdoc/>
    protected override string? Read(int index, int limit, out byte[] bytes)
    {
        bytes = [];
        ZipArchiveEntry entry = _entries[index];
        if (entry.IsEncrypted)
        {
            return "encrypted";
        }

        if (entry.Length > limit)
        {
            return TooLarge(entry.Length, limit);
        }

        lock (_lock)
        {
            using Stream stream = entry.Open();
            try
            {
                if (!BoundedRead.TryReadAll(stream, entry.Length, limit, out bytes))
                {
                    return $"unpacks to more than the {limit} bytes allowed";
                }
            }
            catch (InvalidDataException)
            {
                return "damaged in the zip"; // the message of .NET is about unsupported methods, which would mislead
            }
        }

        return bytes.Length == entry.Length
            ? null
            : $"unpacks to {bytes.Length} bytes where the zip says {entry.Length}";
    }

    private static ZipReader List(ZipArchive archive, string path, long fileLength)
    {
        var files = new SortedDictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
        var folders = new SortedSet<string>(StringComparer.Ordinal);
        int outside = 0;
        Int128 packed = 0;
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            packed += entry.CompressedLength;
            string full = entry.FullName.Replace('\\', '/'); // as some old programs write it
            string[] parts = [.. full.Split('/').Where(p => p is not ("" or "."))];
            if (parts.Contains(".."))
            {
                outside++;
            }
            else if (full.EndsWith('/'))
            {
                folders.Add(string.Join('/', parts));
            }
            else if (parts.Length > 0)
            {
                files[string.Join('/', parts)] = entry; // of two with one name the later counts, as when unpacking
            }
        }

        if (packed > fileLength)
        {
            throw new DataException(
                path, $"its entries claim {packed} packed bytes, but the whole file has {fileLength}: they overlap, as in a zip bomb",
                "packing the folder again with an ordinary zip program");
        }

        var reader = new ZipReader(archive, [.. files.Keys], [.. files.Values], [.. folders]) { Place = path };
        if (outside > 0)
        {
            reader.Notes.Add($"ignored {outside} {(outside == 1 ? "entry whose name leads" : "entries whose names lead")} outside the zip (..)");
        }

        return reader;
    }
}
