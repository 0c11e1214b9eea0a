using System.Runtime.InteropServices;
using Lamina.Tensors;

namespace Lamina.Learning.Data;

/// <summary>
/// What a <see cref="Dataset"/> is asked to read: which examples, and the batch whose memory they fill, row by row.
/// The memory has whatever values it had, so every element has to be written.
/// </summary>
public readonly unsafe ref struct ReadCall
{
    private readonly Batch _batch;

    /// <summary>A call for these examples into the memory of a batch of as many rows.</summary>
    /// <param name="indices">The examples, in the order of the rows.</param>
    /// <param name="batch">The batch; its tensors are written.</param>
    /// <param name="length">The steps that every example is padded to, where lengths vary.</param>
    /// <param name="seed">Random seed; with the epoch and an example's index it determines all random draws for that example.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    internal ReadCall(ReadOnlySpan<int> indices, Batch batch, int length, long seed, int epoch)
    {
        _batch = batch;
        Indices = indices;
        Length = length;
        Seed = seed;
        Epoch = epoch;
    }

    /// <summary>The examples, in the order of the rows.</summary>
    public ReadOnlySpan<int> Indices { get; }

    /// <summary>The number of steps that every example is padded to; 0 where the set has no lengths.</summary>
    public int Length { get; }

    /// <summary>Random seed; with <see cref="Epoch"/> and an example\'s index it determines all random draws for that example.</summary>
    public long Seed { get; }

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; }

    /// <summary>The number of inputs of an example.</summary>
    public int InputCount => _batch.Inputs.Count;

    /// <summary>The number of targets of an example.</summary>
    public int TargetCount => _batch.Targets.Count;

    /// <summary>The memory of all rows' values of one input, in bytes.</summary>
    public Span<byte> InputBytes(int input = 0) => Bytes(_batch.Inputs[input]);

    /// <summary>The memory of all rows' values of one target, in bytes.</summary>
    public Span<byte> TargetBytes(int target = 0) => Bytes(_batch.Targets[target]);

    /// <summary>The values of one input, of all rows, side by side.</summary>
    public Span<T> Inputs<T>(int input = 0) where T : unmanaged => MemoryMarshal.Cast<byte, T>(InputBytes(input));

    /// <summary>The values of one target, of all rows, side by side.</summary>
    public Span<T> Targets<T>(int target = 0) where T : unmanaged => MemoryMarshal.Cast<byte, T>(TargetBytes(target));

    /// <summary>The weight of each row; empty where the set has none.</summary>
    public Span<float> Weights => _batch.Weights is { } weights ? MemoryMarshal.Cast<byte, float>(Bytes(weights)) : [];

    /// <summary>The same call for other examples of as many rows: for a set that reads from another.</summary>
    public ReadCall For(ReadOnlySpan<int> indices) => new(indices, _batch, Length, Seed, Epoch);

    // The memory itself: while it is filled, nobody may read the batch.
    private static Span<byte> Bytes(Tensor tensor) => new(tensor.Address, (int)tensor.Spec.Bytes);
}
