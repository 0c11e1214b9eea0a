using Lamina.Formats;
using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Saving;
using Lamina.Learning.Schedules;
using Lamina.Learning.Training;
using Lamina.Models;
using Lamina.Tasks.Images;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Drawing;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>What images are compared by: some numbers for each, and the class that it is taken for where there are classes.</summary>
internal abstract class ImageFeatures
{
    /// <summary>Numbers of an image.</summary>
    public abstract int Width { get; }

    /// <summary>The features of images, (count, width) row by row, and the class that each is taken for; null where there are no classes.</summary>
    public abstract (float[] Features, int[]? Classes) Of(IReadOnlyList<ImageSample> images, CancellationToken cancel);
}

/// <summary>Means over parts of the image, at most 8×8 of them: for images without classes.</summary>
/// <param name="height">Rows of an image.</param>
/// <param name="width">Columns of an image.</param>
/// <param name="channels">Values of a pixel.</param>
internal sealed class PixelFeatures(int height, int width, int channels) : ImageFeatures
{
    private const int MostSide = 8;
    private readonly ImageSize _size = new(Math.Min(MostSide, height), Math.Min(MostSide, width));

    public override int Width => (int)_size.Area * channels;

    public override (float[] Features, int[]? Classes) Of(IReadOnlyList<ImageSample> images, CancellationToken cancel)
    {
        var features = new float[images.Count * Width];
        var small = new byte[Width];
        for (int i = 0; i < images.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            ImageResizer.Resize(images[i].Pixels, new(height, width), small, _size, channels);
            for (int p = 0; p < small.Length; p++) features[i * Width + p] = small[p] / 255f;
        }
        return (features, null);
    }
}

/// <summary>
/// A classifier of the run's own training images, the usual network of the task images: its last hidden layer are the features, its answer is
/// the class that an
/// image is taken for. It lies beside the run, in <c>judge.safetensors</c>.
/// </summary>
internal sealed class ClassifierFeatures : ImageFeatures
{
    public const string File = "judge.safetensors";

    private const int ImagesToSee = 180_000, FewestEpochs = 3, MostEpochs = 40, AtOnce = 250;

    private readonly ConvNet _network;
    private readonly Preprocessing _prepare;
    private readonly Plan _plan;
    private int _width;

    private ClassifierFeatures(ConvNet network, Preprocessing prepare)
    {
        (_network, _prepare) = (network, prepare);
        _plan = new Plan(Look);
        _width = network.Options.Hidden > 0 ? network.Options.Hidden : network.Options.Widths[^1];
    }

    public override int Width => _width;

    /// <summary>The classifier of a run: the one that lies beside it, or a new one; null where there is none and nothing to train one on.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="images">The training images; null: none.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="isQuick">Whether a few batches are enough.</param>
    /// <param name="context">Is told how far it is; cancelled, it stops.</param>
    public static ClassifierFeatures? Open(string folder, ImageDataset? images, int classes, bool isQuick, TaskContext context)
    {
        string file = Path.Combine(folder, File);
        if (Saved(file, classes) is { } saved) return saved;
        if (images is null) return null;
        int batch = Math.Clamp(images.Count / 8, 2, 64), epochs = isQuick ? 1 : Math.Clamp(ImagesToSee / images.Count, FewestEpochs, MostEpochs);
        var network = (ConvNet)ImageModels.Build(ImageModels.Describe(ImageModels.ConvNet, images.Height, images.Width, images.Channels, classes));
        ImageDataset learned = images.With(Normalization.Of(images, [.. Enumerable.Range(0, images.Count)]));
        var options = new TrainerOptions { Epochs = epochs, Schedule = new OneCycle(), Seed = 1 };
        var trainer = new Trainer(network, new CrossEntropy(), new AdamW(3e-3), options);
        var loader = new DataLoader(learned, BatchOptions.Training with { Size = batch, Seed = 1 });
        Finished finished;
        try
        {
            finished = trainer.Fit(loader, null, e =>
            {
                if (e is StepDone step) context.Tell(new Preparing("training a classifier to judge by", (int)step.Step, loader.BatchCount * epochs));
            }, context.Cancel);
        }
        catch (DivergedException e)
        {
            context.Tell(new Warned($"the classifier to judge by can't be trained on these images: {e.Message.Split('\n')[0]}"));
            return null;
        }
        if (finished.Reason == FinishReason.Interrupted) throw new OperationCanceledException(context.Cancel);
        var prepare = new NormalizePixels(learned.Normalization);
        try
        {
            Model.Save(file, network, ModelInfo.Of([prepare], new ClassLabels(learned.Classes), "images"));
        }
        catch (SaveException e)
        {
            context.Tell(new Warned($"the classifier that judges what is drawn can't be saved: {e.Message}"));
        }
        return new(network, prepare);
    }

    public override (float[] Features, int[]? Classes) Of(IReadOnlyList<ImageSample> images, CancellationToken cancel)
    {
        var features = new float[images.Count * Width];
        var classes = new int[images.Count];
        for (int first = 0; first < images.Count; first += AtOnce)
        {
            cancel.ThrowIfCancellationRequested();
            ImageSample[] some = [.. images.Skip(first).Take(AtOnce)];
            Tensor pixels = Tensor.From((byte[])[.. some.SelectMany(i => i.Pixels)],
                new Shape(some.Length, some[0].Height, some[0].Width, some[0].Channels));
            Tensors seen = _plan.Run(pixels);
            seen[0].Read<float>().CopyTo(features.AsSpan(first * Width));
            ReadOnlySpan<float> logits = seen[1].Read<float>();
            int kinds = _network.Options.Classes;
            for (int i = 0; i < some.Length; i++)
                classes[first + i] = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(logits.Slice(i * kinds, kinds));
        }
        return (features, classes);
    }

    private Tensors Look(Tensors x)
    {
        using Gradient.PauseScope pause = Gradient.Pause();
        Tensor y = _prepare.Apply(x[0]);
        foreach (ConvStage stage in _network.Stages) y = stage.Forward(y, Pass.Evaluation);
        for (int i = 0; i + 1 < _network.Head.Count; i++) y = _network.Head[i].Forward(y, Pass.Evaluation);
        return [y, _network.Head[^1].Forward(y, Pass.Evaluation)];
    }

    // Whoever changed the file gets a new one.
    private static ClassifierFeatures? Saved(string file, int classes)
    {
        if (!System.IO.File.Exists(file)) return null;
        try
        {
            SavedNetwork saved = Model.Open(file);
            return saved is { Network: ConvNet { Options.Classes: var own } network, Info.Inputs: [{ Preprocessing: [var prepare] }] } && own == classes
                ? new(network, prepare) : null;
        }
        catch (FileFormatException)
        {
            return null;
        }
    }
}
