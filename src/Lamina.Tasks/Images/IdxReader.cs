using Lamina.Formats;

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
    internal static LabeledImages Read(
        string folder, ImageReadOptions options, IProgress<ImageProgress>? progress, CancellationToken cancel)
    {
        var notes = new List<string>();
        string[] files = Find(folder);
        using Pair train = OpenPair(folder, files, SplitRole.Train, notes, options)
            ?? throw new DataException(folder, $"holds IDX files, but none for training: {Wording.Names([.. files.Select(f => Path.GetFileName(f))])}", Names);
        using Pair? test = OpenPair(folder, files, SplitRole.Test, notes, options);
        using Pair? validation = OpenPair(folder, files, SplitRole.Validation, notes, options);
        NoteUnnamed(files, notes);

        // Labels are small: all that they can be wrong in is known before the first image is unpacked.
        string[] classes = [.. Enumerable.Range(0, train.ReadLabels(cancel).Max() + 1).Select(i => $"{i}")];
        int[] counts = ClassCheck.Require(folder, classes, train.Labels.Select(l => (int)l), skipped: false, options.MayLackClasses, options.IgnoresClasses);
        string[] empty = [.. classes.Where((_, i) => counts[i] == 0)];
        if (empty.Length > 0)
        {
            notes.Add($"no training image has the label {Wording.Names(empty)}");
        }

        int[] form = train.Images.Dimensions[1..]; // height, width and perhaps channels
        ImageSize own = new(form[0], form[1]);
        ImageSize size = options.Size ?? own;
        int total = train.Count + (test?.Count ?? 0) + (validation?.Count ?? 0);
        if (size != own)
        {
            notes.Add($"resized all {total} images to {size}");
        }

        var counter = new ProgressCounter(progress, total);
        Check(folder, validation, "validation", form, classes, cancel);
        Check(folder, test, "test", form, classes, cancel);
        ImageSet ToSet(Pair pair) => IdxReader.ToSet(folder, pair, form, size, classes, counter, cancel);
        return new LabeledImages(
            ToSet(train),
            validation is null ? null : ToSet(validation),
            test is null ? null : ToSet(test),
            [.. notes.Select(n => ForeignText.Show(n))]);
    }

    /// <summary>Reads the pair of files for a test: that of the test part, else of the validation, else the only one there is.</summary>
    /// <exception cref="DataException">The files aren't what they should be, or have labels that the network doesn't know.</exception>
    internal static TestImages ReadTest(
        string folder, IReadOnlyList<string> known, ImageReadOptions options, IProgress<ImageProgress>? progress, CancellationToken cancel)
    {
        var notes = new List<string>();
        string[] files = Find(folder);
        foreach (SplitRole? role in (SplitRole?[])[SplitRole.Test, SplitRole.Validation, SplitRole.Train, null])
        {
            using Pair? pair = OpenPair(folder, files, role, notes, options);
            if (pair is null)
            {
                continue;
            }

            byte[] labels = pair.ReadLabels(cancel);
            string[] classes = [.. Enumerable.Range(0, labels.Max() + 1).Select(i => $"{i}")];
            TestLayout.RequireKnown(folder, [.. labels.Distinct().Order().Select(l => $"{l}")], known);
            int[] form = pair.Images.Dimensions[1..];
            ImageSize own = new(form[0], form[1]), size = options.Size ?? own;
            if (size != own)
            {
                notes.Add($"resized all {pair.Count} images to {size}");
            }

            ImageSet set = ToSet(folder, pair, form, size, classes, new ProgressCounter(progress, pair.Count), cancel);
            string name = Path.GetFileName(Pick(folder, files, role, "images", [])!);
            return new TestImages(set, role is { } part ? TestLayout.Described(part, name) : name, notes);
        }

        throw new DataException(folder,
            $"holds IDX files, but no pair of images and labels: {Wording.Names([.. files.Select(f => Path.GetFileName(f))])}", Names);
    }

    private static Pair? OpenPair(string folder, string[] files, SplitRole? role, List<string> notes, ImageReadOptions options)
    {
        string? images = Pick(folder, files, role, "images", notes);
        string? labels = Pick(folder, files, role, "labels", notes);
        if (images is null && labels is null)
        {
            return null;
        }

        if (images is null || labels is null && !options.MayLackClasses)
        {
            (string there, string missing) = images is null ? (labels!, "images") : (images, "labels");
            throw new DataException(
                there, $"its {missing} are missing: {folder} holds no file of that name for them", $"adding the file; the names expected are {Names}");
        }

        var pair = new Pair(IdxFile.Open(images, "images", 3, 4));
        try
        {
            if (labels is not null) pair.Open(labels);
            Check(pair, labels ?? images, options);
            return pair;
        }
        catch
        {
            pair.Dispose();
            throw;
        }
    }

    // What the two headers say, before any value is read.
    private static void Check(Pair pair, string labels, ImageReadOptions options)
    {
        int[] dimensions = pair.Images.Dimensions;
        if (dimensions[0] != pair.Count)
        {
            throw new DataException(
                pair.Images.Path, $"holds {dimensions[0]} images, but {Path.GetFileName(labels)} holds {pair.Count} labels",
                "the two files of one download; one of them may belong to another set");
        }

        if (dimensions is [_, _, _, not (1 or 3)])
        {
            throw new DataException(
                pair.Images.Path, $"expected 1 or 3 channels in its last dimension, found {dimensions[3]} ({string.Join("×", dimensions)})",
                "writing it as (count, height, width, channels)");
        }

        if (Math.Max(dimensions[1], dimensions[2]) > options.MaximumSide)
        {
            throw new DataException(
                pair.Images.Path, $"its images are {dimensions[1]}×{dimensions[2]}, more than {options.MaximumSide} pixels a side",
                "smaller images, or image files in a folder for each class, which are resized as they are read");
        }
    }

    private static void NoteUnnamed(string[] files, List<string> notes)
    {
        string[] unnamed = [.. files.Select(f => Path.GetFileName(f)).Where(f => RoleOf(f) is null)];
        if (unnamed.Length > 0)
        {
            notes.Add($"ignored {Wording.Names(unnamed)}: the {(unnamed.Length == 1 ? "name says" : "names say")} neither train nor test nor validation");
        }
    }

    private static string? Pick(string folder, string[] files, SplitRole? role, string kind, List<string> notes)
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
                folder,
                $"holds {found.Length} files of {kind}{(role is { } part ? $" for {part.ToString().ToLowerInvariant()}" : "")}: "
                + $"{Wording.Names([.. found.Select(f => Path.GetFileName(f))])}",
                "a folder for each set of data");
    }

    private static SplitRole? RoleOf(string name) =>
        Holds(name, "t10k") ? SplitRole.Test : SplitName.Of(name).Role;

    private static bool Holds(string name, string part) => name.Contains(part, StringComparison.OrdinalIgnoreCase);

    private static void Check(string folder, Pair? pair, string name, int[] form, string[] classes, CancellationToken cancel)
    {
        if (pair is null)
        {
            return;
        }

        if (!pair.Images.Dimensions.AsSpan(1).SequenceEqual(form))
        {
            throw new DataException(
                folder, $"its {name} images are {string.Join("×", pair.Images.Dimensions[1..])}, its training images {string.Join("×", form)}",
                "files of one and the same set of data");
        }

        int beyond = Array.FindIndex(pair.ReadLabels(cancel), l => l >= classes.Length);
        if (beyond >= 0)
        {
            throw new DataException(
                folder, $"its {name} label {beyond} is {pair.Labels[beyond]}, but the training labels end at {classes.Length - 1}",
                "files of one and the same set of data");
        }
    }

    private static ImageSet ToSet(
        string folder, Pair pair, int[] form, ImageSize size, string[] classes, ProgressCounter counter, CancellationToken cancel)
    {
        ImageSize own = new(form[0], form[1]);
        int channels = form.Length == 3 ? form[2] : 1;
        int count = pair.Count;
        int from = (int)own.Area * channels;
        byte[] values = pair.Images.ReadValues(cancel), pixels = values;
        if (size != own)
        {
            Int128 bytes = (Int128)count * size.Area * channels;
            pixels = bytes <= Array.MaxLength
                ? new byte[(int)bytes]
                : throw new DataException(folder, $"{count} images of {size} need {bytes} bytes", "a smaller size");
        }

        int to = (int)size.Area * channels;
        Parallel.For(0, count, new ParallelOptions { CancellationToken = cancel }, i =>
        {
            if (size != own)
            {
                ImageResizer.Resize(values.AsSpan(i * from, from), own, pixels.AsSpan(i * to, to), size, channels);
            }

            counter.Count();
        });
        return new ImageSet(pixels, size.Height, size.Width, channels, [.. pair.Labels.Select(l => (int)l)], classes);
    }

    /// <summary>The files of one set: images, whose header is read, and labels.</summary>
    private sealed class Pair(IdxFile images) : IDisposable
    {
        private IdxFile? _labels;

        internal IdxFile Images => images;

        internal int Count => (_labels ?? images).Dimensions[0];

        internal byte[] Labels { get; private set; } = [];

        internal void Open(string labels) => _labels = IdxFile.Open(labels, "labels", 1);

        internal byte[] ReadLabels(CancellationToken cancel) => Labels = _labels is null ? new byte[Count] : _labels.ReadValues(cancel);

        public void Dispose()
        {
            images.Dispose();
            _labels?.Dispose();
        }
    }
}
