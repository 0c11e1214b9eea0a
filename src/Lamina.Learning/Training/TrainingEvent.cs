using Lamina.Learning.Modules;

namespace Lamina.Learning.Training;

/// <summary>Something that happened in training: a value, for terminals, logs and reports to show.</summary>
public abstract record TrainingEvent;

/// <summary>Training begins, or goes on from a checkpoint.</summary>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="StepsPerEpoch">Steps in an epoch.</param>
/// <param name="BatchSize">Examples in a step.</param>
/// <param name="Step">The steps already done: 0, or those of the checkpoint that training goes on from.</param>
/// <param name="Parameters">The number of values that are trained.</param>
public sealed record Started(int Epochs, int StepsPerEpoch, int BatchSize, long Step, long Parameters) : TrainingEvent;

/// <summary>A step is done.</summary>
/// <param name="Step">Steps done, this one included.</param>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="StepInEpoch">Steps of this epoch done.</param>
/// <param name="Loss">The batch's loss before the update.</param>
/// <param name="LearningRate">The rate of this step.</param>
/// <param name="GradientNorm">The norm of all gradients together, before clipping.</param>
/// <param name="Examples">Examples in the batch.</param>
public sealed record StepDone(long Step, int Epoch, int StepInEpoch, double Loss, double LearningRate, double GradientNorm, int Examples) : TrainingEvent
{
    /// <summary>What is reported beside the loss, by name: <see cref="Objectives.Objective.PartNames"/>.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Parts { get; init; } = [];
}

/// <summary>An epoch is done and validated.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Training">Loss and metrics over the epoch's batches, each before its update.</param>
/// <param name="Validation">Loss and metrics over the validation set after the epoch; null without one.</param>
/// <param name="IsBest">Whether this is the best epoch so far.</param>
/// <param name="Seconds">Seconds that the epoch took, validation included.</param>
public sealed record EpochDone(int Epoch, long Step, Scores Training, Scores? Validation, bool IsBest, double Seconds) : TrainingEvent;

/// <summary>From this epoch on these layers are frozen.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Layers">The paths of the layers that training leaves as they are; empty where all are trained.</param>
/// <param name="Freed">The layer that is trained from now on; null where none was frozen before.</param>
public sealed record LayersFrozen(int Epoch, IReadOnlyList<string> Layers, string? Freed) : TrainingEvent;

/// <summary>A checkpoint is on disk.</summary>
public sealed record CheckpointSaved(long Step, string Folder) : TrainingEvent;

/// <summary>Something that whoever trains should know, such as a batch that is left out.</summary>
public sealed record Noted(string Message) : TrainingEvent;

/// <summary>Training is over.</summary>
/// <param name="Reason">Why: all epochs done, stopped early, interrupted.</param>
/// <param name="Epochs">Epochs done.</param>
/// <param name="Steps">Steps done.</param>
/// <param name="BestEpoch">The epoch whose weights the model has now.</param>
/// <param name="Seconds">Seconds of training, those before a resume included.</param>
public sealed record Finished(FinishReason Reason, int Epochs, long Steps, int BestEpoch, double Seconds) : TrainingEvent;

/// <summary>Why training is over.</summary>
public enum FinishReason
{
    /// <summary>All epochs are done.</summary>
    Completed,
    /// <summary>The monitored score did not get better for as many epochs as the patience allows.</summary>
    StoppedEarly,
    /// <summary>The steps or the time for training are used up.</summary>
    BudgetSpent,
    /// <summary>Somebody asked for it; a checkpoint was saved.</summary>
    Interrupted,
}

/// <summary>A loss and the metrics beside it, by name.</summary>
public sealed record Scores(double Loss, IReadOnlyDictionary<string, double> Metrics)
{
    /// <summary>The metric of this name, or the loss for <c>loss</c>.</summary>
    public double this[string name] => name == "loss" ? Loss : Metrics[name];
}
