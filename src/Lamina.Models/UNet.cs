using System.Text.Json.Serialization;
using Lamina.Learning.Diffusion;
using Lamina.Learning.Initializers;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Models;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Options of <see cref="UNet"/>; saved beside its weights, whole: a default that changes must not change a saved network.</summary>
public sealed record UNetOptions
{
    /// <summary>Rows of an image, 2 to 1,024.</summary>
    public required int Height { get; init; }

    /// <summary>Columns of an image, 2 to 1,024.</summary>
    public required int Width { get; init; }

    /// <summary>Values of a pixel, from 1.</summary>
    public required int Channels { get; init; }

    /// <summary>The number of classes that it is told; 0: none.</summary>
    [JsonRequired]
    public int Classes { get; init; }

    /// <summary>The side of the square of pixels that become one place of the first level, 1 to 16: work falls with its square.</summary>
    [JsonRequired]
    public int Patch { get; init; } = 2;

    /// <summary>Channels of each level; a level has half the height and width of the one before.</summary>
    [JsonRequired]
    public IReadOnlyList<int> Widths { get; init; } = [32, 64];

    /// <summary>Residual blocks of each level on the way down, and on the way up.</summary>
    [JsonRequired]
    public int Blocks { get; init; } = 1;

    /// <summary>Heads of attention on the lowest level, a divisor of its channels; 0: no attention.</summary>
    [JsonRequired]
    public int Heads { get; init; } = 4;

    /// <summary>The share of values that are dropped in each block in training, 0 to below 1.</summary>
    [JsonRequired]
    public double Dropout { get; init; }
}

/// <summary>
/// A network from images to images of the same size, for denoising (Ronneberger, Fischer and Brox, 2015: "U-Net"; with residual blocks, time and
/// attention
/// as in Ho, Jain and Abbeel, 2020, and scales from time and class as in Dhariwal and Nichol, 2021): on the way down images become smaller and
/// channels more, on the way up the other way, and what was seen on the way down is laid beside it. Squares of pixels become one place at first,
/// which
/// costs little of what is drawn and makes it several times as fast (Hoogeboom, Heek and Salimans, 2023: "Simple diffusion"). Sizes that can't
/// be halved
/// evenly are padded inside. Norms are over the channels of a place, as in ConvNeXt (Liu et al., 2022).
/// </summary>
/// <remarks>Images (batch, height, width, channels), times, float32 (batch), and with classes int32 (batch) → (batch, height, width, channels).
/// A new network says 0.</remarks>
public sealed partial class UNet : Network, IDenoiser
{
    private readonly string[] _inputs;
    private readonly Tensor _frequencies;
    private readonly PixelShuffle? _shuffle;

    /// <summary>Builds the network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public UNet(UNetOptions options)
    {
        Check(options);
        Options = options;
        _inputs = options.Classes > 0 ? ["image", "time", "class"] : ["image", "time"];
        int levels = options.Widths.Count, first = options.Widths[0], told = 4 * first;
        _frequencies = Tensor.From([.. Enumerable.Range(0, first).Select(i => (float)(1000 * Math.Pow(10_000, -(double)i / first)))]);
        Time = new Sequential(new Linear(told), new Silu(), new Linear(told));
        if (options.Classes > 0) Kinds = new Embedding(options.Classes + 1, told, new Normal(Deviation: 0.5));
        Stem = options.Patch == 1 ? new Conv2d(first, 3, padding: Padding.Same)
            : new Conv2d(first, 2 * options.Patch, options.Patch, padding: options.Patch / 2);
        Down = [.. options.Widths.Select((width, level) => new UNetLevel(options, level, isUp: false))];
        if (options.Heads > 0) Attention = new UNetAttention(options.Widths[^1], options.Heads);
        Middle = new UNetBlock(options.Widths[^1], isSame: true, options.Dropout);
        Up = [.. Enumerable.Range(0, levels).Select(i => new UNetLevel(options, levels - 1 - i, isUp: true))];
        Norm = new LayerNorm();
        Head = new Conv2d(options.Channels * options.Patch * options.Patch, 3, padding: Padding.Same, initializer: Constant.Zero);
        if (options.Patch > 1) _shuffle = new PixelShuffle(options.Patch);
    }

