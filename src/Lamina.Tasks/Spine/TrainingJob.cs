using System.Text.Json;
using Lamina.Formats;
using Lamina.Learning.Checkpoints;
using Lamina.Learning.Data;
using Lamina.Learning.Modules;
using Lamina.Learning.Saving;
using Lamina.Learning.Schedules;
using Lamina.Learning.Training;
using Lamina.Tasks.Reports;
using Lamina.Tasks.Runs;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Spine;

/// <summary>One training run: data, network, trainer, and the folder that it all goes to.</summary>
/// <param name="task">The task.</param>
/// <param name="folder">The run's folder.</param>
/// <param name="data">The data.</param>
/// <param name="context">What happens, as it happens.</param>
/// <param name="tasks">All tasks, for a run that this one starts from.</param>
internal sealed class TrainingJob(LearningTask task, RunFolder folder, TaskData data, TaskContext context, TaskRegistry tasks)
{
    private const int QuickBatches = 4, OverfitSteps = 50;
    private const double LearnedLoss = 0.1, LearnedAccuracy = 0.99, ClipNorm = 5;

    private readonly TrainingSettings _settings = folder.Info.Settings;

    /// <summary>Trains, or goes on training, and measures the result.</summary>
    public TaskResult Run(bool resume)
    {
        Action<TaskEvent> tell = context.Tell;
        bool isOne = _settings.OverfitBatch; // only that batch is learned and measured
        (Network network, DataReady ready, NetworkReady made) = Begin(task, folder.Info, data, tell, tasks);
        var trainer = new Trainer(task.CreateObjective(network, folder.Info), task.CreateOptimizer(folder.Info), Options(), task.CreateMetrics(folder.Info));
        if (resume) Resume(trainer);
        using var log = new EventLog(folder.Events);
        (DataLoader training, DataLoader validation, Dataset test) = Loaders();
        int steps = Math.Min(training.BatchCount, _settings.Quick ? QuickBatches : int.MaxValue);
        bool wasFinished = resume && trainer.Step > 0 && File.Exists(folder.Model);
        if (wasFinished) tell(new Remarked(trainer.Step >= (long)steps * _settings.Epochs
            ? $"this run is finished: all of its {_settings.Epochs} epochs are done, and nothing is left to train"
            : "this run is finished: it stopped before its last epoch, and nothing is left to train"));
        Finished finished = Fit(network, trainer, training, validation, log, steps);
        TaskResult result = new(task.Name, finished.Epochs, finished.Seconds, null, folder.Path, null, WasInterrupted: true)
        {
            Step = finished.Steps,
            Next = task.NextCommand(ShellPath.Quote(folder.Path)),
        };
        string? Page(TestReport? report) => WriteReport(ready, made, finished, report, wasFinished);
        if (finished.Reason == FinishReason.Interrupted) return result with { Report = Page(null) };
        if (!wasFinished && !_settings.Quick && !isOne) MeasureOutput(network);
        if (!wasFinished || !TakeModel(network)) WriteModel(network);
        try
        {
            TestReport report = Measure(task, network, test, folder.Info, _settings.Quick ? QuickBatches : null, context.Cancel)
                with { Part = isOne ? null : data.TestPart };
            report = task.Complete(report, new(folder.Info, network, test, folder.Path), context);
            log.Write(report);
            tell(isOne ? new Overfitted(report, IsLearned(report)) : new Tested(report));
            return result with { Test = report, Model = folder.Model, Report = Page(report), WasInterrupted = false };
        }
        catch (OperationCanceledException)
        {
            return result with { Model = folder.Model };
        }
    }

    /// <summary>A run's data and network as it begins, and tells of both: its weights are drawn, or those of the run that it starts from.</summary>
    /// <exception cref="TaskException">The network can't be built, or the other run's weights don't fit.</exception>
    public static (Network Network, DataReady Data, NetworkReady Made) Begin(LearningTask task, RunInfo info, TaskData data, Action<TaskEvent> tell,
        TaskRegistry tasks)
    {
        Network network = Build(task, info, out Summary summary);
        bool isOne = info.Settings.OverfitBatch;
        var ready = new DataReady(data.Source, isOne ? info.Settings.Batch : data.Training.Count, isOne ? 0 : data.Validation.Count, isOne ? 0
            : data.Test.Count, info.Output, data.Input, data.Notes) { Facts = data.Facts };
        tell(ready);
        var made = new NetworkReady(network.ToString(), summary);
        tell(made);
        network.Initialize((ulong)info.Settings.Seed);
        task.Prepare(network, data.Training);
        if (info.From is { } from) StartFrom(task, network, info, from, tell, tasks);
        RequireFreezable(network, info.Settings);
        return (network, ready, made);
    }

