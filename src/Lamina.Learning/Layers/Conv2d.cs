using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Layers;

/// <summary>
/// A 2-D convolution: a small kernel of weights moves over images (batch, height, width, channels) and gives at each place
/// <see cref="Outputs"/> weighted sums of what it covers (LeCun et al., 1989: "Backpropagation applied to handwritten zip
/// code recognition"). It computes the cross-correlation, as all frameworks do.
/// </summary>
public sealed partial class Conv2d : Layer, IWeighted
{
    private readonly Extent _kernel, _stride, _dilation;
    private readonly Padding _padding;
    private readonly int _groups;

    /// <summary>A convolution whose number of input channels is inferred from the first input.</summary>
    /// <param name="outputs">Channels out.</param>
    /// <param name="kernel">The kernel's height and width; one number is both.</param>
    /// <param name="stride">How far the kernel moves; 1 by default.</param>
    /// <param name="padding">Zeros around the image: <see cref="Padding.Valid"/> (none) by default, <see cref="Padding.Same"/>, or a number.</param>
    /// <param name="dilation">The distance of what neighbours in the kernel cover (Yu and Koltun, 2015); 1 by default.</param>
    /// <param name="groups">Parts that channels are cut into, each convolved by itself; as many as there are input channels make it depthwise.</param>
    /// <param name="bias">Whether a bias is added; a norm that follows makes it needless.</param>
    /// <param name="initializer">The weight's first values; <see cref="HeUniform"/> by default. The bias starts at zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is less than 1, the groups don't divide the outputs, or the padding is causal.</exception>
    public Conv2d(
        int outputs, Extent kernel, Extent? stride = null, Padding padding = default, Extent? dilation = null, int groups = 1, bool bias = true,
            Initializer? initializer = null)
    {
        Outputs = Expect.AtLeast(1, outputs);
        _kernel = kernel.AtLeast(1, nameof(kernel));
        _stride = (stride ?? 1).AtLeast(1, nameof(stride));
        _dilation = (dilation ?? 1).AtLeast(1, nameof(dilation));
        _groups = Expect.AtLeast(1, groups);
        Expect.Divides(groups, outputs, nameof(groups));
        if (padding.IsCausal) throw new ArgumentOutOfRangeException(nameof(padding), "causal padding is for sequences; images have no later steps");
        _padding = padding;
        Weight = new Parameter(initializer ?? new HeUniform());
        if (bias) Bias = new Parameter(Constant.Zero, [outputs]);
    }

    /// <summary>Channels out.</summary>
    public int Outputs { get; }

    /// <summary>(kernel height, kernel width, channels in / groups, channels out).</summary>
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
        Expect.Layout(this, x, Expect.Images);
        Expect.Features(this, x, Weight.KnownShape?[2] * _groups);
        Expect.Groups(this, x, _groups);
        Shape kernel = [_kernel.Height, _kernel.Width, x.Shape[3] / _groups, Outputs];
        Expect.ChannelsLast(this, x, Weight, kernel);
        Weight.Ensure(kernel);
        Expect.Type(this, x, Weight);
    }

    Tensor IWeighted.Apply(Tensor x, Tensor weight)
    {
        (int top, int bottom) = _padding.Rows(x.Shape[1], (_kernel.Height - 1) * _dilation.Height + 1, _stride.Height);
        (int left, int right) = _padding.Columns(x.Shape[2], (_kernel.Width - 1) * _dilation.Width + 1, _stride.Width);
        Tensor y = x.Conv2d(weight, (_stride.Height, _stride.Width), (top, left, bottom, right), (_dilation.Height, _dilation.Width), _groups);
        return Bias is null ? y : y + Bias.Value;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string text = $"Conv2d({Outputs}, {_kernel}";
        if (_stride != 1) text += $", stride {_stride.Short}";
        if (_padding != Padding.Valid) text += $", {_padding}";
        if (_dilation != 1) text += $", dilation {_dilation.Short}";
        if (_groups != 1) text += $", groups {_groups}";
        return text + ")";
    }
}
