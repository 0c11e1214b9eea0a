using System.Text.Json;
using Lamina.Formats;
using Lamina.Learning.Checkpoints;
using Lamina.Learning.Data;
using Lamina.Learning.Modules;
using Lamina.Learning.Training;
using Lamina.Tasks.Runs;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Spine;

/// <summary>From data to a trained, tested and saved network, and what is done with it after: once, for all tasks.</summary>
/// <param name="tasks">The tasks that are known.</param>
public sealed class TaskRunner(TaskRegistry tasks)
{
    /// <summary>Trains a network in a run's folder of its own.</summary>
    /// <param name="task">The task.</param>
    /// <param name="request">What was asked for; what it leaves open is decided by the task.</param>
    /// <param name="context">What happens, as it happens; cancelled, it stops after the step in progress, and a checkpoint is saved.</param>
    /// <exception cref="DataException">The data can't be used.</exception>
    /// <exception cref="TaskException">An option can't be used.</exception>
    /// <exception cref="DivergedException">The loss became NaN or infinite.</exception>
    /// <exception cref="SaveException">The run could not be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before training began.</exception>
    public TaskResult Train(LearningTask task, TaskRequest request, TaskContext context)
    {
        using RunClaim claim = request.Run is { } run ? RunClaim.New(run) : RunClaim.NewIn(RunFolder.Usual, Stem(task.StemOf(request.Data), task.Name));
        try
        {
            OptionCheck.Require(task, request);
            if (request.Whole(CommonOptions.Folds) is null) return TrainIn(claim, task, request, context);
            FoldsFile.Write(claim.Path, task, request);
            return TrainFolds(claim.Path, task, request, context);
        }
        catch (Exception e)
        {
            claim.Abandon(keepStart: e is DivergedException);
            throw;
        }
    }

    /// <summary>
    /// Resumes a run where it stopped, to the same bits as if it hadn't; or a cross-validation: folds that are finished are kept and
    /// measured again, the others resumed or trained.
    /// </summary>
    /// <param name="run">The run's folder, or that of a cross-validation.</param>
    /// <param name="context">What happens, as it happens; cancelled, it stops after the step in progress, and a checkpoint is saved.</param>
    /// <param name="learningRate">A lower learning rate for a run that diverged; it is the run's from then on. Null: the run's own.</param>
    /// <exception cref="TaskException">The folder is no run, its data has changed, or a learning rate is given to a run that has not diverged, or one
    /// that isn't lower.</exception>
    /// <exception cref="DivergedException">The loss became NaN or infinite, or had in this run and nothing was changed.</exception>
    public TaskResult Resume(string run, TaskContext context, double? learningRate = null)
    {
        if (FoldsFile.IsIn(run) && !File.Exists(Path.Combine(run, RunFolder.InfoFile))) return ResumeFolds(run, context, learningRate);
        (LearningTask task, RunFolder folder) = OpenFolder(run);
        using RunClaim claim = RunClaim.Existing(run);
        if (learningRate is { } rate) RequireSlower(folder, rate);
        TaskData data = task.Read(folder.Info, context);
        if (data.Hash != folder.Info.DataHash)
            throw new TaskException($"the examples in {data.Source} are not those that {run} was trained on", "restoring the data, or a new run");
        if (learningRate is { } lower) folder = folder.With(folder.Info with { Settings = folder.Info.Settings with { LearningRate = lower } });
        return new TrainingJob(task, folder, data, context, tasks).Run(resume: true);
    }

    /// <summary>Predicts by a run's network.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="inputs">Files or folders, or <c>-</c> for standard input.</param>
    /// <param name="top">How many classes to give for each.</param>
    /// <param name="context">Stops between two groups of inputs; what was found before was given before.</param>
    /// <exception cref="TaskException">The folder is no run, has no weights yet, or has weights that can't be used.</exception>
    /// <exception cref="FileFormatException">The weights can't be read.</exception>
    public PredictionList Predict(string run, IReadOnlyList<string> inputs, int top, TaskContext context) =>
        Predict(run, new PredictInput(inputs), top, context);

    /// <inheritdoc cref="Predict(string, IReadOnlyList{string}, int, TaskContext)"/>
    /// <param name="run">The run's folder.</param>
    /// <param name="input">Files, or values in their place.</param>
    /// <param name="top">How many classes to give for each.</param>
    /// <param name="context">Stops between two groups of inputs; what was found before was given before.</param>
    public PredictionList Predict(string run, PredictInput input, int top, TaskContext context)
    {
        (LearningTask task, TaskModel model) = Open(run);
        return task.Predict(model, input, top, context) with { Output = model.Run.Output };
    }