    // Before anything is trained.
    private static void RequireFreezable(Network network, TrainingSettings settings)
    {
        try
        {
            CommonOptions.FreezingOf(settings)?.FrozenOf(network);
        }
        catch (ArgumentException e)
        {
            throw new TaskException($"--{CommonOptions.Freeze} {settings.Freeze}: {e.Message}", "fewer layers, or other paths");
        }
    }

    /// <summary>The network of a run, its shapes known, its weights not yet.</summary>
    /// <exception cref="TaskException">It can't be built.</exception>
    public static Network Build(LearningTask task, RunInfo info, out Summary summary)
    {
        try
        {
            Network network = task.Build(info.Network);
            summary = Summary.Of(network, task.Inputs(info));
            return network;
        }
        catch (Exception e) when (e is ArgumentException or TensorException or JsonException)
        {
            throw new TaskException($"the run's network can't be built: {e.Message}", "a copy of run.json as it was written");
        }
    }

    /// <summary>The steps of a run, as its trainer makes them.</summary>
    public static StepOptions CreateStepOptions(TrainingSettings settings) => new() { Seed = settings.Seed, ClipNorm = ClipNorm, MeasureNorm = true };

    /// <summary>Measures a network on examples that it did not learn from.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="TaskException">The network gives NaN or infinity.</exception>
    public static TestReport Measure(LearningTask task, Network network, Dataset test, RunInfo run, int? batches, CancellationToken cancel)
    {
        Tally tally = task.CreateTally(run, network, test, (int)Math.Min(test.Count, (batches ?? int.MaxValue) * (long)task.EvaluationBatch));
        var loader = new DataLoader(test, BatchOptions.Evaluation with { Size = task.EvaluationBatch });
        Scores scores = new Evaluator(task.CreateObjective(network, run))
            .Run(loader, [], batches, (batch, predictions) => tally.Add(batch, predictions[0]), cancel);
        TestReport report = tally.Report(scores.Loss, index => task.Show(test, index));
        return task.Baseline(run, test, cancel) is { } baseline ? report with { Baseline = baseline } : report;
    }

    private static bool IsLearned(TestReport report) =>
        report["loss"] <= LearnedLoss && report.Figures.Find("accuracy") is not { Value: < LearnedAccuracy };

    private void Resume(Trainer trainer)
    {
        bool found = trainer.Resume(out IReadOnlyList<string> skipped);
        // To begin anew would write over what may still be rescued.
        if (!found && skipped.Count > 0)
            throw new TaskException($"none of the checkpoints of {folder.Path} can be used\n  {string.Join("\n  ", skipped)}",
                "a copy of the run's folder from a backup, or a new run");
        foreach (string problem in skipped) context.Tell(new Warned($"passed over a damaged file: {problem}"));
        if (!found) context.Tell(new Warned("the run has no checkpoint yet; it begins anew"));
    }

    // Weights of the same path and shape; a head for other classes is drawn anew, also where there are as many.
    private static void StartFrom(LearningTask task, Network network, RunInfo info, string from, Action<TaskEvent> tell, TaskRegistry tasks)
    {
        (LearningTask other, RunFolder run) = TaskRunner.OpenFolder(from, tasks);
        string weights = run.Weights;
        if (other.Name != task.Name) throw new TaskException($"{from} is a run of the task {other.Name}, this one is of {task.Name}", "a run of the same task");
        IReadOnlyDictionary<string, Tensor> values = SafeTensors.Read(weights).Tensors;
        bool isOther = info.Output is ClassOutput now && run.Info.Output is ClassOutput before && !now.Names.SequenceEqual(before.Names);
        string[] head = isOther ? [.. Freezing.HeadOf(network).SelectMany(l => l.Paths)] : [];
        var drawn = new List<string>();
        bool fits = false; // a bias alone fits by chance, be it one of each member of an ensemble
        foreach ((string path, Variable variable) in network.Variables)
        {
            if (values.TryGetValue(path, out Tensor? value) && value.Spec == variable.Spec && !head.Contains(path))
                (variable.Value, fits) = (value, fits || value.Rank >= 2
                && !path.EndsWith("bias", StringComparison.Ordinal));
            else drawn.Add(path);
        }
        if (!fits) throw new TaskException($"no weights of {from} fit this network: it has none of the same name and shape", "a run on data of the same kind");
        WeightCheck.Require(network, weights);
        string[] left = [.. values.Keys.Except(network.Variables.Select(v => v.Path))];
        tell(new Remarked($"starts from the weights of {from}{(drawn.Count == 0 ? "" : $"; drawn anew: {Wording.Names(drawn)}")}"
            + (left.Length == 0 ? "" : $"; not in this network, and left out: {Wording.Names(left)}")));
    }

