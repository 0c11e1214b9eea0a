using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Objectives;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// Learning to write one sequence from another, the right tokens so far being given (teacher forcing; Sutskever, Vinyals and Le, 2014: "Sequence to
/// sequence learning with neural networks"): a network takes a source and the target so far, and says at each step which token is next. The loss is
/// the mean of −ln p over all tokens that aren't padding; in training a share of each target is spread evenly over all tokens (label smoothing:
/// Szegedy et al., 2015), in evaluation none, so that it can be compared.
/// </summary>
public sealed partial class SequenceToSequence : Objective
{
    private readonly CrossEntropy _smoothed, _plain;

    /// <summary>The objective of a network.</summary>
    /// <param name="network">
    /// Takes a source and the target so far, both (batch, steps), and gives logits (batch, target steps, tokens). A batch of
    /// <see cref="SequencePairDataset"/> fits.
    /// </param>
    /// <param name="labelSmoothing">The share of each target that is spread over all tokens in training, 0 to below 1.</param>
    /// <param name="padding">The token that counts nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">The smoothing is not at least 0 and below 1.</exception>
    public SequenceToSequence(Network network, double labelSmoothing = 0.1, int padding = SequencePairDataset.Padding)
    {
        (Network, LabelSmoothing, Padding) = (network, labelSmoothing, padding);
        _smoothed = new CrossEntropy(labelSmoothing, ignoreIndex: padding);
        _plain = new CrossEntropy(ignoreIndex: padding);
    }

    /// <summary>The network.</summary>
    public Network Network { get; }

    /// <summary>The share of each target that is spread over all tokens in training.</summary>
    public double LabelSmoothing { get; }

    /// <summary>The token that counts nothing.</summary>
    public int Padding { get; }

    /// <inheritdoc/>
    public override Module Model => Network;

    /// <inheritdoc/>
    public override void Build(Specs inputs)
    {
        if (!Network.IsBuilt) Network.Build(inputs);
    }

    /// <inheritdoc/>
    public override ObjectiveResult Compute(Batch batch, Pass pass)
    {
        if (batch.Targets.Count == 0) throw new TensorException("the batch has no targets: the tokens that come next", "a SequencePairDataset");
        Tensors predictions = Network.Forward(batch.Inputs, pass);
        CrossEntropy loss = pass.IsTraining ? _smoothed : _plain;
        Tracer? tracer = Tracer.Current;
        tracer?.Enter(loss, [predictions[0], batch.Targets[0]]);
        LossValue value = LossPlace.Compute(Network, loss, predictions[0], batch.Targets[0], batch.Weights);
        tracer?.Leave(loss, value.Mean);
        return new(value.Mean, predictions, value.Weight, value.Sum);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Network}, {_smoothed}";
}
