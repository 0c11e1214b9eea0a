using Lamina.Learning.Saving;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Images;

/// <summary>Classes, labels or numbers of image files, by a saved model of images. Any number of threads may use one.</summary>
public sealed class ImageFilePredictor
{
    private const int AtOnce = 64;

    private readonly Predictor _predictor;
    private readonly Shape _input;
    private readonly ImageReadOptions _options;
    private readonly Learning.Saving.OutputMeaning _meaning;

    /// <summary>Predicts by a predictor whose input are pixels 0 to 255, (batch, height, width, channels).</summary>
    /// <exception cref="ArgumentException">Its model takes something else, or its classes have no names.</exception>
    public ImageFilePredictor(Predictor predictor)
    {
        if (predictor.Info.Inputs is not [{ Shape: { Rank: 3 } shape } input] || shape[2] is not (1 or 3))
            throw new ArgumentException($"{predictor.Network} takes no images (height, width, 1 or 3 channels)", nameof(predictor));
        _meaning = predictor.Info.Outputs is [{ Meaning: ClassLabels or IndependentLabels or Quantities }, ..] ? predictor.Info.Outputs[0].Meaning!
            : throw new ArgumentException($"{predictor.Network} has no names of classes", nameof(predictor));
        (_predictor, _input) = (predictor, shape);
        _options = new() { Ink = input.Preprocessing.OfType<DrawnImages>().FirstOrDefault()?.Style };
    }

    /// <summary>What a run knows of its output beyond the model: the intervals of numbers.</summary>
    internal OutputMeaning? Output { get; init; }

    /// <summary>The column of tables that names images; null: found.</summary>
    internal string? ImageColumn { get; init; }

    /// <summary>Opens a model that was trained on images.</summary>
    /// <param name="path">A run's folder, or a <c>.safetensors</c> file.</param>
    /// <exception cref="Formats.FileFormatException">The file can't be read, or doesn't say what its network is made of.</exception>
    /// <exception cref="TaskException">There is none, its weights can't be used, or it is no model of images.</exception>
    public static ImageFilePredictor Load(string path)
    {
        string file = Directory.Exists(path) ? RunFolder.Open(path).Model : path;
        Predictor predictor = Predictor.Load(file);
        WeightCheck.Require(predictor.Network, file);
        try
        {
            return new(predictor);
        }
        catch (ArgumentException e)
        {
            throw new TaskException($"{file} is no model of images: {e.Message}", "a model that the task images trained");
        }
    }

    /// <summary>The predictions in the order of the files, each group as it's done: only that group is held in memory.</summary>
    /// <param name="inputs">The images, of any size; of a folder all images in it at any depth, of an .npz file those of its test part, of a table
    /// those that it names; <c>-</c>: one image on standard input.</param>
    /// <param name="top">How many classes to give for each.</param>
    /// <param name="cancel">Stops between two groups of images.</param>
    /// <exception cref="DataException">An input can't be used at all; one bad image among others has an <see cref="Prediction.Error"/> instead.</exception>
    public PredictionList Predict(IReadOnlyList<string> inputs, int top = 5, CancellationToken cancel = default)
    {
        // What can't be used is refused here, not when the first prediction is asked for.
        var parts = new List<(int Count, IEnumerable<IReadOnlyList<Item>> Groups)>();
        var files = new List<string>();
        foreach (string input in inputs)
        {
            if (ImageSource.IsArrays(input))
            {
                AddFiles();
                parts.Add(OfArrays(input, cancel));
            }
            else if (ImageSource.IsTable(input)) files.AddRange(ImageTableReader.FilesIn(input, ImageColumn, cancel));
            else files.AddRange(ImageFiles.Find([input], cancel));
        }
        AddFiles();
        return new(parts.Sum(p => p.Count), "image", parts.SelectMany(p => p.Groups).SelectMany(group =>
        {
            cancel.ThrowIfCancellationRequested();
            return Answer(group, top);
        }));

        void AddFiles()
        {
            if (files.Count == 0) return;
            string[] some = [.. files];
            parts.Add((some.Length, some.Chunk(AtOnce).Select(chunk =>
                (IReadOnlyList<Item>)[.. Read(chunk, cancel).Select(image => new Item(image, null))])));
            files.Clear();
        }
    }

