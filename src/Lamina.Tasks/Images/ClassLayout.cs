namespace Lamina.Tasks.Images;

/// <summary>A picture file and its class.</summary>
/// <param name="File">Which of the tree's files.</param>
/// <param name="Label">Which of the classes.</param>
internal readonly record struct LabelledFile(int File, int Label);

/// <summary>
/// Which of a tree's files are pictures of which class and set: decided by the names of folders alone, before any
/// picture is opened.
/// </summary>
internal sealed record ClassLayout(
    IReadOnlyList<string> Classes,
    IReadOnlyList<LabelledFile> Train,
    IReadOnlyList<LabelledFile>? Validation,
    IReadOnlyList<LabelledFile>? Test,
    IReadOnlyList<string> Notes)
{
    /// <summary>The sentence that every refusal of a layout ends with.</summary>
    internal const string Expected =
        "a folder a class with its pictures inside (data/cat/1.png, data/dog/1.png), or train/ and test/ with such folders in each";

    private static readonly HashSet<string> HiddenNames =
        new(StringComparer.OrdinalIgnoreCase) { "__MACOSX", "Thumbs.db", "desktop.ini", "$RECYCLE.BIN" };

    /// <summary>Files and folders that systems leave behind; they're passed over without a word.</summary>
    internal static bool IsHidden(string name) => name.StartsWith('.') || HiddenNames.Contains(name);

    /// <summary>Finds the classes.</summary>
    /// <exception cref="DataException">The folders aren't laid out as expected.</exception>
    internal static ClassLayout Of(PictureTree tree)
    {
        var notes = new List<string>(tree.Notes);
        ClassFolder root = ClassFolder.Build(tree, notes);
        RequirePictures(root, tree);
        root = WithoutWrapper(root);
        if (SplitLayout.Find(root, notes) is { } splits)
        {
            return FromSplits(splits, notes);
        }

        (string[] classes, List<LabelledFile> train) = FindClasses(root, notes);
        return new ClassLayout(classes, train, null, null, notes);
    }

    /// <exception cref="DataException">There is no image anywhere.</exception>
    internal static void RequirePictures(ClassFolder root, PictureTree tree)
    {
        if (!root.HasPictures)
        {
            string found = tree.Files.Count == 0 ? "no files at all" : $"{Wording.Count(tree.Files.Count, "file")}, none with a picture's name";
            throw new DataException(tree.Place, $"expected pictures, found {found}", Inside(tree) + Expected);
        }
    }

    /// <summary>The beginning of a remedy: data that lie in the tree but aren't read from there.</summary>
    private static string Inside(PictureTree tree)
    {
        string? data = tree.Files
            .Select(f => f.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ? f
                : IdxReader.IsIdxName(Path.GetFileName(f)) ? Path.GetDirectoryName(f)
                : null)
            .FirstOrDefault(f => f is not null);
        return data is null ? ""
            : tree is ZipReader ? "unpacking it, and one of the sets of data inside alone, or "
            : $"{Path.Combine(tree.Place, data)} alone, or ";
    }

    /// <summary>Many zips hold all they hold in one folder, whose name says nothing.</summary>
    private static ClassFolder WithoutWrapper(ClassFolder root)
    {
        while (root.Pictures.Count == 0 && root.Folders.Count == 1
            && root.Folders.Values.Single() is var only
            && only.Pictures.Count == 0 && SplitLayout.RoleOf(only.Name) is null)
        {
            root = only;
        }

        return root;
    }

    private static ClassLayout FromSplits(SplitLayout splits, List<string> notes)
    {
        (string[] classes, List<LabelledFile> train) = FindClasses(splits.Train, notes);
        return new ClassLayout(
            classes, train, Labelled(splits.Validation, classes, notes), Labelled(splits.Test, classes, notes), notes);
    }

    private static (string[] Classes, List<LabelledFile> Files) FindClasses(ClassFolder folder, List<string> notes)
    {
        if (folder.Folders.Count == 0)
        {
            throw new DataException(
                folder.Place, $"its {Lying(folder)} directly in it, not in a folder a class", Expected);
        }

        NoteLoose(folder, notes);
        if (folder.Folders.Values.FirstOrDefault(f => !f.HasPictures) is { } empty)
        {
            throw new DataException(
                empty.Place, $"the folder of class '{empty.Name}' holds no pictures", "adding its pictures, or deleting the folder");
        }

        string[] classes = [.. folder.Folders.Keys];
        return (classes, Label(folder, classes));
    }

    private static List<LabelledFile>? Labelled(ClassFolder? folder, string[] classes, List<string> notes)
    {
        if (folder is null || !folder.HasPictures)
        {
            return null;
        }

        if (!folder.Folders.Values.Any(f => f.HasPictures))
        {
            notes.Add($"ignored {folder.Name}/: its {Lying(folder)} in no class folder, so without labels");
            return null;
        }

        NoteLoose(folder, notes);
        string[] unknown = [.. folder.Folders.Values.Where(f => f.HasPictures).Select(f => f.Name).Except(classes)];
        if (unknown.Length > 0)
        {
            throw new DataException(
                folder.Place, $"holds {Wording.Names(unknown)}, which train/ lacks: it has {Wording.Names(classes)}",
                "naming the class folders alike in both, or moving some of these pictures to train/");
        }

        return Label(folder, classes);
    }

    private static List<LabelledFile> Label(ClassFolder folder, string[] classes)
    {
        var files = new List<LabelledFile>();
        for (int label = 0; label < classes.Length; label++)
        {
            if (folder.Folders.TryGetValue(classes[label], out ClassFolder? one))
            {
                files.AddRange(one.AllPictures().Select(file => new LabelledFile(file, label)));
            }
        }

        return files;
    }

    internal static void NoteLoose(ClassFolder folder, List<string> notes)
    {
        if (folder.Pictures.Count > 0)
        {
            notes.Add($"ignored {Wording.Count(folder.Pictures.Count, "picture")} directly in {folder.Place}, in no class folder");
        }
    }

    private static string Lying(ClassFolder folder) =>
        $"{Wording.Count(folder.Pictures.Count, "picture")} {(folder.Pictures.Count == 1 ? "lies" : "lie")}";
}
