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

/// <summary>Options of <see cref="Dcgan"/>; saved beside its weights, whole: a default that changes must not change a saved network.</summary>
public sealed record DcganOptions
{
    /// <summary>Rows of an image, from 1.</summary>
    public required int Height { get; init; }

    /// <summary>Columns of an image, from 1.</summary>
    public required int Width { get; init; }

    /// <summary>Channels of an image, from 1.</summary>
    public required int Channels { get; init; }

    /// <summary>Number of classes that both networks are told; 0: they are told none.</summary>
    [JsonRequired]
    public int Classes { get; init; }

    /// <summary>Numbers of noise that an image is drawn from.</summary>
    [JsonRequired]
    public int Noise { get; init; } = 64;

    /// <summary>
    /// Filters of the discriminator's convolutions, each of which halves height and width; the generator's come in the other order, and double them.
    /// </summary>
    [JsonRequired]
    public IReadOnlyList<int> Filters { get; init; } = [32, 64];

    /// <summary>Whether the discriminator's weights are divided by their largest singular values (Miyato et al., 2018).</summary>
    [JsonRequired]
    public bool HasSpectralNorm { get; init; } = true;
}

/// <summary>
/// A deep convolutional GAN (Radford, Metz and Chintala, 2015: "Unsupervised representation learning with deep convolutional generative adversarial
/// networks"): a generator of transposed convolutions and a discriminator of convolutions that halve, trained by <see cref="AdversarialObjective"/>
/// (<see cref="CreateObjective"/>). Noise (batch, noise), standard normal, and classes (batch), whole numbers from 0 → images
/// (batch, height, width, channels) of values from −1 to 1, and the logits (batch, 1) that they are real.
/// </summary>
public sealed partial class Dcgan : Network, IImageDecoder
{
    private static readonly string[] s_noise = ["noise"], s_both = ["noise", "class"], s_outputs = ["image", "logit"];

    /// <summary>Builds both networks.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public Dcgan(DcganOptions options)
    {
        Check(options);
        Options = options;
        Generator = new DcganGenerator(options);
        Discriminator = new DcganDiscriminator(options);
    }

    /// <summary>Options that the networks were built with.</summary>
    public DcganOptions Options { get; }

    /// <summary>Draws images from noise.</summary>
    public DcganGenerator Generator { get; }

