using System.Text.Json.Serialization;
using Lamina.Learning.Initializers;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Models;

/// <summary>The layers of an <see cref="Autoencoder"/>.</summary>
public enum AutoencoderKind
{
    /// <summary>Dense layers over all values of a window, or of a row.</summary>
    Dense,
    /// <summary>Convolutions along the steps.</summary>
    Convolutional,
}

/// <summary>Options of <see cref="Autoencoder"/>; saved beside its weights, whole: a default that changes must not change a saved network.</summary>
public sealed record AutoencoderOptions
{
    /// <summary>The steps of a window, from 1: one for rows.</summary>
    public required int Steps { get; init; }

    /// <summary>The values of each step, from 1.</summary>
    public required int Channels { get; init; }

    /// <summary>The layers.</summary>
    [JsonRequired]
    public AutoencoderKind Kind { get; init; }

    /// <summary>Neurons, or filters, of the layers before the code; behind it they come in the other order.</summary>
    [JsonRequired]
    public IReadOnlyList<int> Hidden { get; init; } = [128];

    /// <summary>Numbers of the code; of a convolutional one, at each of its steps.</summary>
    [JsonRequired]
    public int Code { get; init; } = 16;

    /// <summary>
    /// Whether each channel is made from the others alone: in training some are hidden in each window, and in evaluation each in turn. So a channel
    /// that goes astray can't explain itself. It takes two channels or more.
    /// </summary>
    [JsonRequired]
    public bool HidesChannels { get; init; }

    /// <summary>The share of channels that are hidden in training, above 0 and below 1.</summary>
    [JsonRequired]
    public double HiddenShare { get; init; } = 0.3;

    /// <summary>Beyond this distance from 0 inputs are cut, so that what is far out doesn't drown the rest; 0: nothing is cut.</summary>
    [JsonRequired]
    public double Limit { get; init; } = 5;
}

/// <summary>
/// An autoencoder (Rumelhart, Hinton and Williams, 1986; Hinton and Salakhutdinov, 2006): layers that narrow to a code and widen again, and learn
/// to give back what they are shown. What is unlike the training examples comes back badly. With hidden channels it is a denoising autoencoder
/// (Vincent et al., 2008) whose noise is the loss of whole channels; a linear map of each step's other channels is added. (batch, steps, channels)
/// → the same shape.
/// </summary>
public sealed partial class Autoencoder : Layer
{
    private const int MostTurns = 8;

    private readonly Dropout? _hide;
    private readonly Tensor? _offDiagonal;

    /// <summary>Builds the network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public Autoencoder(AutoencoderOptions options)
    {
        Check(options);
        Options = options;
        (Encoder, Decoder) = options.Kind == AutoencoderKind.Dense ? Dense(options) : Convolutional(options);
        if (!options.HidesChannels) return;
        Others = new Parameter(Constant.Zero, [options.Channels, options.Channels]);
        _hide = new(options.HiddenShare);
        _offDiagonal = Tensor.Create<float>([options.Channels, options.Channels], t =>
        {
            for (int i = 0; i < t.Length; i++) t[i] = i % (options.Channels + 1) == 0 ? 0 : 1;
        });
    }

    /// <summary>Options that the network was built with.</summary>
    public AutoencoderOptions Options { get; }

    /// <summary>From a window to its code.</summary>
    public Sequential Encoder { get; }

    /// <summary>And back.</summary>
    public Sequential Decoder { get; }

