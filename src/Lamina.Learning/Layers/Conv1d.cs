using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;

namespace Lamina.Learning.Layers;

/// <summary>
/// A 1-D convolution over sequences (batch, steps, channels): a 2-D one over images of height 1. With
/// <see cref="Padding.Causal"/> a result depends on no later step (van den Oord et al., 2016: "WaveNet").
/// </summary>
public sealed partial class Conv1d : Layer, IWeighted
{
    private readonly int _kernel, _stride, _dilation, _groups;
    private readonly Padding _padding;

    /// <summary>A convolution whose number of input channels is inferred from the first input.</summary>
    /// <param name="outputs">Channels out.</param>
    /// <param name="kernel">Steps that the kernel covers.</param>
    /// <param name="stride">How far the kernel moves.</param>
    /// <param name="padding">Zeros around the sequence: <see cref="Padding.Valid"/> (none) by default, <see cref="Padding.Same"/>,
    /// <see cref="Padding.Causal"/>, or a number.</param>
    /// <param name="dilation">The distance of what neighbours in the kernel cover.</param>
    /// <param name="groups">Parts that channels are cut into, each convolved by itself.</param>
    /// <param name="bias">Whether a bias is added; a norm that follows makes it needless.</param>
    /// <param name="initializer">The weight's first values; <see cref="HeUniform"/> by default. The bias starts at zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is less than 1, or the groups don't divide the outputs.</exception>
    public Conv1d(
        int outputs, int kernel, int stride = 1, Padding padding = default, int dilation = 1, int groups = 1, bool bias = true, Initializer? initializer = null)
    {
        Outputs = Expect.AtLeast(1, outputs);
        _kernel = Expect.AtLeast(1, kernel);
        _stride = Expect.AtLeast(1, stride);
        _dilation = Expect.AtLeast(1, dilation);
        _groups = Expect.AtLeast(1, groups);
        Expect.Divides(groups, outputs, nameof(groups));
        _padding = padding;
        Weight = new Parameter(initializer ?? new HeUniform());
        if (bias) Bias = new Parameter(Constant.Zero, [outputs]);
    }

    /// <summary>Channels out.</summary>
    public int Outputs { get; }

    /// <summary>(kernel, channels in / groups, channels out).</summary>
    public Parameter Weight { get; }

    /// <summary>(channels out), or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        ((IWeighted)this).Prepare(x);
        return ((IWeighted)this).Apply(x, Weight.Value);
    }

    void IWeighted.Prepare(Tensor x)
    {
        Expect.Layout(this, x, Expect.Sequences);
        Expect.Features(this, x, Weight.KnownShape?[1] * _groups);
        Expect.Groups(this, x, _groups);
        Weight.Ensure([_kernel, x.Shape[2] / _groups, Outputs]);
        Expect.Type(this, x, Weight);
    }

    Tensor IWeighted.Apply(Tensor x, Tensor weight)
    {
        (int before, int after) = _padding.Columns(x.Shape[1], (_kernel - 1) * _dilation + 1, _stride);
        Tensor y = x.Unsqueeze(1).Conv2d(weight.Unsqueeze(0), (1, _stride), (0, before, 0, after), (1, _dilation), _groups).Squeeze(1);
        return Bias is null ? y : y + Bias.Value;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string text = $"Conv1d({Outputs}, {_kernel}";
        if (_stride != 1) text += $", stride {_stride}";
        if (_padding != Padding.Valid) text += $", {_padding}";
        if (_dilation != 1) text += $", dilation {_dilation}";
        if (_groups != 1) text += $", groups {_groups}";
        return text + ")";
    }
}
