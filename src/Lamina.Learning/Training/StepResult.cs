using Lamina.Tensors;

namespace Lamina.Learning.Training;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>What a step gave: tensors that are valid until the next step. <see cref="Tensor.Keep"/> what is needed for longer.</summary>
public readonly struct StepResult
{
    private readonly Tensors _results;
    private readonly bool _hasNorm;

    // loss, weight, the sum of losses where they are weighted, the norm where it is measured, predictions
    internal StepResult(Tensors results, bool hasNorm) => (_results, _hasNorm) = (results, hasNorm);

    private int First => EpochScores.IsWeighted(_results) ? 3 : 2;

    /// <summary>The loss before the update, a scalar.</summary>
    public Tensor Loss => _results[0];

    /// <summary>The sum of the weights that the loss is a mean over, a scalar: the number of examples where they have no weights.</summary>
    public Tensor Weight => _results[1];

    /// <summary>The norm of all gradients together, before clipping, a scalar; null where it isn't measured.</summary>
    public Tensor? GradientNorm => _hasNorm ? _results[First] : null;

    /// <summary>The only, or first, output of the network for the batch before the update.</summary>
    public Tensor Prediction => _results[First + (_hasNorm ? 1 : 0)];

    /// <summary>The network's outputs for the batch before the update, in a new list.</summary>
    public Tensors Predictions => Tensors.Create(_results.Span[(First + (_hasNorm ? 1 : 0))..]);

    internal Tensors Scored => _results;
}
