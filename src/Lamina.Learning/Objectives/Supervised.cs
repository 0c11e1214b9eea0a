using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Objectives;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Learning by examples: a network's first output is compared with the first target by a loss.</summary>
public sealed partial class Supervised : Objective
{
    /// <summary>The objective of a network and a loss.</summary>
    /// <exception cref="ArgumentException">The loss has parameters, which would not be trained.</exception>
    public Supervised(Network network, Loss loss)
    {
        if (loss.Variables.Any(v => v.Variable is Parameter))
            throw new ArgumentException($"{loss} has parameters of its own, which Supervised doesn't train: derive from Objective, with a Model that holds both", nameof(loss));
        Network = network;
        Loss = loss;
    }

    /// <summary>The network.</summary>
    public Network Network { get; }

    /// <summary>The loss.</summary>
    public Loss Loss { get; }

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
        if (batch.Targets.Count == 0) throw new TensorException("the batch has no targets to compare predictions with",
            "targets in the data set, or an objective that needs none");
        Tensors predictions = Network.Forward(batch.Inputs, pass);
        Tracer? tracer = Tracer.Current;
        tracer?.Enter(Loss, [predictions[0], batch.Targets[0]]);
        LossValue value = LossPlace.Compute(Network, Loss, predictions[0], batch.Targets[0], batch.Weights);
        tracer?.Leave(Loss, value.Mean);
        return new(value.Mean, predictions, value.Weight, value.Sum);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Network}, {Loss}";
}
