namespace Lamina.Tasks.Images;

/// <summary>The folders for training, validation and test, where data come divided.</summary>
internal sealed record SplitLayout(ClassFolder Train, ClassFolder? Validation, ClassFolder? Test)
{
    /// <summary>Which of the three a folder's name means: "train", "validation", "test" or null.</summary>
    internal static string? RoleOf(string name) => name.ToLowerInvariant() switch
    {
        "train" or "training" => "train",
        "val" or "valid" or "validation" => "validation",
        "test" or "testing" => "test",
        _ => null,
    };

    /// <summary>The folders of the three, or null where the folders are classes.</summary>
    /// <exception cref="DataException">Two folders mean the same, or there's a test without a training.</exception>
    internal static SplitLayout? Find(ClassFolder root, List<string> notes)
    {
        ClassFolder? train = Role(root, "train");
        ClassFolder? validation = Role(root, "validation");
        ClassFolder? test = Role(root, "test");
        ClassFolder[] others = [.. root.Folders.Values.Where(f => RoleOf(f.Name) is null && f.HasPictures)];
        if (train is null || !train.HasPictures)
        {
            ClassFolder? divided = new[] { validation, test }.FirstOrDefault(f => f is not null && f.Folders.Values.Any(c => c.HasPictures));
            return divided is null || others.Length > 0
                ? null
                : throw new DataException(
                    root.Place, $"has {divided.Name}/ with class folders in it, but no pictures in train/ to learn from", ClassLayout.Expected);
        }

        // Railways have a class "train": pictures directly in it, and other classes beside it.
        if (train.Folders.Count == 0 && others.Length > 0)
        {
            return null;
        }

        if (others.Length > 0)
        {
            notes.Add($"ignored {Wording.Names([.. others.Select(f => f.Name)])} beside {train.Name}/");
        }

        return new SplitLayout(train, validation, test);
    }

    private static ClassFolder? Role(ClassFolder root, string role)
    {
        ClassFolder[] found = [.. root.Folders.Values.Where(f => RoleOf(f.Name) == role)];
        return found.Length <= 1
            ? found.FirstOrDefault()
            : throw new DataException(
                root.Place, $"holds {Wording.Names([.. found.Select(f => f.Name)])}, which mean the same", "keeping one of them, or putting their pictures together");
    }
}