    /// <summary>Whether a run predicts without any input, as a forecast goes on behind the end of its data; false where the folder is no run.</summary>
    public bool PredictsOn(string run)
    {
        try
        {
            return OpenFolder(run).Task.PredictsOn;
        }
        catch (TaskException)
        {
            return false;
        }
    }

    /// <summary>Measures a run's network on other data than it was trained on.</summary>
    /// <exception cref="TaskException">The folder is no run, has no weights yet, or the data is of another kind.</exception>
    /// <exception cref="DataException">The data can't be used.</exception>
    public TestReport Test(string run, DataSource data, TaskContext context)
    {
        (LearningTask task, TaskModel model) = Open(run);
        Dataset test = task.ReadTest(model.Run, data, context);
        TestReport report = TrainingJob.Measure(task, model.Network, test, model.Run, null, context.Cancel);
        report = task.Complete(report, new(model.Run, model.Network, test, run), context);
        context.Tell(new Tested(report));
        return report;
    }

    /// <summary>The name and the summary of a run's network.</summary>
    /// <exception cref="TaskException">The folder is no run.</exception>
    public NetworkReady Summarize(string run)
    {
        (LearningTask task, RunFolder folder) = OpenFolder(run);
        Network network = TrainingJob.Build(task, folder.Info, out Summary summary);
        return new NetworkReady(network.ToString(), summary);
    }

    /// <summary>Where the time and memory of a training step of a run go, measured on made-up examples: the run's data isn't read.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="context">Is told how far it is where that takes more than two seconds; cancelled, it stops after the step in progress.</param>
    /// <param name="batch">Batch size, 1 or more; null: the run's own.</param>
    /// <exception cref="TaskException">The folder is no run, or the batch size is below 1.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public RunProfile Profile(string run, TaskContext context, int? batch = null)
    {
        (LearningTask task, RunFolder folder) = OpenFolder(run);
        return ProfileJob.Run(task, folder.Info, batch, context);
    }

    /// <summary>Looks at data as <see cref="Train"/> would read and split it: counts, classes, duplicates, what stands out, samples. Nothing is
    /// written.</summary>
    /// <param name="task">The task.</param>
    /// <param name="request">What would be trained.</param>
    /// <param name="context">Is told how far it is; cancelled, it stops.</param>
    /// <exception cref="DataException">The data can't be used.</exception>
    /// <exception cref="TaskException">An option can't be used.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public DataLook Look(LearningTask task, TaskRequest request, TaskContext context)
    {
        OptionCheck.Require(task, request);
        RefuseFolds(request);
        (RunInfo info, TaskData data) = Plan(task, request, context);
        DataLook look = new DataInspection(task, info.Output, data, context).Look(task.Inspect(info, data, context));
        return info.Settings.NoSamples ? look with { Samples = [], Varied = [] } : look;
    }

    /// <summary>Tries learning rates, from low to high, on the network that <see cref="Train"/> would begin with. Nothing is written.</summary>
    /// <param name="task">The task.</param>
    /// <param name="request">What would be trained.</param>
    /// <param name="context">Is told of the data, the network and how far it is; cancelled, it stops after the step in progress.</param>
    /// <param name="options">Which rates are tried; null: those of <see cref="LearningRateFinderOptions"/>.</param>
    /// <exception cref="DataException">The data can't be used.</exception>
    /// <exception cref="TaskException">An option can't be used, or the loss is no number from the beginning.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public RateSearch FindRate(LearningTask task, TaskRequest request, TaskContext context, LearningRateFinderOptions? options = null)
    {
        OptionCheck.Require(task, request);
        RefuseFolds(request);
        (RunInfo info, TaskData data) = Plan(task, request, context);
        return FinderJob.Rate(task, info, data, TrainingJob.Begin(task, info, data, context.Tell, tasks).Network, options, context);
    }

    /// <summary>Tries learning rates on a run's trained network and its data, for training that starts from it. The run stays as it is.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="context">Is told of the data, the network and how far it is; cancelled, it stops after the step in progress.</param>
    /// <param name="options">Which rates are tried; null: those of <see cref="LearningRateFinderOptions"/>.</param>
    /// <exception cref="TaskException">The folder is no run, has no weights, or the loss is no number from the beginning.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public RateSearch FindRate(string run, TaskContext context, LearningRateFinderOptions? options = null)
    {
        (LearningTask task, RunFolder folder) = OpenFolder(run);
        TaskData data = task.Read(folder.Info, context);
        RunInfo info = folder.Info with { From = run };
        return FinderJob.Rate(task, info, data, TrainingJob.Begin(task, info, data, context.Tell, tasks).Network, options, context);
    }

