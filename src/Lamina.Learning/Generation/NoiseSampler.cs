using Lamina.Learning.Diffusion;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Generation;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// Draws images by a network that takes noise away: it begins with noise, and follows the network step by step to an image. Where classes are
/// asked for, the
/// network is asked twice, with the class and without, and the difference counts <see cref="Guidance"/> times (Ho and Salimans, 2022:
/// "Classifier-free
/// diffusion guidance"). The network runs as a recorded plan.
/// </summary>
public abstract class NoiseSampler : IImageGenerator
{
    /// <summary>Images that are drawn at once; more are drawn in parts.</summary>
    private const int AtOnce = 100;

    private readonly IDenoiser _denoiser;
    private readonly Network _network;
    private readonly Plan _plan;

    /// <summary>A sampler.</summary>
    /// <param name="network">A network that is an <see cref="IDenoiser"/>; its weights are read as they are at each call.</param>
    /// <param name="guidance">How much the class counts: 1 as in the data, above 1 more, 0 not at all.</param>
    /// <exception cref="ArgumentException">The network is no denoiser.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The guidance isn't 0 to 100.</exception>
    private protected NoiseSampler(Network network, double guidance)
    {
        _denoiser = network as IDenoiser ?? throw new ArgumentException($"{network} takes no noise away: it isn't an IDenoiser", nameof(network));
        if (!(guidance is >= 0 and <= 100)) throw new ArgumentOutOfRangeException(nameof(guidance), guidance, "guidance is 0 to 100");
        (_network, Guidance) = (network, guidance);
        _plan = new Plan(Ask, network.Fingerprint);
    }

    /// <summary>How much the class counts.</summary>
    public double Guidance { get; }

    /// <inheritdoc/>
    public Shape Image => _denoiser.Image;

    /// <inheritdoc/>
    public int Classes => _denoiser.Classes;

    /// <summary>How often the network is asked for an image.</summary>
    protected abstract int Calls { get; }

    /// <inheritdoc/>
    public Tensor Draw(int count, DrawOptions? options = null)
    {
        options ??= new DrawOptions();
        options.Require(count, Classes);
        using Gradient.PauseScope pause = Gradient.Pause();
        var parts = new List<Tensor>();
        for (int first = 0; first < count; first += AtOnce)
        {
            int size = Math.Min(AtOnce, count - first), before = first, calls = 0;
            RandomStream[] random = [.. Enumerable.Range(first, size).Select(options.Stream)];
            int[]? classes = options.Classes is { } asked ? [.. asked.Skip(first).Take(size)] : null;
            parts.Add(Follow(Noise(random), () => Noise(random), (x, time) =>
            {
                options.Cancel.ThrowIfCancellationRequested();
                Tensor said = Say(x, time, classes);
                options.Progress?.Invoke((before + size * Math.Min(1, (double)++calls / Calls)) / count);
                return said;
            }).Clamp(-1, 1));
        }
        return parts.Count == 1 ? parts[0].Keep() : Tensor.Concat([.. parts], 0);
    }

    /// <summary>The images that noise leads to.</summary>
    /// <param name="noise">Standard normal noise, (batch, height, width, channels).</param>
    /// <param name="more">More noise of the same shape.</param>
    /// <param name="ask">What the network says of noisy images at a time; valid until it is asked again.</param>
    private protected abstract Tensor Follow(Tensor noise, Func<Tensor> more, Func<Tensor, double, Tensor> ask);

    private Tensor Say(Tensor x, double time, int[]? classes)
    {
        int count = x.Shape[0];
        if (Classes == 0) return _plan.Run(x, Tensor.Full([count], time))[0];
        int[] none = [.. Enumerable.Repeat(Classes, count)];
        if (classes is null || Guidance == 0) return _plan.Run(x, Tensor.Full([count], time), Tensor.From(none))[0];
        if (Guidance == 1) return _plan.Run(x, Tensor.Full([count], time), Tensor.From(classes))[0];
        Tensor both = _plan.Run(Tensor.Concat([x, x], 0), Tensor.Full([2 * count], time), Tensor.From((int[])[.. classes, .. none]))[0];
        Tensor with = both.Narrow(0, 0, count), without = both.Narrow(0, count, count);
        return without + Guidance * (with - without);
    }

    private Tensors Ask(Tensors x)
    {
        using Gradient.PauseScope pause = Gradient.Pause();
        return _network.Forward(x, Pass.Evaluation);
    }

    // Each image's values come from a stream of its own.
    private Tensor Noise(RandomStream[] random)
    {
        int size = Image.Count;
        return Tensor.Create<float>(Image.Insert(0, random.Length), values =>
        {
            for (int i = 0; i < values.Length; i++) values[i] = (float)random[i / size].NextNormal();
        });
    }
}
