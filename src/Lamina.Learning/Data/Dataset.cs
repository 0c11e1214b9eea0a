using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Data;

/// <summary>
/// A numbered set of examples of one type and shape. It is read straight into a batch's memory. What is read depends on
/// the call alone and a set never changes, so any thread may read, several at once.
/// </summary>
public abstract class Dataset
{
    /// <summary>The number of examples.</summary>
    public abstract int Count { get; }

    /// <summary>Type and shape of one example's input, without the batch axis.</summary>
    public abstract Spec Input { get; }

    /// <summary>Type and shape of one example's target, without the batch axis.</summary>
    public abstract Spec Target { get; }

    /// <summary>Writes the inputs and targets of the call's examples, row by row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is not below <see cref="Count"/>.</exception>
    public abstract void Read(in ReadCall call);

    /// <summary>Some of the examples, as a set of their own.</summary>
    /// <inheritdoc cref="Subset(Dataset, ReadOnlySpan{int})" path="/exception"/>
    public Dataset Select(ReadOnlySpan<int> indices) => new Subset(this, indices);

    /// <summary>These examples, in new tensors that may be kept.</summary>
    public Batch Take(ReadOnlySpan<int> indices, long seed = 0, int epoch = 0)
    {
        var buffer = new BatchBuffer(this, indices.Length, indices.Length);
        return buffer.Fill(this, indices, 0, seed, epoch);
    }

    /// <summary>Type and shape of the inputs of a batch.</summary>
    public Spec InputBatch(int rows) => new(Input.DType, Input.Shape.Insert(0, rows));

    /// <summary>Type and shape of the targets of a batch.</summary>
    public Spec TargetBatch(int rows) => new(Target.DType, Target.Shape.Insert(0, rows));
}
