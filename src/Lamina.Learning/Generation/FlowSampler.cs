using Lamina.Learning.Modules;
using Lamina.Tensors;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Generation;

/// <summary>How <see cref="FlowSampler"/> takes a step.</summary>
public enum FlowMethod
{
    /// <summary>Along the direction where it stands: the network is asked once a step.</summary>
    Euler,

    /// <summary>Along the mean of the directions where it stands and where that leads (Heun, 1900): the network is asked twice, but for the last
    /// step.</summary>
    Heun,
}

/// <summary>
/// Draws images by a network that learned by <see cref="Objectives.FlowMatching"/>: from noise at time 1 it follows the direction that the
/// network gives,
/// dx/dt, in even steps to time 0 (Lipman et al., 2023).
/// </summary>
public sealed class FlowSampler : NoiseSampler
{
    /// <summary>A sampler.</summary>
    /// <param name="network">A network that is a <see cref="Diffusion.IDenoiser"/>.</param>
    /// <param name="steps">Number of steps, 1 to 10,000.</param>
    /// <param name="method">How a step is taken.</param>
    /// <param name="guidance">How much the class counts: 1 as in the data, above 1 more, 0 not at all.</param>
    /// <exception cref="ArgumentException">The network is no denoiser.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public FlowSampler(Network network, int steps = 25, FlowMethod method = FlowMethod.Euler, double guidance = 2) : base(network, guidance)
    {
        if (steps is < 1 or > 10_000) throw new ArgumentOutOfRangeException(nameof(steps), steps, "a sampler takes 1 to 10,000 steps");
        if (!Enum.IsDefined(method)) throw new ArgumentOutOfRangeException(nameof(method), method, "there is no such method");
        (Steps, Method) = (steps, method);
    }

    /// <summary>Number of steps.</summary>
    public int Steps { get; }

    /// <summary>How a step is taken.</summary>
    public FlowMethod Method { get; }

    /// <inheritdoc/>
    protected override int Calls => Method == FlowMethod.Euler ? Steps : 2 * Steps - 1;

    private protected override Tensor Follow(Tensor noise, Func<Tensor> more, Func<Tensor, double, Tensor> ask)
    {
        Tensor x = noise;
        for (int step = 0; step < Steps; step++)
        {
            double time = 1 - (double)step / Steps, next = 1 - (step + 1.0) / Steps, change = next - time;
            Tensor direction = ask(x, time);
            if (Method == FlowMethod.Heun && step + 1 < Steps)
            {
                Tensor here = direction.Keep(), there = ask(x + change * here, next);
                direction = 0.5 * (here + there);
            }
            x = x + change * direction;
        }
        return x;
    }
}
