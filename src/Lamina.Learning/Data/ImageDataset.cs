using System.Buffers;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Data;

/// <summary>
/// Images of one size with a class each. They are kept as 8-bit pixels and given as float32 (batch, height, width,
/// channels), changed at random where an <see cref="Augmentation"/> says so, scaled to 0 … 1 and then normalised; the targets are
/// class indices, int32 (batch).
/// </summary>
public sealed class ImageDataset : Dataset
{
    private readonly ReadOnlyMemory<byte> _pixels;
    private readonly ReadOnlyMemory<int> _labels;
    private readonly ChannelScale _scale;
    private readonly ImageAugmenter? _augmenter;
    private readonly int _size;

    /// <summary>Images as they are: not augmented, and pixels 0 … 1. The memory is not copied.</summary>
    /// <param name="pixels">(count, height, width, channels), each 0 to 255.</param>
    /// <param name="height">Rows of an image.</param>
    /// <param name="width">Columns of an image.</param>
    /// <param name="channels">1 for grey, 3 for red, green and blue, or any other number.</param>
    /// <param name="labels">The class of each image, counted from 0.</param>
    /// <param name="classes">The names of the classes.</param>
    /// <exception cref="ArgumentException">The pixels are not those of as many images as there are labels, or a label has no class.</exception>
    public ImageDataset(ReadOnlyMemory<byte> pixels, int height, int width, int channels, ReadOnlyMemory<int> labels, IReadOnlyList<string> classes)
        : this(pixels, new Shape(height, width, channels), labels, classes, Data.Normalization.None(channels), Augmentation.None)
    {
        if (height < 1 || width < 1
            || channels < 1) throw new ArgumentException($"images of {height} × {width} with {channels} channels: each has to be at least 1");
        if (pixels.Length != (long)labels.Length * _size)
            throw new ArgumentException($"{pixels.Length} pixel values are not {labels.Length} images of {height} × {width} × {channels}, which have {(long)labels.Length * _size}");
        foreach (int label in labels.Span)
            if ((uint)label >= (uint)classes.Count) throw new ArgumentException($"label {label}: there are {classes.Count} classes");
    }

    private ImageDataset(ReadOnlyMemory<byte> pixels, Shape shape, ReadOnlyMemory<int> labels, IReadOnlyList<string> classes, Normalization normalization,
        Augmentation augmentation)
    {
        _pixels = pixels;
        _labels = labels;
        _size = shape.Count;
        _scale = ChannelScale.ForPixels(normalization);
        _augmenter = augmentation.IsNone ? null : new ImageAugmenter(augmentation, shape[0], shape[1], shape[2]);
        Classes = classes;
        Normalization = normalization;
        Augmentation = augmentation;
        Inputs = new Spec(DType.Float32, shape);
    }

    /// <inheritdoc/>
    public override int Count => _labels.Length;

    /// <inheritdoc/>
    public override Specs Inputs { get; }

    /// <inheritdoc/>
    public override Specs Targets => new Spec(DType.Int32, Shape.Scalar);

    /// <summary>Rows of an image.</summary>
    public int Height => Inputs[0].Shape[0];

    /// <summary>Columns of an image.</summary>
    public int Width => Inputs[0].Shape[1];

    /// <summary>Values of a pixel.</summary>
    public int Channels => Inputs[0].Shape[2];

    /// <summary>The class of each image.</summary>
    public ReadOnlySpan<int> Labels => _labels.Span;

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Normalisation of pixels 0 … 1.</summary>
    public Normalization Normalization { get; }

    /// <summary>Random augmentation of the images.</summary>
    public Augmentation Augmentation { get; }

    /// <summary>The pixels of an image, (height, width, channels).</summary>
    public ReadOnlySpan<byte> Pixels(int index) => _pixels.Span.Slice(index * _size, _size);

    /// <summary>The same images, normalised by this.</summary>
    /// <exception cref="ArgumentException">It was measured on another number of channels.</exception>
    public ImageDataset With(Normalization normalization) => normalization.Channels == Channels
        ? new(_pixels, Inputs[0].Shape, _labels, Classes, normalization, Augmentation)
        : throw new ArgumentException($"a normalisation of {normalization.Channels} channels for images of {Channels}", nameof(normalization));

    /// <summary>The same images, changed at random in this way.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public ImageDataset With(Augmentation augmentation) => new(_pixels, Inputs[0].Shape, _labels, Classes, Normalization, augmentation);

    /// <inheritdoc/>
    public override void Read(in ReadCall call)
    {
        Span<int> targets = call.Targets<int>();
        for (int i = 0; i < call.Indices.Length; i++) targets[i] = Labels[call.Indices[i]];
        ReadImages(call);
    }

    /// <summary>Writes the images of the call's examples and leaves its targets: for a set that has others than classes.</summary>
    public void ReadImages(in ReadCall call)
    {
        Span<float> inputs = call.Inputs<float>();
        if (_augmenter is null)
        {
            for (int i = 0; i < call.Indices.Length; i++) _scale.Apply(Pixels(call.Indices[i]), inputs.Slice(i * _size, _size));
            return;
        }
        float[] scratch = ArrayPool<float>.Shared.Rent(_augmenter.ScratchLength);
        try
        {
            for (int i = 0; i < call.Indices.Length; i++)
            {
                var draws = new ExampleDraws(call.Seed, call.Epoch, call.Indices[i]);
                _scale.Apply(_augmenter.Change(Pixels(call.Indices[i]), draws, scratch), inputs.Slice(i * _size, _size));
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scratch);
        }
    }
}
