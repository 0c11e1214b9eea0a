using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Layers;

/// <summary>
/// A convolution in two: each channel by itself with a kernel of its own, then a 1×1 convolution that mixes channels. With many channels
/// it costs about as many times less as the kernel has elements (Howard et al., 2017: "MobileNets"; Chollet, 2017: "Xception"). Takes images
/// (batch, height, width, channels).
/// </summary>
public sealed partial class DepthwiseSeparableConv2d : Layer
{
    private readonly Extent _kernel, _stride, _dilation;
    private readonly Padding _padding;
    private readonly int _multiplier;

    /// <summary>A convolution whose number of input channels is inferred from the first input.</summary>
    /// <param name="outputs">Channels out.</param>
    /// <param name="kernel">The kernel's height and width; one number is both.</param>
    /// <param name="stride">How far the kernel moves; 1 by default.</param>
    /// <param name="padding">Zeros around the image: <see cref="Padding.Valid"/> (none) by default, <see cref="Padding.Same"/>, or a number.</param>
    /// <param name="dilation">The distance of what neighbours in the kernel cover; 1 by default.</param>
    /// <param name="multiplier">Kernels of each channel: how many times more channels lie between the two convolutions.</param>
    /// <param name="bias">Whether a bias is added at the end; a norm that follows makes it needless.</param>
    /// <param name="initializer">First values of both weights; <see cref="HeUniform"/> by default. The bias starts at zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is less than 1, or the padding is causal.</exception>
    public DepthwiseSeparableConv2d(
        int outputs, Extent kernel, Extent? stride = null, Padding padding = default, Extent? dilation = null, int multiplier = 1, bool bias = true,
        Initializer? initializer = null)
    {
        Outputs = Expect.AtLeast(1, outputs);
        _kernel = kernel.AtLeast(1, nameof(kernel));
        _stride = (stride ?? 1).AtLeast(1, nameof(stride));
        _dilation = (dilation ?? 1).AtLeast(1, nameof(dilation));
        _multiplier = Expect.AtLeast(1, multiplier);
        if (padding.IsCausal) throw new ArgumentOutOfRangeException(nameof(padding), "causal padding is for sequences; images have no later steps");
        _padding = padding;
        DepthwiseWeight = new Parameter(initializer ?? new HeUniform());
        PointwiseWeight = new Parameter(initializer ?? new HeUniform());
        if (bias) Bias = new Parameter(Constant.Zero, [outputs]);
    }

    /// <summary>Channels out.</summary>
    public int Outputs { get; }

    /// <summary>(kernel height, kernel width, 1, channels in · multiplier).</summary>
    public Parameter DepthwiseWeight { get; }

    /// <summary>(1, 1, channels in · multiplier, channels out).</summary>
    public Parameter PointwiseWeight { get; }

    /// <summary>(channels out), or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        Expect.Layout(this, x, Expect.Images);
        Expect.Features(this, x, DepthwiseWeight.KnownShape?[3] / _multiplier);
        int channels = x.Shape[3], between = channels * _multiplier;
        if (channels == 0) throw new TensorException($"{this}: the input {x.Shape} has no channels");
        Shape kernel = [_kernel.Height, _kernel.Width, 1, between];
        Expect.ChannelsLast(this, x, DepthwiseWeight, kernel);
        DepthwiseWeight.Ensure(kernel);
        PointwiseWeight.Ensure([1, 1, between, Outputs]);
        Expect.Type(this, x, DepthwiseWeight);
        (int top, int bottom) = _padding.Rows(x.Shape[1], (_kernel.Height - 1) * _dilation.Height + 1, _stride.Height);
        (int left, int right) = _padding.Columns(x.Shape[2], (_kernel.Width - 1) * _dilation.Width + 1, _stride.Width);
        // A copy of a channel for each of its kernels: the engine is fast where a group is one channel in and one out.
        if (_multiplier > 1) x = x.Unsqueeze(-1).BroadcastTo(x.Shape.Insert(4, _multiplier)).Reshape(x.Shape.With(3, between));
        Tensor y = x.Conv2d(
            DepthwiseWeight.Value, (_stride.Height, _stride.Width), (top, left, bottom, right), (_dilation.Height, _dilation.Width), groups: between);
        y = y.Conv2d(PointwiseWeight.Value);
        return Bias is null ? y : y + Bias.Value;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string text = $"DepthwiseSeparableConv2d({Outputs}, {_kernel}";
        if (_stride != 1) text += $", stride {_stride.Short}";
        if (_padding != Padding.Valid) text += $", {_padding}";
        if (_dilation != 1) text += $", dilation {_dilation.Short}";
        if (_multiplier != 1) text += $", multiplier {_multiplier}";
        return text + ")";
    }
}