    private Finished Fit(Network network, Trainer trainer, DataLoader training, DataLoader validation, EventLog log, int steps)
    {
        try
        {
            return trainer.Fit(training, validation, e =>
            {
                log.Write(e, steps);
                context.Tell(e is Noted note ? new Warned(note.Message) : new TrainingProgress(e));
                if (e is EpochDone done) Illustrate(network, done, log);
            }, context.Cancel);
        }
        catch (DivergedException e)
        {
            log.Write(e);
            throw;
        }
    }

    private void Illustrate(Network network, EpochDone done, EventLog log)
    {
        if (_settings.NoSamples || _settings.OverfitBatch
            || task.Illustrate(new(folder.Info, network, task.Describe(folder.Info)), done.Epoch) is not { } sample) return;
        var illustrated = new Illustrated(done.Epoch, sample);
        log.Write(illustrated);
        context.Tell(illustrated);
    }

    // Before the model is written, so that a run that is killed in between measures again.
    private void MeasureOutput(Network network)
    {
        try
        {
            OutputMeaning output = task.MeasureOutput(network, folder.Info, data, context.Cancel);
            if (output != folder.Info.Output) folder = folder.With(folder.Info with { Output = output });
        }
        catch (OperationCanceledException)
        {
            // The predictions have no intervals; the model is kept all the same.
        }
    }

    private void WriteModel(Network network) => Model.Save(folder.Model, network, task.Describe(folder.Info));

    // The weights of a run that is finished stay as they are, even if those beside them were lost since.
    private bool TakeModel(Network network)
    {
        try
        {
            CheckpointStore.Fill(network.Variables, SafeTensors.Read(folder.Model).Tensors, folder.Model);
            return true;
        }
        catch (Exception e) when (e is FileFormatException or CheckpointException or IOException or UnauthorizedAccessException)
        {
            context.Tell(new Warned($"the finished network is damaged, and is written anew from the checkpoint: {e.Message}"));
            return false;
        }
    }

    // What can't be written is no reason to lose a trained network.
    private string? WriteReport(DataReady ready, NetworkReady made, Finished finished, TestReport? test, bool wasFinished)
    {
        string file = folder.Report;
        if (wasFinished && File.Exists(file)) return file;
        try
        {
            RunReport.Write(file, new RunReport
            {
                Summary = task.Summary,
                Run = folder.Info,
                Data = ready,
                Network = made,
                Finished = finished,
                Epochs = EpochHistory.Read(folder.Events),
                Illustrations = EpochHistory.Illustrations(folder.Events),
                Test = test,
                Command = RunCommand.Of(task, folder.Info),
                Settings = RunCommand.Options(task, folder.Info),
            }.Html());
            return file;
        }
        catch (SaveException e)
        {
            context.Tell(new Warned($"the report can't be written: {e.Message}"));
            return null;
        }
    }

    private TrainerOptions Options() => new()
    {
        Epochs = _settings.Epochs,
        Schedule = _settings.OverfitBatch ? new ConstantSchedule() : new OneCycle(),
        Seed = _settings.Seed,
        Monitor = task.MonitorOf(folder.Info),
        ClipNorm = ClipNorm,
        AverageDecay = task.AverageDecay(folder.Info),
        Patience = _settings.Patience,
        Freezing = CommonOptions.FreezingOf(_settings),
        MaxTime = _settings.Minutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
        Folder = folder.Path,
        BatchesPerEpoch = _settings.Quick ? QuickBatches : null,
        ValidationBatches = _settings.Quick ? QuickBatches : null,
        // In brief everything is tried, checkpoints most of all: one after every step.
        CheckpointEvery = _settings.Quick ? TimeSpan.Zero : TimeSpan.FromSeconds(30),
    };

    /// <summary>The batches that a run trains on.</summary>
    public static DataLoader TrainingLoader(TaskData data, TrainingSettings settings) =>
        new(data.Training, BatchOptions.Training with { Size = settings.Batch, Seed = settings.Seed });

    private (DataLoader Training, DataLoader Validation, Dataset Test) Loaders()
    {
        BatchOptions evaluation = BatchOptions.Evaluation with { Size = task.EvaluationBatch };
        if (!_settings.OverfitBatch)
            return (TrainingLoader(data, _settings), new DataLoader(data.Validation, evaluation), data.Test);
        // One batch, again and again, in an order that doesn't change; evenly spread, since the examples of a class may stand together.
        int[] batch = [.. Enumerable.Range(0, _settings.Batch).Select(i => (int)((long)i * data.Training.Count / _settings.Batch))];
        var again = new Subset(data.Training, [.. Enumerable.Repeat(batch, OverfitSteps).SelectMany(b => b)]);
        Dataset once = data.Training.Select(batch);
        return (new DataLoader(again, new BatchOptions { Size = _settings.Batch, Shuffle = false }), new DataLoader(once, evaluation), once);
    }
}