    /// <summary>
    /// What each channel of a step says of the others linearly, (from, to); its diagonal isn't used. Null where no channels are hidden.
    /// </summary>
    public Parameter? Others { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank != 3 || x.Shape[1] != Options.Steps || x.Shape[2] != Options.Channels)
            throw new TensorException($"{this} takes windows (batch, {Options.Steps}, {Options.Channels}), not {x.Shape}",
                "windows as the network's options say, or Unsqueeze(1) for rows");
        if (Options.Limit > 0) x = x.Clamp(-Options.Limit, Options.Limit);
        if (_hide is null) return Again(x, pass);
        int batch = x.Shape[0], channels = Options.Channels;
        if (pass.IsTraining)
        {
            // Dropout scales what it keeps; here the rest stays as it is. What isn't hidden comes back unseen by the loss.
            Tensor kept = _hide.Forward(Tensor.Ones([batch, 1, channels]), pass) * (1 - Options.HiddenShare);
            return Again(x * kept, pass) * (1 - kept) + x * kept;
        }
        // Each channel in turn is hidden, in groups where there are many, and taken from the result.
        int turns = Math.Min(channels, MostTurns);
        Tensor? all = null;
        for (int turn = 0; turn < turns; turn++)
        {
            Tensor taken = Tensor.From([.. Enumerable.Range(0, channels).Select(c => c % turns == turn ? 1f : 0f)]);
            Tensor part = Again(x * (1 - taken), pass) * taken;
            all = all is null ? part : all + part;
        }
        return all!;
    }

    private Tensor Again(Tensor x, Pass pass)
    {
        Tensor y = Decoder.Forward(Encoder.Forward(x, pass), pass);
        return Others is null ? y : y + x.MatMul(Others.Value * _offDiagonal!);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string sizes = string.Join("-", Options.Hidden.Append(Options.Code));
        return $"Autoencoder({Options.Steps}×{Options.Channels}, {Options.Kind.ToString().ToLowerInvariant()} {sizes})";
    }

    private static (Sequential, Sequential) Dense(AutoencoderOptions o)
    {
        Layer[] Layers(IEnumerable<int> sizes) => [.. sizes.SelectMany(size =>
            new Layer[] { new Linear(size, initializer: new HeUniform()), new Relu() })];
        return (new([new Flatten(), .. Layers(o.Hidden), new Linear(o.Code)]),
            new([.. Layers(o.Hidden.Reverse()), new Linear(checked(o.Steps * o.Channels)), new ReshapeTo(o.Steps, o.Channels)]));
    }

    // Each layer halves the steps, which is undone behind the code.
    private static (Sequential, Sequential) Convolutional(AutoencoderOptions o)
    {
        const int Kernel = 4;
        return (new([.. o.Hidden.SelectMany(width => new Layer[] { new Conv1d(width, Kernel, stride: 2, padding: 1), new Relu() }),
            new Conv1d(o.Code, 1)]),
            new([new Conv1d(o.Hidden[^1], 1), new Relu(), .. o.Hidden.Reverse().Skip(1).Append(o.Channels).SelectMany((width, i) =>
                i + 1 < o.Hidden.Count ? new Layer[] { new ConvTranspose1d(width, Kernel, stride: 2, padding: 1), new Relu() }
                    : [new ConvTranspose1d(width, Kernel, stride: 2, padding: 1)])]));
    }

    // Options may come from a file.
    private static void Check(AutoencoderOptions o)
    {
        SeriesShape.Range(o.Steps, 1, 100_000, nameof(o.Steps), "steps");
        SeriesShape.Range(o.Channels, 1, 100_000, nameof(o.Channels), "channels");
        SeriesShape.Range(o.Hidden.Count, o.Kind == AutoencoderKind.Dense ? 0 : 1, 12, nameof(o.Hidden), "hidden layers");
        foreach (int width in o.Hidden) SeriesShape.Range(width, 1, 16_384, nameof(o.Hidden), "neurons of a hidden layer");
        SeriesShape.Range(o.Code, 1, 65_536, nameof(o.Code), "numbers of the code");
        if (!Enum.IsDefined(o.Kind)) throw new ArgumentOutOfRangeException(nameof(o.Kind), o.Kind, "there is no such kind");
        if (o.Kind == AutoencoderKind.Convolutional && o.Steps % (1 << o.Hidden.Count) != 0)
            throw new ArgumentOutOfRangeException(nameof(o.Steps), o.Steps,
                $"{o.Hidden.Count} convolutions that halve the steps take a multiple of {1 << o.Hidden.Count}");
        if (o.HidesChannels && o.Channels < 2) throw new ArgumentOutOfRangeException(nameof(o.Channels), o.Channels,
            "channels are hidden where there are two or more");
        if (!(o.HiddenShare is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.HiddenShare), o.HiddenShare,
            "the share is above 0 and below 1");
        if (!(o.Limit >= 0) || !double.IsFinite(o.Limit)) throw new ArgumentOutOfRangeException(nameof(o.Limit), o.Limit, "the limit is 0 or more");
    }
}