    /// <summary>Measures training steps by batch size, on made-up examples, for the network that <see cref="Train"/> would begin with. Nothing is
    /// written.</summary>
    /// <param name="task">The task.</param>
    /// <param name="request">What would be trained.</param>
    /// <param name="context">Is told how far it is; cancelled, it stops after the step in progress.</param>
    /// <param name="options">Which sizes are tried; null: those of <see cref="BatchSizeFinderOptions"/>.</param>
    /// <exception cref="DataException">The data can't be used.</exception>
    /// <exception cref="TaskException">An option can't be used.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public BatchSearch FindBatch(LearningTask task, TaskRequest request, TaskContext context, BatchSizeFinderOptions? options = null)
    {
        OptionCheck.Require(task, request);
        RefuseFolds(request);
        (RunInfo info, TaskData data) = Plan(task, request, context);
        return FinderJob.Batch(task, info, data.Training.Count, options, context);
    }

    /// <summary>Measures training steps of a run's network by batch size, on made-up examples: its data isn't read.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="context">Is told how far it is; cancelled, it stops after the step in progress.</param>
    /// <param name="options">Which sizes are tried; null: those of <see cref="BatchSizeFinderOptions"/>.</param>
    /// <exception cref="TaskException">The folder is no run.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public BatchSearch FindBatch(string run, TaskContext context, BatchSizeFinderOptions? options = null)
    {
        (LearningTask task, RunFolder folder) = OpenFolder(run);
        return FinderJob.Batch(task, folder.Info, null, options, context);
    }

    /// <summary>Does by a run's network what only its task can do.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="name">The verb's name.</param>
    /// <param name="inputs">What it is done to.</param>
    /// <param name="values">The values of the verb's options by name, as <see cref="TaskOption.Parse"/> gives them.</param>
    /// <param name="context">Stops between two results; what was found before was given before.</param>
    /// <returns>The results, a line each, computed as they are asked for.</returns>
    /// <exception cref="TaskException">The folder is no run, its task has no such verb or option, or it has no weights that can be used.</exception>
    public IEnumerable<string> Do(
        string run, string name, IReadOnlyList<string> inputs, IReadOnlyDictionary<string, object> values, TaskContext context)
    {
        LearningTask task = OpenFolder(run).Task;
        TaskVerb verb = task.Verbs.FirstOrDefault(v => v.Name == name) ?? throw new TaskException(
            $"{run} is a run of the task {task.Name}, which has no {name}",
            string.Join(", ", ["predict", "test", .. task.Verbs.Select(v => v.Name)]));
        OptionCheck.Require(task, verb, values, tasks);
        return verb.Run(Open(run).Model, inputs, values, context);
    }

    /// <summary>A run's task and network, with its finished weights, or the best so far while it is still trained.</summary>
    /// <exception cref="TaskException">The folder is no run, or has no weights that can be used.</exception>
    public (LearningTask Task, TaskModel Model) Open(string run)
    {
        (LearningTask task, RunFolder folder) = OpenFolder(run);
        Network network = TrainingJob.Build(task, folder.Info, out _);
        string weights = folder.Weights;
        CheckpointStore.Fill(network.Variables, SafeTensors.Read(weights).Tensors, weights);
        WeightCheck.Require(network, weights);
        return (task, new(folder.Info, network, task.Describe(folder.Info)));
    }

    private TaskResult ResumeFolds(string folder, TaskContext context, double? learningRate)
    {
        if (learningRate is not null)
            throw new TaskException($"{folder} is a cross-validation, whose folds are all trained alike", "no learning rate, or a new run");
        using RunClaim claim = RunClaim.Existing(folder);
        (LearningTask task, TaskRequest request) = FoldsFile.Read(folder, tasks);
        return TrainFolds(folder, task, request, context);
    }

    private TaskResult TrainFolds(string folder, LearningTask task, TaskRequest request, TaskContext context) =>
        CrossValidation.Run(task, request.Whole(CommonOptions.Folds)!.Value, folder,
            fold => TrainFold(task, request with { Fold = fold }, context, Path.Combine(folder, $"fold-{fold + 1}")), context);

    private TaskResult TrainFold(LearningTask task, TaskRequest request, TaskContext context, string folder)
    {
        if (File.Exists(Path.Combine(folder, RunFolder.InfoFile)) && !RunFolder.IsTorn(folder)) return Resume(folder, context);
        using RunClaim claim = RunClaim.New(folder);
        try
        {
            return TrainIn(claim, task, request, context);
        }
        catch (Exception e)
        {
            claim.Abandon(keepStart: e is DivergedException);
            throw;
        }
    }

