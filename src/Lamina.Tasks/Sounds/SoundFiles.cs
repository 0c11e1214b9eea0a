using Lamina.Tasks.Images;

namespace Lamina.Tasks.Sounds;

/// <summary>WAV files below a folder or in a zip, with their places, labels and groups.</summary>
/// <param name="Index">Which file of the tree.</param>
/// <param name="Name">Its name, with the folders above it.</param>
/// <param name="Label">Its class.</param>
/// <param name="Group">Its group, such as the speaker; null where there are none.</param>
/// <param name="Part">The part of the data that its folders say: 0 for training or none, 1 for validation, 2 for the test.</param>
internal readonly record struct SoundFile(int Index, string Name, string Label, string? Group, int Part);

/// <summary>Which files of a tree are recordings, and how they are labelled.</summary>
/// <param name="Files">The files.</param>
/// <param name="Label">Where labels are: <c>folder</c>, or the number of a part of the names.</param>
/// <param name="Reason">Why, as a sentence.</param>
/// <param name="Groups">Where groups are, as a sentence; null where there are none.</param>
internal sealed record SoundFiles(IReadOnlyList<SoundFile> Files, string Label, string Reason, string? Groups)
{
    /// <summary>The label that is the name of a folder.</summary>
    public const string Folder = "folder";

    private static readonly string[] s_training = ["train", "training"], s_validation = ["validation", "valid", "val", "dev"], s_test =
        ["test", "testing", "eval"];

    private static readonly string[] s_others = [".mp3", ".flac", ".ogg", ".opus", ".m4a", ".aac", ".wma", ".aif", ".aiff", ".webm", ".amr", ".au"];

    /// <summary>Whether a name is that of a WAV file.</summary>
    public static bool IsWave(string name) => Path.GetExtension(name).ToLowerInvariant() is ".wav" or ".wave";

    /// <summary>Whether a name is that of another sound file.</summary>
    public static bool IsOther(string name) => s_others.Contains(Path.GetExtension(name).ToLowerInvariant());

    /// <summary>Opens a folder or a zip.</summary>
    /// <exception cref="DataException">It is neither.</exception>
    public static ImageTree Open(string path, CancellationToken cancel) =>
        Directory.Exists(path) ? FolderReader.Open(path, cancel)
        : !File.Exists(path) ? throw new DataException(path, "there's no such file or folder", "the path of a folder or zip of WAV files")
        : path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ? ZipReader.Open(path)
        : throw new DataException(path, IsWave(path) ? "is one recording alone: there is nothing to tell apart"
            : "is neither a folder nor a zip of WAV files",
            "a folder or zip of WAV files, with a sub-folder for each class or the class in their names");

    /// <summary>Finds the recordings.</summary>
    /// <param name="tree">The files.</param>
    /// <param name="label">Where labels are, as a person said; null: by evidence.</param>
    /// <param name="group">What groups are, as a person said; null: none.</param>
    /// <param name="notes">Takes what a person should know.</param>
    /// <exception cref="DataException">There are no recordings, or nothing says their classes.</exception>
    public static SoundFiles Of(ImageTree tree, string? label, string? group, List<string> notes)
    {
        string[] others = [.. tree.Files.Where(IsOther)];
        if (!tree.Files.Any(IsWave))
            throw new DataException(tree.Place, others.Length > 0
                ? $"has no WAV files, but {Wording.Count(others.Length, "file")} such as {others[0]}" : "has no WAV files",
                others.Length > 0 ? $"converting them: for f in *{Path.GetExtension(others[0])}; do ffmpeg -i \"$f\" \"${{f%.*}}.wav\"; done"
                    : "a folder or zip of WAV files");
        if (others.Length > 0) notes.Add($"passed over {Wording.Count(others.Length, "file")} such as {others[0]}: only WAV is read (ffmpeg "
            + $"-i NAME NEW.wav converts it)");
        return Of(tree, IsWave, "WAV file", label, group, notes);
    }

