using Lamina.Learning.Data;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Graphs;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Objectives;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// How a network and a batch meet: what is predicted, and the number to minimise. <see cref="Supervised"/> is the ordinary one; others
/// are sequence to sequence, masked prediction, contrastive pairs, a variational autoencoder, diffusion. Training and evaluation know
/// objectives alone. A class that derives from it is <c>partial</c> and holds its networks and losses in properties or fields.
/// </summary>
public abstract class Objective : Module
{
    /// <summary>Module to train, save, count and summarise.</summary>
    public abstract Module Model { get; }

    /// <summary>
    /// The loss of a batch and the predictions that it was taken of. It may be recorded as part of a plan: it must not read values, and
    /// does the same whenever it is called with the same fields.
    /// </summary>
    /// <exception cref="TensorException">The batch doesn't fit; the message says where.</exception>
    public abstract ObjectiveResult Compute(Batch batch, Pass pass);

    /// <summary>Gives every parameter its shape; nothing is computed.</summary>
    /// <param name="inputs">Types and shapes of one example's inputs, without the batch axis.</param>
    public abstract void Build(Specs inputs);

    /// <summary>
    /// The parts of a training step, in their order, where each trains a module of its own by a loss of its own, such as a discriminator and a
    /// generator. None, the ordinary case: the loss of <see cref="Compute"/> trains all of the model.
    /// </summary>
    public virtual IReadOnlyList<TrainingPhase> Phases => [];

    /// <summary>
    /// The losses of the <see cref="Phases"/> in a training step. The next one is asked for when the modules of those before have been updated: what
    /// is computed for it reads parameters as they are then. Tensors of earlier phases may be used again; gradients are taken by the parameters of
    /// the phase's own module alone, so nothing has to be detached. What <see cref="Compute"/> says of recording holds here too.
    /// </summary>
    public virtual IEnumerable<ObjectiveResult> ComputePhases(Batch batch, Pass pass) => [Compute(batch, pass)];

    /// <summary>
    /// The names of the numbers that are reported beside the loss (<see cref="ObjectiveResult.Parts"/>): what it is a sum of. Of an objective with
    /// phases the loss of each, such as <c>discriminator loss</c>.
    /// </summary>
    public virtual IReadOnlyList<string> PartNames => Phases.Count == 0 ? [] : [.. Phases.Select(p => $"{p.Name} loss")];

    /// <summary>
    /// Whether a model with less loss is the better one, so that the epoch with the least is kept. Where it isn't, as between two networks that
    /// learn from each other, the last epoch's weights are kept, unless a metric is monitored.
    /// </summary>
    public virtual bool LossRanksEpochs => true;

    /// <summary>Sends the shapes of a batch of the data through a training pass; nothing is computed or changed.</summary>
    /// <exception cref="TensorException">The model can't be trained on such a batch; the message says where.</exception>
    internal virtual void Trace(Specs inputs, Specs targets)
    {
        // What takes more than the data has, an objective knows alone.
        if (Model is Network network && network.InputNames.Count == inputs.Count) Summary.Trace(network, inputs, isTraining: true);
    }

    /// <summary>The same for an objective whose <see cref="Compute"/> alone says how the model meets a batch.</summary>
    private protected void TraceCompute(Specs inputs, Specs targets)
    {
        using Lock.Scope alone = Summary.Building.EnterScope();
        using Gradient.PauseScope pause = Gradient.Pause();
        int count = inputs.Count;
        Graph.Record(x => Compute(new Batch(Tensors.Create(x.Span[..count]), Tensors.Create(x.Span[count..^1])), Pass.Training(x[x.Count - 1])).Loss,
            [.. inputs, .. targets, new Spec(DType.Int64, [2])]);
    }

    /// <summary>As many of a batch's tensors as a network takes: inputs, then targets, so that a class is a condition wherever it stands.</summary>
    /// <exception cref="TensorException">The batch has fewer.</exception>
    private protected static Tensors Given(Batch batch, Network network)
    {
        int count = network.InputNames.Count;
        if (batch.Inputs.Count + batch.Targets.Count < count)
            throw new TensorException($"{network} takes {count} inputs ({string.Join(", ", network.InputNames)}), "
                + $"the batch has {batch.Inputs.Count} inputs and {batch.Targets.Count} targets",
                "a data set with a class for each example, or a network without classes");
        return Tensors.Create([.. ((Tensor[])[.. batch.Inputs.Span, .. batch.Targets.Span]).Take(count)]);
    }

    /// <summary>The specs of those, where only the inputs are known: what is missing are classes.</summary>
    private protected static Specs Given(Specs inputs, Network network)
    {
        Spec[] known = [.. inputs.ToArray().Take(network.InputNames.Count)];
        return Specs.Create([.. known, .. Enumerable.Repeat(new Spec(DType.Int32, Shape.Scalar), network.InputNames.Count - known.Length)]);
    }

    /// <summary>The results of all phases as one: the sum of their losses, and each as a part.</summary>
    protected internal static ObjectiveResult Together(IEnumerable<ObjectiveResult> phases)
    {
        ObjectiveResult[] all = [.. phases];
        ObjectiveResult first = all[0];
        return new(all.Skip(1).Aggregate(first.Loss, (sum, phase) => sum + phase.Loss), all[^1].Predictions, first.Weight)
        {
            Parts = [.. all.Select(phase => phase.Loss)],
        };
    }

    /// <summary>Which prediction and target metrics compare; the first of each unless overridden.</summary>
    public virtual (Tensor Prediction, Tensor Target) Compared(Tensors predictions, Batch batch) => (predictions[0], batch.Targets[0]);
}

/// <summary>Result of an objective on a batch.</summary>
/// <param name="Loss">The number to minimise, a scalar: a mean over the batch's examples, weighted where they have weights.</param>
/// <param name="Predictions">The network's outputs.</param>
/// <param name="Weight">
/// The sum of the weights that the mean was taken over, a scalar, so that an epoch's loss doesn't depend on how it was cut into batches.
/// Null: the number of examples.
/// </param>
/// <param name="Sum">The sum of the weighted losses, a scalar: what the mean is that by the weight. Null: the mean times the weight.</param>
public readonly record struct ObjectiveResult(Tensor Loss, Tensors Predictions, Tensor? Weight = null, Tensor? Sum = null)
{
    /// <summary>Scalars that are reported beside the loss, in the order of <see cref="Objective.PartNames"/>: means like the loss; null: none.</summary>
    public IReadOnlyList<Tensor>? Parts { get; init; }
}

/// <summary>A part of a training step that trains a module of its own by a loss of its own.</summary>
/// <param name="Name">What it is called in reports and errors, such as <c>discriminator</c>.</param>
/// <param name="Module">What it trains: a part of the objective's model. No parameter is trained by two phases.</param>
public sealed record TrainingPhase(string Name, Module Module);
