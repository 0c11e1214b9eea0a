using Lamina.Learning.Data;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;

namespace Lamina.Tasks.Images;

/// <summary>Classes and probabilities of images.</summary>
internal static class ImagePredictor
{
    private const int AtOnce = 64;

    /// <summary>The predictions in the order of the files, each group as it's done: only that group is held in memory.</summary>
    /// <param name="model">The network.</param>
    /// <param name="inputs">The images, of any size; of a folder all images in it at any depth; <c>-</c>: one image on standard input.</param>
    /// <param name="top">How many classes to give for each.</param>
    /// <param name="cancel">Stops between two groups of images.</param>
    public static PredictionList Predict(TaskModel model, IReadOnlyList<string> inputs, int top, CancellationToken cancel)
    {
        ImagePreprocessing prepared = ImagePreprocessing.Of(model.Run.Preprocessing);
        // What can't be used is refused here, not when the first prediction is asked for.
        IReadOnlyList<string> files = ImageFiles.Find(inputs, cancel);
        return new(files.Count, "image", files.Chunk(AtOnce).SelectMany(part =>
        {
            cancel.ThrowIfCancellationRequested();
            return Classify(model, prepared, Read(part, prepared, cancel), top);
        }));
    }

    private static IReadOnlyList<ImageRead> Read(string[] files, ImagePreprocessing prepared, CancellationToken cancel)
    {
        var options = new ImageReadOptions { Ink = prepared.Ink };
        int standard = Array.IndexOf(files, "-");
        if (standard < 0 || File.Exists("-")) return ImageReader.ReadFiles(files, prepared.Input[0], prepared.Input[1], prepared.Input[2], options, cancel);
        string copy = Path.GetTempFileName();
        try
        {
            using (FileStream file = File.Create(copy)) CopyStandardInput(file, options.MaximumFileBytes);
            string[] paths = [.. files];
            paths[standard] = copy;
            ImageRead[] images = [.. ImageReader.ReadFiles(paths, prepared.Input[0], prepared.Input[1], prepared.Input[2], options, cancel)];
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

    private static IEnumerable<Prediction> Classify(TaskModel model, ImagePreprocessing prepared, IReadOnlyList<ImageRead> images, int top)
    {
        IReadOnlyList<string> classes = ImageTask.ClassesOf(model.Run);
        var normalization = new Normalization(prepared.Mean, prepared.Deviation);
        ImageRead[] good = [.. images.Where(p => p.Pixels is not null)];
        int size = prepared.Input[0] * prepared.Input[1] * prepared.Input[2];
        float[] probabilities = [];
        if (good.Length > 0)
        {
            Tensor inputs = Tensor.Create<float>([good.Length, .. prepared.Input], values =>
            {
                for (int i = 0; i < good.Length; i++) normalization.Apply(good[i].Pixels, values.Slice(i * size, size));
            });
            using (Gradient.Pause())
            {
                Tensor logits = model.Network.Forward([inputs])[0];
                WeightCheck.RequireFinite(logits.Read<float>());
                probabilities = Tensors.Ops.TensorOps.Softmax(logits).ToArray<float>();
            }
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
