namespace Lamina.Tasks.Images;

/// <summary>
/// Which of a tree's files a trained network is measured on: the images of the test part, where there is one. Decided by
/// the names of folders alone, and held against the network's classes before any image is opened. One class is enough,
/// and so is one image per class.
/// </summary>
internal static class TestLayout
{
    /// <summary>Finds the images, as the layout's training part, and says which part of the data they are.</summary>
    /// <param name="tree">The files.</param>
    /// <param name="known">The names of the network's classes.</param>
    /// <exception cref="DataException">There are no images with labels, or some of a class that the network doesn't know.</exception>
    internal static (ClassLayout Layout, string Part) Of(ImageTree tree, IReadOnlyList<string> known)
    {
        var notes = new List<string>(tree.Notes);
        ClassFolder root = ClassFolder.Build(tree, notes);
        ClassLayout.RequireImages(root, tree);
        root = WithoutWrapper(root, known);
        (ClassFolder folder, string part) = Part(root, known);
        ClassFolder[] classes = [.. folder.Folders.Values.Where(f => f.HasImages)];
        if (classes.Length == 0)
        {
            // The images of one class, given by the class's own folder.
            string own = folder.Name.Length > 0 ? folder.Name : Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(tree.Place)));
            if (!known.Contains(own))
                throw new DataException(folder.Place, "its images lie directly in it, not in a folder per class, so without labels",
                    $"{ClassLayout.Expected}; for images without labels: lamina predict RUN {folder.Place}");
            return (new ClassLayout([own], [.. folder.Images.Select(file => new LabelledFile(file, 0))], null, null, notes), part);
        }

        RequireKnown(folder.Place, [.. classes.Select(c => c.Name)], known);
        ClassLayout.NoteLoose(folder, notes);
        return (new ClassLayout(
            [.. classes.Select(c => c.Name)], [.. classes.SelectMany((c, label) => c.AllImages().Select(file => new LabelledFile(file, label)))],
            null, null, notes), part);
    }

    /// <summary>Refuses classes that the network doesn't know, with the one that was perhaps meant.</summary>
    /// <exception cref="DataException">There are such.</exception>
    internal static void RequireKnown(string place, IReadOnlyList<string> names, IReadOnlyList<string> known)
    {
        string[] unknown = [.. names.Except(known)];
        if (unknown.Length == 0) return;
        string? near = NearName.Find(unknown[0], known.Except(names));
        throw new DataException(
            place,
            $"has the {(unknown.Length == 1 ? "class" : "classes")} {Wording.Names(unknown)}, "
            + $"which the network doesn't know: it knows {Wording.Names([.. known])}",
            near is null ? "images of the network's classes only" : $"naming '{unknown[0]}' as the network does: '{near}'");
    }

    private static ClassFolder WithoutWrapper(ClassFolder root, IReadOnlyList<string> known)
    {
        while (root.Images.Count == 0 && root.Folders.Count == 1
            && root.Folders.Values.Single() is var only
            && only.Images.Count == 0 && RoleOf(only, known) is null && !known.Contains(only.Name))
        {
            root = only;
        }

        return root;
    }

    // A folder that is named as one of the network's classes and holds images is that class.
    private static SplitRole? RoleOf(ClassFolder folder, IReadOnlyList<string> known) =>
        known.Contains(folder.Name) && folder.Images.Count > 0 ? null
        : SplitName.Of(folder.Name) is { Role: { } role } name && (name.IsPlain || folder.HasClassFolders) ? role : null;

    private static (ClassFolder Folder, string Part) Part(ClassFolder root, IReadOnlyList<string> known)
    {
        foreach (SplitRole role in (SplitRole[])[SplitRole.Test, SplitRole.Validation, SplitRole.Train])
        {
            ClassFolder[] found = [.. root.Folders.Values.Where(f => f.HasImages && RoleOf(f, known) == role)];
            if (found.Length > 1)
                throw new DataException(root.Place, $"holds {Wording.Names([.. found.Select(f => f.Name)])}, which mean the same", "one of them alone");
            if (found.Length == 1) return (found[0], Described(role, $"{found[0].Name}/"));
        }

        return (root, "all of it");
    }

    /// <summary>A part in words, such as "its test part, test/".</summary>
    internal static string Described(SplitRole role, string name) => role switch
    {
        SplitRole.Test => $"its test part, {name}",
        SplitRole.Validation => $"its validation part, {name}, as it has no test part",
        _ => $"its training part, {name}, as it has no other",
    };
}
