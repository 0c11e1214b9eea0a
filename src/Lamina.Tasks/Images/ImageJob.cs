using Lamina.Formats;
using Lamina.Learning.Checkpoints;
using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Schedules;
using Lamina.Learning.Training;
using Lamina.Models;
using Lamina.Tasks.Runs;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Images;

/// <summary>One training run: data, network, trainer, and the folder that it all goes to.</summary>
/// <param name="folder">The run's folder.</param>
/// <param name="data">The images.</param>
/// <param name="augmentation">How training images are varied, for a person; null where there's nothing to say.</param>
/// <param name="tell">What happens, as it happens.</param>
internal sealed class ImageJob(RunFolder folder, ImageData data, string? augmentation, Action<TaskEvent> tell)
{
    private const int QuickBatches = 4, OverfitSteps = 50;
    private const double LearnedLoss = 0.1, LearnedAccuracy = 0.99;

    private readonly ImageSettings _settings = folder.Info.Settings;

    /// <summary>Trains, or goes on training, and measures the result.</summary>
    public ImageResult Run(bool resume, CancellationToken cancel)
    {
        ConvNet network = Build(folder.Info, out Summary summary);
        bool isOne = _settings.OverfitBatch; // only that batch is learned and measured
        tell(new DataReady(data.Source, isOne ? _settings.Batch : data.Training.Count, isOne ? 0 : data.Validation.Count, isOne ? 0 : data.Test.Count, data.Training.Classes, data.InputText, data.Notes) { Augmentation = augmentation });
        tell(new NetworkReady(network.ToString(), summary));
        network.Initialize((ulong)_settings.Seed);
        var trainer = new Trainer(network, new CrossEntropy(), ImageDefaults.Optimizer(_settings.Optimizer, _settings.LearningRate), Options(), [new Accuracy()]);
        if (resume)
        {
            bool found = trainer.Resume(out IReadOnlyList<string> skipped);
            // To begin anew would write over what may still be rescued.
            if (!found && skipped.Count > 0) throw new TaskException($"none of the checkpoints of {folder.Path} can be used\n  {string.Join("\n  ", skipped)}", "a copy of the run's folder from a backup, or a new run");
            foreach (string problem in skipped) tell(new Warned($"passed over a damaged file: {problem}"));
            if (!found) tell(new Warned("the run has no checkpoint yet; it begins anew"));
        }
        using var log = new EventLog(folder.Events);
        (DataLoader training, DataLoader validation, Dataset test) = Loaders();
        int steps = Math.Min(training.BatchCount, _settings.Quick ? QuickBatches : int.MaxValue);
        bool wasFinished = resume && trainer.Step >= (long)steps * _settings.Epochs && File.Exists(folder.Model);
        if (wasFinished) tell(new Remarked($"this run is finished: all of its {_settings.Epochs} epochs are done, and nothing is left to train"));
        Finished finished = Fit(trainer, training, validation, log, steps, cancel);
        if (finished.Reason == FinishReason.Interrupted) return new(finished.Epochs, finished.Seconds, null, folder.Path, null, WasInterrupted: true);
        if (!wasFinished || !TakeModel(network)) SafeTensors.Write(folder.Model, CheckpointStore.Values(network.Variables), new Dictionary<string, string> { ["format"] = "lamina", ["network"] = network.ToString(), ["task"] = ImageClassification.Name });
        TestReport report;
        try
        {
            report = ImageTest.Run(network, test, data.Test.Classes, _settings.Quick ? QuickBatches : null, cancel);
        }
        catch (OperationCanceledException)
        {
            return new(finished.Epochs, finished.Seconds, null, folder.Path, folder.Model, WasInterrupted: true);
        }
        log.Write(report);
        tell(isOne ? new Overfitted(report, report.Loss <= LearnedLoss && report.Accuracy >= LearnedAccuracy) : new Tested(report));
        return new(finished.Epochs, finished.Seconds, report, folder.Path, folder.Model, WasInterrupted: false);
    }

    private Finished Fit(Trainer trainer, DataLoader training, DataLoader validation, EventLog log, int steps, CancellationToken cancel)
    {
        try
        {
            return trainer.Fit(training, validation, e =>
            {
                log.Write(e, steps);
                tell(e is Noted note ? new Warned(note.Message) : new TrainingProgress(e));
            }, cancel);
        }
        catch (DivergedException e)
        {
            log.Write(e);
            throw;
        }
    }

    // The weights of a run that is finished stay as they are, even if those beside them were lost since.
    private bool TakeModel(ConvNet network)
    {
        try
        {
            CheckpointStore.Fill(network.Variables, SafeTensors.Read(folder.Model).Tensors, folder.Model);
            return true;
        }
        catch (Exception e) when (e is FileFormatException or CheckpointException or IOException or UnauthorizedAccessException)
        {
            tell(new Warned($"the finished network is damaged, and is written anew from the checkpoint: {e.Message}"));
            return false;
        }
    }

    /// <summary>The network of a run, its shapes known, its weights not yet.</summary>
    public static ConvNet Build(RunInfo info, out Summary summary)
    {
        try
        {
            var network = new ConvNet(info.Network);
            summary = Summary.Of(network, new Spec(DType.Float32, [.. info.Input]));
            return network;
        }
        catch (Exception e) when (e is ArgumentException or TensorException)
        {
            throw new TaskException($"the run's network can't be built: {e.Message}", "a copy of run.json as it was written");
        }
    }

    private TrainerOptions Options() => new()
    {
        Epochs = _settings.Epochs,
        Schedule = _settings.OverfitBatch ? new ConstantSchedule() : new OneCycle(),
        Seed = _settings.Seed,
        Monitor = "accuracy",
        ClipNorm = 5,
        Folder = folder.Path,
        BatchesPerEpoch = _settings.Quick ? QuickBatches : null,
        ValidationBatches = _settings.Quick ? QuickBatches : null,
        // In brief everything is tried, checkpoints most of all: one after every step.
        CheckpointEvery = _settings.Quick ? TimeSpan.Zero : TimeSpan.FromSeconds(30),
    };

    private (DataLoader Training, DataLoader Validation, Dataset Test) Loaders()
    {
        BatchOptions evaluation = BatchOptions.Evaluation with { Size = 256 };
        if (_settings.OverfitBatch)
        {
            // One batch, again and again, in an order that doesn't change; evenly spread, since the images of a class may stand together.
            int[] batch = [.. Enumerable.Range(0, _settings.Batch).Select(i => (int)((long)i * data.Training.Count / _settings.Batch))];
            var again = new Subset(data.Training, [.. Enumerable.Repeat(batch, OverfitSteps).SelectMany(b => b)]);
            Dataset once = data.Training.Select(batch);
            return (new DataLoader(again, new BatchOptions { Size = _settings.Batch, Shuffle = false }), new DataLoader(once, evaluation), once);
        }
        ImageDataset varied = data.Training.With(ImageDefaults.Augmentations[_settings.Augmentation]);
        return (new DataLoader(varied, BatchOptions.Training with { Size = _settings.Batch, Seed = _settings.Seed }), new DataLoader(data.Validation, evaluation), data.Test);
    }
}
