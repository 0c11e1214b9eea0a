namespace Lamina.Tasks.Images;

/// <summary>The image files that names on a command line stand for.</summary>
public static class ImageFiles
{
    /// <summary>
    /// Replaces each folder by the files in it, at any depth, that are images by their names, in ordinal order; hidden
    /// files are passed over. Other names stay as they are, whether or not there is such a file.
    /// </summary>
    /// <param name="paths">Files and folders.</param>
    /// <param name="cancel">Stops the listing.</param>
    /// <exception cref="DataException">A folder can't be listed, or has no image in it.</exception>
    public static IReadOnlyList<string> Find(IReadOnlyList<string> paths, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return paths.Any(Directory.Exists) ? [.. paths.SelectMany(path => Directory.Exists(path) ? Inside(path, cancel) : [path])] : paths;
    }

    private static IEnumerable<string> Inside(string path, CancellationToken cancel)
    {
        using FolderReader folder = FolderReader.Open(path, cancel);
        ClassFolder root = ClassFolder.Build(folder, []);
        if (!root.HasImages) throw new DataException(path, "holds no images", "a folder with PNG or JPEG files in it, or in folders in it");
        return [.. root.AllImages().Select(file => Path.Combine(path, folder.Files[file]))];
    }
}
