using System.Text.Json.Serialization;
using Lamina.Learning.Schedules;

namespace Lamina.Learning.Checkpoints;

/// <summary>Where training stands, beside the values of model and optimiser: with them, all that is needed to go on to the same bits.</summary>
public sealed record TrainingState
{
    /// <summary>Steps done.</summary>
    public long Step { get; init; }

    /// <summary>The epoch in progress, from 0.</summary>
    public int Epoch { get; init; }

    /// <summary>Batches of that epoch done.</summary>
    public int Batch { get; init; }

    /// <summary>Seconds of training so far.</summary>
    public double Seconds { get; init; }

    /// <summary>The epoch with the best score, from 1; 0 before there is one.</summary>
    public int BestEpoch { get; init; }

    /// <summary>The best score, or null before there is one.</summary>
    public double? BestScore { get; init; }

    /// <summary>What the scores so far have led the schedule to.</summary>
    public ScheduleState Schedule { get; init; } = ScheduleState.Start;

    /// <summary>The seed that training runs with, to refuse a checkpoint of another run.</summary>
    public long Seed { get; init; }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TrainingState))]
internal sealed partial class StateJson : JsonSerializerContext;
