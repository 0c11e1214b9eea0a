using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Data;

/// <summary>
/// Sequences of different lengths, each (steps, …), with a target each. An example has two inputs: the sequence, padded with zeros at
/// its end, and a mask, float32 (steps), that is 1 where there is a step and 0 where there is padding.
/// </summary>
public sealed class SequenceDataset : Dataset
{
    private readonly Tensor[] _sequences;
    private readonly Tensor _targets;
    private readonly int[] _lengths;

    /// <summary>The sequences, and targets (count, …).</summary>
    /// <exception cref="TensorException">There are none, their types or sizes but for the steps differ, one is empty, or there isn't one target for
    /// each.</exception>
    public SequenceDataset(IReadOnlyList<Tensor> sequences, Tensor targets)
    {
        if (sequences.Count == 0) throw new TensorException("a set of no sequences", "one sequence (steps, …) at least");
        if (targets.Rank == 0 || targets.Shape[0] != sequences.Count)
            throw new TensorException($"{sequences.Count} sequences with targets {targets.Shape}: the first axis counts the sequences");
        Tensor first = sequences[0];
        for (int i = 0; i < sequences.Count; i++)
        {
            Tensor one = sequences[i];
            if (one.Rank == 0 || one.Shape[0] == 0) throw new TensorException($"sequence {i} has shape {one.Shape}; it needs one step at least");
            if (one.DType != first.DType || one.Shape.Without(0) != first.Shape.Without(0))
                throw new TensorException($"sequence {i} is {one.Spec}, sequence 0 {first.Spec}: they may differ in the number of steps only");
        }
        _sequences = [.. sequences.Select(s => s.IsCompact ? s : s.Keep())];
        _targets = targets.IsCompact ? targets : targets.Keep();
        _lengths = [.. sequences.Select(s => s.Shape[0])];
        Inputs = InputsAt(_lengths.Max());
        Targets = new Spec(targets.DType, targets.Shape.Without(0));
    }

    /// <inheritdoc/>
    public override int Count => _sequences.Length;

    /// <inheritdoc/>
    public override Specs Inputs { get; }

    /// <inheritdoc/>
    public override Specs Targets { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<int> Lengths => _lengths;

    /// <inheritdoc/>
    public override Specs InputsAt(int length) =>
        [new(_sequences[0].DType, _sequences[0].Shape.Without(0).Insert(0, length)), new(DType.Float32, [length])];

    /// <inheritdoc/>
    public override void Read(in ReadCall call)
    {
        int row = (int)InputsAt(call.Length)[0].Bytes, target = (int)Targets[0].Bytes;
        Span<float> mask = call.Inputs<float>(1);
        for (int i = 0; i < call.Indices.Length; i++)
        {
            int index = call.Indices[i];
            ReadOnlySpan<byte> steps = _sequences[index].ReadBytes();
            Span<byte> to = call.InputBytes(0).Slice(i * row, row);
            steps.CopyTo(to);
            to[steps.Length..].Clear();
            mask.Slice(i * call.Length, _lengths[index]).Fill(1);
            mask.Slice(i * call.Length + _lengths[index], call.Length - _lengths[index]).Clear();
            _targets.ReadBytes().Slice(index * target, target).CopyTo(call.TargetBytes().Slice(i * target, target));
        }
    }
}
