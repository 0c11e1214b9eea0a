using Lamina.Learning.Saving;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Images;

/// <summary>Classes and probabilities of image files, by a saved model of images. Any number of threads may use one.</summary>
public sealed class ImageFilePredictor
{
    private const int AtOnce = 64;

    private readonly Predictor _predictor;
    private readonly Shape _input;
    private readonly ImageReadOptions _options;

    /// <summary>Predicts by a predictor whose input are pixels 0 to 255, (batch, height, width, channels).</summary>
    /// <exception cref="ArgumentException">Its model takes something else, or its classes have no names.</exception>
    public ImageFilePredictor(Predictor predictor)
    {
        if (predictor.Info.Inputs is not [{ Shape: { Rank: 3 } shape } input] || shape[2] is not (1 or 3))
            throw new ArgumentException($"{predictor.Network} takes no images (height, width, 1 or 3 channels)", nameof(predictor));
        if (predictor.Classes.Count == 0) throw new ArgumentException($"{predictor.Network} has no names of classes", nameof(predictor));
        (_predictor, _input) = (predictor, shape);
        _options = new() { Ink = input.Preprocessing.OfType<DrawnImages>().FirstOrDefault()?.Style };
    }

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
    /// <param name="inputs">The images, of any size; of a folder all images in it at any depth; <c>-</c>: one image on standard input.</param>
    /// <param name="top">How many classes to give for each.</param>
    /// <param name="cancel">Stops between two groups of images.</param>
    /// <exception cref="DataException">An input can't be used at all; one bad image among others has an <see cref="Prediction.Error"/> instead.</exception>
    public PredictionList Predict(IReadOnlyList<string> inputs, int top = 5, CancellationToken cancel = default)
    {
        // What can't be used is refused here, not when the first prediction is asked for.
        IReadOnlyList<string> files = ImageFiles.Find(inputs, cancel);
        return new(files.Count, "image", files.Chunk(AtOnce).SelectMany(part =>
        {
            cancel.ThrowIfCancellationRequested();
            return Classify(Read(part, cancel), top);
        }));
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

    private IEnumerable<Prediction> Classify(IReadOnlyList<ImageRead> images, int top)
    {
        IReadOnlyList<string> classes = _predictor.Classes;
        ImageRead[] good = [.. images.Where(p => p.Pixels is not null)];
        float[] probabilities = [];
        if (good.Length > 0)
        {
            int size = _input.Count;
            Tensor pixels = Tensor.Create<byte>([good.Length, _input[0], _input[1], _input[2]], values =>
            {
                for (int i = 0; i < good.Length; i++) good[i].Pixels.CopyTo(values.Slice(i * size, size));
            });
            probabilities = _predictor.Predict(pixels).ToArray<float>();
            WeightCheck.RequireFinite(probabilities);
        }
        int row = 0;
        foreach (ImageRead image in images)
        {
            if (image.Pixels is null)
            {
                yield return new Prediction(image.File, [], image.Error);
                continue;
            }
            float[] own = probabilities[(row * classes.Count)..(++row * classes.Count)];
            yield return new Prediction(image.File,
                [.. own.Select((p, i) => new ClassProbability(classes[i], p)).OrderByDescending(c => c.Probability).Take(top)], null) { Note = image.Note };
        }
    }
}