    /// <summary>An image to predict.</summary>
    /// <param name="Image">The image, or why it can't be read.</param>
    /// <param name="Row">Its number in an array, from 1; null for a file.</param>
    private readonly record struct Item(ImageRead Image, int? Row);

    private (int Count, IEnumerable<IReadOnlyList<Item>> Groups) OfArrays(string path, CancellationToken cancel)
    {
        (byte[] values, int count, int channels, _) = ArrayReader.ReadImages(path, _options with { Size = new(_input[0], _input[1]) }, cancel);
        byte[] pixels = ImageData.Channels(values, channels, _input[2]);
        int size = _input.Count;
        return (count, Enumerable.Range(0, count).Chunk(AtOnce).Select(chunk =>
            (IReadOnlyList<Item>)[.. chunk.Select(i => new Item(new ImageRead(path, pixels[(i * size)..((i + 1) * size)], null), i + 1))]));
    }

    private IReadOnlyList<ImageRead> Read(string[] files, CancellationToken cancel)
    {
        int standard = Array.IndexOf(files, "-");
        if (standard < 0 || File.Exists("-")) return ImageReader.ReadFiles(files, _input[0], _input[1], _input[2], _options, cancel);
        string copy = Path.GetTempFileName();
        try
        {
            using (FileStream file = File.Create(copy)) CopyStandardInput(file, _options.MaximumFileBytes);
            string[] paths = [.. files];
            paths[standard] = copy;
            ImageRead[] images = [.. ImageReader.ReadFiles(paths, _input[0], _input[1], _input[2], _options, cancel)];
            images[standard] = images[standard] with { File = "-" };
            return images;
        }
        finally
        {
            File.Delete(copy);
        }
    }

    // One byte more than may be is enough for the reader to refuse it.
    private static void CopyStandardInput(FileStream file, int most)
    {
        using Stream input = Console.OpenStandardInput();
        var buffer = new byte[1 << 16];
        for (long left = most + 1L; left > 0;)
        {
            int read = input.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
            if (read == 0) return;
            file.Write(buffer, 0, read);
            left -= read;
        }
    }

    private IEnumerable<Prediction> Answer(IReadOnlyList<Item> items, int top)
    {
        byte[][] good = [.. items.Select(i => i.Image.Pixels).OfType<byte[]>()];
        float[] answers = [];
        if (good.Length > 0)
        {
            int size = _input.Count;
            Tensor pixels = Tensor.Create<byte>([good.Length, _input[0], _input[1], _input[2]], values =>
            {
                for (int i = 0; i < good.Length; i++) good[i].CopyTo(values.Slice(i * size, size));
            });
            answers = _predictor.Predict(pixels).ToArray<float>();
            WeightCheck.RequireFinite(answers);
        }
        int at = 0, width = good.Length == 0 ? 0 : answers.Length / good.Length;
        foreach ((ImageRead image, int? row) in items)
        {
            if (image.Pixels is null)
            {
                yield return new Prediction(image.File, [], image.Error) { Row = row };
                continue;
            }
            yield return Of(image.File, answers[at..(at += width)], top) with { Note = image.Note, Row = row };
        }
    }

    private Prediction Of(string file, float[] answer, int top)
    {
        ClassProbability[] Best(IReadOnlyList<string> names) =>
            [.. answer.Select((p, i) => new ClassProbability(names[i], p)).OrderByDescending(c => c.Probability).Take(top)];
        return _meaning switch
        {
            ClassLabels classes => new(file, Best(classes.Names), null),
            IndependentLabels labels => new(file, Best(labels.Names), null) { Labels = [.. labels.Names.Where((_, i) => answer[i] > 0.5f)] },
            _ => new(file, [], null) { Numbers =
                [.. ((Quantities)_meaning).Names.Select((name, i) => KeyValuePair.Create(name, (double)answer[i]))], Intervals = Intervals(answer) },
        };
    }

    private IReadOnlyList<KeyValuePair<string, Interval>> Intervals(float[] answer)
    {
        IReadOnlyList<NumberOutput> numbers = Output switch { NumberOutput one => [one], NumbersOutput several => several.Numbers, _ => [] };
        return [.. numbers.Select((n, i) => (n, i)).Where(p => p.n.Interval is not null)
            .Select(p => KeyValuePair.Create(p.n.Name, new Interval(answer[p.i] - p.n.Interval!.Value, answer[p.i] + p.n.Interval!.Value)))];
    }
}
