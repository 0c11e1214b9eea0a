using Lamina.Formats;

namespace Lamina.Tasks.Images;

/// <summary>Finds out what a path holds, and reads the labelled images in it.</summary>
public static class ImageSource
{
    private const string Accepted =
        "a folder, or a .zip, that holds a folder per class with its images inside (data/cat/1.png, data/dog/1.png), "
        + "the same within train/ and test/, a folder of IDX files as MNIST has them, an .npz file of arrays, or a table (CSV) of image files";

    private static readonly string[] s_tables = [".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".parquet", ".db", ".sqlite", ".sqlite3"];

    /// <summary>
    /// Reads all images of a source into memory. Accepted are a folder with a sub-folder per class; a folder with
    /// train/ and, if there are, test/ and validation/ (or val/, valid/), each with a sub-folder per class; a zip of
    /// either, also with all in one folder; a folder of IDX files; an .npz file or a folder of .npy files with arrays of images and labels; and a
    /// table of image files with a column of what they show. Images may be PNG, JPEG, BMP, WebP or GIF,
    /// whatever their names end in. The result is grey if every image is, otherwise RGB. Files are taken in
    /// ordinal order of their names, so that the result depends on nothing but the data.
    /// </summary>
    /// <param name="path">A folder or a zip.</param>
    /// <param name="options">The size wanted, and the limits.</param>
    /// <param name="progress">Told of images read, about a hundred times; the numbers only rise.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="DataException">The data can't be used; the message says what, where and what to do.</exception>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    /// <exception cref="OperationCanceledException">Reading was cancelled.</exception>
    public static LabeledImages Open(
        string path,
        ImageReadOptions? options = null,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancel = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new ImageReadOptions();
        if (options.Size is { } size && (size.Height < 1 || size.Width < 1 || size.Longer > options.MaximumSide))
        {
            throw new ArgumentException($"a size of {size} is outside 1 to {options.MaximumSide} pixels a side", nameof(options));
        }

        return Dispatch(
            path,
            folder => IdxReader.Read(folder, options, progress, cancel),
            tree => ClassFolderReader.Read(tree, options, progress, cancel),
            arrays => ArrayReader.Read(arrays, options, progress, cancel),
            table => ImageTableReader.Read(table, options, progress, cancel),
            cancel);
    }

    /// <summary>Finds out which kind of source a path is, and has it read.</summary>
    /// <param name="path">A folder or a zip.</param>
    /// <param name="readIdx">Reads a folder of IDX files, given its path.</param>
    /// <param name="readTree">Reads a folder or zip of image files.</param>
    /// <param name="readArrays">Reads arrays, given the path of an .npz file or a folder of .npy files.</param>
    /// <param name="readTable">Reads a table of image files, given its path.</param>
    /// <param name="cancel">Stops the listing.</param>
    internal static T Dispatch<T>(string path, Func<string, T> readIdx, Func<ImageTree, T> readTree, Func<string, T> readArrays, Func<string,
        T> readTable,
        CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (Directory.Exists(path))
        {
            using var folder = FolderReader.Open(path, cancel);
            return folder.Files.Any(f => !f.Contains('/') && IdxReader.IsIdxName(f)) ? readIdx(path)
                : ArrayReader.HasArrays(folder) ? readArrays(path) : readTree(folder);
        }

        if (!File.Exists(path))
        {
            throw new DataException(
                path, "there's no such file or folder", $"{NearPath.Suggestion(path)}the path of your data: {Accepted}");
        }

        if (IsArrays(path))
        {
            return readArrays(path);
        }

        if (IsTable(path))
        {
            return readTable(path);
        }

        RefuseSingleFile(path);
        using var zip = ZipReader.Open(path);
        return readTree(zip);
    }

    /// <summary>Whether a path is a file of arrays (.npz), by its content.</summary>
    internal static bool IsArrays(string path) => File.Exists(path) && ArrayReader.IsArrays(Beginning(path));

    /// <summary>Whether a path is a table, by its ending.</summary>
    internal static bool IsTable(string path) => s_tables.Contains(
        Path.GetExtension(path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^".gz".Length] : path), StringComparer.OrdinalIgnoreCase)
        && File.Exists(path);

    /// <summary>Returns if the file is a zip by its content; otherwise says what it is and what would be accepted.</summary>
    private static void RefuseSingleFile(string path)
    {
        byte[] beginning = Beginning(path);
        FileKind? kind = FileSignature.Of(beginning);
        if (ZipReader.IsZip(beginning) && kind is null)
        {
            return;
        }

        string name = Path.GetFileName(path);
        if (IdxFile.IsIdx(beginning) || (IdxFile.IsGzip(beginning) && IdxReader.IsIdxName(name)))
        {
            throw new DataException(
                path, "one IDX file alone, where images and labels are needed together",
                $"the folder that holds them: {IdxReader.Names}");
        }

        string found = beginning.Length == 0 ? "an empty file"
            : name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) && !ZipReader.IsZip(beginning)
                ? $"a file named .zip that doesn't begin as a zip does{(kind is null ? "" : $": it is {kind.Name}")}"
            : kind is not null ? kind.Name
            : FileSignature.IsImage(beginning) ? "a single image"
            : $"a file that's neither ({(Path.GetExtension(name) is { Length: > 0 } extension ? extension : "no extension")})";
        string remedy = kind is null ? Accepted : $"{kind.Remedy.Replace("NAME", path, StringComparison.Ordinal)}; accepted are {Accepted}";
        throw new DataException(path, $"expected a folder or a zip of images, found {found}", remedy);
    }

    private static byte[] Beginning(string path)
    {
        if (SpecialFile.Describe(path) is { } special) // unopened: a pipe would wait for ever
        {
            throw new DataException(path, $"expected a folder or a zip of images, found {special}",
                $"copying what comes through it into a file, and giving that; accepted are {Accepted}");
        }

        try
        {
            return FolderReader.ReadBeginning(path, FileSignature.Enough) ?? [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(
                path, $"can't be read: {e.Message}", $"giving yourself the right to read it (chmod u+r '{path}')", e);
        }
    }
}
