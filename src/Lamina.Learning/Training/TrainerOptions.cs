using Lamina.Learning.Schedules;

namespace Lamina.Learning.Training;

/// <summary>How a network is trained. The learning rate is the optimiser's; the schedule multiplies it.</summary>
public sealed record TrainerOptions
{
    /// <summary>Number of epochs, from 1.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Number of steps after which training ends in the middle of an epoch; null: no limit.</summary>
    public long? MaxSteps { get; init; }

    /// <summary>
    /// Time after which training ends at the next step; null: no limit. The step is in <see cref="Finished.Steps"/> and in the checkpoint:
    /// with <see cref="MaxSteps"/> set to it, a repeat has the same bits.
    /// </summary>
    public TimeSpan? MaxTime { get; init; }

    /// <summary>How the learning rate changes over the run.</summary>
    public Schedule Schedule { get; init; } = new ConstantSchedule();

    /// <summary>The random seed: of weights that nobody set, dropout, and everything else that is drawn. Shuffling follows it too.</summary>
    public long Seed { get; init; }

    /// <summary>The score that decides which epoch is best: <c>loss</c>, or a metric's name. Whether more is better is known to the metric.</summary>
    public string Monitor { get; init; } = "loss";

    /// <summary>Number of epochs without improvement to tolerate before training stops, 0 or more; null: training never stops early.</summary>
    public int? Patience { get; init; }

    /// <summary>The largest norm of all gradients together; null: no limit.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>The largest absolute value in a gradient; null: no limit.</summary>
    public double? ClipValue { get; init; }

    /// <summary>Number of batches whose gradients are accumulated for one step, from 1.</summary>
    public int AccumulateBatches { get; init; } = 1;

    /// <summary>
    /// Decay of an exponential moving average of the weights, such as 0.999, which is measured and kept in place of the last step's
    /// weights; null: none.
    /// </summary>
    public double? AverageDecay { get; init; }

    /// <summary>
    /// Epoch, from 1, from whose end on the weights at the ends of epochs are averaged alike (stochastic weight averaging, Izmailov et al.,
    /// 2018), best with a rate that stays high; the mean is measured and kept in place of the last step's weights. Null: none. Not together with
    /// <see cref="AverageDecay"/>.
    /// </summary>
    public int? AverageFromEpoch { get; init; }

    /// <summary>Which layers stay as they are, and when they are taken up; null: all that aren't frozen by themselves are trained from the beginning.</summary>
    public Freezing? Freezing { get; init; }

    /// <summary>The folder for checkpoints and the best weights; null: nothing is written.</summary>
    public string? Folder { get; init; }

    /// <summary>The time between checkpoints inside an epoch. One is saved after every epoch too.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Number of batches in an epoch, to try everything out quickly; null: all there are.</summary>
    public int? BatchesPerEpoch { get; init; }

    /// <summary>Number of batches of the validation set; null: all there are.</summary>
    public int? ValidationBatches { get; init; }
}
