using System.Formats.Tar;

namespace Lamina.Formats;

/// <summary>Tells files apart from what only stands in a folder like one: pipes, sockets and devices, whose opening may wait for ever.</summary>
public static class SpecialFile
{
    /// <summary>Kind of a path that is no ordinary file.</summary>
    /// <param name="path">The path; links are followed. It is not opened unless it is an empty ordinary file.</param>
    /// <returns><c>a named pipe (FIFO)</c>, <c>a socket</c>, <c>a device</c> or <c>a pipe</c>; null for ordinary files, folders, what does
    /// not exist and what may not be looked at.</returns>
    public static string? Describe(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (OperatingSystem.IsWindows()) return null; // they have no names in folders there
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) return null;
            if (file.LinkTarget is not null)
            {
                FileSystemInfo? target = file.ResolveLinkTarget(returnFinalTarget: true);
                // A link of /dev/fd to something without a name, which can be opened all the same.
                if (target?.Name.StartsWith("pipe:[", StringComparison.Ordinal) == true) return "a pipe";
                if (target?.Name.StartsWith("socket:[", StringComparison.Ordinal) == true) return "a socket";
                if (target is not FileInfo { Exists: true } real) return null;
                file = real;
            }
            return file.Length > 0 ? null : Kind(file.FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // opening it will say why
        }
    }

    /// <summary>Refuses what is no ordinary file, before it is opened.</summary>
    /// <exception cref="FileFormatException">It is a pipe, a socket or a device.</exception>
    internal static void Refuse(string path)
    {
        if (Describe(path) is { } kind)
            throw new FileFormatException(path, "opening it", "an ordinary file", kind, "naming a file, or copying what comes through it into one");
    }

    // The only place of the base libraries that tells the kinds of files apart is the writer of tar archives. All of these have the
    // length 0, so no contents are copied.
    private static string? Kind(string path)
    {
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, leaveOpen: true))
        {
            try
            {
                writer.WriteEntry(path, "x");
            }
            catch (IOException e) when (e.GetType() == typeof(IOException))
            {
                return File.Exists(path) ? "a socket" : null; // a tar archive has no entry for it
            }
        }
        archive.Position = 0;
        using var reader = new TarReader(archive);
        return reader.GetNextEntry()?.EntryType switch
        {
            TarEntryType.Fifo => "a named pipe (FIFO)",
            TarEntryType.CharacterDevice or TarEntryType.BlockDevice => "a device",
            _ => null,
        };
    }
}
