using System.Text.Json.Serialization;
using Lamina.Learning.Schedules;

namespace Lamina.Learning.Checkpoints;

/// <summary>Where training stands, beside the values of model and optimiser: with them, all that is needed to go on to the same bits.</summary>
public sealed record TrainingState
{
    /// <summary>Steps done.</summary>
    [JsonRequired]
    public long Step { get; init; }

    /// <summary>The epoch in progress, from 0.</summary>
    [JsonRequired]
    public int Epoch { get; init; }

    /// <summary>Batches of that epoch done.</summary>
    [JsonRequired]
    public int Batch { get; init; }

    /// <summary>Seconds of training so far.</summary>
    public double Seconds { get; init; }

    /// <summary>The epoch with the best score, from 1; 0 before there is one.</summary>
    public int BestEpoch { get; init; }

    /// <summary>The best score, or null before there is one.</summary>
    public double? BestScore { get; init; }

    /// <summary>The step at which the time for training ran out; null where it didn't.</summary>
    public long? TimeRanOutAt { get; init; }

    /// <summary>What was counted in the epoch in progress, so that its scores are over all its batches; null at its beginning.</summary>
    public EpochSums? Sums { get; init; }

    /// <summary>State of the schedule, as the scores so far have set it.</summary>
    [JsonRequired]
    public ScheduleState Schedule { get; init; } = ScheduleState.Start;

    /// <summary>The seed that training runs with, to refuse a checkpoint of another run.</summary>
    [JsonRequired]
    public long Seed { get; init; }

    /// <summary>What is wrong with it, in a few words, for it comes from a file; null where nothing is.</summary>
    internal string? Fault() =>
        Step < 0 || Epoch < 0 || Batch < 0 ? $"step {Step}, epoch {Epoch} or batch {Batch} is negative"
        : BestEpoch < 0 || BestEpoch > Epoch ? $"the best epoch is {BestEpoch} of {Epoch}"
        : BestEpoch > 0 && BestScore is null ? $"the best epoch, {BestEpoch}, has no score"
        : !(Seconds >= 0) ? $"{Seconds} seconds of training"
        : !(Schedule.Factor >= 0) ? $"a schedule's factor of {Schedule.Factor}"
        : Sums is { } sums && !(sums.Weight >= 0) ? $"{sums.Weight} examples counted"
        : null;
}

/// <summary>Counts over the completed batches of an epoch.</summary>
/// <param name="Loss">The sum of the examples' losses, each times its weight.</param>
/// <param name="Weight">The sum of the examples' weights: their number where they have none.</param>
/// <param name="Metrics">The totals of each metric, by its name.</param>
public sealed record EpochSums(double Loss, [property: JsonPropertyName("examples")] double Weight, IReadOnlyDictionary<string, IReadOnlyList<double>> Metrics);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(TrainingState))]
[JsonSerializable(typeof(DivergenceMark))]
internal sealed partial class StateJson : JsonSerializerContext;
