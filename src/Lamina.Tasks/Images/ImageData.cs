using System.Security.Cryptography;
using System.Text;
using Lamina.Learning.Data;
using Lamina.Tasks.Images.Handwriting;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Images;

/// <summary>The images of a job in three parts, and where they came from.</summary>
internal sealed class ImageData
{
    /// <summary>What the built-in data is called.</summary>
    public const string BuiltIn = "built-in digits";

    // The built-in digits: the same images whatever the run's seed, so that runs can be compared.
    private const ulong DigitsSeed = 1;
    private const int DigitsTraining = 20_000, DigitsValidation = 2_000, DigitsTest = 4_000;

    private readonly ImageTargets?[] _targets;

    private ImageData(string source, ImageDataset[] parts, ImageTargets?[] targets, OutputMeaning output, string hash, IReadOnlyList<string> notes)
    {
        Source = source;
        (Training, Validation, Test) = (parts[0], parts[1], parts[2]);
        _targets = targets;
        Output = output;
        Hash = hash;
        Notes = notes;
    }

    /// <summary>A path, or <c>built-in digits</c>.</summary>
    public string Source { get; }

    public ImageDataset Training { get; }

    public ImageDataset Validation { get; }

    public ImageDataset Test { get; }

    /// <summary>What a network of these images gives; what it knows of the targets comes from the training images.</summary>
    public OutputMeaning Output { get; }

    /// <summary>The columns of the table that names the images; null where there is none.</summary>
    public ImageColumns? Columns { get; private init; }

    /// <summary>SHA-256 over all parts.</summary>
    public string Hash { get; }

    public IReadOnlyList<string> Notes { get; }

    /// <summary>The three parts with their targets.</summary>
    /// <param name="augmentation">How training images are varied.</param>
    /// <param name="isBalanced">Whether classes count alike in training.</param>
    /// <exception cref="TaskException">Something else than classes is to be balanced.</exception>
    public (Dataset Training, Dataset Validation, Dataset Test) Learned(Augmentation augmentation, bool isBalanced) =>
        (TargetImages.Of(Training.With(augmentation), _targets[0], Output, isBalanced ? ClassWeights.Of(Output) : null),
            TargetImages.Of(Validation, _targets[1], Output), TargetImages.Of(Test, _targets[2], Output));

    /// <summary>The size of an image as a person says it: <c>28×28 grey</c>.</summary>
    public string InputText => SizeText(Training.Height, Training.Width, Training.Channels);

    /// <summary>Reads or makes the images.</summary>
    /// <param name="path">A folder or file; null: built-in digits.</param>
    /// <param name="seed">The key of the split.</param>
    /// <param name="rule">How images are split.</param>
    /// <param name="quick">Fewer built-in digits.</param>
    /// <param name="options">The size that images are brought to, and how their targets are found.</param>
    /// <param name="tell">Progress.</param>
    /// <param name="cancel">Stops.</param>
    public static ImageData Open(string? path, long seed, SplitRule rule, bool quick, ImageReadOptions options, Action<TaskEvent> tell,
        CancellationToken cancel) =>
        path is null ? Digits(quick ? 10 : 1, options.Size, tell, cancel) : Read(path, seed, rule, options, tell, cancel);

    private static ImageData Digits(int fraction, ImageSize? size, Action<TaskEvent> tell, CancellationToken cancel)
    {
        int training = DigitsTraining / fraction, validation = DigitsValidation / fraction, test = DigitsTest / fraction, total = training + validation + test;
        string[] classes = [.. Enumerable.Range(0, HandwrittenDigits.Classes).Select(d => d.ToString())];
        ImageSet Draw(int count, int first)
        {
            const int Chunk = 1000;
            var pixels = new byte[count * HandwrittenDigits.Size * HandwrittenDigits.Size];
            var labels = new int[count];
            for (int i = 0; i < count; i += Chunk)
            {
                cancel.ThrowIfCancellationRequested();
                tell(new Preparing("drawing digits", first + i, total));
                (byte[] part, byte[] digits) = HandwrittenDigits.Generate(Math.Min(Chunk, count - i), DigitsSeed, first + i);
                part.CopyTo(pixels, (long)i * HandwrittenDigits.Size * HandwrittenDigits.Size);
                for (int j = 0; j < digits.Length; j++) labels[i + j] = digits[j];
            }
            return Resized(new(pixels, HandwrittenDigits.Size, HandwrittenDigits.Size, 1, labels, classes), size);
        }
        return Assemble(BuiltIn, Draw(training, 0), Draw(validation, training), Draw(test, training + validation), []);
    }

    private static ImageSet Resized(ImageSet set, ImageSize? to)
    {
        ImageSize own = new(set.Height, set.Width);
        if (to is not { } size || size == own) return set;
        ImageMemory.Require(BuiltIn, set.Count, size, set.Channels);
        int each = (int)size.Area * set.Channels;
        var pixels = new byte[(long)set.Count * each];
        Parallel.For(0, set.Count, i => ImageResizer.Resize(set.Image(i), own, pixels.AsSpan(i * each, each), size, set.Channels));
        return new(pixels, size.Height, size.Width, set.Channels, set.Labels, set.Classes);
    }

