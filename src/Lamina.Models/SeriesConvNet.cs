using System.Text.Json.Serialization;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Options of <see cref="SeriesConvNet"/>; saved beside its weights, whole: a default that changes must not change a saved
/// network.</summary>
public sealed record SeriesConvNetOptions
{
    /// <summary>The number of classes, from 2.</summary>
    public required int Classes { get; init; }

    /// <summary>Filters of each layer.</summary>
    [JsonRequired]
    public IReadOnlyList<int> Widths { get; init; } = [64, 128, 64];

    /// <summary>Steps that the filters of each layer look at.</summary>
    [JsonRequired]
    public IReadOnlyList<int> Kernels { get; init; } = [8, 5, 3];

    /// <summary>The share of values that are dropped in training before the last layer, 0 to below 1.</summary>
    [JsonRequired]
    public double Dropout { get; init; } = 0.2;
}

/// <summary>
/// A convolutional network for classifying series of different lengths (Wang, Yan and Oates, 2017: "Time series classification from scratch with
/// deep neural networks"):
/// layers of convolution, batch norm and rectifier, then the mean and the maximum of each filter over the valid steps. Series (batch, steps,
/// channels) and a
/// mask (batch, steps) of ones where there is a step → logits (batch, classes).
/// </summary>
/// <remarks>The maximum is added to the paper's mean: what happens once in a long series isn't averaged away.</remarks>
public sealed partial class SeriesConvNet : Network
{
    private readonly Dropout _dropout;

    /// <summary>Builds the network; the number of channels is inferred from the first input.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public SeriesConvNet(SeriesConvNetOptions options)
    {
        Check(options);
        Options = options;
        Convolutions = [.. options.Widths.Zip(options.Kernels, (width, kernel) => new Conv1d(width, kernel, padding: Padding.Same, bias: false))];
        Norms = [.. options.Widths.Select(_ => new BatchNorm())];
        Output = new Linear(options.Classes);
        _dropout = new(options.Dropout);
    }

    /// <summary>Options that the network was built with.</summary>
    public SeriesConvNetOptions Options { get; }

    /// <summary>The layers that find patterns.</summary>
    public IReadOnlyList<Conv1d> Convolutions { get; }

    /// <summary>The norm behind each of them.</summary>
    public IReadOnlyList<BatchNorm> Norms { get; }

    /// <summary>The layer that decides.</summary>
    public Linear Output { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> InputNames { get; } = ["series", "mask"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames { get; } = ["logits"];

    /// <inheritdoc/>
    protected override Tensors Compute(Tensors inputs, Pass pass)
    {
        Tensor mask = inputs[1].Unsqueeze(2), x = inputs[0] * mask; // (batch, steps, 1)
        // What is behind the end stays zero, as what a convolution sees beyond the padding is.
        for (int i = 0; i < Convolutions.Count; i++) x = Norms[i].Forward(Convolutions[i].Forward(x, pass), pass).Relu() * mask;
        Tensor mean = x.Sum([1]) / mask.Sum([1]).Maximum(1);
        return [Output.Forward(_dropout.Forward(Tensor.Concat([mean, x.Max([1])], 1), pass), pass)];
    }

    /// <inheritdoc/>
    public override string ToString() => $"SeriesConvNet({string.Join("-", Options.Widths)}-{Options.Classes})";

    // Options may come from a file.
    private static void Check(SeriesConvNetOptions o)
    {
        if (o.Classes is < 2 or > 1_000_000) throw new ArgumentOutOfRangeException(nameof(o.Classes), o.Classes,
            "a SeriesConvNet has 2 to 1,000,000 classes");
        if (o.Widths.Count is < 1 or > 24 || o.Kernels.Count != o.Widths.Count)
            throw new ArgumentOutOfRangeException(nameof(o.Widths), o.Widths.Count,
                "a SeriesConvNet has 1 to 24 layers, each with a width and a kernel");
        foreach (int width in o.Widths)
            if (width is < 1 or > 16_384) throw new ArgumentOutOfRangeException(nameof(o.Widths), width, "a layer has 1 to 16,384 filters");
        foreach (int kernel in o.Kernels)
            if (kernel is < 1 or > 1_024) throw new ArgumentOutOfRangeException(nameof(o.Kernels), kernel, "a filter looks at 1 to 1,024 steps");
        if (!(o.Dropout is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.Dropout), o.Dropout, "dropout is a share from 0 to below 1");
    }
}
