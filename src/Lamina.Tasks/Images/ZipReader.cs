using System.IO.Compression;
using Lamina.Formats;

namespace Lamina.Tasks.Images;

/// <summary>
/// The files in a zip, read from it one at a time: nothing is unpacked to disk, so no name in it can do harm, and no
/// more of an entry is held in memory than the limit allows, whatever its header claims.
/// </summary>
internal sealed class ZipReader : ImageTree
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
            var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: false, new ZipNames());
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
    internal override Stream OpenRead(int index)
    {
        if (_entries[index].IsEncrypted) throw new IOException("it is encrypted");
        return Open(_entries[index], out string? refusal) ?? throw new IOException(refusal);
    }

    /// <inheritdoc/>
    public override void Dispose() => _archive.Dispose();

    /// <inheritdoc/>
    protected override string? Read(int index, int limit, out FileBytes bytes, CancellationToken cancel)
    {
        bytes = default;
        ZipArchiveEntry entry = _entries[index];
        if (entry.IsEncrypted)
        {
            return "encrypted";
        }

        if (entry.Length > limit)
        {
            return TooLarge(entry.Length, limit);
        }

        if (entry.Length == 0)
        {
            return "empty file";
        }

        bool isMore;
        lock (_lock)
        {
            using Stream? stream = Open(entry, out string? refusal);
            if (stream is null)
            {
                return refusal;
            }

            try
            {
                bytes = FileBytes.Read(stream, (int)entry.Length, cancel, out isMore);
            }
            catch (InvalidDataException)
            {
                return "damaged in the zip"; // the message of .NET is about unsupported methods, which would mislead
            }
        }

        return isMore ? $"unpacks to more than the {entry.Length} bytes that the zip says"
            : bytes.Length < entry.Length ? $"unpacks to {bytes.Length} bytes where the zip says {entry.Length}"
            : null;
    }

    /// <inheritdoc/>
    protected override byte[]? ReadBeginning(int index, int most)
    {
        if (_entries[index].IsEncrypted)
        {
            return null;
        }

        lock (_lock)
        {
            using Stream? stream = Open(_entries[index], out _);
            var bytes = new byte[most];
            return stream is null ? null : bytes[..stream.ReadAtLeast(bytes, most, throwOnEndOfStream: false)];
        }
    }

    private static Stream? Open(ZipArchiveEntry entry, out string? refusal)
    {
        refusal = null;
        try
        {
            return entry.Open();
        }
        catch (InvalidDataException e)
        {
            // The one message of .NET that names a method: "… compressed using LZMA and is not supported".
            refusal = e.Message.Contains("compressed using", StringComparison.Ordinal)
                ? "packed in the zip by a method that isn't read: pack it again as an ordinary zip" : "damaged in the zip";
            return null;
        }
    }

    private static ZipReader List(ZipArchive archive, string path, long fileLength)
    {
        var files = new List<(string Name, ZipArchiveEntry Entry)>();
        var folders = new HashSet<string>(StringComparer.Ordinal);
        int outside = 0, encrypted = 0;
        Int128 packed = 0;
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            packed += entry.CompressedLength;
            string full = entry.FullName.Replace('\\', '/'); // as some old programs write it
            if (full.AsSpan().Count('/') > MostDeep)
            {
                throw TooDeep(path, full);
            }

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
                files.Add((string.Join('/', parts), entry));
                encrypted += entry.IsEncrypted ? 1 : 0;
            }
        }

        if (packed > fileLength)
        {
            throw new DataException(
                path, $"its entries claim {packed} packed bytes, but the whole file has {fileLength}: they overlap, as in a zip bomb",
                "packing the folder again with an ordinary zip program");
        }

        if (encrypted > 0 && encrypted * 2 >= files.Count)
        {
            throw new DataException(
                path, $"{encrypted} of its {files.Count} files are encrypted, and can't be read without the password",
                "unpacking it with its password (7z x, or unzip), and giving the folder that comes out");
        }

        int before = files.Count;
        files = WithoutReplaced(path, files);
        var reader = new ZipReader(archive, [.. files.Select(f => f.Name)], [.. files.Select(f => f.Entry)],
            [.. folders.Order(StringComparer.Ordinal)]) { Place = path };
        if (outside > 0)
        {
            reader.Notes.Add($"ignored {outside} {(outside == 1 ? "entry whose name leads" : "entries whose names lead")} outside the zip (..)");
        }

        if (files.Count < before)
        {
            reader.Notes.Add($"ignored {Wording.Count(before - files.Count, "file")} of the zip that later ones of the same name replace");
        }

        return reader;
    }

    /// <summary>In ordinal order; of two with one name the later counts, as when unpacking.</summary>
    private static List<(string Name, ZipArchiveEntry Entry)> WithoutReplaced(string path, List<(string Name, ZipArchiveEntry Entry)> files)
    {
        var kept = new List<(string Name, ZipArchiveEntry Entry)>(files.Count);
        foreach ((string name, ZipArchiveEntry entry) in files.OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            // Names are marked as UTF-8 and aren't: what they say is lost, and two of them may have become one.
            if (name.Contains('\uFFFD', StringComparison.Ordinal))
            {
                throw new DataException(
                    path, $"the name of its entry '{ForeignText.Show(name, 100)}' isn't valid text, so that classes can't be told apart by it",
                    "unpacking it, renaming what has such a name, and giving the folder");
            }

            if (kept.Count > 0 && kept[^1].Name == name)
            {
                kept.RemoveAt(kept.Count - 1);
            }

            kept.Add((name, entry));
        }

        return kept;
    }
}
