using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Layers;

/// <summary>
/// A transposed 2-D convolution: each pixel of images (batch, height, width, channels) adds its multiple of the kernel to a larger image
/// (Zeiler et al., 2010: "Deconvolutional networks"; Dumoulin and Visin, 2016: "A guide to convolution arithmetic for deep learning"). It is the
/// gradient of <see cref="Conv2d"/> by its input, so a height becomes (height − 1) · stride − padding + dilation · (kernel − 1) + 1 + output padding.
/// </summary>
public sealed partial class ConvTranspose2d : Layer
{
    private readonly Extent _kernel, _stride, _outputPadding, _dilation;
    private readonly Padding _padding;
    private readonly int _groups;

    /// <summary>A transposed convolution whose number of input channels is inferred from the first input.</summary>
    /// <param name="outputs">Channels out.</param>
    /// <param name="kernel">The kernel's height and width; one number is both.</param>
    /// <param name="stride">How far the kernel moves in the result from one pixel to the next; 1 by default.</param>
    /// <param name="padding">Rows and columns cut off the result: <see cref="Padding.Valid"/> (none) by default, a number, or <see cref="Padding.Same"/>,
    /// with which the result is stride times as large as the input.</param>
    /// <param name="outputPadding">Rows and columns more at the bottom and right of the result, less than the stride; none by default.</param>
    /// <param name="dilation">The distance of what neighbours in the kernel reach; 1 by default.</param>
    /// <param name="groups">Parts that channels are cut into, each convolved by itself.</param>
    /// <param name="bias">Whether a bias is added; a norm that follows makes it needless.</param>
    /// <param name="initializer">The weight's first values; <see cref="HeUniform"/> by default. The bias starts at zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is less than 1, the groups don't divide the outputs, the padding is causal, or the
    /// output padding isn't less than the stride, or is given beside <see cref="Padding.Same"/>.</exception>
    public ConvTranspose2d(
        int outputs, Extent kernel, Extent? stride = null, Padding padding = default, Extent? outputPadding = null, Extent? dilation = null, int groups = 1,
        bool bias = true, Initializer? initializer = null)
    {
        Outputs = Expect.AtLeast(1, outputs);
        _kernel = kernel.AtLeast(1, nameof(kernel));
        _stride = (stride ?? 1).AtLeast(1, nameof(stride));
        _outputPadding = (outputPadding ?? 0).AtLeast(0, nameof(outputPadding));
        _dilation = (dilation ?? 1).AtLeast(1, nameof(dilation));
        _groups = Expect.AtLeast(1, groups);
        Expect.Divides(groups, outputs, nameof(groups));
        TransposedWindow.Check(padding, _outputPadding.Height, _stride.Height);
        TransposedWindow.Check(padding, _outputPadding.Width, _stride.Width);
        _padding = padding;
        Weight = new Parameter(new TransposedWindow.Weight(initializer ?? new HeUniform()));
        if (bias) Bias = new Parameter(Constant.Zero, [outputs]);
    }

    /// <summary>Channels out.</summary>
    public int Outputs { get; }

    /// <summary>(kernel height, kernel width, channels out / groups, channels in).</summary>
    public Parameter Weight { get; }

    /// <summary>(channels out), or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        Expect.Layout(this, x, Expect.Images);
        Expect.Features(this, x, Weight.KnownShape?[3]);
        Expect.Groups(this, x, _groups);
        Shape kernel = [_kernel.Height, _kernel.Width, Outputs / _groups, x.Shape[3]];
        Expect.ChannelsLast(this, x, Weight, kernel);
        (int height, int width) = ((_kernel.Height - 1) * _dilation.Height + 1, (_kernel.Width - 1) * _dilation.Width + 1);
        TransposedWindow rows = TransposedWindow.Rows(_padding, x.Shape[1], height, _stride.Height, _outputPadding.Height);
        TransposedWindow columns = TransposedWindow.Columns(_padding, x.Shape[2], width, _stride.Width, _outputPadding.Width);
        if (rows.Size < 1 || columns.Size < 1)
            throw new TensorException($"{this}: of the input {x.Shape} nothing is left: the result would be {rows.Size}×{columns.Size}",
                "less padding, or a larger input");
        Weight.Ensure(kernel);
        Expect.Type(this, x, Weight);
        Tensor y = new Conv2dInputGradient
        {
            InputHeight = rows.Size, InputWidth = columns.Size, StrideHeight = _stride.Height, StrideWidth = _stride.Width,
            PadTop = rows.Before, PadLeft = columns.Before, PadBottom = rows.After, PadRight = columns.After,
            DilationHeight = _dilation.Height, DilationWidth = _dilation.Width, Groups = _groups,
        }.Apply(x, Weight.Value);
        return Bias is null ? y : y + Bias.Value;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string text = $"ConvTranspose2d({Outputs}, {_kernel}";
        if (_stride != 1) text += $", stride {_stride.Short}";
        if (_padding != Padding.Valid) text += $", {_padding}";
        if (_outputPadding != 0) text += $", output padding {_outputPadding.Short}";
        if (_dilation != 1) text += $", dilation {_dilation.Short}";
        if (_groups != 1) text += $", groups {_groups}";
        return text + ")";
    }
}
