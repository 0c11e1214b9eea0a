using System.Text.Json;
using System.Text.Json.Serialization;
using Lamina.Models;

namespace Lamina.Tasks.Runs;

/// <summary>What a run is: everything needed to resume it or to use its network, as <c>run.json</c> holds it.</summary>
public sealed record RunInfo
{
    /// <summary>The version of this file's form.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>The job.</summary>
    public required string Task { get; init; }

    /// <summary>The version of Lamina that made it.</summary>
    public required string Version { get; init; }

    /// <summary>When it began, in UTC.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Where the data came from: a full path, or null for built-in digits.</summary>
    public string? Data { get; init; }

    /// <summary>A hash of the training data, so that a resume on other data is refused.</summary>
    public required string DataHash { get; init; }

    /// <summary>The options with every default decided.</summary>
    public required ImageSettings Settings { get; init; }

    /// <summary>The network.</summary>
    public required ConvNetOptions Network { get; init; }

    /// <summary>The names of the classes.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The size of an example: (height, width, channels).</summary>
    public required IReadOnlyList<int> Input { get; init; }

    /// <summary>The mean of each channel over the training set, of values from 0 to 1.</summary>
    public required IReadOnlyList<float> Mean { get; init; }

    /// <summary>The standard deviation of each channel over the training set.</summary>
    public required IReadOnlyList<float> Deviation { get; init; }

    /// <summary>How the training images look, if they are drawings in grey, for images of one's own to be brought near to them.</summary>
    public InkStyle? Ink { get; init; }

    /// <summary>The form that this version writes.</summary>
    public const int CurrentFormat = 1;
}

/// <summary>How an image classifier is trained, with every default decided.</summary>
public sealed record ImageSettings
{
    /// <summary>Number of epochs.</summary>
    public required int Epochs { get; init; }

    /// <summary>Images in a step.</summary>
    public required int Batch { get; init; }

    /// <summary>The highest learning rate of the schedule.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The optimiser.</summary>
    public required string Optimizer { get; init; }

    /// <summary>Random seed.</summary>
    public required long Seed { get; init; }

    /// <summary>Whether only a few batches of everything are done.</summary>
    public bool Quick { get; init; }

    /// <summary>Whether one batch is trained on again and again.</summary>
    public bool OverfitBatch { get; init; }

    /// <summary>How training images are varied: <c>none</c>, <c>light</c>, <c>photos</c> or <c>digits</c>.</summary>
    public required string Augmentation { get; init; }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RunInfo))]
internal sealed partial class RunJson : JsonSerializerContext;
