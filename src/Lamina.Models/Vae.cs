using System.Text.Json.Serialization;
using Lamina.Learning.Generation;
using Lamina.Learning.Initializers;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Models;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Options of <see cref="Vae"/>; saved beside its weights, whole: a default that changes must not change a saved network.</summary>
public sealed record VaeOptions
{
    /// <summary>Rows of an image, from 1.</summary>
    public required int Height { get; init; }

    /// <summary>Columns of an image, from 1.</summary>
    public required int Width { get; init; }

    /// <summary>Channels of an image, from 1.</summary>
    public required int Channels { get; init; }

    /// <summary>Number of classes that encoder and decoder are told; 0: they are told none.</summary>
    [JsonRequired]
    public int Classes { get; init; }

    /// <summary>
    /// Filters of the encoder's convolutions, each of which halves height and width; the decoder's come in the other order. Empty: all is dense.
    /// </summary>
    [JsonRequired]
    public IReadOnlyList<int> Filters { get; init; } = [];

    /// <summary>Neurons of the encoder's dense layers; the decoder's come in the other order.</summary>
    [JsonRequired]
    public IReadOnlyList<int> Hidden { get; init; } = [512, 256];

    /// <summary>Numbers of the code.</summary>
    [JsonRequired]
    public int Code { get; init; } = 16;
}

/// <summary>
/// A variational autoencoder of images (Kingma and Welling, 2013: "Auto-encoding variational Bayes"), told their classes where it has some (Sohn,
/// Lee and Yan, 2015): an encoder gives the distribution of an image's code, a decoder the image of a code. Trained by <see
/// cref="VariationalObjective"/>, the codes of all images together are about standard normal, so that an image is drawn by decoding noise. Images
/// (batch, height, width, channels) of values from −1 to 1, and classes (batch), whole numbers from 0 → the images as they come back from their
/// means, the means and the logarithms of the variances (batch, code).
/// </summary>
public sealed partial class Vae : Network, IVariational, IImageDecoder
{
    private static readonly string[] s_image = ["image"], s_both = ["image", "class"], s_outputs = ["image", "mean", "logVariance"];

    /// <summary>Builds the network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public Vae(VaeOptions options)
    {
        Check(options);
        Options = options;
        (int height, int width) = DrawnImage.Halved(options.Height, options.Width, options.Filters.Count);
        Layer[] Dense(IEnumerable<int> sizes) =>
            [.. sizes.SelectMany(size => new Layer[] { new Linear(size, initializer: new HeUniform()), new Relu() })];
        Reader = new([.. options.Filters.SelectMany(filters => new Layer[] { new Conv2d(filters, 4, 2, Padding.Same), new Relu() }), new Flatten()]);
        Encoder = new([.. Dense(options.Hidden), new Linear(2 * options.Code)]);
        int channels = options.Filters.Count > 0 ? options.Filters[^1] : options.Channels;
        Decoder = new([.. Dense(options.Hidden.Reverse()), new Linear(checked(height * width * channels)), new ReshapeTo(height, width, channels)]);
        Writer = new([.. options.Filters.Reverse().Skip(1).Append(options.Channels).Take(options.Filters.Count).SelectMany(filters =>
            new Layer[] { new Relu(), new ConvTranspose2d(filters, 4, 2, Padding.Same) })]);
    }

    /// <summary>Options that the network was built with.</summary>
    public VaeOptions Options { get; }

    /// <summary>The convolutions that read an image, and its values as one row.</summary>
    public Sequential Reader { get; }

    /// <summary>From those values, and a number for the class, to the code's mean and logarithm of the variance.</summary>
    public Sequential Encoder { get; }

    /// <summary>From a code, and a number for the class, to the writer's first image.</summary>
    public Sequential Decoder { get; }

    /// <summary>The convolutions that write an image; none where all is dense.</summary>
    public Sequential Writer { get; }

    Shape IImageDecoder.Image => [Options.Height, Options.Width, Options.Channels];

    int IImageDecoder.Classes => Options.Classes;

    int IImageDecoder.CodeSize => Options.Code;

    /// <inheritdoc/>
    public override IReadOnlyList<string> InputNames => Options.Classes > 0 ? s_both : s_image;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => s_outputs;

    /// <inheritdoc/>
    public (Tensor Mean, Tensor LogVariance) Encode(Tensors inputs, Pass pass)
    {
        Tensor x = inputs[0];
        if (x.Rank != 4 || x.Shape.Without(0) != new Shape(Options.Height, Options.Width, Options.Channels))
            throw new TensorException($"{this} takes images (batch, {Options.Height}, {Options.Width}, {Options.Channels}), not {x.Shape}",
                "images as the network's options say");
        Tensor both = Encoder.Forward(WithClass(Reader.Forward(x, pass), Tensors.Create(inputs.Span[1..])), pass);
        return (both.Narrow(-1, 0, Options.Code), both.Narrow(-1, Options.Code, Options.Code));
    }

    /// <summary>
    /// The logits of the pixels' brightness, (batch, height, width, channels), of codes (batch, code) and, where there are classes, theirs.
    /// </summary>
    public Tensor Decode(Tensor code, Tensors conditions, Pass pass)
    {
        Tensor y = Decoder.Forward(WithClass(code, conditions), pass);
        if (Writer.Count == 0) return y;
        return DrawnImage.Cut(Writer.Forward(y, pass), Options.Height, Options.Width);
    }

    Tensor IImageDecoder.Decode(Tensor code, Tensor? classes, Pass pass) =>
        Decode(code, classes is null ? Tensors.Create([]) : Tensors.Create([classes]), pass).Sigmoid() * 2 - 1;

    /// <summary>From 0 to 1, as cross-entropy takes them.</summary>
    public Tensor Expected(Tensor examples) => examples * 0.5 + 0.5;

    /// <inheritdoc/>
    protected override Tensors Compute(Tensors inputs, Pass pass)
    {
        (Tensor mean, Tensor logVariance) = Encode(inputs, pass);
        return [Decode(mean, Tensors.Create(inputs.Span[1..]), pass).Sigmoid() * 2 - 1, mean, logVariance];
    }

    // As loud as all other values together: a class that is one number among many is long overheard, and then codes say the class too.
    private Tensor WithClass(Tensor x, Tensors conditions) =>
        Options.Classes == 0 ? x : Tensor.Concat([x, conditions[0].OneHot(Options.Classes, x.DType) * Math.Sqrt(x.Shape[1])], -1);

    /// <inheritdoc/>
    public override string ToString()
    {
        string sizes = string.Join("-", Options.Filters.Select(f => $"{f} filters").Concat(Options.Hidden.Append(Options.Code).Select(h => $"{h}")));
        return $"Vae({Options.Height}×{Options.Width}×{Options.Channels}, {sizes}{(Options.Classes > 0 ? $", {Options.Classes} classes" : "")})";
    }

    // Options may come from a file.
    private static void Check(VaeOptions o)
    {
        DrawnImage.Check(o.Height, o.Width, o.Channels, o.Classes);
        SeriesShape.Range(o.Filters.Count, 0, 8, nameof(o.Filters), "convolutions");
        foreach (int filters in o.Filters) SeriesShape.Range(filters, 1, 4_096, nameof(o.Filters), "filters of a convolution");
        SeriesShape.Range(o.Hidden.Count, 0, 12, nameof(o.Hidden), "dense layers");
        foreach (int width in o.Hidden) SeriesShape.Range(width, 1, 16_384, nameof(o.Hidden), "neurons of a dense layer");
        SeriesShape.Range(o.Code, 1, 65_536, nameof(o.Code), "numbers of the code");
    }
}
