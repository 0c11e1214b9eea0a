namespace Lamina.Tasks.Images;

/// <summary>A folder of a tree, with what counts as a picture by its name.</summary>
internal sealed class ClassFolder(string name, string place)
{
    private static readonly HashSet<string> PictureExtensions = new(StringComparer.OrdinalIgnoreCase)
    {
        "", ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".webp", ".gif", ".ico", ".wbmp",
        // Not readable, but meant as pictures: better named as unreadable than passed over.
        ".tif", ".tiff", ".heic", ".heif", ".avif", ".jp2", ".pgm", ".ppm", ".pbm",
    };

    private static readonly HashSet<string> Papers =
        new(StringComparer.OrdinalIgnoreCase) { "README", "LICENSE", "LICENCE", "COPYING", "NOTICE", "CITATION", "CHANGELOG" };

    /// <summary>The folder's own name.</summary>
    internal string Name { get; } = name;

    /// <summary>Where it is, for messages.</summary>
    internal string Place { get; } = place;

    /// <summary>The folders in it, by name in ordinal order.</summary>
    internal SortedDictionary<string, ClassFolder> Folders { get; } = new(StringComparer.Ordinal);

    /// <summary>The pictures directly in it, as indices into the tree's files.</summary>
    internal List<int> Pictures { get; } = [];

    /// <summary>Whether there's a picture in it, at any depth.</summary>
    internal bool HasPictures => Pictures.Count > 0 || Folders.Values.Any(f => f.HasPictures);

    /// <summary>The pictures in it at any depth, in the order of the tree.</summary>
    internal IEnumerable<int> AllPictures() => Pictures.Concat(Folders.Values.SelectMany(f => f.AllPictures())).Order();

    /// <summary>Sorts a tree's files into folders, and notes what isn't a picture by its name.</summary>
    internal static ClassFolder Build(PictureTree tree, List<string> notes)
    {
        var root = new ClassFolder("", tree.Place);
        RunsInData runs = RunsInData.Find(tree, notes);
        foreach (string folder in tree.Folders.Where(f => !runs.Holds(f)))
        {
            root.Descend(folder.Split('/'));
        }

        var others = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < tree.Files.Count; i++)
        {
            string[] parts = tree.Files[i].Split('/');
            if (runs.Holds(tree.Files[i]) || parts.Any(ClassLayout.IsHidden) || Papers.Contains(Path.GetFileNameWithoutExtension(parts[^1])))
            {
                continue;
            }

            string extension = Path.GetExtension(parts[^1]).ToLowerInvariant();
            if (PictureExtensions.Contains(extension))
            {
                root.Descend(parts.AsSpan(..^1))?.Pictures.Add(i);
            }
            else
            {
                others[extension] = others.GetValueOrDefault(extension) + 1;
            }
        }

        if (others.Count > 0)
        {
            int count = others.Values.Sum();
            notes.Add($"ignored {count} {(count == 1 ? "file that is no picture by its name" : "files that are no pictures by their names")} ({string.Join(", ", others.Keys.Take(5))})");
        }

        return root;
    }

    /// <summary>The folder at the end of the way, made where it's new; null where the way is hidden.</summary>
    private ClassFolder? Descend(ReadOnlySpan<string> way)
    {
        ClassFolder folder = this;
        foreach (string name in way)
        {
            if (ClassLayout.IsHidden(name))
            {
                return null;
            }

            if (!folder.Folders.TryGetValue(name, out ClassFolder? next))
            {
                next = new ClassFolder(name, $"{folder.Place.TrimEnd('/')}/{name}");
                folder.Folders.Add(name, next);
            }

            folder = next;
        }

        return folder;
    }
}
