using Lamina.Formats;
using Lamina.Learning.Checkpoints;
using Lamina.Learning.Data;
using Lamina.Learning.Modules;
using Lamina.Learning.Training;
using Lamina.Models;
using Lamina.Tasks.Runs;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Images;

/// <summary>The image classification job: from images to a trained network in a run folder.</summary>
public static class ImageClassification
{
    private const int PredictAtOnce = 64;

    /// <summary>The job's name, as <c>--task</c> takes it.</summary>
    public const string Name = "images";

    /// <summary>Trains a network.</summary>
    /// <param name="options">How.</param>
    /// <param name="tell">What happens, as it happens; may be called from other threads while data is read.</param>
    /// <param name="cancel">Stops after the step in progress; a checkpoint is saved.</param>
    /// <exception cref="DataException">The data can't be used.</exception>
    /// <exception cref="TaskException">An option can't be used.</exception>
    /// <exception cref="Lamina.Learning.Training.DivergedException">The loss became NaN or infinite.</exception>
    /// <exception cref="SaveException">The run could not be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before training began.</exception>
    public static ImageResult Train(ImageOptions options, Action<TaskEvent> tell, CancellationToken cancel = default)
    {
        using RunClaim claim = options.Run is { } run ? RunClaim.New(run) : RunClaim.NewIn(RunFolder.Usual, Stem(options.Data));
        try
        {
            ImageData data = ImageData.Open(options.Data, options.Seed, options.Quick, tell, cancel);
            AugmentationChoice choice = AugmentationChoice.Of(options, ImageDefaults.Settings(options, data), data, tell, cancel);
            ImageDataset training = data.Training;
            RunFolder folder = RunFolder.Create(claim, new RunInfo
            {
                Task = Name,
                Version = RunFolder.Version,
                Created = DateTimeOffset.UtcNow,
                Data = options.Data is null ? null : Path.GetFullPath(options.Data),
                DataHash = data.Hash,
                Settings = choice.Settings,
                Network = ImageDefaults.Network(data),
                Classes = training.Classes,
                Input = [training.Height, training.Width, training.Channels],
                Mean = training.Normalization.Mean,
                Deviation = training.Normalization.Deviation,
                Ink = InkSurvey.Of(training),
            });
            return new ImageJob(folder, data, choice.Text, tell).Run(resume: false, cancel);
        }
        catch (Exception e)
        {
            claim.Abandon(keepStart: e is DivergedException);
            throw;
        }
    }

    /// <summary>Resumes a run where it stopped, with the results of a run that never stopped.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="tell">What happens, as it happens.</param>
    /// <param name="cancel">Stops after the step in progress; a checkpoint is saved.</param>
    /// <param name="learningRate">A lower learning rate for a run that diverged; it is the run's from then on. Null: the run's own.</param>
    /// <exception cref="TaskException">The folder is no run, its data has changed, or a learning rate is given to a run that has not diverged, or one that isn't lower.</exception>
    /// <exception cref="Lamina.Learning.Training.DivergedException">The loss became NaN or infinite, or had in this run and nothing was changed.</exception>
    public static ImageResult Resume(string run, Action<TaskEvent> tell, CancellationToken cancel = default, double? learningRate = null)
    {
        RunFolder folder = Open(run);
        using RunClaim claim = RunClaim.Existing(run);
        if (learningRate is { } rate) RequireSlower(folder, rate);
        ImageSettings settings = folder.Info.Settings;
        ImageData data = ImageData.Open(folder.Info.Data, settings.Seed, settings.Quick, tell, cancel);
        if (data.Hash != folder.Info.DataHash)
            throw new TaskException($"the images in {data.Source} are not those that {run} was trained on", "restore the data, or start a new run");
        if (learningRate is { } lower) folder = folder.With(folder.Info with { Settings = settings with { LearningRate = lower } });
        string? augmentation = folder.Info.Data is null && settings.Augmentation == "none" ? null : $"{AugmentationChoice.Describe(settings.Augmentation)}, as the run was begun";
        return new ImageJob(folder, data, augmentation, tell).Run(resume: true, cancel);
    }

    // A run that is fine ends in the bits of one that was never stopped; only one that can't go on as it is may be changed.
    private static void RequireSlower(RunFolder folder, double rate)
    {
        double before = folder.Info.Settings.LearningRate;
        if (!folder.HasDiverged) throw new TaskException($"{folder.Path} has not diverged, so it resumes with its learning rate, {before}", "no learning rate, or a new run");
        if (!(rate > 0) || rate >= before) throw new TaskException($"{folder.Path} diverged with a learning rate of {before}; {rate} is not lower", $"a lower one, such as {before / 10:G2}");
    }

