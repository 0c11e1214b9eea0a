using System.Text.Json;
using Lamina.Learning.Data;
using Lamina.Learning.Modules;
using Lamina.Learning.Saving;
using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Spine;

/// <summary>A run with every default decided.</summary>
/// <param name="Settings">How it is trained.</param>
/// <param name="Options">The task's own options by name, for <c>run.json</c>.</param>
/// <param name="Network">The network, in the task's form; <see cref="LearningTask.Build"/> makes it of that.</param>
/// <param name="Preprocessing">How inputs are prepared, in the task's form.</param>
/// <param name="Output">What the network's output means.</param>
/// <param name="Data">The data.</param>
public sealed record TaskPlan(TrainingSettings Settings, IReadOnlyDictionary<string, JsonElement> Options, JsonElement Network,
    JsonElement Preprocessing, OutputMeaning Output, TaskData Data);

/// <summary>The data of a run in three parts, ready for the network.</summary>
/// <param name="Training">The examples to train on, varied where the task varies them.</param>
/// <param name="Validation">The examples that decide which epoch is best.</param>
/// <param name="Test">The examples to measure on at the end.</param>
/// <param name="Source">A path, or the name of built-in data.</param>
/// <param name="Hash">A hash of everything in it, in hexadecimal digits.</param>
/// <param name="Input">What an example is, such as <c>28×28 grey</c>.</param>
/// <param name="Notes">What a person should know: skipped files, how it was split.</param>
public sealed record TaskData(Dataset Training, Dataset Validation, Dataset Test, string Source, string Hash, string Input, IReadOnlyList<string> Notes)
{
    /// <summary>What the task decided and a person should know.</summary>
    public IReadOnlyList<Fact> Facts { get; init; } = [];

    /// <summary>What the test examples are, where that has a name, such as <c>speaker george</c>; null where they are of all kinds.</summary>
    public string? TestPart { get; init; }
}

/// <summary>A run's trained network.</summary>
/// <param name="Run">What the run is.</param>
/// <param name="Network">The network with its weights.</param>
/// <param name="Info">What its inputs go through, and what its outputs mean.</param>
public sealed record TaskModel(RunInfo Run, Network Network, ModelInfo Info)
{
    private readonly Lazy<Predictor> _predictor = new(() => new Predictor(Network, Info));

    /// <summary>Answers with it, from any number of threads.</summary>
    public Predictor Predictor => _predictor.Value;
}

/// <summary>A trained network that is tested.</summary>
/// <param name="Run">What its run is.</param>
/// <param name="Network">The network with its weights.</param>
/// <param name="Test">What it is tested on.</param>
/// <param name="Folder">The run's folder.</param>
internal sealed record TestedNetwork(RunInfo Run, Network Network, Dataset Test, string Folder);

/// <summary>What is to be predicted.</summary>
/// <param name="Files">Files or folders, or <c>-</c> for standard input.</param>
public sealed record PredictInput(IReadOnlyList<string> Files)
{
    /// <summary>Values that are given in place of files, by the name of what they are: a text by <c>text</c>, a cell by its column.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Values { get; init; } = [];
}

/// <summary>A class and how probable the network finds it, 0 to 1.</summary>
public sealed record ClassProbability(string Class, double Probability);

/// <summary>A position of a sequence, and the label that the network gives it.</summary>
/// <param name="Symbol">The symbol at the position.</param>
/// <param name="Label">The most probable label.</param>
/// <param name="Probability">How probable the network finds it, 0 to 1.</param>
public readonly record struct PositionLabel(string Symbol, string Label, double Probability);

/// <summary>What the network says of one input.</summary>
/// <param name="Source">The file that was given, or <c>-</c> for standard input.</param>
/// <param name="Top">The most probable classes, the first first; empty where it predicts something else or the input could not be read.</param>
/// <param name="Error">Why the input could not be read, or null.</param>
public sealed record Prediction(string Source, IReadOnlyList<ClassProbability> Top, string? Error)
{
    /// <summary>The row in the file, from 1; null where the file is one input.</summary>
    public int? Row { get; init; }

    /// <summary>The labels whose probability is above one half, where any number of labels is predicted; null where something else is.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>The predicted numbers by name.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Numbers { get; init; } = [];

    /// <summary>The range of each predicted number that holds 90 % of such cases, by its name; empty where it isn't known.</summary>
    public IReadOnlyList<KeyValuePair<string, Interval>> Intervals { get; init; } = [];

    /// <summary>How probable it is that a value lies in its range, 0 to 1.</summary>
    public double IntervalShare { get; init; } = 0.9;

    /// <summary>The time that is forecast, as the data writes times; null where none is.</summary>
    public string? Time { get; init; }

    /// <summary>The time of its last step, where it is a stretch of several; null otherwise.</summary>
    public string? Until { get; init; }

    /// <summary>Which of several series in one table it is of; null where there is one.</summary>
    public string? Series { get; init; }

    /// <summary>The label of each position, where positions of a sequence are labelled.</summary>
    public IReadOnlyList<PositionLabel> Positions { get; init; } = [];

    /// <summary>What was changed to bring the input near to those of the training, such as <c>inverted</c>; null for nothing.</summary>
    public string? Note { get; init; }
}

/// <summary>Predictions that are computed as they are asked for.</summary>
/// <param name="Count">How many there will be; null where that isn't known before.</param>
/// <param name="Item">What one input is called, such as <c>image</c>.</param>
/// <param name="Items">The predictions, in the order of the inputs.</param>
public sealed record PredictionList(int? Count, string Item, IEnumerable<Prediction> Items)
{
    /// <summary>What the network's output means; null where that isn't known.</summary>
    public OutputMeaning? Output { get; init; }
}
