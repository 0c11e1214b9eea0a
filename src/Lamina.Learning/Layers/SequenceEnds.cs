using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Layers;

/// <summary>Where the sequences of a batch end, and what follows from it.</summary>
internal sealed class SequenceEnds
{
    // (batch, steps): for each step of the reversed sequences the row of (batch · steps) that it is; what is behind the end stays.
    private readonly Tensor _isValid, _reversed, _isAny, _lastRows;

    private SequenceEnds(int batch, int steps, Tensor lengths)
    {
        Tensor step = Tensor.Create<long>((1, steps), values => { for (int i = 0; i < values.Length; i++) values[i] = i; });
        Tensor firstRows = Tensor.Create<long>([batch], values => { for (int i = 0; i < values.Length; i++) values[i] = (long)i * steps; });
        // In a plan no length can be refused: it is brought into the range.
        Tensor length = lengths.Cast(DType.Int64).Clamp(0, steps), last = length.Unsqueeze(-1) - 1;
        _isValid = step < length.Unsqueeze(-1);
        _reversed = Tensor.Where(_isValid, last - step, step + last * 0) + firstRows.Unsqueeze(-1);
        _isAny = (length > 0).Unsqueeze(-1);
        _lastRows = (length - 1).Maximum(0) + firstRows;
    }

    /// <summary>The ends of sequences (batch, steps, …) of these lengths (batch).</summary>
    /// <exception cref="TensorException">A length is not a whole number from 0 to the steps, or there are more or fewer than sequences.</exception>
    public static SequenceEnds Of(Layer layer, Tensor x, Tensor lengths)
    {
        (int batch, int steps) = (x.Shape[0], x.Shape[1]);
        if (lengths.Shape != new Shape(batch))
            throw new TensorException($"{layer}: the lengths have shape {lengths.Shape}; the input {x.Shape} has {batch} sequences",
                lengths.Shape == new Shape(batch, steps) ? "Sum([1]).Cast(DType.Int64) of a mask" : "one length for each sequence");
        if (lengths.DType != DType.Int64 && lengths.DType != DType.Int32)
            throw new TensorException($"{layer}: the lengths are {lengths.DType.Text}, not whole numbers", "Cast(DType.Int64)");
        for (int i = 0; !lengths.IsSymbolic && i < batch; i++)
            if (lengths.Element(i) is var length && !(length >= 0 && length <= steps))
                throw new TensorException($"{layer}: sequence {i} has length {length}, the input {x.Shape} has {steps} steps", $"lengths from 0 to {steps}");
        return new(batch, steps, lengths);
    }

    /// <summary>Whether a step is behind the end, (batch, steps).</summary>
    public Tensor IsBehind => Tensor.Where(_isValid, Tensor.Of(0f), Tensor.Of(1f));

    /// <summary>Zeros behind the end.</summary>
    public Tensor Cut(Tensor x) => Tensor.Where(_isValid.Unsqueeze(-1), x, 0);

    /// <summary>Each sequence backwards, from its own last step to its first.</summary>
    public Tensor Reversed(Tensor x) => x.Reshape(new Shape(x.Shape[0] * x.Shape[1], x.Shape[2])).Rows(_reversed);

    /// <summary>The state at each sequence's last step; where it has none the one that it began with, or zeros.</summary>
    public Tensor Last(Tensor states, Tensor? first)
    {
        Tensor last = states.Reshape(new Shape(states.Shape[0] * states.Shape[1], states.Shape[2])).Rows(_lastRows);
        return first is null ? Tensor.Where(_isAny, last, 0) : Tensor.Where(_isAny, last, first);
    }
}
