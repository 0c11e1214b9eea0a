using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

/// <summary>Options of <see cref="ResNet"/>; saved beside its weights.</summary>
public sealed record ResNetOptions
{
    /// <summary>The number of classes, from 2.</summary>
    public required int Classes { get; init; }

    /// <summary>Residual blocks of each stage: n make a network of 6 n + 2 weighted layers (3: ResNet-20, 5: ResNet-32, 9: ResNet-56).</summary>
    public int Blocks { get; init; } = 3;

    /// <summary>Filters of each stage; every stage but the first halves height and width.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [16, 32, 64];
}

/// <summary>
/// A residual network for small images such as CIFAR-10's (He, Zhang, Ren and Sun, 2015: "Deep residual learning for image
/// recognition", section 4.2). Each block adds what it found to what came in, so that a deep network is no harder to train than
/// a shallow one. Where a block changes size or width, a 1×1 convolution takes the input there (the paper's option B).
/// (batch, height, width, channels) → logits (batch, classes).
/// </summary>
public sealed partial class ResNet : Layer
{
    private readonly Relu _relu = new();
    private readonly GlobalAveragePool _pool = new();

    /// <summary>Builds the network; the input's channels are inferred from the first input.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ResNet(ResNetOptions options)
    {
        Check(options);
        Options = options;
        Stem = Convolution(options.Widths[0], 3, stride: 1);
        var blocks = new List<Residual>();
        int before = options.Widths[0];
        for (int stage = 0; stage < options.Widths.Count; stage++)
            for (int block = 0; block < options.Blocks; block++)
            {
                int width = options.Widths[stage];
                blocks.Add(Block(before, width, stride: stage > 0 && block == 0 ? 2 : 1));
                before = width;
            }
        Blocks = blocks;
        Head = new Linear(options.Classes);
    }

    /// <summary>ResNet-20: 3 stages of 3 blocks, 16, 32 and 64 filters.</summary>
    public static ResNet Of20(int classes) => new(new ResNetOptions { Classes = classes });

    /// <summary>Options that the network was built with.</summary>
    public ResNetOptions Options { get; }

    /// <summary>The first convolution and its norm.</summary>
    public Sequential Stem { get; }

    /// <summary>The residual blocks of all stages.</summary>
    public IReadOnlyList<Residual> Blocks { get; }

    /// <summary>The layer that decides, from the mean of each filter over the image.</summary>
    public Linear Head { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank != 4) throw new TensorException($"a ResNet takes images (batch, height, width, channels), not {x.Shape}");
        x = _relu.Forward(Stem.Forward(x, pass), pass);
        foreach (Residual block in Blocks) x = _relu.Forward(block.Forward(x, pass), pass);
        return Head.Forward(_pool.Forward(x, pass), pass);
    }

    /// <inheritdoc/>
    public override string ToString() => $"ResNet-{2 * Options.Widths.Count * Options.Blocks + 2}({string.Join("-", Options.Widths)}-{Options.Classes})";

    // Both convolutions of a block, and what brings its input to their size.
    private static Residual Block(int before, int width, int stride) => new(
        body: new Sequential([.. Convolution(width, 3, stride), new Relu(), .. Convolution(width, 3, stride: 1)]),
        shortcut: before == width && stride == 1 ? null : Convolution(width, 1, stride));

    // A norm follows, so there is no bias.
    private static Sequential Convolution(int width, int kernel, int stride) =>
        new(new Conv2d(width, kernel, stride, padding: kernel / 2, bias: false), new BatchNorm());

    // Options may come from a file.
    private static void Check(ResNetOptions o)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(o.Classes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(o.Classes, 1_000_000);
        if (o.Blocks is < 1 or > 1_000) throw new ArgumentOutOfRangeException(nameof(o.Blocks), o.Blocks, "a stage has 1 to 1,000 blocks");
        if (o.Widths.Count is < 1 or > 12) throw new ArgumentOutOfRangeException(nameof(o.Widths), o.Widths.Count, "a ResNet has 1 to 12 stages");
        foreach (int width in o.Widths)
            if (width is < 1 or > 16_384) throw new ArgumentOutOfRangeException(nameof(o.Widths), width, "a stage has 1 to 16,384 filters");
    }
}
