using Lamina.Learning.Data;
using Lamina.Learning.Diffusion;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Objectives;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// Learning to take noise away (Ho, Jain and Abbeel, 2020: "Denoising diffusion probabilistic models"): each image x of a batch is mixed with
/// noise ε
/// as after a step of a <see cref="NoiseSchedule"/> that is drawn for it, α·x + σ·ε, and the network says what was mixed in: ε, or the velocity
/// α·ε − σ·x
/// (Salimans and Ho, 2022). The loss is the mean squared error. <see cref="Generation.DiffusionSampler"/> draws with what was learned.
/// </summary>
/// <remarks>
/// A batch has images (batch, height, width, channels) with values from −1 to 1, and where the network knows classes the class of each. Now and
/// then a class
/// is kept from the network, so that it can draw without one too, and classes can be asked for more strongly (Ho and Salimans, 2022).
/// </remarks>
public sealed partial class Denoising : Objective
{
    private readonly Tensor _alpha, _sigma;

    /// <summary>The objective of a network that is an <see cref="IDenoiser"/>.</summary>
    /// <param name="network">The network.</param>
    /// <param name="schedule">How images become noise; null: <see cref="CosineNoise"/> of 1,000 steps.</param>
    /// <param name="target">What the network says of a noisy image.</param>
    /// <param name="dropClasses">The share of images whose class isn't told in training, 0 to below 1; above 0 where classes are to be asked for with guidance.</param>
    /// <exception cref="ArgumentException">The network is no denoiser.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of its range.</exception>
    public Denoising(Network network, NoiseSchedule? schedule = null, DenoisingTarget target = DenoisingTarget.Velocity, double dropClasses = 0.1)
    {
        NoisyImages.Check(network, dropClasses);
        (Network, Schedule, Target, DropClasses) = (network, schedule ?? new CosineNoise(), target, dropClasses);
        _alpha = Tensor.From(Schedule.Alpha, [Schedule.Steps + 1]);
        _sigma = Tensor.From(Schedule.Sigma, [Schedule.Steps + 1]);
    }

    /// <summary>The network.</summary>
    public Network Network { get; }

    /// <summary>How images become noise.</summary>
    public NoiseSchedule Schedule { get; }

    /// <summary>What the network says of a noisy image.</summary>
    public DenoisingTarget Target { get; }

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
        // A step from 1 to the last for each image.
        // A time just below 1 may be 1 in single precision.
        Tensor step = (draw.Times * Schedule.Steps).Floor().Minimum(Schedule.Steps - 1) + 1, index = step.Cast(DType.Int64);
        Tensor alpha = NoisyImages.Each(_alpha.Rows(index)), sigma = NoisyImages.Each(_sigma.Rows(index)), x = draw.Images, noise = draw.Noise;
        return NoisyImages.Compare(Network, draw, alpha * x + sigma * noise, step * (1.0 / Schedule.Steps),
            Target == DenoisingTarget.Noise ? noise : alpha * noise - sigma * x, Loss, batch.Weights, pass);
    }

    /// <inheritdoc/>
    public override (Tensor Prediction, Tensor Target) Compared(Tensors predictions, Batch batch) => (predictions[0], predictions[1]);

    /// <inheritdoc/>
    public override string ToString() => $"{Network}, {Target.ToString().ToLowerInvariant()} of {Schedule.Steps} steps";
}
