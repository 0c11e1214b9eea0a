using Lamina.Learning.Data;
using Lamina.Learning.Modules;
using Lamina.Tensors;
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
public readonly record struct ObjectiveResult(Tensor Loss, Tensors Predictions, Tensor? Weight = null, Tensor? Sum = null);
