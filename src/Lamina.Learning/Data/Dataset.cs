using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Data;

/// <summary>
/// A numbered set of examples: each has one or more inputs and targets of fixed types, and a weight where the set has those. It is
/// read straight into a batch's memory. What is read depends on the call alone and a set never changes, so any thread may read,
/// several at once.
/// </summary>
public abstract class Dataset
{
    /// <summary>The number of examples.</summary>
    public abstract int Count { get; }

    /// <summary>
    /// Types and shapes of one example's inputs, without the batch axis, in the order of the network's inputs. Where lengths vary
    /// (<see cref="Lengths"/>), those of the longest example.
    /// </summary>
    public abstract Specs Inputs { get; }

    /// <summary>Types and shapes of one example's targets, without the batch axis.</summary>
    public abstract Specs Targets { get; }

    /// <summary>Whether each example has a weight, a float32 number from 0: how much it counts in losses and scores.</summary>
    public virtual bool HasWeights => false;

    /// <summary>
    /// The number of steps of each example, where that varies; null where all examples have one shape. Such examples are batched with
    /// others of about their length and padded to a common one (see <see cref="BatchOptions.Buckets"/>).
    /// </summary>
    public virtual IReadOnlyList<int>? Lengths => null;

    /// <summary>
    /// The lengths that examples are best padded to, shortest first, the last no shorter than the longest example; null: whatever is usual. Of use
    /// only where lengths vary.
    /// </summary>
    public virtual IReadOnlyList<int>? Buckets => null;

    /// <summary>Types and shapes of one example's inputs when it is padded to <paramref name="length"/> steps.</summary>
    public virtual Specs InputsAt(int length) => Inputs;

    /// <summary>Types and shapes of one example's targets when it is padded to <paramref name="length"/> steps.</summary>
    public virtual Specs TargetsAt(int length) => Targets;

    /// <summary>Writes the inputs, targets and weights of the call's examples, row by row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is not below <see cref="Count"/>.</exception>
    public abstract void Read(in ReadCall call);

    /// <summary>Some of the examples, as a set of their own.</summary>
    /// <inheritdoc cref="Subset(Dataset, ReadOnlySpan{int})" path="/exception"/>
    public Dataset Select(ReadOnlySpan<int> indices) => new Subset(this, indices);

    /// <summary>These examples, in new tensors that may be kept; padded to the longest of them where lengths vary.</summary>
    public Batch Take(ReadOnlySpan<int> indices, long seed = 0, int epoch = 0)
    {
        int length = 0;
        if (Lengths is { } lengths)
            foreach (int index in indices) length = Math.Max(length, lengths[index]);
        return new BatchBuffer(this, indices.Length, length).Fill(this, indices, length, 0, seed, epoch);
    }
}
