using Lamina.Learning.Diffusion;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Generation;

/// <summary>
/// Draws images by a network that learned by <see cref="Objectives.Denoising"/>. With <c>eta</c> 0 it takes some of the schedule's steps without
/// new noise
/// (DDIM; Song, Meng and Ermon, 2021: "Denoising diffusion implicit models"); with 1 it adds after each step the noise that the way back has,
/// and over all
/// steps of the schedule that is ancestral sampling (DDPM; Ho, Jain and Abbeel, 2020).
/// </summary>
public sealed class DiffusionSampler : NoiseSampler
{
    /// <summary>A sampler.</summary>
    /// <param name="network">A network that is an <see cref="IDenoiser"/>.</param>
    /// <param name="schedule">The schedule that it learned by; null: <see cref="CosineNoise"/> of 1,000 steps.</param>
    /// <param name="target">What it learned to say.</param>
    /// <param name="steps">Number of steps, 1 to as many as the schedule has.</param>
    /// <param name="eta">The share of the noise that ancestral sampling adds, 0 to 1.</param>
    /// <param name="guidance">How much the class counts: 1 as in the data, above 1 more, 0 not at all.</param>
    /// <param name="clip">Whether images are held between −1 and 1 at each step, as those are that were learned.</param>
    /// <exception cref="ArgumentException">The network is no denoiser.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public DiffusionSampler(Network network, NoiseSchedule? schedule = null, DenoisingTarget target = DenoisingTarget.Velocity,
        int steps = 50, double eta = 0, double guidance = 2, bool clip = true) : base(network, guidance)
    {
        Schedule = schedule ?? new CosineNoise();
        if (steps < 1 || steps > Schedule.Steps)
            throw new ArgumentOutOfRangeException(nameof(steps), steps, $"a sampler takes 1 to {Schedule.Steps} steps of this schedule");
        if (!(eta is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(eta), eta, "eta is 0 to 1");
        (Target, Steps, Eta, Clip) = (target, steps, eta, clip);
    }

    /// <summary>How images become noise.</summary>
    public NoiseSchedule Schedule { get; }

    /// <summary>What the network says of a noisy image.</summary>
    public DenoisingTarget Target { get; }

    /// <summary>Number of steps.</summary>
    public int Steps { get; }

    /// <summary>The share of the noise that ancestral sampling adds.</summary>
    public double Eta { get; }

    /// <summary>Whether images are held between −1 and 1 at each step.</summary>
    public bool Clip { get; }

    /// <inheritdoc/>
    protected override int Calls => Steps;

    private protected override Tensor Follow(Tensor noise, Func<Tensor> more, Func<Tensor, double, Tensor> ask)
    {
        Tensor x = noise;
        for (int i = Steps; i > 0; i--)
        {
            int step = StepOf(i), next = StepOf(i - 1);
            double alpha = Schedule.Alpha[step], sigma = Schedule.Sigma[step], nextAlpha = Schedule.Alpha[next], nextSigma = Schedule.Sigma[next];
            Tensor said = ask(x, (double)step / Schedule.Steps);
            Tensor image = Target == DenoisingTarget.Noise ? (x - sigma * said) * (1 / alpha) : alpha * x - sigma * said;
            if (Clip) image = image.Clamp(-1, 1);
            Tensor rest = (x - alpha * image) * (1 / sigma);
            // The variance of the step back, given the image (Song et al., 2021, equation 16).
            double kept = alpha / nextAlpha, added = Eta * Math.Sqrt(Math.Max(0, nextSigma * nextSigma / (sigma * sigma) * (1 - kept * kept)));
            x = nextAlpha * image + Math.Sqrt(Math.Max(0, nextSigma * nextSigma - added * added)) * rest;
            if (added > 0) x = x + added * more();
        }
        return x;
    }

    // Evenly spread over the schedule, the last one among them.
    private int StepOf(int i) => (int)((long)i * Schedule.Steps / Steps);
}
