using Lamina.Learning.Initializers;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

/// <summary>
/// A residual network (He, Zhang, Ren and Sun, 2015: "Deep residual learning for image recognition"). Each block adds what it found to what came
/// in, so that a deep network is no harder to train than a shallow one. <see cref="ResNetOptions.ForSmallImages"/> gives the paper's networks for
/// CIFAR-10, 20 to 1,202 layers, <see cref="ResNetOptions.ForPhotos"/> those for ImageNet.
/// (batch, height, width, channels) → logits (batch, classes).
/// </summary>
public sealed partial class ResNet : Layer
{
    private const int Expansion = 4; // of a bottleneck's last convolution

    private readonly Relu _relu = new();
    private readonly MaxPool2d _stemPool = new(3, stride: 2, padding: 1);
    private readonly GlobalAveragePool _pool = new();

    /// <summary>Builds the network; the input's channels are inferred from the first input.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ResNet(ResNetOptions options)
    {
        options.Check();
        Options = options;
        Stem = options.Stem == ResNetStem.Large ? Convolution(options.Widths[0], 7, stride: 2) : Convolution(options.Widths[0], 3, stride: 1);
        var blocks = new List<Residual>();
        int before = options.Widths[0];
        for (int stage = 0; stage < options.Widths.Count; stage++)
            for (int block = 0; block < options.DepthOf(stage); block++)
            {
                int width = options.Widths[stage];
                blocks.Add(Block(ref before, width, stride: stage > 0 && block == 0 ? 2 : 1));
            }
        Blocks = blocks;
        Head = new Linear(options.Classes);
    }

    /// <summary>ResNet-20: 3 stages of 3 blocks, 16, 32 and 64 filters.</summary>
    public static ResNet Of20(int classes) => new(ResNetOptions.ForSmallImages(20, classes));

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
        if (Options.Stem == ResNetStem.Large) x = _stemPool.Forward(x, pass);
        foreach (Residual block in Blocks) x = _relu.Forward(block.Forward(x, pass), pass);
        return Head.Forward(_pool.Forward(x, pass), pass);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        int layers = 2 + Blocks.Count * (Options.Bottleneck ? 3 : 2);
        return $"ResNet-{layers}({string.Join("-", Options.Widths)}-{Options.Classes})";
    }

    // The convolutions of a block, and what brings its input to their size; before is what the block is given and then what it gives.
    private Residual Block(ref int before, int width, int stride)
    {
        int after = Options.Bottleneck ? Expansion * width : width;
        Layer? shortcut = before == after && stride == 1 ? null
            : Options.Shortcut == ResNetShortcut.Padding ? new PaddedShortcut(after, stride) : Convolution(after, 1, stride);
        before = after;
        return new Residual(Options.Bottleneck
            ? new Sequential([.. Convolution(width, 1, stride: 1), new Relu(), .. Convolution(width, 3, stride), new Relu(), .. Last(after, 1)])
            : new Sequential([.. Convolution(width, 3, stride), new Relu(), .. Last(width, 3)]), shortcut);
    }

    private Sequential Last(int width, int kernel) => Convolution(width, kernel, stride: 1, Options.ZeroInitialized ? Constant.Zero : null);

    // A norm follows, so there is no bias.
    private static Sequential Convolution(int width, int kernel, int stride, Initializer? scale = null) =>
        new(new Conv2d(width, kernel, stride, padding: kernel / 2, bias: false), new BatchNorm(scale: scale));
}
