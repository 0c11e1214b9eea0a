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

    /// <summary>Filters of each stage; every stage halves frames and bands.</summary>
    [JsonRequired]
    public IReadOnlyList<int> Widths { get; init; } = [24, 48, 64];

    /// <summary>Values of each frame behind the stages.</summary>
    [JsonRequired]
    public int Hidden { get; init; } = 96;

    /// <summary>The share of values that are dropped in training, 0 to below 1.</summary>
    [JsonRequired]
    public double Dropout { get; init; } = 0.3;
}

/// <summary>
/// A convolutional network for classifying sounds: stages of convolution, batch norm, rectifier and pooling over frames and bands; a layer that sees all
/// bands of a frame; and a mean over the frames that weighs them by what is in them (Okabe, Koshinaka and Shinoda, 2018: "Attentive statistics pooling
/// for deep speaker embedding"), so that it makes no difference where in the recording something is heard. Spectrograms (batch, frames, bands,
/// channels) → logits (batch, classes). Frames of zeros are padding and don't count.
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
        Stages = [.. options.Widths.Select(width => new ConvStage(width))];
        Frame = new Linear(options.Hidden);
        Weighing = new Linear(1);
        Output = new Linear(options.Classes);
        _dropout = new(options.Dropout);
    }

    /// <summary>Options that the network was built with.</summary>
    public SoundNetOptions Options { get; }

    /// <summary>The stages that find patterns.</summary>
    public IReadOnlyList<ConvStage> Stages { get; }

    /// <summary>The layer that sees all bands of a frame.</summary>
    public Linear Frame { get; }

    /// <summary>The layer that says how much a frame counts.</summary>
    public Linear Weighing { get; }

    /// <summary>The layer that decides.</summary>
    public Linear Output { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank != 4) throw new TensorException($"a SoundNet takes spectrograms (batch, frames, bands, channels), not {x.Shape}");
        Tensor y = x;
        foreach (ConvStage stage in Stages) y = stage.Forward(y, pass);
        int batch = y.Shape[0], frames = y.Shape[1];
        y = Frame.Forward(_dropout.Forward(y.Reshape(new Shape(batch, frames, y.Shape[2] * y.Shape[3])), pass), pass).Relu(); // (batch, frames, hidden)
        Tensor weight = Tensor.Where(IsSound(x, frames), Weighing.Forward(y, pass).Squeeze(2), -1e4f).Softmax(); // (batch, frames)
        return Output.Forward(_dropout.Forward(weight.Unsqueeze(1).MatMul(y).Squeeze(1), pass), pass);
    }

    // (batch, frames behind the stages): whether any of the frames before them is not padding.
    private Tensor IsSound(Tensor x, int frames)
    {
        int each = 1 << Stages.Count;
        Tensor sound = Tensor.NotEqual(x, Tensor.ZerosLike(x)).Cast(DType.Float32).Max([2, 3]); // (batch, frames)
        sound = sound.Narrow(1, 0, frames * each).Reshape(new Shape(x.Shape[0], frames, each)).Max([2]);
        return Tensor.NotEqual(sound, Tensor.ZerosLike(sound));
    }

    /// <inheritdoc/>
    public override string ToString() => $"SoundNet({string.Join("-", Options.Widths)}-{Options.Hidden}-{Options.Classes})";

    // Options may come from a file.
    private static void Check(SoundNetOptions o)
    {
        if (o.Classes is < 2 or > 1_000_000) throw new ArgumentOutOfRangeException(nameof(o.Classes), o.Classes, "a SoundNet has 2 to 1,000,000 classes");
        if (o.Widths.Count is < 1 or > 12) throw new ArgumentOutOfRangeException(nameof(o.Widths), o.Widths.Count, "a SoundNet has 1 to 12 stages");
        foreach (int width in o.Widths)
            if (width is < 1 or > 16_384) throw new ArgumentOutOfRangeException(nameof(o.Widths), width, "a stage has 1 to 16,384 filters");
        if (o.Hidden is < 1 or > 65_536) throw new ArgumentOutOfRangeException(nameof(o.Hidden), o.Hidden, "a frame has 1 to 65,536 values");
        if (!(o.Dropout is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.Dropout), o.Dropout, "dropout is a share from 0 to below 1");
    }
}
