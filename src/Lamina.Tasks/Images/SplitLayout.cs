namespace Lamina.Tasks.Images;

/// <summary>The folders for training, validation and test, where data come divided.</summary>
internal sealed record SplitLayout(ClassFolder Train, ClassFolder? Validation, ClassFolder? Test)
{
    private const string Rename = $"names that say it alone ({SplitName.Words}), or, if it is a class, a name without that word";

    /// <summary>
    /// The folders of the three, or null where the folders are classes. The names count (see <see cref="SplitName"/>), and what is in the
    /// folders: a part of the data holds class folders, a class that is called "test" holds images.
    /// </summary>
    /// <exception cref="DataException">Two folders mean the same, there's a test without a training, or it can't be told what is meant.</exception>
    internal static SplitLayout? Find(ClassFolder root, List<string> notes)
    {
        Named[] all = [.. root.Folders.Values.Select(f => new Named(f, SplitName.Of(f.Name)))];
        Named[] trains = [.. all.Where(n => n.Means(SplitRole.Train) && n.Folder.HasImages)];
        Named[] divided = [.. all.Where(n => !n.Means(SplitRole.Train) && n.Name.Role is not null && n.Folder.HasClassFolders)];
        Named[] others = [.. all.Where(n => n.Folder.HasImages && !n.IsPart(trains))];
        if (trains.Length == 0)
        {
            RefuseWithoutTrain(root, divided, others);
            return null;
        }

        // Railways have a class "train": images directly in it, and other classes beside it.
        if (trains.All(t => !t.Folder.HasClassFolders) && others.Length > 0)
        {
            return null;
        }

        bool isSure = trains.Any(t => t.Name.IsPlain) || divided.Length > 0;
        if (!isSure && (trains.Length > 1 || others.Length > 0))
        {
            return trains.Length > 1 ? null // several words with "train": kinds of trains
                : throw Unclear(root, trains[0].Folder, "may be meant as the images to learn from, or as a class");
        }

        ClassFolder train = One(root, trains)!;
        RefuseUnnamed(root, train, others);
        (ClassFolder? validation, ClassFolder? test) = Parts(root, [.. all.Where(n => n.IsPart(trains) && !n.Means(SplitRole.Train))], notes);
        if (others.Length > 0)
        {
            notes.Add($"ignored {Wording.Names([.. others.Select(f => f.Folder.Name)])} beside {train.Name}/");
        }

        return new SplitLayout(train, validation, test);
    }

    /// <summary>Refuses classes that are divided within: cat/train, cat/test, which would mix what is to learn from with the test.</summary>
    internal static void RefuseDividedClasses(ClassFolder root)
    {
        foreach (ClassFolder one in root.Folders.Values)
        {
            SplitRole[] roles = [.. one.Folders.Values.Where(f => f.HasImages).Select(f => SplitName.Of(f.Name))
                .Where(n => n is { Role: not null, IsPlain: true }).Select(n => n.Role!.Value).Distinct()];
            if (roles.Length > 1 && roles.Contains(SplitRole.Train))
            {
                throw new DataException(
                    one.Place, $"the class '{one.Name}' is divided within, into {Wording.Names([.. one.Folders.Keys])}, where the parts were expected on top",
                    $"moving the folders to train/{one.Name} and so on, or: {ClassLayout.Expected}");
            }
        }
    }

    private static void RefuseWithoutTrain(ClassFolder root, Named[] divided, Named[] others)
    {
        if (divided.Length == 0)
        {
            return;
        }

        ClassFolder first = divided[0].Folder;
        string[] unknown = [.. others.Where(n => !divided.Contains(n)).Select(n => n.Folder.Name)];
        if (unknown.Length == 0)
        {
            throw new DataException(
                root.Place, $"has {first.Name}/ with class folders in it, but no images in train/ to learn from", ClassLayout.Expected);
        }

        // test/ with the very classes that lie beside it, or beside a folder of the same classes under a name like learn/.
        foreach (Named part in divided)
        {
            string[] same = [.. part.Folder.Folders.Keys.Intersect(unknown)];
            string? twin = others.FirstOrDefault(o => !divided.Contains(o) && SharesClasses(o.Folder, part.Folder)).Folder?.Name;
            if (same.Length > 0 || twin is not null)
            {
                string why = same.Length > 0 ? $"holds folders of the same names as beside it ({Wording.Names(same)})" : $"holds the same folders as '{twin}'";
                throw Unclear(root, part.Folder, $"{why}, but there is no folder train/ beside it");
            }
        }
    }

    // A part of the data under a name that isn't known would be left out, or a mistake.
    private static void RefuseUnnamed(ClassFolder root, ClassFolder train, Named[] others)
    {
        if (others.FirstOrDefault(o => o.Name.IsMixed || SharesClasses(o.Folder, train)).Folder is { } part)
        {
            throw Unclear(root, part, $"stands beside {train.Name}/ with class folders in it, and its name doesn't say what for");
        }
    }

    private static (ClassFolder? Validation, ClassFolder? Test) Parts(ClassFolder root, Named[] parts, List<string> notes)
    {
        Named[] validation = [.. parts.Where(p => p.Means(SplitRole.Validation))], test = [.. parts.Where(p => p.Means(SplitRole.Test))];
        Named[] evaluation = [.. test.Where(t => t.Name.IsEvaluation)];
        if (validation.Length == 0 && evaluation.Length == 1 && test.Length == 2)
        {
            notes.Add($"{evaluation[0].Folder.Name}/ is used for validation, as there is {test.Single(t => t != evaluation[0]).Folder.Name}/ for the test");
            return (evaluation[0].Folder, test.Single(t => t != evaluation[0]).Folder);
        }

        return (One(root, validation), One(root, test));
    }

    private static ClassFolder? One(ClassFolder root, Named[] found) => found.Length <= 1
        ? found.FirstOrDefault().Folder
        : throw new DataException(
            root.Place, $"holds {Wording.Names([.. found.Select(f => f.Folder.Name)])}, which mean the same",
            "keeping one of them, or putting their images together");

    private static bool SharesClasses(ClassFolder a, ClassFolder b) =>
        a.Folders.Count > 1 && a.Folders.Values.Where(f => f.HasImages).Count(f => b.Folders.ContainsKey(f.Name)) >= 2;

    private static DataException Unclear(ClassFolder root, ClassFolder folder, string why) => new(root.Place, $"'{folder.Name}' {why}", Rename);

    private readonly record struct Named(ClassFolder Folder, SplitName Name)
    {
        internal bool Means(SplitRole role) => Name.Role == role && (Name.IsPlain || Folder.HasClassFolders);

        /// <summary>Whether it's one of the three parts, given those to learn from; a test may lie beside them without class folders.</summary>
        internal bool IsPart(Named[] trains)
        {
            string rest = Name.Rest;
            return Name.Role is not null && (Name.IsPlain || Folder.HasClassFolders || trains.Any(t => t.Name.Rest == rest))
                && (trains.Length == 0 || Folder.HasClassFolders || trains.Any(t => t.Folder.HasClassFolders) || Name.IsPlain);
        }
    }
}