    /// <summary>Options that the network was built with.</summary>
    public UNetOptions Options { get; }

    /// <summary>To what blocks are told of the time.</summary>
    public Sequential Time { get; }

    /// <summary>What blocks are told of each class; the last row is for no class. Null where there are none.</summary>
    public Embedding? Kinds { get; }

    /// <summary>Squares of pixels to places of the first level.</summary>
    public Conv2d Stem { get; }

    /// <summary>The levels on the way down, the largest first.</summary>
    public IReadOnlyList<UNetLevel> Down { get; }

    /// <summary>Between the places of the lowest level; null where there are no heads.</summary>
    public UNetAttention? Attention { get; }

    /// <summary>The block at the bottom.</summary>
    public UNetBlock Middle { get; }

    /// <summary>The levels on the way up, the smallest first.</summary>
    public IReadOnlyList<UNetLevel> Up { get; }

    /// <summary>The last norm.</summary>
    public LayerNorm Norm { get; }

    /// <summary>To pixels.</summary>
    public Conv2d Head { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> InputNames => _inputs;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames { get; } = ["change"];

    Shape IDenoiser.Image => [Options.Height, Options.Width, Options.Channels];

    int IDenoiser.Classes => Options.Classes;

    /// <inheritdoc/>
    protected override Tensors Compute(Tensors inputs, Pass pass)
    {
        Tensor x = inputs[0];
        if (x.Rank != 4 || x.Shape[1] != Options.Height || x.Shape[2] != Options.Width || x.Shape[3] != Options.Channels)
            throw new TensorException($"{this} takes images (batch, {Options.Height}, {Options.Width}, {Options.Channels}), not {x.Shape}");
        if (inputs[1].Shape != new Shape(x.Shape[0]))
            throw new TensorException($"{this} takes a time for each image, ({x.Shape[0]}), not {inputs[1].Shape}");
        Tensor told = Tell(inputs, pass);
        int unit = Options.Patch << Options.Widths.Count - 1, bottom = Rest(Options.Height, unit), right = Rest(Options.Width, unit);
        if (bottom + right > 0) x = x.Pad([0, 0, 0, 0], [0, bottom, right, 0]);
        Tensor y = Stem.Forward(x, pass);
        var seen = new Stack<Tensor>();
        foreach (UNetLevel level in Down) y = level.Descend(y, told, seen, pass);
        if (Attention is not null) y = Attention.Forward(y, pass);
        y = Middle.Forward([y, told], pass)[0];
        foreach (UNetLevel level in Up) y = level.Rise(y, told, seen, pass);
        y = Head.Forward(Norm.Forward(y, pass).Silu(), pass);
        if (_shuffle is not null) y = _shuffle.Forward(y, pass);
        return bottom + right > 0 ? y.Narrow(1, 0, Options.Height).Narrow(2, 0, Options.Width) : y;
    }

    // (batch, 4 · first width), for all blocks.
    private Tensor Tell(Tensors inputs, Pass pass)
    {
        Tensor angles = inputs[1].Unsqueeze(-1) * _frequencies, told = Time.Forward(Tensor.Concat([angles.Sin(), angles.Cos()], -1), pass);
        if (Kinds is not null) told = told + Kinds.Forward(inputs[2], pass);
        return told.Silu();
    }

    private static int Rest(int size, int unit) => (unit - size % unit) % unit;

    /// <inheritdoc/>
    public override string ToString() =>
        $"UNet({Options.Height}×{Options.Width}×{Options.Channels}, patch {Options.Patch}, {string.Join("-", Options.Widths)}"
        + $"{(Options.Classes > 0 ? $", {Options.Classes} classes" : "")})";

    // Options may come from a file.
    private static void Check(UNetOptions o)
    {
        static void Range(int value, int least, int most, string name, string what)
        {
            if (value < least || value > most) throw new ArgumentOutOfRangeException(name, value, $"a UNet has {least:N0} to {most:N0} {what}");
        }

        Range(o.Height, 2, 1_024, nameof(o.Height), "rows");
        Range(o.Width, 2, 1_024, nameof(o.Width), "columns");
        Range(o.Channels, 1, 1_024, nameof(o.Channels), "channels");
        Range(o.Classes, 0, 1_000_000, nameof(o.Classes), "classes");
        Range(o.Patch, 1, 16, nameof(o.Patch), "pixels on a side of a patch");
        if (o.Patch > 1 && o.Patch % 2 > 0)
            throw new ArgumentOutOfRangeException(nameof(o.Patch), o.Patch, "a patch has 1 pixel or an even number on a side");
        Range(o.Widths.Count, 1, 8, nameof(o.Widths), "levels");
        foreach (int width in o.Widths) Range(width, 1, 4_096, nameof(o.Widths), "channels on a level");
        Range(o.Blocks, 1, 100, nameof(o.Blocks), "blocks on a level");
        Range(o.Heads, 0, 1_024, nameof(o.Heads), "heads");
        if (o.Heads > 0 && o.Widths[^1] % o.Heads != 0)
            throw new ArgumentOutOfRangeException(nameof(o.Heads), o.Heads, $"the heads don't divide the {o.Widths[^1]} channels of the lowest level");
        if (!(o.Dropout is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.Dropout), o.Dropout, "dropout is a share from 0 to below 1");
    }
}

/// <summary>A level of a <see cref="UNet"/>, on the way down or up.</summary>
public sealed partial class UNetLevel : Module
{
    /// <summary>A level of a network of these options.</summary>
    /// <param name="options">The network's options.</param>
    /// <param name="level">Which level, from 0 for the largest.</param>
    /// <param name="isUp">Whether it is on the way up, where what was seen on the way down is laid beside.</param>
    public UNetLevel(UNetOptions options, int level, bool isUp)
    {
        (Options, Level, IsUp) = (options, level, isUp);
        int width = options.Widths[level];
        Blocks = [.. Enumerable.Range(0, options.Blocks).Select(_ => new UNetBlock(width, isSame: !isUp, options.Dropout))];
        bool isLowest = level + 1 == options.Widths.Count;
        if (!isUp && !isLowest) Change = new Conv2d(options.Widths[level + 1], 3, 2, 1);
        if (isUp && level > 0) Change = new Conv2d(options.Widths[level - 1], 1);
    }

