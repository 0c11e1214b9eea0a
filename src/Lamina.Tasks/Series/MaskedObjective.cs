using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Series;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// The mean squared error of predicted series over the values that are known: the second target is 1 for those, and 0 for missing ones. With a delta
/// errors beyond it count by their distance (Huber, 1964), so that what is odd pulls less.
/// </summary>
/// <param name="network">The network.</param>
/// <param name="delta">Where the loss turns from square to straight; null: nowhere.</param>
internal sealed partial class MaskedObjective(Network network, double? delta = null) : Objective
{
    /// <summary>Where the loss turns from square to straight.</summary>
    public double? Delta { get; } = delta;

    /// <summary>The network.</summary>
    public Network Network { get; } = network;

    /// <summary>The loss where no value is missing.</summary>
    public MeanSquaredError Loss { get; } = new();

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
        Tensors predictions = Network.Forward(batch.Inputs, pass);
        if (batch.Targets.Count == 1) return new(Loss.Compute(predictions[0], batch.Target), predictions);
        Tensor known = batch.Targets[1], distance = (predictions[0] - batch.Target) * known;
        Tensor sum = Squares(distance).Sum(), count = known.Sum();
        return new(sum / count.Maximum(1), predictions, count, sum);
    }

    // Twice Huber's loss where there is a delta, so that small errors are squares.
    private Tensor Squares(Tensor distance)
    {
        if (Delta is not { } most) return distance * distance;
        Tensor size = distance.Abs(), cut = size.Clamp(max: most);
        return cut * (2 * size - cut);
    }

    /// <inheritdoc/>
    public override (Tensor Prediction, Tensor Target) Compared(Tensors predictions, Batch batch) => batch.Targets.Count == 1
        ? base.Compared(predictions, batch)
        // What isn't known counts as predicted.
        : (predictions[0] * batch.Targets[1] + batch.Target * (1 - batch.Targets[1]), batch.Target);
}
