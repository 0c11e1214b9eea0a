namespace Lamina.Tasks.Images;

/// <summary>
/// Finds the files that a table names: relative to the table's folder, or anywhere below it where the table gives a file's name alone, with or
/// without its ending.
/// </summary>
/// <param name="folder">The table's folder.</param>
/// <param name="cancel">Stops the listing.</param>
internal sealed class ImageFinder(string folder, CancellationToken cancel)
{
    private const string Missing = "there's no such file";

    private static readonly string[] s_endings = [".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif", ".ppm", ".pgm"];

    private Dictionary<string, List<string>>? _byName;

    /// <summary>Whether a name ends as an image's does.</summary>
    internal static bool IsImageName(ReadOnlySpan<char> name)
    {
        foreach (string ending in s_endings)
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) return true;
        return name.EndsWith(".tif", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".tiff", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith(".dcm", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A file's path, or why there is none.</summary>
    internal (string Path, string? Problem) Find(string name)
    {
        if (name.Contains("://", StringComparison.Ordinal)) return (name, "an address on the web, not a file: download it first");
        if (name.Contains('\0')) return (name, "no name of a file");
        string plain = name.Replace('\\', '/');
        if (Near(plain) is { } near) return (near, null);
        List<string> found = Below(plain);
        return found.Count switch
        {
            0 => (Path.Combine(folder, plain), Missing),
            1 => (Path.Combine(folder, found[0]), null),
            _ => (Path.Combine(folder, plain), $"{found.Count} files of this name: {found[0]} and {found[1]}"),
        };
    }

    /// <summary>The file relative to the table's folder, or null.</summary>
    internal string? Near(string name)
    {
        string path = Path.Combine(folder, name);
        if (File.Exists(path)) return path;
        return HasEnding(name) ? null : s_endings.Select(ending => path + ending).FirstOrDefault(File.Exists);
    }

    private static bool HasEnding(string name) => IsImageName(name);

    // Files below the folder whose path ends in the name.
    private List<string> Below(string name)
    {
        if (_byName is null)
        {
            _byName = new(StringComparer.OrdinalIgnoreCase); // .JPG in the table, .jpg on the disk
            using FolderReader tree = FolderReader.Open(folder.Length == 0 ? "." : folder, cancel);
            foreach (string file in tree.Files)
            {
                string own = Path.GetFileName(file);
                if (!IsImageName(own)) continue;
                Add(own, file);
                Add(Path.GetFileNameWithoutExtension(own), file);
            }
        }
        if (!_byName.TryGetValue(Path.GetFileName(name), out List<string>? named)) return [];
        string end = "/" + name.TrimStart('.', '/');
        List<string> exact = named.FindAll(file => $"/{file}".EndsWith(end, StringComparison.OrdinalIgnoreCase)
            || $"/{Path.ChangeExtension(file, null)}".EndsWith(end, StringComparison.OrdinalIgnoreCase));
        // A path of folders that aren't there isn't taken for a file of the same name elsewhere.
        return exact.Count > 0 || name.TrimStart('.', '/').Contains('/') ? exact : named;
    }

    private void Add(string name, string file)
    {
        if (!_byName!.TryGetValue(name, out List<string>? files)) _byName[name] = files = [];
        files.Add(file);
    }
}
