using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Data;

/// <summary>Examples that are rows of two tensors in memory, of any types.</summary>
public sealed class TensorDataset : Dataset
{
    private readonly Tensor _inputs, _targets;

    /// <summary>The rows of <paramref name="inputs"/> (count, …) with those of <paramref name="targets"/> (count, …).</summary>
    /// <exception cref="TensorException">The tensors have no first axis in common.</exception>
    public TensorDataset(Tensor inputs, Tensor targets)
    {
        if (inputs.Rank == 0 || targets.Rank == 0 || inputs.Shape[0] != targets.Shape[0])
            throw new TensorException($"a set of inputs {inputs.Shape} and targets {targets.Shape}: the first axis of both counts the examples",
                inputs.Rank > 0 && targets.Rank > 0 ? $"as many inputs as targets: there are {inputs.Shape[0]} and {targets.Shape[0]}" : "Unsqueeze(0) on a single example");
        _inputs = inputs.IsCompact ? inputs : inputs.Keep();
        _targets = targets.IsCompact ? targets : targets.Keep();
        Input = new(inputs.DType, inputs.Shape.Without(0));
        Target = new(targets.DType, targets.Shape.Without(0));
    }

    /// <inheritdoc/>
    public override int Count => _inputs.Shape[0];

    /// <inheritdoc/>
    public override Spec Input { get; }

    /// <inheritdoc/>
    public override Spec Target { get; }

    /// <inheritdoc/>
    public override void Read(in ReadCall call)
    {
        Gather(_inputs.ReadBytes(), call.Indices, call.InputBytes, (int)Input.Bytes);
        Gather(_targets.ReadBytes(), call.Indices, call.TargetBytes, (int)Target.Bytes);
    }

    private static void Gather(ReadOnlySpan<byte> from, ReadOnlySpan<int> rows, Span<byte> to, int size)
    {
        for (int i = 0; i < rows.Length; i++) from.Slice(rows[i] * size, size).CopyTo(to.Slice(i * size, size));
    }
}
