using System.Text.Json.Serialization;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

/// <summary>Options of <see cref="SoundNet"/>; saved beside its weights, whole: a default that changes must not change a saved network.</summary>
public sealed record SoundNetOptions
{
    /// <summary>The number of classes, from 2.</summary>
    public required int Classes { get; init; }

    /// <summary>Filters of each stage; every stage halves the bands.</summary>
    [JsonRequired]
    public IReadOnlyList<int> Widths { get; init; } = [24, 48, 64];

    /// <summary>How many of the stages, the first ones, halve the frames too.</summary>
    [JsonRequired]
    public int Halvings { get; init; } = 2;

    /// <summary>Values of each frame behind the stages.</summary>
    [JsonRequired]
    public int Hidden { get; init; } = 96;

    /// <summary>Values of the recurrent layer's state in each direction; 0: there is none.</summary>
    [JsonRequired]
    public int Recurrent { get; init; } = 48;

    /// <summary>The share of values that are dropped in training, 0 to below 1.</summary>
    [JsonRequired]
    public double Dropout { get; init; } = 0.3;
}

/// <summary>
/// A convolutional recurrent network for classifying sounds (Çakır et al., 2017: "Convolutional recurrent neural networks for polyphonic sound
/// event detection"): stages of
/// convolution, batch norm, rectifier and pooling over frames and bands; a layer that sees all bands of a frame; GRUs in both directions, for what
/// is heard
/// after what; then the mean over the frames that weighs them by what is in them (Okabe, Koshinaka and Shinoda, 2018: "Attentive statistics pooling
/// for deep
/// speaker embedding") and the maximum, so that it makes no difference where in the recording something is heard. Spectrograms (batch, frames,
/// bands, channels) → logits (batch, classes). Frames of zeros are padding and have no weight.
/// </summary>
public sealed partial class SoundNet : Layer
{
    private readonly Dropout _dropout;

    /// <summary>Builds the network; the input's size is inferred from the first input.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public SoundNet(SoundNetOptions options)
    {
        Check(options);
        Options = options;
        Stages = [.. options.Widths.Select((width, i) => new SoundStage(width, i < options.Halvings ? 2 : 1))];
        Frame = new Linear(options.Hidden, bias: false);
        if (options.Recurrent > 0) Order = new RecurrentStack(RecurrentCell.Gru, options.Recurrent, bidirectional: true);
        Weighing = new Linear(1);
        Output = new Linear(options.Classes);
        _dropout = new(options.Dropout);
    }

    /// <summary>Options that the network was built with.</summary>
    public SoundNetOptions Options { get; }

    /// <summary>The stages that find patterns.</summary>
    public IReadOnlyList<SoundStage> Stages { get; }

    /// <summary>The layer that sees all bands of a frame.</summary>
    public Linear Frame { get; }

    /// <summary>The norm behind it.</summary>
    public BatchNorm FrameNorm { get; } = new();

    /// <summary>The recurrent layer, or null.</summary>
    public RecurrentStack? Order { get; }

    /// <summary>The layer that says how much a frame counts.</summary>
    public Linear Weighing { get; }

    /// <summary>The layer that decides.</summary>
    public Linear Output { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank != 4) throw new TensorException($"a SoundNet takes spectrograms (batch, frames, bands, channels), not {x.Shape}");
        Tensor y = x;
        foreach (SoundStage stage in Stages) y = stage.Forward(y, pass);
        int batch = y.Shape[0], frames = y.Shape[1];
        y = _dropout.Forward(y.Reshape(new Shape(batch, frames, y.Shape[2] * y.Shape[3])), pass);
        y = FrameNorm.Forward(Frame.Forward(y, pass), pass).Relu(); // (batch, frames, hidden)
        if (Order is not null) y = Order.Forward(_dropout.Forward(y, pass), pass);
        Tensor sound = IsSound(x, frames); // (batch, frames)
        Tensor weight = Tensor.Where(sound > 0, Weighing.Forward(y, pass).Squeeze(2), -1e4f).Softmax();
        Tensor pooled = Tensor.Concat([weight.Unsqueeze(1).MatMul(y).Squeeze(1), (y * sound.Unsqueeze(2)).Max([1])], 1);
        return Output.Forward(_dropout.Forward(pooled, pass), pass);
    }

    // (batch, frames behind the stages): 1 where any of the frames before them is not padding, else 0.
    private Tensor IsSound(Tensor x, int frames)
    {
        int each = 1 << Math.Min(Options.Halvings, Stages.Count);
        Tensor sound = Tensor.NotEqual(x, Tensor.ZerosLike(x)).Cast(DType.Float32).Max([2, 3]); // (batch, frames)
        return sound.Narrow(1, 0, frames * each).Reshape(new Shape(x.Shape[0], frames, each)).Max([2]);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"SoundNet({string.Join("-", Options.Widths)}-{Options.Hidden}{(Options.Recurrent > 0 ? $"-2×{Options.Recurrent}" : "")}-{Options.Classes})";

    // Options may come from a file.
    private static void Check(SoundNetOptions o)
    {
        if (o.Classes is < 2 or > 1_000_000) throw new ArgumentOutOfRangeException(nameof(o.Classes), o.Classes,
            "a SoundNet has 2 to 1,000,000 classes");
        if (o.Widths.Count is < 1 or > 12) throw new ArgumentOutOfRangeException(nameof(o.Widths), o.Widths.Count, "a SoundNet has 1 to 12 stages");
        foreach (int width in o.Widths)
            if (width is < 1 or > 16_384) throw new ArgumentOutOfRangeException(nameof(o.Widths), width, "a stage has 1 to 16,384 filters");
        if (o.Halvings is < 0 or > 12) throw new ArgumentOutOfRangeException(nameof(o.Halvings), o.Halvings, "0 to 12 stages halve the frames");
        if (o.Recurrent is < 0 or > 16_384) throw new ArgumentOutOfRangeException(nameof(o.Recurrent), o.Recurrent, "a state has 0 to 16,384 values");
        if (o.Hidden is < 1 or > 65_536) throw new ArgumentOutOfRangeException(nameof(o.Hidden), o.Hidden, "a frame has 1 to 65,536 values");
        if (!(o.Dropout is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.Dropout), o.Dropout, "dropout is a share from 0 to below 1");
    }
}

/// <summary>
/// Convolution 3×3, batch norm, rectifier, pooling: (batch, frames, bands, any) → (batch, frames / <paramref name="frames"/>, bands / 2, width).
/// </summary>
/// <param name="width">Number of filters.</param>
/// <param name="frames">Number of frames that are pooled to one.</param>
public sealed partial class SoundStage(int width, int frames) : Layer
{
    private readonly int _width = width, _frames = frames;
    private readonly Relu _relu = new();
    private readonly MaxPool2d _pool = new(new Extent(frames, 2));

    /// <summary>The filters.</summary>
    public Conv2d Convolution { get; } = new(width, 3, padding: Padding.Same, bias: false);

    /// <summary>Brings each filter's results to a common scale.</summary>
    public BatchNorm Norm { get; } = new();

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) =>
        _pool.Forward(_relu.Forward(Norm.Forward(Convolution.Forward(x, pass), pass), pass), pass);

    /// <inheritdoc/>
    public override string ToString() => $"SoundStage({_width}, {_frames})";
}
