using System.Text.Json;
using System.Text.Json.Serialization;
using Lamina.Learning.Diffusion;
using Lamina.Learning.Generation;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Models;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Drawing;

/// <summary>Which network draws, what it learns and how it draws, as <c>run.json</c> holds it. A further kind is a property and a line in each
/// member.</summary>
internal sealed record DrawingNetwork
{
    public const string UNetKind = "unet", VaeKind = "vae", GanKind = "gan", Flow = "flow", Velocity = "velocity", Noise = "noise";

    /// <summary>The optimiser of a gan where none is asked for.</summary>
    public const string GanOptimizer = "adam";

    private const int FlowSteps = 25, DiffusionSteps = 50;

    /// <summary>The kinds by name.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [UNetKind, VaeKind, GanKind];

    /// <summary>What a denoising network learns, by name.</summary>
    public static IReadOnlyList<string> Objectives { get; } = [Flow, Velocity, Noise];

    /// <summary>The ways to draw, by name.</summary>
    public static IReadOnlyList<string> Samplers { get; } = ["euler", "heun", "ddim", "ancestral"];

    public UNetOptions? UNet { get; init; }

    public VaeOptions? Vae { get; init; }

    public DcganOptions? Gan { get; init; }

    /// <summary>What a denoising network learns; null for networks that learn in a way of their own.</summary>
    public string? Objective { get; init; }

    /// <summary>The shape of an image and the number of classes.</summary>
    [JsonIgnore]
    public (int Height, int Width, int Channels, int Classes) Image => UNet is { } u ? (u.Height, u.Width, u.Channels, u.Classes)
        : Vae is { } v ? (v.Height, v.Width, v.Channels, v.Classes) : Gan is { } g ? (g.Height, g.Width, g.Channels, g.Classes) : default;

    /// <summary>What the network takes: names, types and shapes without the batch axis.</summary>
    [JsonIgnore]
    public IReadOnlyList<(string Name, Spec Spec)> Inputs
    {
        get
        {
            (int height, int width, int channels, int classes) = Image;
            (string, Spec) image = ("image", new(DType.Float32, [height, width, channels]));
            (string, Spec)[] first = UNet is not null ? [image, ("time", new(DType.Float32, Shape.Scalar))]
                : Gan is not null ? [("noise", new(DType.Float32, [Gan.Noise]))] : [image];
            return classes > 0 ? [.. first, ("class", new(DType.Int32, Shape.Scalar))] : first;
        }
    }

    /// <summary>The names of what the network gives.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Outputs => UNet is not null ? ["change"] : Vae is not null ? ["image", "mean", "logVariance"] : ["image", "logit"];


    /// <summary>About as many images as a network of the kind needs to see.</summary>
    [JsonIgnore]
    public int ImagesToSee => Gan is not null ? 400_000 : Vae is not null ? 800_000 : 500_000;

    /// <summary>The learning rate where none is asked for.</summary>
    [JsonIgnore]
    public double UsualRate => Vae is not null ? 2e-3 : Gan is not null ? 4e-4 : 2e-3;

    /// <summary>
    /// The optimisers of a network that needs its own: a discriminator and a generator have one each, with little momentum (Radford, Metz and
    /// Chintala, 2015); null: the usual one.
    /// </summary>
    public Optimizer? CreateOptimizer(TrainingSettings settings)
    {
        const double Momentum = 0.5;
        if (Gan is null) return null;
        Optimizer One() => settings.Optimizer == GanOptimizer ? new Adam(settings.LearningRate, beta1: Momentum)
            : settings.Optimizer == "adamw" ? new AdamW(settings.LearningRate, beta1: Momentum)
            : CommonOptions.CreateOptimizer(settings.Optimizer, settings.LearningRate);
        return new MultiOptimizer(("discriminator.*", One()), ("generator.*", One()));
    }

    /// <summary>A network of a kind for images.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="objective">One of <see cref="Objectives"/>; null: flow.</param>
    /// <param name="image">The shape of an image and the number of classes.</param>
    /// <param name="width">Channels of the first level of a unet, of the first convolution of a gan or, of colour images, a vae; null: by the size
    /// and the colours.</param>
    /// <exception cref="TaskException">The options don't go together.</exception>
    public static DrawingNetwork Of(string kind, string? objective, (int Height, int Width, int Channels, int Classes) image, int? width)
    {
        if (kind != UNetKind && objective is not null)
            throw new TaskException($"a {kind} learns in its own way", $"no objective, or the network {UNetKind}");
        if (kind == VaeKind) return new() { Vae = VaeOf(image, width) };
        if (kind == GanKind) return new() { Gan = GanOf(image, width) };
        const int Small = 32, UsualWidth = 32, ColourWidth = 64, Lowest = 8;
        int longer = Math.Max(image.Height, image.Width), first = width ?? (image.Channels == 1 ? UsualWidth : ColourWidth);
        int patch = longer <= 12 ? 1 : longer <= Small ? 2 : 4, levels = 1;
        while (levels < 3 && longer / patch >> levels - 1 > Lowest) levels++;
        return new()
        {
            Objective = objective ?? Flow,
            UNet = new()
            {
                Height = image.Height, Width = image.Width, Channels = image.Channels, Classes = image.Classes, Patch = patch,
                Widths = [.. Enumerable.Range(0, levels).Select(level => first * Math.Min(2, level + 1))], Heads = first % 4 == 0 ? 4 : 1,
            },
        };
    }

