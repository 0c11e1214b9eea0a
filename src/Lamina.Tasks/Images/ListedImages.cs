namespace Lamina.Tasks.Images;

/// <summary>The image files that a table names, as they were found on the disk.</summary>
internal sealed class ListedImages : ImageTree
{
    private readonly IReadOnlyList<string> _paths;
    private readonly IReadOnlyList<string?> _problems;

    /// <param name="names">As the table names them, for messages.</param>
    /// <param name="paths">Where they are.</param>
    /// <param name="problems">Why one can't be read, or null.</param>
    internal ListedImages(IReadOnlyList<string> names, IReadOnlyList<string> paths, IReadOnlyList<string?> problems) =>
        (Files, _paths, _problems) = (names, paths, problems);

    internal override IReadOnlyList<string> Files { get; }

    internal override IReadOnlyList<string> Folders => [];

    public override void Dispose()
    {
        // Files are opened one at a time; nothing is held.
    }

    internal override Stream OpenRead(int index) => new FileStream(_paths[index], FileMode.Open, FileAccess.Read, FileShare.Read);

    protected override string? Read(int index, int limit, out FileBytes bytes, CancellationToken cancel)
    {
        bytes = default;
        return _problems[index] ?? FolderReader.ReadPath(_paths[index], limit, out bytes, cancel);
    }

    protected override byte[]? ReadBeginning(int index, int most) => _problems[index] is null ? FolderReader.ReadBeginning(_paths[index], most)
        : null;
}
