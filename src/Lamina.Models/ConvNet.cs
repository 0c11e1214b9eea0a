using System.Text.Json.Serialization;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

/// <summary>Options of <see cref="ConvNet"/>; saved beside its weights, whole: a default that changes must not change a saved network.</summary>
public sealed record ConvNetOptions
{
    /// <summary>The number of outputs, from 1: of classes or labels one for each.</summary>
    public required int Classes { get; init; }

    /// <summary>Filters of each stage; every stage halves height and width.</summary>
    [JsonRequired]
    public IReadOnlyList<int> Widths { get; init; } = [16, 32];

    /// <summary>Convolutions of each stage, 1 or more; empty: one in each.</summary>
    public IReadOnlyList<int> Depths { get; init; } = [];

    /// <summary>Neurons of the hidden layer behind the stages; 0 for none: the head then takes each filter's mean over the image.</summary>
    [JsonRequired]
    public int Hidden { get; init; } = 128;

    /// <summary>The share of hidden neurons that are dropped in training, 0 to below 1.</summary>
    [JsonRequired]
    public double Dropout { get; init; } = 0.25;
}

/// <summary>
/// A convolutional network for classifying images, after LeNet (LeCun et al., 1998): stages of convolution, batch norm,
/// rectifier and pooling find ever larger and more abstract patterns; a dense head weighs them up.
/// (batch, height, width, channels) → logits (batch, classes).
/// </summary>
public sealed partial class ConvNet : Layer
{
    /// <summary>Builds the network; the input's size is inferred from the first input.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ConvNet(ConvNetOptions options)
    {
        Check(options);
        Options = options;
        Stages = [.. options.Widths.Select((width, stage) => new ConvStage(width, options.Depths.Count > 0 ? options.Depths[stage] : 1))];
        Head = options.Hidden > 0
            ? new Sequential(new Flatten(), new Linear(options.Hidden), new Relu(), new Dropout(options.Dropout), new Linear(options.Classes))
            : new Sequential(new GlobalAveragePool(), new Linear(options.Classes));
    }

    /// <summary>Options that the network was built with.</summary>
    public ConvNetOptions Options { get; }

    /// <summary>The stages that find patterns.</summary>
    public IReadOnlyList<ConvStage> Stages { get; }

    /// <summary>The layers that decide.</summary>
    public Sequential Head { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank != 4) throw new TensorException($"a ConvNet takes images (batch, height, width, channels), not {x.Shape}");
        foreach (ConvStage stage in Stages) x = stage.Forward(x, pass);
        return Head.Forward(x, pass);
    }

    /// <inheritdoc/>
    public override string ToString() => $"ConvNet({string.Join("-", Options.Widths)}-{(Options.Hidden > 0 ? $"{Options.Hidden}-" : "")}{Options.Classes})";

    // Options may come from a file.
    private static void Check(ConvNetOptions o)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(o.Classes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(o.Classes, 1_000_000);
        if (o.Widths.Count is < 1 or > 12) throw new ArgumentOutOfRangeException(nameof(o.Widths), o.Widths.Count, "a ConvNet has 1 to 12 stages");
        foreach (int width in o.Widths)
            if (width is < 1 or > 16_384) throw new ArgumentOutOfRangeException(nameof(o.Widths), width, "a stage has 1 to 16,384 filters");
        if (o.Depths.Count > 0 && o.Depths.Count != o.Widths.Count)
            throw new ArgumentOutOfRangeException(nameof(o.Depths), o.Depths.Count, $"a ConvNet of {o.Widths.Count} stages has as many depths, or none");
        foreach (int depth in o.Depths)
            if (depth is < 1 or > 100) throw new ArgumentOutOfRangeException(nameof(o.Depths), depth, "a stage has 1 to 100 convolutions");
        if (o.Hidden is < 0 or > 65_536) throw new ArgumentOutOfRangeException(nameof(o.Hidden), o.Hidden, "the hidden layer has 0 to 65,536 neurons");
        if (!(o.Dropout is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.Dropout), o.Dropout, "dropout is a share from 0 to below 1");
    }
}

/// <summary>
/// Convolutions 3×3, each with batch norm and rectifier, then pooling 2×2: (batch, height, width, any) → (batch, height/2, width/2, width).
/// Several in a stage see farther and cost less than one with a larger kernel (Simonyan and Zisserman, 2014: "Very deep convolutional networks").
/// </summary>
public sealed partial class ConvStage(int width, int depth = 1) : Layer
{
    /// <summary>The convolutions before the last, each with its norm.</summary>
    public IReadOnlyList<Sequential> Before { get; } =
        [.. Enumerable.Range(1, depth - 1).Select(_ => new Sequential(Filters(width), new BatchNorm(), new Relu()))];

    /// <summary>The filters of the last convolution.</summary>
    public Conv2d Convolution { get; } = Filters(width);

    /// <summary>Brings each filter's results to a common scale.</summary>
    public BatchNorm Norm { get; } = new();

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        foreach (Sequential block in Before) x = block.Forward(x, pass);
        return _pool.Forward(_relu.Forward(Norm.Forward(Convolution.Forward(x, pass), pass), pass), pass);
    }

    private readonly Relu _relu = new();
    private readonly MaxPool2d _pool = new(2);

    // A norm follows, so there is no bias.
    private static Conv2d Filters(int width) => new(width, 3, padding: Padding.Same, bias: false);

    /// <inheritdoc/>
    public override string ToString() => depth == 1 ? $"ConvStage({width})" : $"ConvStage({width}, {depth} convolutions)";
}