    /// <summary>Options of the network.</summary>
    public UNetOptions Options { get; }

    /// <summary>Which level, from 0 for the largest.</summary>
    public int Level { get; }

    /// <summary>Whether it is on the way up.</summary>
    public bool IsUp { get; }

    /// <summary>The blocks.</summary>
    public IReadOnlyList<UNetBlock> Blocks { get; }

    /// <summary>To the next level; null on the last.</summary>
    public Conv2d? Change { get; }

    private readonly Upsample _twice = new(2);

    /// <summary>Downwards: what the next level begins with; what the blocks give is kept.</summary>
    internal Tensor Descend(Tensor x, Tensor told, Stack<Tensor> seen, Pass pass)
    {
        foreach (UNetBlock block in Blocks)
        {
            x = block.Forward([x, told], pass)[0];
            seen.Push(x);
        }
        return Change is null ? x : Change.Forward(x, pass);
    }

    /// <summary>Upwards: what the next level begins with.</summary>
    internal Tensor Rise(Tensor x, Tensor told, Stack<Tensor> seen, Pass pass)
    {
        foreach (UNetBlock block in Blocks) x = block.Forward([Tensor.Concat([x, seen.Pop()], -1), told], pass)[0];
        // A convolution of single pixels gives the same before as after, for a quarter of the work.
        return Change is null ? x : _twice.Forward(Change.Forward(x, pass), pass);
    }
}

/// <summary>
/// A residual block: twice norm, silu and convolution 3×3; what is told of time and class scales and shifts each channel between them.
/// (batch, height, width, any) and (batch, told) → (batch, height, width, width of the block).
/// </summary>
public sealed partial class UNetBlock : Network
{
    private static readonly string[] s_inputs = ["image", "told"], s_outputs = ["image"];
    private readonly Dropout? _drop;

