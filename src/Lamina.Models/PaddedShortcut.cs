using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

/// <summary>
/// Every <c>stride</c>-th pixel of every <c>stride</c>-th row, with channels of zeros added on both sides: the shortcut without parameters of
/// He, Zhang, Ren and Sun (2015), option A. (batch, height, width, channels) → (batch, ⌈height / stride⌉, ⌈width / stride⌉, <see cref="Channels"/>).
/// </summary>
public sealed partial class PaddedShortcut : Layer
{
    /// <summary>A shortcut.</summary>
    /// <param name="channels">Channels out, as many as come in or more.</param>
    /// <param name="stride">The distance of the pixels that are taken, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is less than 1.</exception>
    public PaddedShortcut(int channels, int stride = 2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        (Channels, Stride) = (channels, stride);
    }

    /// <summary>Channels out.</summary>
    public int Channels { get; }

    /// <summary>The distance of the pixels that are taken.</summary>
    public int Stride { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank != 4) throw new TensorException($"{this}: the input has shape {x.Shape}, not (batch, height, width, channels)");
        int more = Channels - x.Shape[3];
        if (more < 0)
            throw new TensorException($"{this}: the input has {x.Shape[3]} channels, which can't be padded to {Channels}", "as many channels or more");
        if (Stride > 1)
        {
            Shape size = [x.Shape[0], (x.Shape[1] + Stride - 1) / Stride, (x.Shape[2] + Stride - 1) / Stride, x.Shape[3]];
            x = new Slice { Start = new([0, 0, 0, 0]), Size = size, Step = new([1, Stride, Stride, 1]) }.Apply(x);
        }
        return more == 0 ? x : x.Pad([0, 0, 0, more / 2], [0, 0, 0, more - more / 2]);
    }

    /// <inheritdoc/>
    public override string ToString() => $"PaddedShortcut({Channels}, stride {Stride})";
}
