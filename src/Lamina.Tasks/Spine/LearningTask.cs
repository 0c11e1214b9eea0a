using System.Text.Json;
using Lamina.Learning.Data;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Saving;
using Lamina.Tasks.Runs;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Spine;

/// <summary>
/// A kind of problem: which data it takes, what it decides, and which network learns it. Everything else, from the run's folder to the
/// test with its confidence intervals, is done by <see cref="TaskRunner"/> for all tasks alike. A task keeps no state.
/// </summary>
public abstract class LearningTask
{
    /// <summary>The name, as <c>--task</c> takes it and <c>run.json</c> holds it.</summary>
    public abstract string Name { get; }

    /// <summary>What it learns, in a few words.</summary>
    public abstract string Summary { get; }

    /// <summary>What data it takes, as a sentence for people.</summary>
    public abstract string DataHelp { get; }

    /// <summary>What its built-in data is called; null where it has none.</summary>
    public virtual string? BuiltInData => null;

    /// <summary>Whether its data may be two files, which belong together: their paths stand in one, with a comma between them.</summary>
    public virtual bool TakesTwoFiles => false;

    /// <summary>The number of examples that are measured together.</summary>
    public virtual int EvaluationBatch => 256;

    /// <summary>The options that only this task has.</summary>
    public abstract IReadOnlyList<TaskOption> Options { get; }

    /// <summary>The metrics that are measured in every epoch; the first is the one that runs are compared by, where the task says no other.</summary>
    public abstract IReadOnlyList<Metric> CreateMetrics(RunInfo run);

    /// <summary>The score that decides which epoch is best: <c>loss</c>, or a metric's name.</summary>
    public virtual string Monitor => "loss";

    /// <summary>The score that decides which epoch of a run is best, where that depends on what it learns.</summary>
    public virtual string MonitorOf(RunInfo run) => Monitor;

    /// <summary>Whether x-dev and x-test beside x-train are other parts of this data.</summary>
    public virtual bool HasSiblings(DataSource data) => Refuses(CommonOptions.Test) is null;

    /// <summary>Whether it predicts without any input: what comes after the run's own data.</summary>
    public virtual bool PredictsOn => false;

    /// <summary>What a trained run is used for, as one types it behind the program's name.</summary>
    /// <param name="run">The run's folder, as a shell takes it.</param>
    public virtual string NextCommand(string run) => PredictsOn ? $"predict {run}" : $"predict {run} FILE";

    /// <summary>Decay of a moving average of the weights, which is measured and kept in place of the last step's weights; null: none.</summary>
    public virtual double? AverageDecay(RunInfo run) => null;

    /// <summary>The figure of the test that runs are compared by.</summary>
    internal virtual string FigureOf(RunInfo run) => CreateMetrics(run)[0].Name;

    /// <summary>What only this task can do.</summary>
    public virtual IReadOnlyList<TaskVerb> Verbs => [];

    /// <summary>Why one of the <see cref="CommonOptions"/> makes no sense for this task, as a clause; null where it does.</summary>
    public virtual string? Refuses(string option) => null;

    /// <summary>How well the data fits, by a look at names and beginnings of files. What is missing or can't be read doesn't fit.</summary>
    public abstract Recognition Recognize(DataSource data);

    /// <summary>Reads the data and decides what the request leaves open.</summary>
    /// <exception cref="DataException">The data can't be used.</exception>
    /// <exception cref="TaskException">An option can't be used with it.</exception>
    public abstract TaskPlan Plan(TaskRequest request, TaskContext context);

    /// <summary>Reads the data of a run again, as it was planned.</summary>
    /// <exception cref="DataException">The data can't be used.</exception>
    public abstract TaskData Read(RunInfo run, TaskContext context);

    /// <summary>Reads other data to measure a run's network on, prepared as the training data was, and tells <see cref="TestReady"/>.</summary>
    /// <exception cref="DataException">The data can't be used, or is no data of the run's kind.</exception>
    public abstract Dataset ReadTest(RunInfo run, DataSource data, TaskContext context);

    /// <summary>The network of a run, without weights.</summary>
    /// <param name="network">What <see cref="TaskPlan.Network"/> held.</param>
    /// <exception cref="JsonException">It can't be read.</exception>
    /// <exception cref="ArgumentException">It makes no sense.</exception>
    public abstract Network Build(JsonElement network);

    /// <summary>Types and shapes of one example's inputs.</summary>
    public abstract Specs Inputs(RunInfo run);

    /// <summary>Gives a network that was drawn first values that come from the data, where a task knows better ones; the same data give the same values.</summary>
    /// <param name="network">The network, its parameters drawn.</param>
    /// <param name="training">The training examples.</param>
    public virtual void Prepare(Network network, Dataset training)
    {
    }

    /// <summary>The optimiser of a run's settings.</summary>
    public virtual Optimizer CreateOptimizer(TrainingSettings settings) => CommonOptions.CreateOptimizer(settings.Optimizer, settings.LearningRate);

    /// <summary>The optimiser of a run: that of its settings, unless its network asks for another.</summary>
    public virtual Optimizer CreateOptimizer(RunInfo run) => CreateOptimizer(run.Settings);

    /// <summary>
    /// A batch of made-up examples that fits a run's network, to measure what a training step costs without the run's data. Tasks whose
    /// inputs hold whole numbers, or whose targets aren't given by the output alone, say here what fits.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="count">Number of examples, 1 or more.</param>
    public virtual Batch CreateSyntheticBatch(RunInfo run, int count) => SyntheticBatch.Of(Inputs(run), run.Output, count);

