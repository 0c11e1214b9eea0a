using Lamina.Formats;

namespace Lamina.Tasks.Images;

/// <summary>A folder of a tree, with what counts as an image by its name.</summary>
internal sealed class ClassFolder(string name, string spelling, string place)
{
    private static readonly HashSet<string> ImageExtensions = new(StringComparer.OrdinalIgnoreCase)
    {
        "", ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".webp", ".gif", ".ico", ".wbmp",
        // Not readable, but meant as images: better named as unreadable than passed over.
        ".tif", ".tiff", ".heic", ".heif", ".avif", ".jp2", ".j2k", ".jxl", ".jxr", ".pgm", ".ppm", ".pbm", ".pnm", ".pam", ".psd", ".xcf", ".svg",
        ".exr", ".tga", ".pcx", ".qoi", ".dds", ".dcm", ".fits", ".raw", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2",
    };

    private static readonly HashSet<string> Papers =
        new(StringComparer.OrdinalIgnoreCase) { "README", "LICENSE", "LICENCE", "COPYING", "NOTICE", "CITATION", "CHANGELOG" };

    /// <summary>The folder's own name, composed (NFC): two spellings of one name are one name.</summary>
    internal string Name { get; } = name;

    /// <summary>Where it is, for messages.</summary>
    internal string Place { get; } = place;

    /// <summary>The folders in it, by name in ordinal order.</summary>
    internal SortedDictionary<string, ClassFolder> Folders { get; } = new(StringComparer.Ordinal);

    /// <summary>The images directly in it, as indices into the tree's files.</summary>
    internal List<int> Images { get; } = [];

    /// <summary>How many images there are in it, at any depth.</summary>
    internal int Count { get; private set; }

    /// <summary>Whether there's an image in it, at any depth.</summary>
    internal bool HasImages => Count > 0;

    /// <summary>Whether folders in it hold images, at any depth.</summary>
    internal bool HasClassFolders => Count > Images.Count;

    /// <summary>The first file in it, at any depth, that is no image by its name; null where there is none.</summary>
    internal int? Other { get; private set; }

    /// <summary>How its name is spelled: in more than one way where folders of canonically equal names are joined in it.</summary>
    internal SortedSet<string> Spellings { get; } = new(StringComparer.Ordinal) { spelling };

    /// <summary>The images in it at any depth, in the order of the tree.</summary>
    internal IEnumerable<int> AllImages()
    {
        var all = new List<int>(Count);
        var open = new Stack<ClassFolder>([this]);
        while (open.TryPop(out ClassFolder? folder))
        {
            all.AddRange(folder.Images);
            foreach (ClassFolder inner in folder.Folders.Values)
            {
                open.Push(inner);
            }
        }

        all.Sort();
        return all;
    }

    /// <summary>Sorts a tree's files into folders, and notes what isn't an image by its name.</summary>
    internal static ClassFolder Build(ImageTree tree, List<string> notes)
    {
        var root = new ClassFolder("", "", tree.Place);
        RunsInData runs = RunsInData.Find(tree, notes);
        foreach (string folder in tree.Folders.Where(f => !runs.Holds(f)))
        {
            root.Descend(folder.Split('/'), null);
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
            if (ImageExtensions.Contains(extension))
            {
                root.Descend(parts.AsSpan(..^1), i)?.Images.Add(i);
            }
            else
            {
                others[extension] = others.GetValueOrDefault(extension) + 1;
                root.NoteOther(parts.AsSpan(..^1), i);
            }
        }

        if (others.Count > 0)
        {
            int count = others.Values.Sum();
            notes.Add($"ignored {count} {(count == 1 ? "file that is no image by its name" : "files that are no images by their names")} "
                + $"({ForeignText.Show(string.Join(", ", others.Keys.Take(5)), 60)})");
        }

        return root;
    }

    /// <summary>
    /// The folder at the end of the way, made where it's new, and the image counted in all on it; null where the way is hidden.
    /// </summary>
    private ClassFolder? Descend(ReadOnlySpan<string> way, int? image)
    {
        foreach (string name in way)
        {
            if (ClassLayout.IsHidden(name))
            {
                return null;
            }
        }

        int count = image is null ? 0 : 1;
        ClassFolder folder = this;
        folder.Count += count;
        foreach (string spelling in way)
        {
            string name = ComposedText.Of(spelling);
            if (!folder.Folders.TryGetValue(name, out ClassFolder? next))
            {
                next = new ClassFolder(name, spelling, $"{folder.Place.TrimEnd('/')}/{name}");
                folder.Folders.Add(name, next);
            }

            next.Spellings.Add(spelling);
            folder = next;
            folder.Count += count;
        }

        return folder;
    }

    private void NoteOther(ReadOnlySpan<string> way, int file)
    {
        ClassFolder? folder = this;
        folder.Other ??= file;
        foreach (string spelling in way)
        {
            if (!folder.Folders.TryGetValue(ComposedText.Of(spelling), out folder))
            {
                return;
            }

            folder.Other ??= file;
        }
    }
}
