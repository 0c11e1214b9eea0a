using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Layers;

/// <summary>
/// Scales each channel of an example by a factor from 0 to 1 that depends on the means of all its channels: x · σ(expand(relu(squeeze(mean
/// of x)))) (Hu, Shen and Sun, 2018: "Squeeze-and-excitation networks"). Takes images (batch, height, width, channels) or sequences
/// (batch, steps, channels), and keeps their shape.
/// </summary>
public sealed partial class SqueezeExcitation : Layer
{
    private readonly int _reduction;

    /// <summary>A squeeze-and-excitation block for a given number of channels.</summary>
    /// <param name="channels">Channels in and out.</param>
    /// <param name="reduction">How many times fewer values than channels lie between the two linear layers; at least one value stays.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no channels, or the reduction is less than 1.</exception>
    public SqueezeExcitation(int channels, int reduction = 16)
    {
        Channels = Expect.AtLeast(1, channels);
        _reduction = Expect.AtLeast(1, reduction);
        int values = Math.Max(1, channels / reduction);
        (Squeeze, Expand) = (new Linear(channels, values), new Linear(values, channels));
    }

    /// <summary>Channels in and out.</summary>
    public int Channels { get; }

    /// <summary>From the channels' means to a few values.</summary>
    public Linear Squeeze { get; }

    /// <summary>From these to each channel's factor, before the sigmoid.</summary>
    public Linear Expand { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank is not (3 or 4)) throw new TensorException($"{this}: the input has shape {x.Shape}, not {Expect.Images} or {Expect.Sequences}",
            "Unsqueeze(0) for a single example");
        Expect.Features(this, x, Channels);
        Tensor means = x.Mean([.. Enumerable.Range(1, x.Rank - 2)]);
        Tensor factors = Expand.Forward(Squeeze.Forward(means, pass).Relu(), pass).Sigmoid();
        return x * factors.Reshape(x.Rank == 3 ? new Shape(x.Shape[0], 1, Channels) : new Shape(x.Shape[0], 1, 1, Channels));
    }

    /// <inheritdoc/>
    public override string ToString() => $"SqueezeExcitation({Channels}, reduction {_reduction})";
}
