namespace Lamina.Tasks.Images;

/// <summary>
/// Reads a folder of IDX files: train-images-idx3-ubyte and train-labels-idx1-ubyte, and for the test t10k- or test-
/// in front, as MNIST and its kin name them, packed with gzip or not.
/// </summary>
internal static class IdxReader
{
    /// <summary>The names that are expected, for messages.</summary>
    internal const string Names =
        "train-images-idx3-ubyte and train-labels-idx1-ubyte, and t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte for the test (.gz or not)";

    /// <summary>The files in a folder that are IDX by their names.</summary>
    internal static string[] Find(string folder) =>
    [
        .. Directory.EnumerateFiles(folder)
            .Where(f => !ClassLayout.IsHidden(Path.GetFileName(f)) && IsIdxName(Path.GetFileName(f)))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Whether a name says that the file is IDX.</summary>
    internal static bool IsIdxName(string name) =>
        name.Contains("-ubyte", StringComparison.OrdinalIgnoreCase) || name.Contains("idx1", StringComparison.OrdinalIgnoreCase)
        || name.Contains("idx3", StringComparison.OrdinalIgnoreCase) || name.Contains("idx4", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the folder's sets.</summary>
    /// <exception cref="DataException">The files aren't what they should be; the message says which and how.</exception>
    internal static PictureData Read(
        string folder, PictureOptions options, IProgress<PictureProgress>? progress, CancellationToken cancel)
    {
        var notes = new List<string>();
        string[] files = Find(folder);
        (IdxFile Images, IdxFile Labels) train = ReadPair(folder, files, "train", notes, cancel)
            ?? throw new DataException(folder, $"holds IDX files, but none for training: {Wording.Names([.. files.Select(f => Path.GetFileName(f))])}", Names);
        (IdxFile Images, IdxFile Labels)? test = ReadPair(folder, files, "test", notes, cancel);
        (IdxFile Images, IdxFile Labels)? validation = ReadPair(folder, files, "validation", notes, cancel);

        string[] classes = [.. Enumerable.Range(0, train.Labels.Values.Max() + 1).Select(i => $"{i}")];
        int[] counts = ClassCheck.Require(folder, classes, train.Labels.Values.Select(l => (int)l), skipped: false);
        string[] empty = [.. classes.Where((_, i) => counts[i] == 0)];
        if (empty.Length > 0)
        {
            notes.Add($"no training picture has the label {Wording.Names(empty)}");
        }

        int[] form = train.Images.Dimensions[1..]; // height, width and perhaps channels
        PictureSize own = new(form[0], form[1]);
        PictureSize size = options.Size ?? own;
        int total = train.Labels.Values.Length + (test?.Labels.Values.Length ?? 0) + (validation?.Labels.Values.Length ?? 0);
        if (size != own)
        {
            notes.Add($"resized all {total} pictures to {size}");
        }

        var counter = new ProgressCounter(progress, total);
        PictureSet ToSet((IdxFile Images, IdxFile Labels) pair, string name) =>
            IdxReader.ToSet(folder, pair, name, form, size, classes, counter, cancel);
        return new PictureData(
            ToSet(train, "training"),
            validation is { } v ? ToSet(v, "validation") : null,
            test is { } t ? ToSet(t, "test") : null,
            notes);
    }

    /// <summary>Reads the pair of files for a test: that of the test part, else of the validation, else the only one there is.</summary>
    /// <exception cref="DataException">The files aren't what they should be, or have labels that the network doesn't know.</exception>
    internal static TestImages ReadTest(
        string folder, IReadOnlyList<string> known, PictureOptions options, IProgress<PictureProgress>? progress, CancellationToken cancel)
    {
        var notes = new List<string>();
        string[] files = Find(folder);
        foreach (string? role in (string?[])["test", "validation", "train", null])
        {
            if (ReadPair(folder, files, role, notes, cancel) is not { } pair)
            {
                continue;
            }

            string[] classes = [.. Enumerable.Range(0, pair.Labels.Values.Max() + 1).Select(i => $"{i}")];
            TestLayout.RequireKnown(folder, [.. pair.Labels.Values.Distinct().Order().Select(l => $"{l}")], known);
            int[] form = pair.Images.Dimensions[1..];
            PictureSize own = new(form[0], form[1]), size = options.Size ?? own;
            if (size != own)
            {
                notes.Add($"resized all {pair.Labels.Values.Length} pictures to {size}");
            }

            PictureSet set = ToSet(folder, pair, "test", form, size, classes, new ProgressCounter(progress, pair.Labels.Values.Length), cancel);
            string name = Path.GetFileName(Pick(folder, files, role, "images", [])!);
            return new TestImages(set, role is null ? name : TestLayout.Described(role, name), notes);
        }

        throw new DataException(folder, $"holds IDX files, but no pair of images and labels: {Wording.Names([.. files.Select(f => Path.GetFileName(f))])}", Names);
    }

    private static (IdxFile Images, IdxFile Labels)? ReadPair(
        string folder, string[] files, string? role, List<string> notes, CancellationToken cancel)
    {
        string? images = Pick(folder, files, role, "images", notes);
        string? labels = Pick(folder, files, role, "labels", notes);
        if (images is null && labels is null)
        {
            return null;
        }

        if (images is null || labels is null)
        {
            (string there, string missing) = images is null ? (labels!, "pictures") : (images, "labels");
            throw new DataException(
                there, $"its {missing} are missing: {folder} holds no file of that name for them", $"adding the file; the names expected are {Names}");
        }

        cancel.ThrowIfCancellationRequested();
        IdxFile pictures = IdxFile.Read(images, "pictures", 3, 4);
        IdxFile classes = IdxFile.Read(labels, "labels", 1);
        if (pictures.Dimensions[0] != classes.Dimensions[0])
        {
            throw new DataException(
                images, $"holds {pictures.Dimensions[0]} pictures, but {Path.GetFileName(labels)} holds {classes.Dimensions[0]} labels",
                "the two files of one download; one of them may belong to another set");
        }

        if (pictures.Dimensions is [_, _, _, not (1 or 3)])
        {
            throw new DataException(
                images, $"expected 1 or 3 channels in its last dimension, found {pictures.Dimensions[3]} ({string.Join("×", pictures.Dimensions)})",
                "writing it as (count, height, width, channels)");
        }

        return (pictures, classes);
    }

    private static string? Pick(string folder, string[] files, string? role, string kind, List<string> notes)
    {
        string[] found = [.. files.Where(f => RoleOf(Path.GetFileName(f)) == role && Holds(Path.GetFileName(f), kind))];
        if (found is [var plain, var packed] && packed == plain + ".gz")
        {
            notes.Add($"read {Path.GetFileName(plain)}, and ignored {Path.GetFileName(packed)} beside it");
            return plain;
        }

        return found.Length <= 1
            ? found.FirstOrDefault()
            : throw new DataException(
                folder, $"holds {found.Length} files of {kind}{(role is null ? "" : $" for {role}")}: {Wording.Names([.. found.Select(f => Path.GetFileName(f))])}",
                "a folder for each set of data");
    }

    private static string? RoleOf(string name) =>
        Holds(name, "train") ? "train"
        : Holds(name, "t10k") || Holds(name, "test") ? "test"
        : Holds(name, "val") ? "validation"
        : null;

    private static bool Holds(string name, string part) => name.Contains(part, StringComparison.OrdinalIgnoreCase);

    private static PictureSet ToSet(
        string folder, (IdxFile Images, IdxFile Labels) pair, string name, int[] form, PictureSize size, string[] classes,
        ProgressCounter counter, CancellationToken cancel)
    {
        if (!pair.Images.Dimensions.AsSpan(1).SequenceEqual(form))
        {
            throw new DataException(
                folder, $"its {name} pictures are {string.Join("×", pair.Images.Dimensions[1..])}, its training pictures {string.Join("×", form)}",
                "files of one and the same set of data");
        }

        int beyond = Array.FindIndex(pair.Labels.Values, l => l >= classes.Length);
        if (beyond >= 0)
        {
            throw new DataException(
                folder, $"its {name} label {beyond} is {pair.Labels.Values[beyond]}, but the training labels end at {classes.Length - 1}",
                "files of one and the same set of data");
        }

        PictureSize own = new(form[0], form[1]);
        int channels = form.Length == 3 ? form[2] : 1;
        int count = pair.Images.Dimensions[0];
        int from = (int)own.Area * channels;
        byte[] pixels = pair.Images.Values;
        if (size != own)
        {
            Int128 bytes = (Int128)count * size.Area * channels;
            pixels = bytes <= Array.MaxLength
                ? new byte[(int)bytes]
                : throw new DataException(folder, $"{count} pictures of {size} need {bytes} bytes", "a smaller size");
        }

        int to = (int)size.Area * channels;
        Parallel.For(0, count, new ParallelOptions { CancellationToken = cancel }, i =>
        {
            if (size != own)
            {
                PictureResizer.Resize(pair.Images.Values.AsSpan(i * from, from), own, pixels.AsSpan(i * to, to), size, channels);
            }

            counter.Count();
        });
        return new PictureSet(pixels, size.Height, size.Width, channels, [.. pair.Labels.Values.Select(l => (int)l)], classes);
    }
}