    /// <summary>A block.</summary>
    /// <param name="width">Its channels.</param>
    /// <param name="isSame">Whether as many come in; otherwise they are projected for the sum.</param>
    /// <param name="dropout">The share of values that are dropped in training.</param>
    public UNetBlock(int width, bool isSame, double dropout)
    {
        (Width, IsSame, Dropout) = (width, isSame, dropout);
        NormIn = new LayerNorm();
        In = new Conv2d(width, 3, padding: Padding.Same);
        Told = new Linear(2 * width);
        NormOut = new LayerNorm();
        // It begins as what comes in, so that deep networks begin as shallow ones.
        Out = new Conv2d(width, 3, padding: Padding.Same, initializer: Constant.Zero);
        if (!isSame) Shortcut = new Conv2d(width, 1);
        if (dropout > 0) _drop = new Dropout(dropout);
    }

    /// <summary>Its channels.</summary>
    public int Width { get; }

    /// <summary>Whether as many channels come in.</summary>
    public bool IsSame { get; }

    /// <summary>The share of values that are dropped in training.</summary>
    public double Dropout { get; }

    /// <summary>The first norm.</summary>
    public LayerNorm NormIn { get; }

    /// <summary>The first convolution.</summary>
    public Conv2d In { get; }

    /// <summary>To a scale and a shift of each channel.</summary>
    public Linear Told { get; }

    /// <summary>The second norm.</summary>
    public LayerNorm NormOut { get; }

    /// <summary>The second convolution.</summary>
    public Conv2d Out { get; }

    /// <summary>Brings what comes in to the block's channels; null where it has as many.</summary>
    public Conv2d? Shortcut { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> InputNames => s_inputs;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => s_outputs;

    /// <inheritdoc/>
    protected override Tensors Compute(Tensors inputs, Pass pass)
    {
        Tensor x = inputs[0], told = Told.Forward(inputs[1], pass);
        Tensor y = In.Forward(NormIn.Forward(x, pass).Silu(), pass);
        Tensor scale = Part(told, 0), shift = Part(told, 1);
        y = (NormOut.Forward(y, pass) * (1 + scale) + shift).Silu();
        if (_drop is not null) y = _drop.Forward(y, pass);
        return Out.Forward(y, pass) + (Shortcut is null ? x : Shortcut.Forward(x, pass));
    }

    // (batch, 2 · width) → (batch, 1, 1, width)
    private Tensor Part(Tensor told, int index) => told.Narrow(1, index * Width, Width).Reshape(told.Shape[0], 1, 1, Width);

    /// <inheritdoc/>
    public override string ToString() => $"UNetBlock({Width})";
}

/// <summary>x + attention(norm(x)) between all places of an image: (batch, height, width, channels) → the same shape.</summary>
public sealed partial class UNetAttention : Layer
{
    /// <summary>Attention between places.</summary>
    /// <param name="width">Channels.</param>
    /// <param name="heads">Heads, a divisor of the channels.</param>
    public UNetAttention(int width, int heads)
    {
        (Width, Heads) = (width, heads);
        Norm = new LayerNorm(features: width);
        Mix = new MultiHeadAttention(width, heads);
    }

    /// <summary>Channels.</summary>
    public int Width { get; }

    /// <summary>Heads.</summary>
    public int Heads { get; }

    /// <summary>The norm before it.</summary>
    public LayerNorm Norm { get; }

    /// <summary>The attention.</summary>
    public MultiHeadAttention Mix { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        Tensor places = x.Reshape(x.Shape[0], x.Shape[1] * x.Shape[2], Width);
        return x + Mix.Forward(Norm.Forward(places, pass), pass).Reshape(x.Shape);
    }

    /// <inheritdoc/>
    public override string ToString() => $"UNetAttention({Width}, {Heads} heads)";
}