    /// <summary>Classes and probabilities of images, by a run's network.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="files">The images, of any size; of a folder all images in it at any depth, as <see cref="ImageFiles.Find"/> lists them.</param>
    /// <param name="top">How many classes to give for each.</param>
    /// <param name="cancel">Stops between two groups of images; what was found before was given before.</param>
    /// <returns>The predictions in the order of the files, each group as it's done: only that group is held in memory.</returns>
    /// <exception cref="TaskException">The folder is no run, has no weights yet, or has weights that can't be used.</exception>
    /// <exception cref="FileFormatException">The weights can't be read.</exception>
    public static IEnumerable<Prediction> Predict(string run, IReadOnlyList<string> files, int top = 5, CancellationToken cancel = default)
    {
        (ConvNet network, RunInfo info) = Load(run);
        var normalization = new Normalization(info.Mean, info.Deviation);
        var options = new ImageReadOptions { Ink = info.Ink };
        // What can't be used is refused here, not when the first prediction is asked for.
        return ImageFiles.Find(files).Chunk(PredictAtOnce).SelectMany(part =>
        {
            cancel.ThrowIfCancellationRequested();
            return Classify(network, normalization, info, ImageReader.ReadFiles(part, info.Input[0], info.Input[1], info.Input[2], options, cancel), top);
        });
    }

    /// <summary>Measures a run's network on other images than it was trained on.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="data">A folder, zip or IDX files with images of the run's classes. Where it has a test part, that is taken; all of it otherwise.</param>
    /// <param name="tell">What happens, as it happens.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="TaskException">The folder is no run, has no weights yet, or the images are of other classes.</exception>
    /// <exception cref="DataException">The data can't be used.</exception>
    public static TestReport Test(string run, string data, Action<TaskEvent> tell, CancellationToken cancel = default)
    {
        (ConvNet network, RunInfo info) = Load(run);
        ImageDataset images = ImageData.ForTest(data, info, tell, cancel);
        TestReport report = ImageTest.Run(network, images, info.Classes, null, cancel);
        tell(new Tested(report));
        return report;
    }

    /// <summary>The name and the summary of a run's network.</summary>
    /// <exception cref="TaskException">The folder is no run.</exception>
    public static NetworkReady Summarize(string run)
    {
        ConvNet network = ImageJob.Build(Open(run).Info, out Summary summary);
        return new NetworkReady(network.ToString(), summary);
    }

    // What is named in run.json has to be known here.
    private static RunFolder Open(string run)
    {
        RunFolder folder = RunFolder.Open(run);
        RunInfo info = folder.Info;
        Require("task", info.Task, [Name]);
        Require("optimizer", info.Settings.Optimizer, ImageOptions.Optimizers);
        Require("augmentation", info.Settings.Augmentation, ImageDefaults.Augmentations.Keys);
        return folder;

        void Require(string kind, string name, IEnumerable<string> known)
        {
            if (!known.Contains(name))
                throw new TaskException($"{run}/run.json has the {kind} '{name}', which this version doesn't know: {string.Join(", ", known)}", "a newer Lamina, or a copy of run.json as it was written");
        }
    }

    // The network with its finished weights, or the best so far while it is still trained.
    private static (ConvNet Network, RunInfo Info) Load(string run)
    {
        RunFolder folder = Open(run);
        ConvNet network = ImageJob.Build(folder.Info, out _);
        string weights = File.Exists(folder.Model) ? folder.Model : folder.Best;
        if (!File.Exists(weights)) throw new TaskException($"{run} has no trained weights yet", $"lamina train --resume {ShellPath.Quote(run)}");
        CheckpointStore.Fill(network.Variables, SafeTensors.Read(weights).Tensors, weights);
        WeightCheck.Require(network, weights);
        return (network, folder.Info);
    }

    private static IEnumerable<Prediction> Classify(ConvNet network, Normalization normalization, RunInfo info, IReadOnlyList<ImageRead> images, int top)
    {
        ImageRead[] good = [.. images.Where(p => p.Pixels is not null)];
        int size = info.Input[0] * info.Input[1] * info.Input[2];
        float[] probabilities = [];
        if (good.Length > 0)
        {
            Tensor inputs = Tensor.Create<float>([good.Length, .. info.Input], values =>
            {
                for (int i = 0; i < good.Length; i++) normalization.Apply(good[i].Pixels, values.Slice(i * size, size));
            });
            using (Gradient.Pause())
            {
                Tensor logits = network.Forward(inputs);
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
            float[] own = probabilities[(row * info.Classes.Count)..(++row * info.Classes.Count)];
            yield return new Prediction(image.File,
                [.. own.Select((p, i) => new ClassProbability(info.Classes[i], p)).OrderByDescending(c => c.Probability).Take(top)], null) { Note = image.Note };
        }
    }

    // A short name for the run's folder from the data's: letters and digits only.
    private static string Stem(string? data)
    {
        string name = data is null ? "digits" : Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(data));
        string clean = new([.. name.Where(char.IsAsciiLetterOrDigit).Take(24)]);
        return clean.Length > 0 ? clean.ToLowerInvariant() : Name;
    }
}
