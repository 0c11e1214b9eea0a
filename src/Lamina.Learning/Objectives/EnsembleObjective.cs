using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Graphs;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Objectives;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>A network whose members each give a prediction of their own; its output is their mean.</summary>
public interface IEnsemble
{
    /// <summary>The predictions of all members, (batch, members, outputs).</summary>
    Tensor Members(Tensors inputs, Pass pass);
}

/// <summary>
/// Learning by examples with an ensemble: in training each member is compared with the target by itself, so that members differ and their
/// mean is better than each; in evaluation their mean is compared.
/// </summary>
public sealed partial class EnsembleObjective : Objective
{
    /// <summary>The objective of an ensemble and a loss.</summary>
    /// <exception cref="ArgumentException">The network isn't an <see cref="IEnsemble"/>.</exception>
    public EnsembleObjective(Network network, Loss loss)
    {
        if (network is not IEnsemble) throw new ArgumentException($"{network} isn't an ensemble", nameof(network));
        (Network, Loss) = (network, loss);
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
        if (!pass.IsTraining)
        {
            Tensors answer = Network.Forward(batch.Inputs, pass);
            LossValue whole = LossPlace.Compute(Network, Loss, answer[0], batch.Targets[0], batch.Weights);
            return new(whole.Mean, answer, whole.Weight, whole.Sum);
        }
        Tensor members = ((IEnsemble)Network).Members(batch.Inputs, pass);
        int count = members.Shape[0], each = members.Shape[1];
        Tracer? tracer = Tracer.Current;
        tracer?.Enter(Loss, [members, batch.Targets[0]]);
        LossValue value = LossPlace.Compute(Network, Loss, members.Reshape(members.Shape.Without(0).With(0, count * each)),
            Repeat(batch.Targets[0], each), batch.Weights is { } w ? Repeat(w, each) : null);
        tracer?.Leave(Loss, value.Mean);
        // A weight is repeated for each member, an example counts once.
        return new(value.Mean, Tensors.Create([members.Mean([1])]), value.Weight is { } weight ? weight / each : null, value.Sum is { } sum
            ? sum / each : null);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Network}, {Loss}";

    // (batch, …) → (batch · each, …)
    private static Tensor Repeat(Tensor x, int each) =>
        x.Unsqueeze(1).BroadcastTo(x.Shape.Insert(1, each)).Reshape(x.Shape.With(0, x.Shape[0] * each));
}
