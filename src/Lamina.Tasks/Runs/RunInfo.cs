using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lamina.Tasks.Runs;

/// <summary>What a run is: everything that is needed to resume it or to use its network, as <c>run.json</c> holds it.</summary>
public sealed record RunInfo
{
    /// <summary>The format version of this file.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>The task.</summary>
    public required string Task { get; init; }

    /// <summary>The version of Lamina that made it.</summary>
    public required string Version { get; init; }

    /// <summary>When it began, in UTC.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Where the data came from: a full path, or null for built-in data.</summary>
    public string? Data { get; init; }

    /// <summary>A file of its own for validation: a full path, or null.</summary>
    public string? ValidationData { get; init; }

    /// <summary>A file of its own for the test: a full path, or null.</summary>
    public string? TestData { get; init; }

    /// <summary>What the data is called where it is built in, or <see cref="RowsFromCode"/>; null where it is in a file or folder.</summary>
    public string? BuiltIn { get; init; }

    /// <summary>What the data is called that only the program had that trained the run.</summary>
    public const string RowsFromCode = "rows from code";

    /// <summary>A hash of the data, so that a resume on other data is refused.</summary>
    public required string DataHash { get; init; }

    /// <summary>The run whose weights this one started from; null where they were drawn.</summary>
    public string? From { get; init; }

    /// <summary>How it is trained, with every default decided.</summary>
    public required TrainingSettings Settings { get; init; }

    /// <summary>The task's own options by name, with every default decided.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Options { get; init; }

    /// <summary>The network, in the form of the task.</summary>
    public required JsonElement Network { get; init; }

    /// <summary>How an input is prepared for the network, in the form of the task.</summary>
    public required JsonElement Preprocessing { get; init; }

    /// <summary>What the network's output means.</summary>
    public required OutputMeaning Output { get; init; }

    /// <summary>The name of the figure that runs are compared by.</summary>
    public required string Metric { get; init; }

    /// <summary>The format version that this version writes.</summary>
    public const int CurrentFormat = 2;

    /// <summary>The value of one of the task's own options, or null where it isn't given.</summary>
    public string? Option(string name) =>
        Options.TryGetValue(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The value of an option that is a whole number, or null where it isn't there.</summary>
    public int? WholeOption(string name) =>
        Options.TryGetValue(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int whole) ? whole : null;
}

/// <summary>How a network is trained, with every default decided.</summary>
public sealed record TrainingSettings
{
    /// <summary>Number of epochs.</summary>
    public required int Epochs { get; init; }

    /// <summary>Examples in a step.</summary>
    public required int Batch { get; init; }

    /// <summary>The highest learning rate of the schedule.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The optimiser.</summary>
    public required string Optimizer { get; init; }

    /// <summary>The random seed.</summary>
    public required long Seed { get; init; }

    /// <summary>Whether only a few batches of everything are done.</summary>
    public bool Quick { get; init; }

    /// <summary>Whether one batch is trained on again and again.</summary>
    public bool OverfitBatch { get; init; }

    /// <summary>Whether the report shows no examples of the data.</summary>
    public bool NoSamples { get; init; }

    /// <summary>Number of epochs without improvement to tolerate; null: training never stops early.</summary>
    public int? Patience { get; init; }

    /// <summary>Which layers stay as they are: their number from the first, <c>head</c> for all but the head, or patterns of paths; null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Freeze { get; init; }

    /// <summary>Number of epochs after which the last frozen layer is trained too; null: it stays frozen.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Unfreeze { get; init; }

    /// <summary>Minutes of training; null: no limit.</summary>
    public double? Minutes { get; init; }

    /// <summary>How the data was split.</summary>
    public SplitRule Split { get; init; } = new();
}

/// <summary>How data is split into training, validation and test.</summary>
public sealed record SplitRule
{
    /// <summary>The column whose equal values stay on one side; null: none.</summary>
    public string? Group { get; init; }

    /// <summary>The column by which the data is ordered: the earliest part is for training, the latest for the test; null: none.</summary>
    public string? Time { get; init; }

    /// <summary>The number of folds of a cross-validation; null: none.</summary>
    public int? Folds { get; init; }

    /// <summary>Which fold is the test set, from 0.</summary>
    public int Fold { get; init; }

    /// <summary>Whether exact duplicates may stand on both sides, as in runs of format version 1.</summary>
    public bool IgnoresDuplicates { get; init; }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RunInfo))]
internal sealed partial class RunJson : JsonSerializerContext;
