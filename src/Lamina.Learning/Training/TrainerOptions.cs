using Lamina.Learning.Schedules;

namespace Lamina.Learning.Training;

/// <summary>How a network is trained.</summary>
public sealed record TrainerOptions
{
    /// <summary>How often all examples are gone through.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>The learning rate that the schedule starts from.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>How the learning rate changes over the run.</summary>
    public Schedule Schedule { get; init; } = new ConstantSchedule();

    /// <summary>The key of everything random.</summary>
    public long Seed { get; init; }

    /// <summary>The score that decides which epoch is best: <c>loss</c>, or a metric's name.</summary>
    public string Monitor { get; init; } = "loss";

    /// <summary>Whether a higher score is better, as for accuracy.</summary>
    public bool HigherIsBetter { get; init; }

    /// <summary>Epochs without a better score after which training stops; null: never.</summary>
    public int? Patience { get; init; }

    /// <summary>The largest norm of all gradients together; null: no limit.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>The largest absolute value in a gradient; null: no limit.</summary>
    public double? ClipValue { get; init; }

    /// <summary>
    /// The folder for checkpoints and the best weights. Null: nothing is written, and the last good state of model and optimiser is held in memory,
    /// to find out where a value that isn't finite came from.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>The time between checkpoints inside an epoch. One is saved after every epoch too.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Steps in an epoch, to try everything out quickly; null: all there are.</summary>
    public int? StepsPerEpoch { get; init; }

    /// <summary>Batches of the validation set; null: all there are.</summary>
    public int? ValidationBatches { get; init; }
}
