using System.Runtime.InteropServices;

namespace Lamina.Learning.Data;

/// <summary>
/// What a <see cref="Dataset"/> is asked to read: which examples, and the memory of a batch that they fill, row by row.
/// The memory has whatever values it had, so every element has to be written.
/// </summary>
public readonly ref struct ReadCall
{
    /// <summary>A call for these examples into this memory.</summary>
    public ReadCall(ReadOnlySpan<int> indices, Span<byte> inputBytes, Span<byte> targetBytes, long seed = 0, int epoch = 0)
    {
        Indices = indices;
        InputBytes = inputBytes;
        TargetBytes = targetBytes;
        Seed = seed;
        Epoch = epoch;
    }

    /// <summary>The examples, in the order of the rows.</summary>
    public ReadOnlySpan<int> Indices { get; }

    /// <summary>The memory of all rows' inputs, in bytes.</summary>
    public Span<byte> InputBytes { get; }

    /// <summary>The memory of all rows' targets, in bytes.</summary>
    public Span<byte> TargetBytes { get; }

    /// <summary>With <see cref="Epoch"/> and an example's index, the key of everything that is drawn at random for it.</summary>
    public long Seed { get; }

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; }

    /// <summary>The inputs of all rows, side by side.</summary>
    public Span<T> Inputs<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(InputBytes);

    /// <summary>The targets of all rows, side by side.</summary>
    public Span<T> Targets<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(TargetBytes);
}