    private static ImageData Read(string path, long seed, SplitRule rule, ImageReadOptions options, Action<TaskEvent> tell, CancellationToken cancel)
    {
        LabeledImages data = ImageSource.Open(path, options, new Direct(p => tell(new Preparing("reading images", p.Done, p.Total))), cancel);
        ImageSet train = data.Train;
        if (rule.Folds is not null && data.Test is not null)
            throw new TaskException($"{path} has a test part of its own, so it can't be cut into folds", "the training part alone, or no folds");
        if (data.Validation is { } validation && data.Test is { } test) return Assemble(path, train, validation, test, data.Notes, data.Columns);
        var notes = new List<string>(data.Notes);
        var content = new SplitData(train.Count, "image", rule.IgnoresDuplicates ? [] : Contents(train)) 
        {
            Labels = train.Targets is null ? train.Labels : null, Groups = data.Groups,
        };
        SplitParts parts = DataSplit.Of(content, rule, seed, data.Validation is not null, data.Test is not null, notes);
        ImageSet kept = data.Validation ?? Part(train, parts.Validation);
        // With two images per class there is one to learn from, and one to check with.
        bool isTooFew = data.Test is null && parts.Test.Length == 0;
        if (isTooFew) notes.Add("there are too few images for a test set: the result is measured on the validation images, and so looks better than it is");
        else if (data.Test is null && rule.Folds is null)
            notes.Add($"{parts.Test.Length:N0} of {train.Count:N0} images are kept for the test, as there is no test folder");
        return Assemble(path, Part(train, parts.Training), kept, isTooFew ? kept : data.Test ?? Part(train, parts.Test), notes, data.Columns);
    }

    // Equal pixels are one image, whatever file they came from.
    private static object?[] Contents(ImageSet set) =>
        [.. Enumerable.Range(0, set.Count).Select(i => (object)Convert.ToHexString(SHA256.HashData(set.Image(i))))];

    private static ImageData Assemble(string source, ImageSet training, ImageSet validation, ImageSet test, IReadOnlyList<string> notes,
        ImageColumns? columns = null)
    {
        ImageDataset learned = Dataset(training);
        learned = learned.With(Normalization.Of(learned, [.. Enumerable.Range(0, learned.Count)]));
        OutputMeaning output = TargetMeaning.Of(source, training);
        List<string> all = [.. notes];
        if (output is ClassOutput classes) ClassWeights.NoteImbalance(classes, "image", all);
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{training.Hash} {validation.Hash} {test.Hash}")));
        return new(source, [learned, Dataset(validation).With(learned.Normalization), Dataset(test).With(learned.Normalization)],
            [training.Targets, validation.Targets, test.Targets], output, hash, all) { Columns = columns };
    }

    /// <summary>Images to measure a run's network on, in the form that it learned from: those of the test part, where there is one.</summary>
    public static Dataset ForTest(string path, ImagePreprocessing prepared, OutputMeaning output, TargetOptions targets, Action<TaskEvent> tell,
        CancellationToken cancel)
    {
        KnownTargets known = TargetMeaning.Known(output);
        var options = new ImageReadOptions { Size = new ImageSize(prepared.Input[0], prepared.Input[1]), Ink = prepared.Ink, Targets = targets };
        TestImages images = TestSource.Open(path, known, options, new Direct(p => tell(new Preparing("reading images", p.Done, p.Total))), cancel);
        ImageSet set = images.Set;
        int[] labels = set.Labels;
        List<string> notes = [.. images.Notes];
        int? present = null;
        if (known.Kind == TargetKind.Classes)
        {
            List<string> classes = [.. known.Names];
            int[] places = [.. set.Classes.Select(name => classes.IndexOf(name))]; // by name: the order may be another
            labels = Array.ConvertAll(set.Labels, label => places[label]);
            string[] missing = [.. known.Names.Where((_, i) => !labels.Contains(i))];
            if (missing.Length > 0) notes.Add($"no images of {Wording.Names(missing)}");
            present = classes.Count - missing.Length;
        }
        tell(new TestReady(path, images.Part, set.Count, "image", SizeText(set.Height, set.Width, set.Channels), notes) { Classes = present });
        ImageDataset data = new ImageDataset(Channels(set.Pixels, set.Channels, prepared.Input[2]), set.Height, set.Width, prepared.Input[2],
            labels, known.Names)
            .With(new Normalization(prepared.Mean, prepared.Deviation));
        return TargetImages.Of(data, set.Targets, output);
    }

    // As for a prediction: colours become grey for a network of grey, and grey is shown to one of colours with three equal channels.
    internal static byte[] Channels(byte[] values, int from, int to)
    {
        if (from == to) return values;
        var pixels = new byte[checked(values.Length / from * to)];
        if (to == 1)
        {
            ImageDecoder.ToGrey(values, pixels);
            return pixels;
        }
        for (int i = 0; i < values.Length; i++) pixels.AsSpan(i * to, to).Fill(values[i]);
        return pixels;
    }

    private static string SizeText(int height, int width, int channels) => $"{height}×{width} {(channels == 1 ? "grey" : "colour")}";

    private static ImageDataset Dataset(ImageSet set) => new(set.Pixels, set.Height, set.Width, set.Channels, set.Labels, set.Classes);

    private static ImageSet Part(ImageSet set, int[] indices)
    {
        int size = set.Height * set.Width * set.Channels;
        var pixels = new byte[(long)indices.Length * size];
        var labels = new int[indices.Length];
        for (int i = 0; i < indices.Length; i++)
        {
            set.Image(indices[i]).CopyTo(pixels.AsSpan(i * size));
            labels[i] = set.Labels[indices[i]];
        }
        return set.Targets is { } targets ? new(pixels, set.Height, set.Width, set.Channels, targets.Select(indices))
            : new(pixels, set.Height, set.Width, set.Channels, labels, set.Classes);
    }

    // Progress<T> would hand reports to the thread pool, out of order.
    private sealed class Direct(Action<ImageProgress> report) : IProgress<ImageProgress>
    {
        public void Report(ImageProgress value) => report(value);
    }
}
