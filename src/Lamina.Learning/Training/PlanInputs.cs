using Lamina.Learning.Data;
using Lamina.Tensors;

namespace Lamina.Learning.Training;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>A batch as the flat list of tensors that a plan takes, and back: inputs, targets, weights, and what comes after them.</summary>
internal sealed class PlanInputs
{
    private Tensor[] _flat = [];
    private int _inputs, _targets;
    private bool _hasWeights;

    /// <summary>The tensors of a batch, then the others; the same memory at every call.</summary>
    public ReadOnlySpan<Tensor> Of(Batch batch, params ReadOnlySpan<Tensor> others)
    {
        (_inputs, _targets, _hasWeights) = (batch.Inputs.Count, batch.Targets.Count, batch.Weights is not null);
        int count = _inputs + _targets + (_hasWeights ? 1 : 0) + others.Length;
        if (_flat.Length != count) _flat = new Tensor[count];
        batch.Inputs.Span.CopyTo(_flat);
        batch.Targets.Span.CopyTo(_flat.AsSpan(_inputs));
        if (batch.Weights is { } weights) _flat[_inputs + _targets] = weights;
        others.CopyTo(_flat.AsSpan(count - others.Length));
        return _flat;
    }

    /// <summary>The batch that was laid out last, of these tensors.</summary>
    public Batch Batch(Tensors flat) => new(
        Tensors.Create(flat.Span[.._inputs]),
        Tensors.Create(flat.Span.Slice(_inputs, _targets)),
        _hasWeights ? flat[_inputs + _targets] : null);

    /// <summary>A fingerprint that also holds how the batch is laid out.</summary>
    public long Fingerprint(long model, int part) => (model * 31 + part) * 31 + (_inputs << 16) + (_targets << 1) + (_hasWeights ? 1 : 0);
}
