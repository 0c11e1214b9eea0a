using System.Buffers;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Data;

/// <summary>
/// Some examples of another set, in a given order: example i of the subset is example <c>indices[i]</c> of the set. What is
/// drawn at random for an example is keyed by its index in the set, so it is the same however the set was split.
/// </summary>
public sealed class Subset : Dataset
{
    private readonly Dataset _dataset;
    private readonly int[] _indices;
    private readonly int[]? _lengths;

    /// <summary>The examples of <paramref name="dataset"/> at <paramref name="indices"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The set has no example of such an index.</exception>
    public Subset(Dataset dataset, ReadOnlySpan<int> indices)
    {
        _indices = indices.ToArray();
        foreach (int index in _indices)
            if ((uint)index >= (uint)dataset.Count)
                throw new ArgumentOutOfRangeException(nameof(indices), $"there is no example {index}: the set has {dataset.Count}");
        _dataset = dataset;
        if (dataset.Lengths is { } lengths) _lengths = Array.ConvertAll(_indices, index => lengths[index]);
        if (dataset is not Subset inner) return;
        // A part of a part reads from the whole.
        for (int i = 0; i < _indices.Length; i++) _indices[i] = inner._indices[_indices[i]];
        _dataset = inner._dataset;
    }

    /// <inheritdoc/>
    public override int Count => _indices.Length;

    /// <inheritdoc/>
    public override Specs Inputs => _dataset.Inputs;

    /// <inheritdoc/>
    public override Specs Targets => _dataset.Targets;

    /// <inheritdoc/>
    public override bool HasWeights => _dataset.HasWeights;

    /// <inheritdoc/>
    public override IReadOnlyList<int>? Lengths => _lengths;

    /// <inheritdoc/>
    public override Specs InputsAt(int length) => _dataset.InputsAt(length);

    /// <inheritdoc/>
    public override Specs TargetsAt(int length) => _dataset.TargetsAt(length);

    /// <inheritdoc/>
    public override void Read(in ReadCall call)
    {
        int[] rented = ArrayPool<int>.Shared.Rent(call.Indices.Length);
        try
        {
            Span<int> rows = rented.AsSpan(0, call.Indices.Length);
            for (int i = 0; i < rows.Length; i++) rows[i] = _indices[call.Indices[i]];
            _dataset.Read(call.For(rows));
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }
}
