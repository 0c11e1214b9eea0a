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

/// <summary>The image classification job: from pictures to a trained network in a run folder.</summary>
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
            ImageSettings settings = ImageDefaults.Settings(options, data);
            PictureDataset training = data.Training;
            RunFolder folder = RunFolder.Create(claim, new RunInfo
            {
                Task = Name,
                Version = RunFolder.Version,
                Created = DateTimeOffset.UtcNow,
                Data = options.Data is null ? null : Path.GetFullPath(options.Data),
                DataHash = data.Hash,
                Settings = settings,
                Network = ImageDefaults.Network(data),
                Classes = training.Classes,
                Input = [training.Height, training.Width, training.Channels],
                Mean = training.Normalization.Mean,
                Deviation = training.Normalization.Deviation,
            });
            return new ImageJob(folder, data, tell).Run(resume: false, cancel);
        }
        catch (Exception e)
        {
            claim.Abandon(keepStart: e is DivergedException);
            throw;
        }
    }

    /// <summary>Goes on with a run where it stopped, to the same bits as if it hadn't.</summary>
    /// <exception cref="TaskException">The folder is no run, or its data has changed.</exception>
    public static ImageResult Resume(string run, Action<TaskEvent> tell, CancellationToken cancel = default)
    {
        RunFolder folder = Open(run);
        using RunClaim claim = RunClaim.Existing(run);
        ImageSettings settings = folder.Info.Settings;
        ImageData data = ImageData.Open(folder.Info.Data, settings.Seed, settings.Quick, tell, cancel);
        if (data.Hash != folder.Info.DataHash)
            throw new TaskException($"the pictures in {data.Source} are not those that {run} was trained on", "the data as it was, or a new run");
        return new ImageJob(folder, data, tell).Run(resume: true, cancel);
    }

    /// <summary>Classes and probabilities of pictures, by a run's network.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="files">The pictures, of any size.</param>
    /// <param name="top">How many classes to give for each.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="TaskException">The folder is no run, or has no weights yet.</exception>
    /// <exception cref="FileFormatException">The weights can't be read.</exception>
    public static IReadOnlyList<Prediction> Predict(string run, IReadOnlyList<string> files, int top = 5, CancellationToken cancel = default)
    {
        (ConvNet network, RunInfo info) = Load(run);
        var normalization = new Normalization(info.Mean, info.Deviation);
        var predictions = new List<Prediction>(files.Count);
        foreach (string[] part in files.Chunk(PredictAtOnce))
            predictions.AddRange(Classify(network, normalization, info, PictureReader.ReadFiles(part, info.Input[0], info.Input[1], info.Input[2], null, cancel), top));
        return predictions;
    }

    /// <summary>Measures a run's network on other pictures than it was trained on.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="data">A folder, zip or IDX files with pictures of the run's classes. Where it has a test part, that is taken; all of it otherwise.</param>
    /// <param name="tell">What happens, as it happens.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="TaskException">The folder is no run, has no weights yet, or the pictures are of other classes.</exception>
    /// <exception cref="DataException">The data can't be used.</exception>
    public static TestReport Test(string run, string data, Action<TaskEvent> tell, CancellationToken cancel = default)
    {
        (ConvNet network, RunInfo info) = Load(run);
        PictureDataset pictures = ImageData.ForTest(data, info, tell, cancel);
        TestReport report = ImageTest.Run(network, pictures, info.Classes, null, cancel);
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
        return (network, folder.Info);
    }

    private static IEnumerable<Prediction> Classify(ConvNet network, Normalization normalization, RunInfo info, IReadOnlyList<PictureRead> pictures, int top)
    {
        PictureRead[] good = [.. pictures.Where(p => p.Pixels is not null)];
        int size = info.Input[0] * info.Input[1] * info.Input[2];
        float[] probabilities = [];
        if (good.Length > 0)
        {
            Tensor inputs = Tensor.Create<float>([good.Length, .. info.Input], values =>
            {
                for (int i = 0; i < good.Length; i++) normalization.Apply(good[i].Pixels, values.Slice(i * size, size));
            });
            using (Gradient.Pause()) probabilities = Tensors.Ops.TensorOps.Softmax(network.Forward(inputs)).ToArray<float>();
        }
        int row = 0;
        foreach (PictureRead picture in pictures)
        {
            if (picture.Pixels is null)
            {
                yield return new Prediction(picture.File, [], picture.Error);
                continue;
            }
            float[] own = probabilities[(row * info.Classes.Count)..(++row * info.Classes.Count)];
            yield return new Prediction(picture.File,
                [.. own.Select((p, i) => new ClassProbability(info.Classes[i], p)).OrderByDescending(c => c.Probability).Take(top)], null);
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
