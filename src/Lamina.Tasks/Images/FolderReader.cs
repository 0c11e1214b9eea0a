namespace Lamina.Tasks.Images;

/// <summary>The files below a folder. Links are followed, except those that lead back up.</summary>
internal sealed class FolderReader : PictureTree
{
    private readonly string[] _paths;

    private FolderReader(string[] names, string[] paths, string[] folders)
    {
        Files = names;
        _paths = paths;
        Folders = folders;
    }

    internal override IReadOnlyList<string> Files { get; }

    internal override IReadOnlyList<string> Folders { get; }

    /// <summary>Lists a folder and everything below it.</summary>
    /// <exception cref="DataException">A folder can't be listed.</exception>
    internal static FolderReader Open(string folder, CancellationToken cancel)
    {
        var walk = new Walk(cancel);
        string full = Path.GetFullPath(folder);
        walk.Visit(full, "", [RealPath(full)]);
        string[] names = [.. walk.Files.Keys];
        var reader = new FolderReader(names, [.. walk.Files.Values], [.. walk.Folders.Order(StringComparer.Ordinal)])
        {
            Place = folder,
        };
        if (walk.Loops > 0)
        {
            reader.Notes.Add($"did not follow {walk.Loops} {(walk.Loops == 1 ? "link that leads" : "links that lead")} back to a folder above");
        }

        return reader;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        // Files are opened one at a time; nothing is held.
    }

    /// <inheritdoc/>
    protected override string? Read(int index, int limit, out byte[] bytes) => ReadPath(_paths[index], limit, out bytes);

    /// <summary>Reads one file whole: null, or in a few words why it can't be read.</summary>
    internal static string? TryReadFile(string path, int limit, out byte[] bytes) => Try(ReadPath, path, limit, out bytes);

    private static string? ReadPath(string path, int limit, out byte[] bytes)
    {
        bytes = [];
        FileSystemInfo file = new FileInfo(path);
        long length = (file.ResolveLinkTarget(returnFinalTarget: true) ?? file) is FileInfo { Exists: true } real
            ? real.Length
            : throw new FileNotFoundException("it's gone, or a link to nothing");

        // Pipes and devices have no length, and opening a pipe would wait for ever: so this comes before the opening.
        if (length == 0)
        {
            return "empty file";
        }

        if (length > limit)
        {
            return TooLarge(length, limit);
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return BoundedRead.TryReadAll(stream, length, limit, out bytes) ? null : TooLarge(stream.Length, limit);
    }

    /// <summary>A path with every link on it resolved, so that two ways to a folder are seen to be one.</summary>
    private static string RealPath(string path)
    {
        string? parent = Path.GetDirectoryName(path);
        if (parent is null)
        {
            return path;
        }

        string real = Path.Combine(RealPath(parent), Path.GetFileName(path));
        FileSystemInfo? target = new DirectoryInfo(real).ResolveLinkTarget(returnFinalTarget: true);
        return target is null || target.FullName == real ? real : RealPath(target.FullName);
    }

    private sealed class Walk(CancellationToken cancel)
    {
        internal SortedDictionary<string, string> Files { get; } = new(StringComparer.Ordinal);

        internal List<string> Folders { get; } = [];

        internal int Loops { get; private set; }

        /// <summary>Visits a folder; <paramref name="above"/> holds the real paths of it and the folders above it.</summary>
        internal void Visit(string folder, string prefix, IReadOnlyList<string> above)
        {
            foreach (FileSystemInfo entry in List(folder))
            {
                cancel.ThrowIfCancellationRequested();
                string name = prefix + entry.Name;
                if (ClassLayout.IsHidden(entry.Name))
                {
                    continue; // before any look inside: a hidden folder may well be closed
                }

                if (entry is not DirectoryInfo)
                {
                    Files.Add(name, entry.FullName);
                    continue;
                }

                string real = entry.LinkTarget is null
                    ? Path.Combine(above[^1], entry.Name)
                    : RealPath(entry.FullName);
                if (above.Contains(real))
                {
                    Loops++;
                    continue;
                }

                Folders.Add(name);
                Visit(entry.FullName, name + "/", [.. above, real]);
            }
        }

        private static FileSystemInfo[] List(string folder)
        {
            try
            {
                return new DirectoryInfo(folder).GetFileSystemInfos();
            }
            catch (UnauthorizedAccessException e)
            {
                throw new DataException(
                    folder, "there's no permission to list this folder",
                    $"giving yourself the right to read it (chmod -R u+rX '{folder}'), or moving it elsewhere", e);
            }
            catch (IOException e)
            {
                throw new DataException(
                    folder, $"this folder can't be listed: {e.Message}", "again once the folder can be opened", e);
            }
        }
    }
}
