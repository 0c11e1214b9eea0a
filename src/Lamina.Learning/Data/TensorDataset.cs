using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Data;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Examples that are rows of tensors in memory, of any types: one or more inputs, targets, and weights where wanted.</summary>
public sealed class TensorDataset : Dataset
{
    private readonly Tensor[] _inputs, _targets;
    private readonly Tensor? _weights;

    /// <summary>The rows of <paramref name="inputs"/> (count, …) with those of <paramref name="targets"/> (count, …).</summary>
    /// <exception cref="TensorException">The tensors have no first axis in common.</exception>
    public TensorDataset(Tensor inputs, Tensor targets) : this(inputs, targets, null) { }

    /// <summary>The rows of several inputs, targets and weights.</summary>
    /// <param name="inputs">Each (count, …), in the order of the network's inputs.</param>
    /// <param name="targets">Each (count, …).</param>
    /// <param name="weights">How much each example counts, float32 (count), 0 or more; null: all the same.</param>
    /// <exception cref="TensorException">The tensors have no first axis in common, or a weight is negative or not finite.</exception>
    public TensorDataset(Tensors inputs, Tensors targets, Tensor? weights)
    {
        _ = new Batch(inputs, targets, weights); // the same rules
        if (weights is not null)
            foreach (float weight in weights.ToArray<float>())
                if (!(weight >= 0) || float.IsInfinity(weight))
                    throw new TensorException($"an example's weight is {weight}; weights are 0 or more, and finite");
        _inputs = Compact(inputs);
        _targets = Compact(targets);
        _weights = weights is null ? null : Compact(weights)[0];
        Inputs = Example(inputs);
        Targets = Example(targets);
    }

    /// <inheritdoc/>
    public override int Count => _inputs[0].Shape[0];

    /// <inheritdoc/>
    public override Specs Inputs { get; }

    /// <inheritdoc/>
    public override Specs Targets { get; }

    /// <inheritdoc/>
    public override bool HasWeights => _weights is not null;

    /// <inheritdoc/>
    public override void Read(in ReadCall call)
    {
        for (int i = 0; i < _inputs.Length; i++) Gather(_inputs[i].ReadBytes(), call.Indices, call.InputBytes(i), (int)Inputs[i].Bytes);
        for (int i = 0; i < _targets.Length; i++) Gather(_targets[i].ReadBytes(), call.Indices, call.TargetBytes(i), (int)Targets[i].Bytes);
        if (_weights is null) return;
        ReadOnlySpan<float> weights = _weights.Read<float>();
        for (int i = 0; i < call.Indices.Length; i++) call.Weights[i] = weights[call.Indices[i]];
    }

    private static Tensor[] Compact(Tensors tensors) => [.. tensors.Span.ToArray().Select(t => t.IsCompact ? t : t.Keep())];

    private static Specs Example(Tensors tensors) => Specs.Create([.. tensors.Specs.ToArray().Select(s => s with { Shape = s.Shape.Without(0) })]);

    private static void Gather(ReadOnlySpan<byte> from, ReadOnlySpan<int> rows, Span<byte> to, int size)
    {
        for (int i = 0; i < rows.Length; i++) from.Slice(checked(rows[i] * size), size).CopyTo(to.Slice(i * size, size));
    }
}