    /// <summary>What is minimised.</summary>
    public abstract Objective CreateObjective(Network network, RunInfo run);

    /// <summary>What is saved beside a run's network, so that <see cref="Predictor"/> can use the file without the run: what its inputs go through,
    /// what its outputs mean.</summary>
    public abstract ModelInfo Describe(RunInfo run);

    /// <summary>Checks what is the task's own in <c>run.json</c>, which anybody may have edited.</summary>
    /// <exception cref="JsonException">Something makes no sense; the message says what.</exception>
    public abstract void Check(RunInfo run);

    /// <summary>Predicts.</summary>
    /// <param name="model">The trained network.</param>
    /// <param name="inputs">Files or folders, or <c>-</c> for standard input.</param>
    /// <param name="top">How many classes to give for each, where classes are predicted.</param>
    /// <param name="context">Stops between two groups; what was found before was given before.</param>
    /// <exception cref="DataException">An input can't be used at all; one bad item among others has an <see cref="Prediction.Error"/> instead.</exception>
    public abstract PredictionList Predict(TaskModel model, IReadOnlyList<string> inputs, int top, TaskContext context);

    /// <summary>Predicts from files or from values that were given; a task that takes files alone refuses values.</summary>
    /// <inheritdoc cref="Predict(TaskModel, IReadOnlyList{string}, int, TaskContext)"/>
    /// <param name="model">The trained network.</param>
    /// <param name="input">What is to be predicted.</param>
    /// <param name="top">How many classes to give for each, where classes are predicted.</param>
    /// <param name="context">Stops between two groups; what was found before was given before.</param>
    /// <exception cref="TaskException">The task doesn't take values.</exception>
    public virtual PredictionList Predict(TaskModel model, PredictInput input, int top, TaskContext context) =>
        input.Values.Count == 0 ? Predict(model, input.Files, top, context)
        : throw new TaskException($"a run of the task {Name} predicts from files, not from a {input.Values[0].Key} that is given", "a file");

    /// <summary>What the task knows of data beyond what holds for all: columns, lengths, what stands out.</summary>
    /// <param name="run">What a run on the data would be.</param>
    /// <param name="data">The data.</param>
    /// <param name="context">Is told how far it is; cancelled, it stops.</param>
    internal virtual DataDetails Inspect(RunInfo run, TaskData data, TaskContext context) => new();

    /// <summary>Counts predictions of a run's network on a test set, and a baseline's.</summary>
    /// <param name="run">The run.</param>
    /// <param name="network">Its trained network.</param>
    /// <param name="count">The number of examples that will be counted.</param>
    internal virtual Tally CreateTally(RunInfo run, Network network, int count) => Tally.Of(run.Output, count);

    /// <summary>Counts predictions on a test set that is at hand, where that takes more than its batches.</summary>
    /// <inheritdoc cref="CreateTally(RunInfo, Network, int)"/>
    /// <param name="run">The run.</param>
    /// <param name="network">Its trained network.</param>
    /// <param name="test">The test set.</param>
    /// <param name="count">The number of examples that will be counted.</param>
    internal virtual Tally CreateTally(RunInfo run, Network network, Dataset test, int count) => CreateTally(run, network, count);

    /// <summary>What the output means once the network is trained: the validation examples may say how sure it is, or where to decide.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    internal virtual OutputMeaning MeasureOutput(Network network, RunInfo run, TaskData data, CancellationToken cancel) =>
        PredictionInterval.Of(this, network, run, data, cancel);

    /// <summary>What a simple method reaches on a test set by the same figures, where that takes more than the test set and what the output means.</summary>
    /// <param name="run">The run.</param>
    /// <param name="test">The test set.</param>
    /// <param name="cancel">Stops.</param>
    internal virtual BaselineReport? Baseline(RunInfo run, Dataset test, CancellationToken cancel) => null;

    /// <summary>Adds to the report of a test what takes more than the network's predictions of its examples.</summary>
    /// <param name="report">What was measured of the examples.</param>
    /// <param name="tested">The network, and what it was tested on.</param>
    /// <param name="context">Is told how far it is; cancelled, it stops.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    internal virtual TestReport Complete(TestReport report, TestedNetwork tested, TaskContext context) => report;

    /// <summary>What the network makes after an epoch, to watch it learn, such as a text that it writes; null where there is nothing to show.</summary>
    /// <param name="model">The run and its network.</param>
    /// <param name="epoch">The number of the epoch, from 1.</param>
    public virtual Sample? Illustrate(TaskModel model, int epoch) => null;

    /// <summary>An example of a set as a person sees it, or null.</summary>
    public virtual Sample? Show(Dataset set, int index) => (set as SampledDataset)?.Show(index);

    /// <summary>The part of a run's name that comes from the data.</summary>
    public virtual string StemOf(DataSource? data) => data is null ? Name : Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(data.Path));

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The run of this task whose weights a new one starts from; null where it starts from none, or from another task's.</summary>
    /// <exception cref="TaskException">The folder is no run.</exception>
    internal RunInfo? StartOf(TaskRequest request) =>
        request.Text(CommonOptions.From) is { } from && RunFolder.Open(from).Info is { } run && run.Task == Name ? run : null;
}
