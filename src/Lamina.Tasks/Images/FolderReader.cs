using Lamina.Formats;

namespace Lamina.Tasks.Images;

/// <summary>The files below a folder. Links are followed, except those that lead back up.</summary>
internal sealed class FolderReader : ImageTree
{
    private readonly string _root;

    private FolderReader(string root, List<string> names, string[] folders)
    {
        _root = root;
        Files = names;
        Folders = folders;
    }

    internal override IReadOnlyList<string> Files { get; }

    internal override IReadOnlyList<string> Folders { get; }

    /// <summary>Lists a folder and everything below it.</summary>
    /// <exception cref="DataException">A folder can't be listed, or folders are nested or linked beyond all measure.</exception>
    internal static FolderReader Open(string folder, CancellationToken cancel)
    {
        var walk = new Walk(folder, cancel);
        string full = Path.GetFullPath(folder);
        walk.Visit(full);
        walk.Files.Sort(StringComparer.Ordinal);
        var reader = new FolderReader(full, walk.Files, [.. walk.Folders.Order(StringComparer.Ordinal)]) { Place = folder };
        if (walk.Loops > 0)
        {
            reader.Notes.Add($"did not follow {walk.Loops} {(walk.Loops == 1 ? "link that leads" : "links that lead")} back to a folder above");
        }

        return reader;
    }

    /// <inheritdoc/>
    internal override Stream OpenRead(int index)
    {
        string path = Path.Combine(_root, Files[index]);
        return SpecialFile.Describe(path) is { } special ? throw new IOException($"it is {special}")
            : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        // Files are opened one at a time; nothing is held.
    }

    /// <inheritdoc/>
    protected override string? Read(int index, int limit, out FileBytes bytes, CancellationToken cancel) =>
        ReadPath(Path.Combine(_root, Files[index]), limit, out bytes, cancel);

    /// <inheritdoc/>
    protected override byte[]? ReadBeginning(int index, int most) => ReadBeginning(Path.Combine(_root, Files[index]), most);

    /// <summary>At most so many bytes of a file's beginning; null for what is no file.</summary>
    internal static byte[]? ReadBeginning(string path, int most)
    {
        if (SpecialFile.Describe(path) is not null)
        {
            return null;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var bytes = new byte[most];
        return bytes[..stream.ReadAtLeast(bytes, most, throwOnEndOfStream: false)];
    }

    /// <summary>Reads one file whole: null, or in a few words why it can't be read.</summary>
    internal static string? TryReadFile(string path, int limit, out FileBytes bytes, CancellationToken cancel) => Try(ReadPath, path, limit, out bytes, cancel);

    internal static string? ReadPath(string path, int limit, out FileBytes bytes, CancellationToken cancel)
    {
        bytes = default;
        if (path.Contains('\uFFFD', StringComparison.Ordinal) && !File.Exists(path))
        {
            return "a file whose name is no valid UTF-8: rename it"; // and which .NET can't open
        }

        FileSystemInfo file = new FileInfo(path);
        long length = (file.ResolveLinkTarget(returnFinalTarget: true) ?? file) is FileInfo { Exists: true } real
            ? real.Length
            : SpecialFile.Describe(path) is { } pipe ? throw new NotAFileException(pipe)
            : throw new FileNotFoundException("it's gone, or a link to nothing");

        // Pipes and devices have no length, and opening a pipe would wait for ever: so this comes before the opening.
        if (length == 0)
        {
            return SpecialFile.Describe(path) is { } kind ? $"{kind}, not a file" : "empty file";
        }

        if (length > limit)
        {
            return TooLarge(length, limit);
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        bytes = FileBytes.Read(stream, (int)length, cancel, out bool isMore);
        return isMore ? "longer than it was when it was listed" : bytes.Length == 0 ? "empty file" : null;
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

    /// <summary>Walks without recursion: how deep folders lie costs memory for their names, and no stack.</summary>
    private sealed class Walk(string place, CancellationToken cancel)
    {
        // A dozen links can stand for billions of files; so much is plenty for folders put together from links.
        private const int MostBehindLinks = 2_000_000;

        private int _behindLinks;

        internal List<string> Files { get; } = [];

        internal List<string> Folders { get; } = [];

        internal int Loops { get; private set; }

        internal void Visit(string full)
        {
            var open = new Stack<Folder>();
            open.Push(new Folder(full, "", 0, RealPath(full), null, false));
            while (open.TryPop(out Folder? folder))
            {
                foreach (FileSystemInfo entry in List(folder))
                {
                    cancel.ThrowIfCancellationRequested();
                    if (ClassLayout.IsHidden(entry.Name))
                    {
                        continue; // before any look inside: a hidden folder may well be closed
                    }

                    if (folder.IsBehindLink && ++_behindLinks > MostBehindLinks)
                    {
                        throw new DataException(
                            folder.Path, $"links below {place} lead to more than {MostBehindLinks:N0} files and folders, counted once for each way to them",
                            "a folder in which links don't lead to folders with further links, or with copies in their place");
                    }

                    string name = folder.Prefix + entry.Name;
                    if (entry is not DirectoryInfo)
                    {
                        Files.Add(name);
                    }
                    else if (Enter(folder, entry, name) is { } inner)
                    {
                        Folders.Add(name);
                        open.Push(inner);
                    }
                }
            }
        }

        private Folder? Enter(Folder folder, FileSystemInfo entry, string name)
        {
            bool isLink = entry.LinkTarget is not null;
            string real = isLink ? RealPath(entry.FullName) : Path.Combine(folder.RealPath, entry.Name);
            for (Folder? above = folder; above is not null; above = above.Above)
            {
                if (above.RealPath == real)
                {
                    Loops++;
                    return null;
                }
            }

            return folder.Depth < MostDeep
                ? new Folder(entry.FullName, name + "/", folder.Depth + 1, real, folder, isLink || folder.IsBehindLink)
                : throw TooDeep(place, name);
        }

        private static FileSystemInfo[] List(Folder folder)
        {
            try
            {
                return new DirectoryInfo(folder.Path).GetFileSystemInfos();
            }
            catch (UnauthorizedAccessException e)
            {
                throw new DataException(
                    folder.Path, "there's no permission to list this folder",
                    $"giving yourself the right to read it (chmod -R u+rX '{folder.Path}'), or moving it elsewhere", e);
            }
            catch (DirectoryNotFoundException e) when (folder.Path.Contains('\uFFFD', StringComparison.Ordinal))
            {
                throw new DataException(
                    folder.Path, "the name of this folder is no valid UTF-8, so it can't be opened",
                    "renaming it, for example: convmv -f latin1 -t utf8 -r --notest on the folder above", e);
            }
            catch (IOException e)
            {
                throw new DataException(
                    folder.Path, $"this folder can't be listed: {e.Message}", "again once the folder can be opened", e);
            }
        }

        private sealed record Folder(string Path, string Prefix, int Depth, string RealPath, Folder? Above, bool IsBehindLink);
    }
}
