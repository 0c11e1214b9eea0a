using Lamina.Formats;

namespace Lamina.Tasks.Images;

/// <summary>An image file and its class.</summary>
/// <param name="File">Which of the tree's files.</param>
/// <param name="Label">Which of the classes.</param>
internal readonly record struct LabelledFile(int File, int Label);

/// <summary>
/// Which of a tree's files are images of which class and set: decided by the names of folders alone, before any
/// image is opened.
/// </summary>
internal sealed record ClassLayout(
    IReadOnlyList<string> Classes,
    IReadOnlyList<LabelledFile> Train,
    IReadOnlyList<LabelledFile>? Validation,
    IReadOnlyList<LabelledFile>? Test,
    IReadOnlyList<string> Notes)
{
    /// <summary>The targets of the tree's files where they are no classes, one for each file; null for classes.</summary>
    internal ImageTargets? Targets { get; init; }

    /// <summary>The group of each file of the tree, whose members stay on one side of a split; null: none.</summary>
    internal IReadOnlyList<string>? Groups { get; init; }

    /// <summary>The sentence that every refusal of a layout ends with.</summary>
    internal const string Expected =
        "a folder per class with its images inside (data/cat/1.png, data/dog/1.png), or train/ and test/ with such folders in each";

    private static readonly HashSet<string> HiddenNames =
        new(StringComparer.OrdinalIgnoreCase) { "__MACOSX", "Thumbs.db", "desktop.ini", "$RECYCLE.BIN" };

    /// <summary>Files and folders that systems leave behind; they're passed over without a word.</summary>
    internal static bool IsHidden(string name) => name.StartsWith('.') || HiddenNames.Contains(name);

    /// <summary>Finds the classes.</summary>
    /// <exception cref="DataException">The folders aren't laid out as expected.</exception>
    internal static ClassLayout Of(ImageTree tree)
    {
        var notes = new List<string>(tree.Notes);
        ClassFolder root = ClassFolder.Build(tree, notes);
        RequireImages(root, tree);
        root = WithoutWrapper(root);
        if (SplitLayout.Find(root, notes) is { } splits)
        {
            return FromSplits(tree, splits, notes);
        }

        SplitLayout.RefuseDividedClasses(root);
        (string[] classes, List<LabelledFile> train) = FindClasses(tree, root, notes);
        return new ClassLayout(classes, train, null, null, notes);
    }

    /// <summary>Finds the classes, where there are some: images that lie in no class folder are all of one.</summary>
    /// <exception cref="DataException">There is no image, or the folders aren't laid out as expected.</exception>
    internal static ClassLayout WithOrWithoutClasses(ImageTree tree)
    {
        var notes = new List<string>(tree.Notes);
        ClassFolder root = ClassFolder.Build(tree, notes);
        RequireImages(root, tree);
        root = WithoutWrapper(root);
        return root.HasClassFolders ? Of(tree) : new ClassLayout([Only], [.. root.AllImages().Select(file => new LabelledFile(file, 0))], null, null, notes);
    }

    /// <summary>What the one class is called that images without classes are of.</summary>
    internal const string Only = "images";

    /// <exception cref="DataException">There is no image anywhere.</exception>
    internal static void RequireImages(ClassFolder root, ImageTree tree)
    {
        if (!root.HasImages)
        {
            (string kind, string remedy) = Instead(tree, root);
            string found = tree.Files.Count == 0 ? "no files at all" : $"{Wording.Count(tree.Files.Count, "file")}, none with an image's name{kind}";
            throw new DataException(tree.Place, $"expected images, found {found}", remedy + Inside(tree) + Expected);
        }
    }

    /// <summary>The beginning of a remedy: data that lie in the tree but aren't read from there.</summary>
    private static string Inside(ImageTree tree)
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

    /// <summary>The beginning of a problem and of a remedy: what the first file is that is no image by its name.</summary>
    private static (string Kind, string Remedy) Instead(ImageTree tree, ClassFolder folder)
    {
        if (folder.Other is not { } other || tree.TryReadBeginning(other) is not { } bytes || FileSignature.Of(bytes) is not { } kind)
        {
            return ("", "");
        }

        string name = ForeignText.Show(tree.Files[other], 60);
        return ($"; '{name}' is {kind.Name}", $"{kind.Remedy.Replace("NAME", Path.GetFileName(name), StringComparison.Ordinal)}, or ");
    }

    /// <summary>Many zips hold all they hold in one folder, whose name says nothing.</summary>
    private static ClassFolder WithoutWrapper(ClassFolder root)
    {
        while (root.Images.Count == 0 && root.Folders.Count == 1 && root.Folders.Values.Single() is var only && only.Images.Count == 0
            && (SplitName.Of(only.Name) is not { Role: not null, IsPlain: true } || HoldsParts(only)))
        {
            root = only;
        }

        return root;
    }

    // train/ and its like inside, so that the folder itself is none of them, whatever its name.
    private static bool HoldsParts(ClassFolder folder)
    {
        SplitName[] names = [.. folder.Folders.Values.Where(f => f.HasClassFolders).Select(f => SplitName.Of(f.Name))];
        return names.Any(n => n is { Role: SplitRole.Train, IsPlain: true })
            && names.Any(n => n is { Role: SplitRole.Validation or SplitRole.Test, IsPlain: true });
    }

    /// <summary>As it's found in some archives: seg_train/seg_train with the class folders in the inner one.</summary>
    private static ClassFolder WithoutInnerWrapper(ClassFolder part, string[] classes)
    {
        while (part.Images.Count == 0 && part.Folders.Count == 1 && part.Folders.Values.Single() is var only
            && only.HasClassFolders && !classes.Contains(only.Name)
            && (only.Name == part.Name || SplitName.Of(only.Name) is { IsPlain: true } or { Role: not null }))
        {
            part = only;
        }

        return part;
    }

    private static ClassLayout FromSplits(ImageTree tree, SplitLayout splits, List<string> notes)
    {
        (string[] classes, List<LabelledFile> train) = FindClasses(tree, WithoutInnerWrapper(splits.Train, []), notes);
        return new ClassLayout(
            classes, train, Labelled(tree, splits.Validation, classes, notes), Labelled(tree, splits.Test, classes, notes), notes);
    }

    private static (string[] Classes, List<LabelledFile> Files) FindClasses(ImageTree tree, ClassFolder folder, List<string> notes)
    {
        if (folder.Folders.Count == 0)
        {
            throw new DataException(
                folder.Place, $"its {Lying(folder)} directly in it, not in a folder per class", Expected);
        }

        NoteLoose(folder, notes);
        if (folder.Folders.Values.FirstOrDefault(f => !f.HasImages) is { } empty)
        {
            (string kind, string remedy) = Instead(tree, empty);
            throw new DataException(
                empty.Place, $"the folder of class '{empty.Name}' holds no images{kind}", $"{remedy}adding its images, or deleting the folder");
        }

        string[] classes = [.. folder.Folders.Keys];
        foreach (ClassFolder joined in folder.Folders.Values.Where(f => f.Spellings.Count > 1))
        {
            notes.Add($"took {Wording.Count(joined.Spellings.Count, "folder")} as the one class '{joined.Name}': "
                + "their names differ only in how accents are stored (NFC, NFD)");
        }

        return (classes, Label(folder, classes));
    }

    private static List<LabelledFile>? Labelled(ImageTree tree, ClassFolder? folder, string[] classes, List<string> notes)
    {
        if (folder is null || !folder.HasImages)
        {
            return null;
        }

        folder = WithoutInnerWrapper(folder, classes);
        if (!folder.Folders.Values.Any(f => f.HasImages))
        {
            if (TestTable.Of(tree, folder, classes, notes) is { } listed)
            {
                return listed;
            }

            notes.Add($"ignored {folder.Name}/: its {Lying(folder)} in no class folder, so without labels");
            return null;
        }

        NoteLoose(folder, notes);
        string[] unknown = [.. folder.Folders.Values.Where(f => f.HasImages).Select(f => f.Name).Except(classes)];
        if (unknown.Length > 0)
        {
            throw new DataException(
                folder.Place, $"holds {Wording.Names(unknown)}, which train/ lacks: it has {Wording.Names(classes)}",
                "naming the class folders alike in both, or moving some of these images to train/");
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
                files.AddRange(one.AllImages().Select(file => new LabelledFile(file, label)));
            }
        }

        return files;
    }

    internal static void NoteLoose(ClassFolder folder, List<string> notes)
    {
        if (folder.Images.Count > 0)
        {
            notes.Add($"ignored {Wording.Count(folder.Images.Count, "image")} directly in {folder.Place}, in no class folder");
        }
    }

    private static string Lying(ClassFolder folder) =>
        $"{Wording.Count(folder.Images.Count, "image")} {(folder.Images.Count == 1 ? "lies" : "lie")}";
}
