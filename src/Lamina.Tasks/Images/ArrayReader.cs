using System.Text.RegularExpressions;
using Lamina.Formats;
using Lamina.Tasks.Arrays;

namespace Lamina.Tasks.Images;

/// <summary>
/// Reads labelled images from arrays of NumPy: an .npz file or a folder of .npy files with arrays as MedMNIST names them (train_images,
/// train_labels, val_images, …), as Keras does (x_train, y_train, …), or one of images and one of labels.
/// </summary>
internal static partial class ArrayReader
{
    /// <summary>The names that are expected, for messages.</summary>
    internal const string Names = "train_images and train_labels, and the same with val_ and test_; or x_train, y_train, x_test and y_test; or "
        + "images and labels alone";

    /// <summary>Whether a file or folder holds arrays, by a look at its beginning.</summary>
    internal static bool IsArrays(ReadOnlySpan<byte> beginning) =>
        ZipReader.IsZip(beginning) && FileSignature.Of(beginning) is { Name: var name } && name.Contains(".npz", StringComparison.Ordinal);

    /// <summary>Whether a folder's own files are arrays.</summary>
    internal static bool HasArrays(ImageTree folder) =>
        folder.Files.Any(f => !f.Contains('/') && f.EndsWith(".npy", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the arrays look like images: by their names, or by the shape of bytes.</summary>
    internal static bool LooksLikeImages(string path)
    {
        using ArrayFile file = ArrayFile.Open(path);
        return file.Arrays.Any(a => a.Shape.Count is 3 or 4 && a.IsNumeric && a.Shape[1] >= 8 && a.Shape[2] >= 8
            && (a.Header.Size == 1 || a.Shape.Count == 4 || a.Key.Contains("image", StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>Reads all parts.</summary>
    /// <exception cref="DataException">The arrays aren't what they should be; the message names the array.</exception>
    internal static LabeledImages Read(string path, ImageReadOptions options, IProgress<ImageProgress>? progress, CancellationToken cancel)
    {
        using ArrayFile file = ArrayFile.Open(path);
        var notes = new List<string>(file.Notes);
        Dictionary<SplitRole, ArrayPair> pairs = Pairs(file, notes);
        if (!pairs.TryGetValue(SplitRole.Train, out ArrayPair train))
            throw new DataException(path, $"holds no images to learn from, only {Wording.Names([.. file.Arrays.Select(a => a.Key)])}", Names);
        SplitRole[] roles = [.. ((SplitRole[])[SplitRole.Train, SplitRole.Validation, SplitRole.Test]).Where(pairs.ContainsKey)];
        bool hasNone = options.MayLackClasses && roles.All(r => pairs[r].Labels is null);
        if (!hasNone)
            foreach (SplitRole role in roles) pairs[role].RequireLabels(path);
        var form = ArrayForm.Of(train.Images, options);
        foreach (SplitRole role in roles.Skip(1)) form.RequireSame(pairs[role].Images, train.Images.Key);
        ImageTargets[] targets = hasNone
            ? [.. roles.Select(r => new ImageTargets(TargetKind.Classes, [ClassLayout.Only], new double[pairs[r].Images.Shape[0]]))]
            : ArrayTargets.Of(path, [.. roles.Select(r => pairs[r])], options.Targets.Kind, notes, cancel);
        if (targets[0].Kind == TargetKind.Classes) RequireClasses(path, targets[0], notes, options.MayLackClasses);
        int total = roles.Sum(r => pairs[r].Images.Shape[0]);
        form.Note(total, notes);
        var counter = new ProgressCounter(progress, total);
        foreach (SplitRole role in roles) ImageMemory.Require(path, pairs[role].Images.Shape[0], form.Size, form.Channels);
        PixelScale scale = PixelScale.Of(train.Images, notes, cancel);
        ImageSet? SetOf(SplitRole role) => Array.IndexOf(roles, role) is var i and >= 0
            ? new(form.Read(pairs[role].Images, scale, counter, cancel), form.Size.Height, form.Size.Width, form.Channels, targets[i]) : null;
        return new(SetOf(SplitRole.Train)!, SetOf(SplitRole.Validation), SetOf(SplitRole.Test), [.. notes.Select(n => ForeignText.Show(n))]);
    }

    /// <summary>Reads the part for a test: that of the test, else of the validation, else the only one there is.</summary>
    /// <exception cref="DataException">The arrays aren't what they should be.</exception>
    internal static TestImages ReadTest(string path, KnownTargets known, ImageReadOptions options, IProgress<ImageProgress>? progress,
        CancellationToken cancel)
    {
        using ArrayFile file = ArrayFile.Open(path);
        var notes = new List<string>(file.Notes);
        Dictionary<SplitRole, ArrayPair> pairs = Pairs(file, notes);
        if (pairs.Count == 0) throw new DataException(path, $"holds no images, only {Wording.Names([.. file.Arrays.Select(a => a.Key)])}", Names);
        SplitRole role = ((SplitRole[])[SplitRole.Test, SplitRole.Validation, SplitRole.Train]).First(pairs.ContainsKey);
        ArrayPair pair = pairs[role];
        pair.RequireLabels(path);
        ImageTargets targets = ArrayTargets.Of(path, [pair], known.Kind, notes, cancel, known.Names)[0];
        var form = ArrayForm.Of(pair.Images, options);
        form.Note(pair.Images.Shape[0], notes);
        ImageMemory.Require(path, pair.Images.Shape[0], form.Size, form.Channels);
        byte[] pixels = form.Read(pair.Images, PixelScale.Of(pair.Images, notes, cancel), new ProgressCounter(progress, pair.Images.Shape[0]),
            cancel);
        string part = pairs.Count == 1 ? $"all of it, '{pair.Images.Key}'" : TestLayout.Described(role, $"'{pair.Images.Key}'");
        return new(new ImageSet(pixels, form.Size.Height, form.Size.Width, form.Channels, targets), part, notes);
    }

    /// <summary>Reads images to predict: those of the test part, with or without labels, else the only ones there are.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="options">The size that they are brought to, and the limits.</param>
    /// <param name="cancel">Stops the reading.</param>
    internal static (byte[] Pixels, int Count, int Channels, string Key) ReadImages(string path, ImageReadOptions options, CancellationToken cancel)
    {
        using ArrayFile file = ArrayFile.Open(path);
        Dictionary<SplitRole, ArrayPair> pairs = Pairs(file, []);
        if (pairs.Count == 0) throw new DataException(path, $"holds no images, only {Wording.Names([.. file.Arrays.Select(a => a.Key)])}",
            "an array of images, (n, height, width) or (n, height, width, 3)");
        NamedArray images = pairs[((SplitRole[])[SplitRole.Test, SplitRole.Validation, SplitRole.Train]).First(pairs.ContainsKey)].Images;
        var form = ArrayForm.Of(images, options);
        ImageMemory.Require(path, images.Shape[0], form.Size, form.Channels);
        return (form.Read(images, PixelScale.Of(images, [], cancel), new ProgressCounter(null, 0), cancel), images.Shape[0], form.Channels,
            images.Key);
    }

    // Which arrays are images and labels of which part: by their names, and where those say nothing by their shapes.
    private static Dictionary<SplitRole, ArrayPair> Pairs(ArrayFile file, List<string> notes)
    {
        var images = new Dictionary<SplitRole, NamedArray>();
        var labels = new Dictionary<SplitRole, NamedArray>();
        var others = new List<string>();
        foreach (NamedArray array in file.Arrays)
        {
            SplitRole role = SplitName.Of(array.Key).Role ?? SplitRole.Train;
            bool? isLabels = LabelName().IsMatch(array.Key) ? true : ImageName().IsMatch(array.Key) ? false : array.Shape.Count >= 3 ? false
                : array.Shape.Count is 1 or 2 && array.Key.StartsWith("arr_", StringComparison.Ordinal) ? true : null;
            if (isLabels is null)
            {
                others.Add(array.Key);
                continue;
            }
            Dictionary<SplitRole, NamedArray> kind = isLabels.Value ? labels : images;
            if (!kind.TryAdd(role, array))
                throw new DataException(file.Path,
                    $"holds '{kind[role].Key}' and '{array.Key}', both {(isLabels.Value ? "labels" : "images")} of one part by their names", Names);
        }
        if (others.Count > 0) notes.Add($"ignored {Wording.Names(others)}, which are neither images nor labels by their names");
        foreach ((SplitRole role, NamedArray array) in labels)
            if (!images.ContainsKey(role))
                throw array.Bad($"holds labels, and there are no images for them: the file holds "
                    + $"{Wording.Names([.. file.Arrays.Select(a => a.Key)])}", Names);
        return images.ToDictionary(i => i.Key, i => new ArrayPair(i.Value, labels.GetValueOrDefault(i.Key), [.. file.Arrays.Select(a => a.Key)]));
    }

    private static void RequireClasses(string path, ImageTargets train, List<string> notes, bool mayLackClasses)
    {
        int[] counts = new int[train.Names.Count];
        foreach (double label in train.Values) counts[(int)label]++;
        ClassCheck.Require(path, train.Names, train.Values.Select(v => (int)v), skipped: false, mayLackClasses);
        string[] empty = [.. train.Names.Where((_, i) => counts[i] == 0)];
        if (empty.Length > 0) notes.Add($"no training image has the label {Wording.Names(empty)}");
    }

    [GeneratedRegex("(^|[^a-z])(y|gt|labels?|targets?|class(es)?)([^a-z]|$)|^y(train|test|val|valid|dev)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex LabelName();

    [GeneratedRegex("(^|[^a-z])(x|images?|imgs?|data|pixels|inputs?)([^a-z]|$)|^x(train|test|val|valid|dev)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ImageName();
}

/// <summary>The arrays of one part.</summary>
/// <param name="Images">The images.</param>
/// <param name="Labels">Their labels, or null.</param>
/// <param name="All">The names of all arrays, for messages.</param>
internal readonly record struct ArrayPair(NamedArray Images, NamedArray? Labels, IReadOnlyList<string> All)
{
    /// <exception cref="DataException">There are no labels, or not one for each image.</exception>
    internal void RequireLabels(string path)
    {
        if (Labels is null)
            throw new DataException(path, $"holds '{Images.Key}' without labels for it: its arrays are {Wording.Names(All)}",
                $"adding an array of labels; the names expected are {ArrayReader.Names}");
        if (Labels.Shape.Count == 0 || Images.Shape.Count == 0 || Labels.Shape[0] != Images.Shape[0])
            throw Labels.Bad($"has the shape {Labels.Header.ShapeText}, and '{Images.Key}' has {Images.Header.ShapeText}: there must be one label "
                + $"for each image",
                "arrays of one and the same set of data");
    }
}

/// <summary>What a network knows, for other data to be measured on it.</summary>
/// <param name="Kind">What is predicted.</param>
/// <param name="Names">The names of the classes, labels or numbers.</param>
internal sealed record KnownTargets(TargetKind Kind, IReadOnlyList<string> Names);