    /// <summary>Finds files of any kind, labelled alike.</summary>
    /// <param name="tree">The files.</param>
    /// <param name="isOne">Whether a name is that of one of them; one at least is.</param>
    /// <param name="what">What one is called, such as <c>WAV file</c>.</param>
    /// <param name="label">Where labels are, as a person said; null: by evidence.</param>
    /// <param name="group">What groups are, as a person said; null: none.</param>
    /// <param name="notes">Takes what a person should know.</param>
    /// <exception cref="DataException">Nothing says their classes.</exception>
    public static SoundFiles Of(ImageTree tree, Func<string, bool> isOne, string what, string? label, string? group, List<string> notes)
    {
        int[] waves = [.. Enumerable.Range(0, tree.Files.Count).Where(i => isOne(tree.Files[i]) && !IsJunk(tree.Files[i]))];
        string[] names = [.. waves.Select(i => tree.Files[i])];
        (string[][] folders, int[] parts) = Folders(names);
        var split = new NameParts(names);
        (string chosen, string reason) = Choose(tree, folders, split, names, what, label);
        int? number = NameParts.Number(chosen);
        int? speaker = group is null ? null : GroupPart(tree, split, group, number ?? 0);
        var files = new List<SoundFile>();
        int unnamed = 0;
        for (int i = 0; i < waves.Length; i++)
        {
            string? own = number is { } part ? split.Of(i, part) : folders[i].FirstOrDefault();
            string? of = speaker is null ? null : speaker == 0 ? folders[i].LastOrDefault() : split.Of(i, speaker.Value);
            if (own is null || group is not null && of is null) unnamed++;
            else files.Add(new(waves[i], names[i], Lamina.Formats.ComposedText.Of(own), of, parts[i]));
        }
        if (unnamed > 0) notes.Add($"passed over {Wording.Count(unnamed, "file")} whose name or folder has no such part");
        string? groups = speaker is null ? null
            : $"{group}: {(speaker == 0 ? "the last folder" : $"part {speaker} of the file names")}, "
                + $"{Wording.Count(files.Select(f => f.Group).Distinct().Count(), "value")}, such as '{files.FirstOrDefault().Group}'";
        return new(files, chosen, reason, groups);
    }

    // The folders of each file that may be classes, and which part of the data it is in.
    private static (string[][] Folders, int[] Parts) Folders(string[] names)
    {
        string[][] folders = [.. names.Select(n => n.Split('/')[..^1])];
        while (folders.All(f => f.Length > 0 && f[0] == folders[0][0])) folders = [.. folders.Select(f => f[1..])];
        int Part(string folder) => folder.ToLowerInvariant() is var name && s_training.Contains(name) ? 0 : s_validation.Contains(name) ? 1
            : s_test.Contains(name) ? 2 : -1;
        bool isSplit = folders.All(f => f.Length > 0 && Part(f[0]) >= 0) && folders.Any(f => Part(f[0]) == 0);
        return isSplit ? ([.. folders.Select(f => f[1..])], [.. folders.Select(f => Part(f[0]))]) : (folders, new int[names.Length]);
    }

    private static (string Label, string Reason) Choose(ImageTree tree, string[][] folders, NameParts split, string[] names, string what,
        string? asked)
    {
        bool hasFolders = folders.Select(f => f.FirstOrDefault() ?? "").Distinct().Take(2).Count() == 2;
        if (asked is not null && !asked.Equals(Folder, StringComparison.OrdinalIgnoreCase))
        {
            int part = NameParts.Number(asked)
                ?? throw new TaskException($"--label {asked}: expected {Folder}, or the number of a part of the file names", "1");
            return part <= split.Count ? (asked, $"labels are part {part} of the file names, as asked for: {Wording.Names(split.Values(part))}")
                : throw new TaskException($"--label {asked}: the file names of {tree.Place} have {Wording.Count(split.Count, "part")}, such "
                    + $"as {names[0]}", $"1 to {split.Count}, or {Folder}");
        }
        if (hasFolders || asked is not null)
            return hasFolders ? (Folder, "labels are the names of the sub-folders")
                : throw new TaskException($"--label {Folder}: the files of {tree.Place} are not in sub-folders",
                    "the number of a part of the file names");
        int[] repeated = [.. split.Repeated()];
        if (repeated.Length == 0)
            throw new DataException(tree.Place,
                $"nothing says the classes of its {names.Length:N0} {what}s: no sub-folders, and no part of the names, such as "
                + $"{Path.GetFileName(names[0])}, comes again and again",
                "a sub-folder for each class, or names such as dog_1.wav, dog_2.wav, cat_1.wav");
        string more = repeated.Length > 1 ? $"; --label chooses another, such as {repeated[1]} with {Wording.Names(split.Values(repeated[1]))}" : "";
        return ($"{repeated[0]}",
            $"labels are part {repeated[0]} of the file names, the first that comes again and again: "
            + $"{Wording.Names(split.Values(repeated[0]))}{more}");
    }

    // 0: the last folder.
    private static int GroupPart(ImageTree tree, NameParts split, string group, int label)
    {
        if (group.Equals(Folder, StringComparison.OrdinalIgnoreCase)) return 0;
        if (NameParts.Number(group) is { } part)
            return part <= split.Count ? part
                : throw new TaskException($"--group {group}: the file names of {tree.Place} have {Wording.Count(split.Count, "part")}",
                $"1 to {split.Count}");
        return split.Group(label)
            ?? throw new TaskException($"--group {group}: no part of the file names of {tree.Place} besides the label comes again and again",
            $"names such as label_{group}_1.wav, or no --group");
    }

    // What macOS puts beside files in a zip.
    private static bool IsJunk(string name) => name.StartsWith("__MACOSX/", StringComparison.Ordinal) || Path.GetFileName(name).StartsWith('.');
}