    private TaskResult TrainIn(RunClaim claim, LearningTask task, TaskRequest request, TaskContext context)
    {
        (RunInfo info, TaskData data) = Plan(task, request, context);
        return new TrainingJob(task, RunFolder.Create(claim, info), data, context, tasks).Run(resume: false);
    }

    // What a run would be, with every default decided, and its data.
    private (RunInfo Info, TaskData Data) Plan(LearningTask task, TaskRequest request, TaskContext context)
    {
        if (request.Data is { } given && task.HasSiblings(given) && request.Split is { Folds: null })
        {
            request = request with { Data = SiblingFiles.Of(given) };
            string[] found = [.. new[] { request.Data.Validation, request.Data.Test }.Except([given.Validation, given.Test]).OfType<string>()];
            if (found.Length > 0) context.Tell(new Remarked($"beside {given.Path} lie its other parts: {string.Join(" and ", found)}"));
        }
        DataSource? source = request.Data;
        TaskPlan plan = task.Plan(request, context);
        string? from = request.Text(CommonOptions.From);
        if (from is not null) OpenFolder(from);
        var info = new RunInfo
        {
            Task = task.Name,
            Version = RunFolder.Version,
            Created = DateTimeOffset.UtcNow,
            Data = Full(source?.Path),
            ValidationData = Full(source?.Validation),
            TestData = Full(source?.Test),
            BuiltIn = source is null ? task.BuiltInData : null,
            DataHash = plan.Data.Hash,
            From = Full(from),
            Settings = plan.Settings,
            Options = plan.Options,
            Network = plan.Network,
            Preprocessing = plan.Preprocessing,
            Output = plan.Output,
            Metric = "",
        };
        return (info with { Metric = task.FigureOf(info) }, plan.Data);
    }

    // What is named in run.json has to be known here.
    internal static (LearningTask Task, RunFolder Folder) OpenFolder(string run, TaskRegistry tasks)
    {
        RunFolder folder = RunFolder.Open(run);
        RunInfo info = folder.Info;
        Require("task", info.Task, [.. tasks.Tasks.Select(t => t.Name)]);
        Require("optimizer", info.Settings.Optimizer, CommonOptions.Optimizers);
        LearningTask task = tasks.Find(info.Task)!;
        foreach (TaskOption option in task.Options.Where(o => o.Kind == OptionKind.Choice))
            if (info.Option(option.Name) is { } value) Require(option.Noun, value, option.Choices);
        try
        {
            task.Check(info);
        }
        catch (JsonException e)
        {
            throw new TaskException($"{Path.Combine(run, RunFolder.InfoFile)} can't be read: {e.Message}", "a copy of the run from a backup, or a new run");
        }
        return (task, folder);

        void Require(string kind, string name, IReadOnlyList<string> known)
        {
            if (!known.Contains(name))
                throw new TaskException($"{run}/run.json has the {kind} '{name}', which this version doesn't know: {string.Join(", ", known)}",
                    "a newer Lamina, or a copy of run.json as it was written");
        }
    }

    private (LearningTask Task, RunFolder Folder) OpenFolder(string run) => OpenFolder(run, tasks);

    // A run that is fine ends in the bits of one that was never stopped; only one that can't go on as it is may be changed.
    private static void RequireSlower(RunFolder folder, double rate)
    {
        double before = folder.Info.Settings.LearningRate;
        if (!folder.HasDiverged)
            throw new TaskException($"{folder.Path} has not diverged, so it goes on with its learning rate, {before}",
                "no learning rate, or a new run");
        if (!(rate > 0) || rate >= before)
            throw new TaskException($"{folder.Path} diverged with a learning rate of {before}; {rate} is not lower",
                $"a lower one, such as {before / 10:G2}");
    }

    private static string? Full(string? path) => path is null or "-" ? path : Path.GetFullPath(path);

    private static void RefuseFolds(TaskRequest request)
    {
        if (request.Whole(CommonOptions.Folds) is not null)
            throw new TaskException($"--{CommonOptions.Folds} trains several networks, and one is looked at here", "leaving it out");
    }

    // A short name for the run's folder: letters and digits only.
    private static string Stem(string name, string otherwise)
    {
        const int Longest = 24;
        string clean = new([.. name.Where(char.IsAsciiLetterOrDigit).Take(Longest)]);
        return clean.Length > 0 ? clean.ToLowerInvariant() : otherwise;
    }
}
