using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Ops;

namespace Lamina.Learning.Layers;

/// <summary>
/// Convolutions of which each sees the block's input and the results of all before it: (batch, height, width, channels) → (batch, height,
/// width, channels + units · growth) (Huang, Liu, van der Maaten and Weinberger, 2017: "Densely connected convolutional networks"). A unit is a
/// norm, a rectifier and a 3×3 convolution, behind another such of 1×1 where there is a bottleneck.
/// </summary>
public sealed partial class DenseBlock : Layer
{
    private readonly double _dropout;

    /// <summary>A dense block.</summary>
    /// <param name="count">Number of units.</param>
    /// <param name="growth">Channels that each unit adds.</param>
    /// <param name="bottleneck">Channels of the 1×1 convolution before the 3×3 one, as a multiple of the growth; 0 leaves it out.</param>
    /// <param name="dropout">The share of values that are dropped behind each unit in training.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public DenseBlock(int count, int growth, int bottleneck = 4, double dropout = 0)
    {
        Count = Expect.AtLeast(1, count);
        Growth = Expect.AtLeast(1, growth);
        Bottleneck = Expect.AtLeast(0, bottleneck);
        _dropout = Expect.Between(0, 1, dropout);
        Units = [.. Enumerable.Range(0, count).Select(_ => Unit())];
    }

    /// <summary>Number of units.</summary>
    public int Count { get; }

    /// <summary>Channels that each unit adds.</summary>
    public int Growth { get; }

    /// <summary>Channels of the 1×1 convolutions, as a multiple of the growth; 0 where there are none.</summary>
    public int Bottleneck { get; }

    /// <summary>The units in their order.</summary>
    public IReadOnlyList<Sequential> Units { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        Expect.Layout(this, x, Expect.Images);
        foreach (Sequential unit in Units) x = Tensor.Concat([x, unit.Forward(x, pass)], 3);
        return x;
    }

    private Sequential Unit()
    {
        var unit = new Sequential();
        if (Bottleneck > 0)
            foreach (Layer layer in (ReadOnlySpan<Layer>)[new BatchNorm(), new Relu(), new Conv2d(Bottleneck * Growth, 1, bias: false)]) unit.Add(layer);
        foreach (Layer layer in (ReadOnlySpan<Layer>)[new BatchNorm(), new Relu(), new Conv2d(Growth, 3, padding: 1, bias: false)]) unit.Add(layer);
        if (_dropout > 0) unit.Add(new Dropout(_dropout));
        return unit;
    }

    /// <inheritdoc/>
    public override string ToString() => $"DenseBlock({Count}, growth {Growth}{(Bottleneck > 0 ? $", bottleneck {Bottleneck}" : "")})";
}
