using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Learning.Saving;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

/// <summary>Options of <see cref="TemporalConvNet"/>; saved beside its weights.</summary>
public sealed record TemporalConvNetOptions
{
    /// <summary>Values of the result at each step.</summary>
    public required int Outputs { get; init; }

    /// <summary>Channels of each block; block i looks 2ⁱ steps apart.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [64, 64, 64, 64, 64, 64];

    /// <summary>Steps that each convolution looks at.</summary>
    public int Kernel { get; init; } = 3;

    /// <summary>The share of channels that are dropped in training behind each convolution, 0 to below 1.</summary>
    public double Dropout { get; init; }
}

/// <summary>
/// A temporal convolutional network (Bai, Kolter and Koltun, 2018: "An empirical evaluation of generic convolutional and recurrent
/// networks for sequence modeling"): residual blocks of two causal convolutions, whose steps lie twice as far apart in each block, so
/// that the last one sees far back. No result depends on a later step. (batch, steps, channels) → (batch, steps, outputs).
/// </summary>
/// <remarks>
/// The paper's weight normalisation is left out; its rectifier behind the sum is kept. Files call it by its earlier name, Tcn, so that older ones
/// open.
/// </remarks>
[SavedAs("Lamina.Models.Tcn")]
public sealed partial class TemporalConvNet : Layer
{
    private readonly Relu _relu = new();

    /// <summary>Builds the network.</summary>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="options">What it is made of.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public TemporalConvNet(int inputs, TemporalConvNetOptions options)
    {
        Check(inputs, options);
        (Inputs, Options) = (inputs, options);
        int[] widths = [inputs, .. options.Widths];
        Blocks = [.. options.Widths.Select((width, i) => Block(widths[i], width, 1 << i, options))];
        Head = new Linear(options.Outputs);
    }

    /// <summary>Channels of the input.</summary>
    public int Inputs { get; }

    /// <summary>Options that the network was built with.</summary>
    public TemporalConvNetOptions Options { get; }

    /// <summary>The residual blocks.</summary>
    public IReadOnlyList<Residual> Blocks { get; }

    /// <summary>The layer that makes each step's result.</summary>
    public Linear Head { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank != 3) throw new TensorException($"a TemporalConvNet takes sequences (batch, steps, channels), not {x.Shape}");
        foreach (Residual block in Blocks) x = _relu.Forward(block.Forward(x, pass), pass);
        return Head.Forward(x, pass);
    }

    /// <inheritdoc/>
    public override string ToString() => $"TemporalConvNet({string.Join("-", Options.Widths)}-{Options.Outputs})";

    private static Residual Block(int before, int width, int dilation, TemporalConvNetOptions options)
    {
        Conv1d Convolution() => new(width, options.Kernel, padding: Padding.Causal, dilation: dilation);
        Layer[] dropout = options.Dropout > 0 ? [new Dropout(options.Dropout)] : [];
        return new Residual(
            body: new Sequential([Convolution(), new Relu(), .. dropout, Convolution(), new Relu(), .. dropout]),
            shortcut: before == width ? null : new Conv1d(width, 1));
    }

    // Options may come from a file.
    private static void Check(int inputs, TemporalConvNetOptions o)
    {
        if (inputs is < 1 or > 65_536) throw new ArgumentOutOfRangeException(nameof(inputs), inputs, "a sequence has 1 to 65,536 channels");
        if (o.Outputs is < 1 or > 1_000_000) throw new ArgumentOutOfRangeException(nameof(o.Outputs), o.Outputs, "there are 1 to 1,000,000 outputs");
        if (o.Widths.Count is < 1 or > 24) throw new ArgumentOutOfRangeException(nameof(o.Widths), o.Widths.Count,
            "a TemporalConvNet has 1 to 24 blocks");
        foreach (int width in o.Widths)
            if (width is < 1 or > 16_384) throw new ArgumentOutOfRangeException(nameof(o.Widths), width, "a block has 1 to 16,384 channels");
        if (o.Kernel is < 1 or > 1_024) throw new ArgumentOutOfRangeException(nameof(o.Kernel), o.Kernel, "a kernel covers 1 to 1,024 steps");
        if (!(o.Dropout is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.Dropout), o.Dropout, "dropout is a share from 0 to below 1");
    }
}
