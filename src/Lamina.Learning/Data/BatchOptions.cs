namespace Lamina.Learning.Data;

/// <summary>Treatment of the examples that do not fill a last batch.</summary>
public enum LastBatch
{
    /// <summary>
    /// They are left out, so that every batch has the same shape and one plan serves all. With shuffling, other examples are
    /// left out in the next epoch. A set smaller than one batch is still given, as one smaller batch.
    /// </summary>
    Drop,

    /// <summary>They are a smaller batch of their own; a plan records once more for its shape. For evaluation.</summary>
    Keep,
}

/// <summary>Options for cutting a data set into batches.</summary>
public sealed record BatchOptions
{
    /// <summary>For training: shuffled, and the rest dropped.</summary>
    public static BatchOptions Training { get; } = new();

    /// <summary>For evaluation: every example once, in the order of the set.</summary>
    public static BatchOptions Evaluation { get; } = new() { Shuffle = false, Last = LastBatch.Keep };

    /// <summary>Examples in a batch, from 1.</summary>
    public int Size { get; init; } = 64;

    /// <summary>Whether each epoch has an order of its own, which depends on seed and epoch alone.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Treatment of the examples that do not fill a last batch.</summary>
    public LastBatch Last { get; init; } = LastBatch.Drop;

    /// <summary>The random seed of the order and of everything that is drawn for an example; null: the seed of the training that reads it.</summary>
    public long? Seed { get; init; }

    /// <summary>
    /// The lengths that examples are padded to, where a set's lengths vary (<see cref="Dataset.Lengths"/>): each to the smallest that
    /// holds it, so that a plan is recorded for each of them and no more. Null: the set's own (<see cref="Dataset.Buckets"/>), or up to six lengths,
    /// chosen so that about as many examples are padded to each.
    /// </summary>
    public IReadOnlyList<int>? Buckets { get; init; }

    /// <summary>Number of batches to prefetch beside the one in use, from 1. Each takes a batch's memory.</summary>
    public int Ahead { get; init; } = 2;
}