    /// <summary>Tells real images from drawn ones.</summary>
    public DcganDiscriminator Discriminator { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> InputNames => Options.Classes > 0 ? s_both : s_noise;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => s_outputs;

    Shape IImageDecoder.Image => [Options.Height, Options.Width, Options.Channels];

    int IImageDecoder.Classes => Options.Classes;

    int IImageDecoder.CodeSize => Options.Noise;

    Tensor IImageDecoder.Decode(Tensor code, Tensor? classes, Pass pass) =>
        Generator.Forward(classes is null ? Tensors.Create([code]) : Tensors.Create([code, classes]), pass)[0];

    /// <summary>The objective that trains both.</summary>
    public AdversarialObjective CreateObjective(AdversarialLoss loss = AdversarialLoss.NonSaturating) =>
        new(Generator, Discriminator, Options.Noise, loss, this);

    /// <inheritdoc/>
    protected override Tensors Compute(Tensors inputs, Pass pass)
    {
        Tensor image = Generator.Forward(inputs, pass)[0];
        return [image, Discriminator.Forward(Tensors.Create([image, .. inputs.Span[1..]]), pass)[0]];
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"Dcgan({Options.Height}×{Options.Width}×{Options.Channels}, {string.Join("-", Options.Filters)} filters, {Options.Noise} of noise"
        + $"{(Options.Classes > 0 ? $", {Options.Classes} classes" : "")})";

    // Options may come from a file.
    internal static void Check(DcganOptions o)
    {
        DrawnImage.Check(o.Height, o.Width, o.Channels, o.Classes);
        SeriesShape.Range(o.Noise, 1, 65_536, nameof(o.Noise), "numbers of noise");
        SeriesShape.Range(o.Filters.Count, 1, 8, nameof(o.Filters), "convolutions");
        foreach (int filters in o.Filters) SeriesShape.Range(filters, 1, 4_096, nameof(o.Filters), "filters of a convolution");
    }
}

/// <summary>
/// The generator of a <see cref="Dcgan"/>: noise and, where there are classes, a vector for the class make a small image of many channels, which
/// transposed convolutions with batch norm and rectifier enlarge. (batch, noise), (batch) → (batch, height, width, channels), −1 to 1.
/// </summary>
public sealed partial class DcganGenerator : Network
{
    private static readonly string[] s_noise = ["noise"], s_both = ["noise", "class"], s_outputs = ["image"];

    /// <summary>The generator of a network of these options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public DcganGenerator(DcganOptions options)
    {
        Dcgan.Check(options);
        Options = options;
        (int height, int width) = DrawnImage.Halved(options.Height, options.Width, options.Filters.Count);
        int most = options.Filters[^1], values = checked(height * width * most);
        Project = new Linear(options.Noise, values, bias: false);
        // As much at first as the noise makes of a projection by Glorot's bounds.
        var initializer = new Normal(Deviation: Math.Sqrt(2.0 * options.Noise / (options.Noise + values)));
        if (options.Classes > 0) Class = new Embedding(options.Classes, values, initializer);
        Enlarge = new([new ReshapeTo(height, width, most), new BatchNorm(), new Relu(),
            .. options.Filters.Reverse().Skip(1).SelectMany(filters =>
                new Layer[] { new ConvTranspose2d(filters, 4, 2, Padding.Same, bias: false), new BatchNorm(), new Relu() }),
            new ConvTranspose2d(options.Channels, 4, 2, Padding.Same)]);
    }

    /// <summary>Options that the network was built with.</summary>
    public DcganOptions Options { get; }

    /// <summary>From noise to the values of the small image.</summary>
    public Linear Project { get; }

    /// <summary>What a class adds to them; null without classes.</summary>
    public Embedding? Class { get; }

    /// <summary>From the small image to the pixels, before they are brought between −1 and 1.</summary>
    public Sequential Enlarge { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> InputNames => Class is null ? s_noise : s_both;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => s_outputs;

    /// <inheritdoc/>
    protected override Tensors Compute(Tensors inputs, Pass pass)
    {
        Tensor x = Project.Forward(inputs[0], pass);
        if (Class is not null) x = x + Class.Forward(inputs[1], pass);
        return DrawnImage.Cut(Enlarge.Forward(x, pass), Options.Height, Options.Width).Tanh();
    }

    /// <inheritdoc/>
    public override string ToString() => $"DcganGenerator({Options.Noise} → {Options.Height}×{Options.Width}×{Options.Channels})";
}

/// <summary>
/// The discriminator of a <see cref="Dcgan"/>: convolutions that halve, with leaky rectifiers, and a sum over what they find; a class adds the
/// product of its vector with it (Miyato and Koyama, 2018: "cGANs with projection discriminator"). It has no batch norm, which would let it see
/// whether a batch is real by its statistics. (batch, height, width, channels), (batch) → (batch, 1).
/// </summary>
public sealed partial class DcganDiscriminator : Network
{
    private static readonly string[] s_image = ["image"], s_both = ["image", "class"], s_outputs = ["logit"];

    /// <summary>The discriminator of a network of these options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public DcganDiscriminator(DcganOptions options)
    {
        const double Slope = 0.2;
        Dcgan.Check(options);
        Options = options;
        Layer Normed(Layer layer) => options.HasSpectralNorm ? new SpectralNorm(layer) : layer;
        (int height, int width) = DrawnImage.Halved(options.Height, options.Width, options.Filters.Count);
        Find = new([.. options.Filters.SelectMany(filters =>
            new Layer[] { Normed(new Conv2d(filters, 4, 2, Padding.Same)), new LeakyRelu(Slope) }), new Flatten()]);
        Judge = Normed(new Linear(1));
        if (options.Classes > 0) Class = new Embedding(options.Classes, checked(height * width * options.Filters[^1]), Constant.Zero);
    }

    /// <summary>Options that the network was built with.</summary>
    public DcganOptions Options { get; }

    /// <summary>The convolutions, and their last values as one row.</summary>
    public Sequential Find { get; }

    /// <summary>From those to a logit.</summary>
    public Layer Judge { get; }

    /// <summary>What they say for each class; null without classes.</summary>
    public Embedding? Class { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> InputNames => Class is null ? s_image : s_both;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OutputNames => s_outputs;

    /// <inheritdoc/>
    protected override Tensors Compute(Tensors inputs, Pass pass)
    {
        if (inputs[0].Rank != 4 || inputs[0].Shape.Without(0) != new Shape(Options.Height, Options.Width, Options.Channels))
            throw new TensorException($"{this} takes images (batch, {Options.Height}, {Options.Width}, {Options.Channels}), not {inputs[0].Shape}",
                "images as the network's options say");
        Tensor found = Find.Forward(inputs[0], pass), logit = Judge.Forward(found, pass);
        if (Class is not null) logit = logit + (Class.Forward(inputs[1], pass) * found).Sum([-1], keepDims: true);
        return [logit];
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"DcganDiscriminator({Options.Height}×{Options.Width}×{Options.Channels}, {string.Join("-", Options.Filters)} filters)";
}
