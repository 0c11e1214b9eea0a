using Lamina.Learning.Data;
using Lamina.Learning.Diffusion;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Objectives;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// Learning where noise flows to (Lipman et al., 2023: "Flow matching for generative modeling"; Liu, Gong and Liu, 2023): each image x of a
/// batch lies on a
/// straight way to noise ε, (1 − t)·x + t·ε at a time t that is drawn for it, and the network gives the direction of the way, ε − x, of which it
/// learns the
/// mean over all ways that come by. The loss is the mean squared error. <see cref="Generation.FlowSampler"/> follows the ways from noise to images.
/// </summary>
/// <remarks>Batches and classes are as in <see cref="Denoising"/>.</remarks>
public sealed partial class FlowMatching : Objective
{
    /// <summary>The objective of a network that is an <see cref="IDenoiser"/>.</summary>
    /// <param name="network">The network.</param>
    /// <param name="dropClasses">The share of images whose class isn't told in training, 0 to below 1; above 0 where classes are to be asked for with guidance.</param>
    /// <exception cref="ArgumentException">The network is no denoiser.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of its range.</exception>
    public FlowMatching(Network network, double dropClasses = 0.1)
    {
        NoisyImages.Check(network, dropClasses);
        (Network, DropClasses) = (network, dropClasses);
    }

    /// <summary>The network.</summary>
    public Network Network { get; }

    /// <summary>The share of images whose class isn't told in training.</summary>
    public double DropClasses { get; }

    /// <summary>The loss.</summary>
    public Loss Loss { get; } = new MeanSquaredError();

    /// <inheritdoc/>
    public override Module Model => Network;

    /// <inheritdoc/>
    public override void Build(Specs inputs) => NoisyImages.Build(Network, inputs);

    /// <inheritdoc/>
    public override ObjectiveResult Compute(Batch batch, Pass pass)
    {
        NoisyImages.Draw draw = NoisyImages.Next(Network, DropClasses, batch, pass);
        Tensor way = draw.Noise - draw.Images;
        return NoisyImages.Compare(Network, draw, draw.Images + NoisyImages.Each(draw.Times) * way, draw.Times, way, Loss, batch.Weights, pass);
    }

    /// <inheritdoc/>
    public override (Tensor Prediction, Tensor Target) Compared(Tensors predictions, Batch batch) => (predictions[0], predictions[1]);

    /// <inheritdoc/>
    public override string ToString() => $"{Network}, flow";
}
