using System.Text.Json.Serialization;
using Lamina.Learning.Initializers;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Models;

/// <summary>Options of <see cref="PatchTst"/>; saved beside its weights, whole: a default that changes must not change a saved network.</summary>
public sealed record PatchTstOptions
{
    /// <summary>What it looks at and what it gives.</summary>
    public required SeriesShape Shape { get; init; }

    /// <summary>Steps of a patch; at most the window.</summary>
    [JsonRequired]
    public int Patch { get; init; } = 16;

    /// <summary>Steps from one patch to the next.</summary>
    [JsonRequired]
    public int Stride { get; init; } = 8;

    /// <summary>Number of blocks.</summary>
    [JsonRequired]
    public int Layers { get; init; } = 3;

    /// <summary>Heads of attention in each block.</summary>
    [JsonRequired]
    public int Heads { get; init; } = 4;

    /// <summary>Features of each patch; a multiple of the heads.</summary>
    [JsonRequired]
    public int Width { get; init; } = 16;

    /// <summary>Features between the two dense layers of a block.</summary>
    [JsonRequired]
    public int Dense { get; init; } = 128;

    /// <summary>The share of features that are dropped in training, 0 to below 1.</summary>
    [JsonRequired]
    public double Dropout { get; init; } = 0.3;
}

/// <summary>
/// A transformer over patches of a series (Nie et al., 2023: "A time series is worth 64 words"): each series by itself is brought to mean 0 and
/// deviation 1 in its window (reversible instance normalisation, Kim et al., 2022), cut into overlapping patches whose features attend to one
/// another, and one linear map leads from all of them to the horizon. Input and output as <see cref="SeriesShape"/> says.
/// </summary>
/// <remarks>The blocks have layer norms before their parts, where the paper has batch norms behind them.</remarks>
public sealed partial class PatchTst : Layer
{
    private readonly Dropout _drop;

    /// <summary>Builds the network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public PatchTst(PatchTstOptions options)
    {
        Check(options);
        Options = options;
        SeriesShape shape = options.Shape;
        int patches = (shape.Window - options.Patch) / options.Stride + 1;
        Patches = new Conv1d(options.Width, options.Patch, options.Stride, initializer: new GlorotUniform());
        Positions = new Parameter(new Uniform(-0.02, 0.02), [patches, options.Width]);
        Blocks = [.. Enumerable.Range(0, options.Layers).Select(_ => new PatchTstBlock(options))];
        Norm = new LayerNorm(features: options.Width);
        // Small at first, so that the mean of the window is the first forecast.
        Head = new Linear(patches * options.Width, shape.Horizon, initializer: new Normal(Deviation: 0.01));
        Covariates = CovariateHead.Of(shape);
        _drop = new(options.Dropout);
    }

    /// <summary>Options that the network was built with.</summary>
    public PatchTstOptions Options { get; }

    /// <summary>From the steps of a patch to its features; the last patch ends with the window.</summary>
    public Conv1d Patches { get; }

    /// <summary>A vector for each place of a patch, (patches, width).</summary>
    public Parameter Positions { get; }

    /// <summary>The blocks.</summary>
    public IReadOnlyList<PatchTstBlock> Blocks { get; }

    /// <summary>The last norm.</summary>
    public LayerNorm Norm { get; }

    /// <summary>From all patches to the horizon.</summary>
    public Linear Head { get; }

