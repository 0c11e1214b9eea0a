using Lamina.Tensors;

namespace Lamina.Learning.Training;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>What a step gave: tensors that are valid until the next step. <see cref="Tensor.Keep"/> what is needed for longer.</summary>
public readonly struct StepResult
{
    private readonly Tensors _results;
    private readonly StepLayout _layout;

    internal StepResult(Tensors results, StepLayout layout) => (_results, _layout) = (results, layout);

    private int First => EpochScores.IsWeighted(_results) ? 3 : 2;

    private int FirstPart => First + (_layout.HasNorm ? 1 : 0);

    private int FirstPrediction => FirstPart + _layout.Parts + _layout.PhaseNorms;

    /// <summary>The loss before the update, a scalar; of an objective with phases the sum of their losses.</summary>
    public Tensor Loss => _results[0];

    /// <summary>The sum of the weights that the loss is a mean over, a scalar: the number of examples where they have no weights.</summary>
    public Tensor Weight => _results[1];

    /// <summary>The norm of all gradients together, before clipping, a scalar; null where it isn't measured.</summary>
    public Tensor? GradientNorm => _layout.HasNorm ? _results[First] : null;

    /// <summary>What is reported beside the loss, each a scalar, in the order of <see cref="Objectives.Objective.PartNames"/>.</summary>
    public ReadOnlySpan<Tensor> Parts => _results.Span.Slice(FirstPart, _layout.Parts);

    /// <summary>The norm of each phase's gradients, where the objective has phases and norms are measured.</summary>
    internal ReadOnlySpan<Tensor> PhaseNorms => _results.Span.Slice(FirstPart + _layout.Parts, _layout.PhaseNorms);

    /// <summary>The only, or first, output of the network for the batch before the update.</summary>
    public Tensor Prediction => _results[FirstPrediction];

    /// <summary>The network's outputs for the batch before the update, in a new list.</summary>
    public Tensors Predictions => Tensors.Create(_results.Span[FirstPrediction..]);

    internal Tensors Scored => _results;
}

/// <summary>
/// How a step's results are laid out: loss, weight, the sum of losses where they are weighted, the norm where it is measured, the parts of the loss,
/// the norms of the phases, predictions.
/// </summary>
internal readonly record struct StepLayout(bool HasNorm, int Parts, int PhaseNorms);
