using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Layers;

/// <summary>
/// A transposed 1-D convolution over sequences (batch, steps, channels): <see cref="ConvTranspose2d"/> over images of height 1. So many steps
/// become (steps − 1) · stride − padding + dilation · (kernel − 1) + 1 + output padding.
/// </summary>
public sealed partial class ConvTranspose1d : Layer
{
    private readonly int _kernel, _stride, _outputPadding, _dilation, _groups;
    private readonly Padding _padding;

    /// <summary>A transposed convolution whose number of input channels is inferred from the first input.</summary>
    /// <param name="outputs">Channels out.</param>
    /// <param name="kernel">Steps that the kernel reaches.</param>
    /// <param name="stride">How far the kernel moves in the result from one step to the next.</param>
    /// <param name="padding">Steps cut off the result: <see cref="Padding.Valid"/> (none) by default, a number, or <see cref="Padding.Same"/>, with
    /// which the result is stride times as long as the input.</param>
    /// <param name="outputPadding">Steps more at the end of the result, less than the stride.</param>
    /// <param name="dilation">The distance of what neighbours in the kernel reach.</param>
    /// <param name="groups">Parts that channels are cut into, each convolved by itself.</param>
    /// <param name="bias">Whether a bias is added; a norm that follows makes it needless.</param>
    /// <param name="initializer">The weight's first values; <see cref="HeUniform"/> by default. The bias starts at zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is less than 1, the groups don't divide the outputs, the padding is causal, or the
    /// output padding isn't less than the stride, or is given beside <see cref="Padding.Same"/>.</exception>
    public ConvTranspose1d(
        int outputs, int kernel, int stride = 1, Padding padding = default, int outputPadding = 0, int dilation = 1, int groups = 1, bool bias = true,
        Initializer? initializer = null)
    {
        Outputs = Expect.AtLeast(1, outputs);
        _kernel = Expect.AtLeast(1, kernel);
        _stride = Expect.AtLeast(1, stride);
        _outputPadding = Expect.AtLeast(0, outputPadding);
        _dilation = Expect.AtLeast(1, dilation);
        _groups = Expect.AtLeast(1, groups);
        Expect.Divides(groups, outputs, nameof(groups));
        TransposedWindow.Check(padding, outputPadding, stride);
        _padding = padding;
        Weight = new Parameter(new TransposedWindow.Weight(initializer ?? new HeUniform()));
        if (bias) Bias = new Parameter(Constant.Zero, [outputs]);
    }

    /// <summary>Channels out.</summary>
    public int Outputs { get; }

    /// <summary>(kernel, channels out / groups, channels in).</summary>
    public Parameter Weight { get; }

    /// <summary>(channels out), or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        Expect.Layout(this, x, Expect.Sequences);
        Expect.Features(this, x, Weight.KnownShape?[2]);
        Expect.Groups(this, x, _groups);
        TransposedWindow steps = TransposedWindow.Columns(_padding, x.Shape[1], (_kernel - 1) * _dilation + 1, _stride, _outputPadding);
        if (steps.Size < 1)
            throw new TensorException($"{this}: of the input {x.Shape} nothing is left: the result would have {steps.Size} steps",
                "less padding, or a longer input");
        Weight.Ensure([_kernel, Outputs / _groups, x.Shape[2]]);
        Expect.Type(this, x, Weight);
        Tensor y = new Conv2dInputGradient
        {
            InputHeight = 1, InputWidth = steps.Size, StrideWidth = _stride, PadLeft = steps.Before, PadRight = steps.After, DilationWidth = _dilation,
            Groups = _groups,
        }.Apply(x.Unsqueeze(1), Weight.Value.Unsqueeze(0)).Squeeze(1);
        return Bias is null ? y : y + Bias.Value;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string text = $"ConvTranspose1d({Outputs}, {_kernel}";
        if (_stride != 1) text += $", stride {_stride}";
        if (_padding != Padding.Valid) text += $", {_padding}";
        if (_outputPadding != 0) text += $", output padding {_outputPadding}";
        if (_dilation != 1) text += $", dilation {_dilation}";
        if (_groups != 1) text += $", groups {_groups}";
        return text + ")";
    }
}