    /// <summary>What covariates add; null without any.</summary>
    public CovariateHead? Covariates { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        SeriesShape shape = Options.Shape;
        Tensor past = shape.Past(x, this).Transpose(0, 2, 1); // (batch, targets, window)
        int batch = past.Shape[0], rows = batch * shape.Targets;
        (Tensor series, Tensor mean, Tensor deviation) = InstanceScale.Of(past.Reshape(new Shape(rows, shape.Window)));
        int skipped = (shape.Window - Options.Patch) % Options.Stride; // the oldest steps, so that the newest are seen
        Tensor y = Patches.Forward(series.Narrow(1, skipped, shape.Window - skipped).Unsqueeze(2), pass) + Positions.Value;
        y = _drop.Forward(y, pass);
        foreach (PatchTstBlock block in Blocks) y = block.Forward(y, pass);
        y = Head.Forward(_drop.Forward(Norm.Forward(y, pass).Flatten(1), pass), pass) * deviation + mean; // (rows, horizon)
        y = y.Reshape(new Shape(batch, shape.Targets, shape.Horizon)).Transpose(0, 2, 1);
        return Covariates is null ? y : y + Covariates.Forward(x, pass);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"PatchTst({Options.Shape.Window}-{Options.Shape.Horizon}, {Options.Layers} × {Options.Width}, patches of {Options.Patch})";

    // Options may come from a file.
    private static void Check(PatchTstOptions o)
    {
        o.Shape.Check();
        SeriesShape.Range(o.Patch, 1, o.Shape.Window, nameof(o.Patch), "steps of a patch");
        SeriesShape.Range(o.Stride, 1, 100_000, nameof(o.Stride), "steps between patches");
        SeriesShape.Range(o.Layers, 1, 100, nameof(o.Layers), "blocks");
        SeriesShape.Range(o.Heads, 1, 1_024, nameof(o.Heads), "heads");
        SeriesShape.Range(o.Width, 1, 16_384, nameof(o.Width), "features");
        SeriesShape.Range(o.Dense, 1, 65_536, nameof(o.Dense), "features of the dense layers");
        if (o.Width % o.Heads != 0) throw new ArgumentOutOfRangeException(nameof(o.Width), o.Width,
            $"the width is a multiple of the {o.Heads} heads");
        if (!(o.Dropout is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.Dropout), o.Dropout, "dropout is a share from 0 to below 1");
    }
}

/// <summary>A block: x + attention(norm(x)), then x + dense(norm(x)). (batch, patches, width) → the same shape.</summary>
public sealed partial class PatchTstBlock : Layer
{
    private readonly Dropout _drop;

    /// <summary>A block of a network of these options.</summary>
    public PatchTstBlock(PatchTstOptions options)
    {
        Options = options;
        AttentionNorm = new LayerNorm(features: options.Width);
        Attention = new MultiHeadAttention(options.Width, options.Heads);
        DenseNorm = new LayerNorm(features: options.Width);
        Expand = new Linear(options.Width, options.Dense);
        Contract = new Linear(options.Dense, options.Width);
        _drop = new(options.Dropout);
    }

    /// <summary>The options of the network that it belongs to.</summary>
    public PatchTstOptions Options { get; }

    /// <summary>The norm before attention.</summary>
    public LayerNorm AttentionNorm { get; }

    /// <summary>How patches read one another.</summary>
    public MultiHeadAttention Attention { get; }

    /// <summary>The norm before the dense layers.</summary>
    public LayerNorm DenseNorm { get; }

    /// <summary>To more features.</summary>
    public Linear Expand { get; }

    /// <summary>And back.</summary>
    public Linear Contract { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        x = x + _drop.Forward(Attention.Forward(AttentionNorm.Forward(x, pass), pass), pass);
        return x + _drop.Forward(Contract.Forward(Expand.Forward(DenseNorm.Forward(x, pass), pass).Gelu(), pass), pass);
    }

    /// <inheritdoc/>
    public override string ToString() => "PatchTstBlock";
}

/// <summary>Reversible instance normalisation without learned scales (Kim et al., 2022).</summary>
internal static class InstanceScale
{
    private const double Epsilon = 1e-5;

    /// <summary>Series (…, steps) at mean 0 and deviation 1, with both, (…, 1), to take it back.</summary>
    public static (Tensor Series, Tensor Mean, Tensor Deviation) Of(Tensor series)
    {
        Tensor mean = series.Mean([-1], keepDims: true), distance = series - mean;
        Tensor deviation = ((distance * distance).Mean([-1], keepDims: true) + Epsilon).Sqrt();
        return (distance / deviation, mean, deviation);
    }
}