    // Grey images are small enough for dense layers; of colour ones pixels beside each other have more in common.
    private static VaeOptions VaeOf((int Height, int Width, int Channels, int Classes) image, int? width)
    {
        const int UsualFilters = 32;
        bool isDense = image.Channels == 1 && width is null && Math.Max(image.Height, image.Width) <= 32;
        int first = width ?? UsualFilters;
        return new()
        {
            Height = image.Height, Width = image.Width, Channels = image.Channels, Classes = image.Classes, Filters = isDense ? [] : Doubled(image, first),
            Hidden = isDense ? [512, 256] : [256], Code = image.Channels == 1 ? 16 : 64,
        };
    }

    private static DcganOptions GanOf((int Height, int Width, int Channels, int Classes) image, int? width)
    {
        const int UsualFilters = 32, ColourFilters = 48;
        return new()
        {
            Height = image.Height, Width = image.Width, Channels = image.Channels, Classes = image.Classes,
            Filters = Doubled(image, width ?? (image.Channels == 1 ? UsualFilters : ColourFilters)),
        };
    }

    // Filters of convolutions that halve, until some seven rows or columns are left.
    private static int[] Doubled((int Height, int Width, int Channels, int Classes) image, int first)
    {
        const int Smallest = 8, MostStages = 4;
        int stages = 1;
        while (stages < MostStages && Math.Max(image.Height, image.Width) >> stages > Smallest) stages++;
        return [.. Enumerable.Range(0, stages).Select(stage => first << Math.Min(stage, 2))];
    }

    /// <summary>The network without weights.</summary>
    /// <exception cref="JsonException">There is none.</exception>
    public Network Build() => UNet is not null ? new UNet(UNet) : Vae is not null ? new Vae(Vae) : Gan is not null ? new Dcgan(Gan)
        : throw new JsonException("it has no network");

    /// <summary>What is minimised.</summary>
    public Objective CreateObjective(Network network) => Objective switch
    {
        _ when Vae is not null => new VariationalObjective(network),
        _ when network is Dcgan gan => gan.CreateObjective(),
        Noise => new Denoising(network, target: DenoisingTarget.Noise),
        Velocity => new Denoising(network),
        _ => new FlowMatching(network),
    };

    /// <summary>What draws with the trained network.</summary>
    /// <exception cref="TaskException">The way to draw is none of this network.</exception>
    public IImageGenerator Generator(Network network, DrawingWay way)
    {
        if (network is IImageDecoder)
        {
            return way == new DrawingWay() ? new CodeSampler(network)
                : throw new TaskException("this network draws an image at once: it has no steps, no sampler and no guidance", "none of these options");
        }
        if (way.Guidance is not null && Image.Classes == 0)
            throw new TaskException("the run learned images without classes, so there is nothing that guidance could make count more", "no --guidance");
        string[] own = Objective is Flow ? ["euler", "heun"] : ["ddim", "ancestral"];
        if (way.Sampler is { } asked && !own.Contains(asked))
            throw new TaskException($"the sampler {asked} doesn't fit a network that learned {(Objective is Flow ? "a flow" : $"the {Objective}")}",
                string.Join(" or ", own));
        double guidance = way.Guidance ?? UsualGuidance;
        try
        {
            if (Objective is Flow)
                return new FlowSampler(network, way.Steps ?? FlowSteps, way.Sampler == "heun" ? FlowMethod.Heun : FlowMethod.Euler, guidance);
            bool isAncestral = way.Sampler == "ancestral";
            var schedule = new CosineNoise();
            return new DiffusionSampler(network, schedule, Objective is Noise ? DenoisingTarget.Noise : DenoisingTarget.Velocity,
                way.Steps ?? (isAncestral ? schedule.Steps : DiffusionSteps), isAncestral ? 1 : 0, guidance);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new TaskException(e.Message.Split(" (Parameter")[0].Split('\n')[0], "another value");
        }
    }

    /// <summary>How much the class counts where nobody says otherwise.</summary>
    public const double UsualGuidance = 2;

    /// <exception cref="JsonException">It can't be read, or makes no sense.</exception>
    public static DrawingNetwork Of(JsonElement json)
    {
        DrawingNetwork network = json.Deserialize(DrawingJson.Default.DrawingNetwork) ?? throw new JsonException("it has no network");
        int networks = new object?[] { network.UNet, network.Vae, network.Gan }.Count(n => n is not null);
        if (networks != 1) throw new JsonException($"it has {(networks == 0 ? "no network" : "several networks")}");
        if ((network.UNet is null) != (network.Objective is null)) throw new JsonException("a unet has an objective, and no other network has one");
        return network.Objective is null || Objectives.Contains(network.Objective) ? network
            : throw new JsonException($"the objective '{network.Objective}' isn't known");
    }
}

/// <summary>How images are drawn, where it isn't as usual.</summary>
/// <param name="Sampler">One of <see cref="DrawingNetwork.Samplers"/>; null: the first that fits.</param>
/// <param name="Steps">Number of steps; null: as the sampler has it.</param>
/// <param name="Guidance">How much the class counts; null: as usual.</param>
internal sealed record DrawingWay(string? Sampler = null, int? Steps = null, double? Guidance = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DrawingNetwork))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(int))]
internal sealed partial class DrawingJson : JsonSerializerContext;
