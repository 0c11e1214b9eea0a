using System.Text.Json;
using System.Text.Json.Serialization;
using Lamina.Learning.Diffusion;
using Lamina.Learning.Generation;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Models;

namespace Lamina.Tasks.Drawing;

/// <summary>Which network draws, what it learns and how it draws, as <c>run.json</c> holds it. A further kind is a property and a line in each member.</summary>
internal sealed record DrawingNetwork
{
    public const string UNetKind = "unet", Flow = "flow", Velocity = "velocity", Noise = "noise";

    private const int FlowSteps = 25, DiffusionSteps = 50;

    /// <summary>The kinds by name.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [UNetKind];

    /// <summary>What a denoising network learns, by name.</summary>
    public static IReadOnlyList<string> Objectives { get; } = [Flow, Velocity, Noise];

    /// <summary>The ways to draw, by name.</summary>
    public static IReadOnlyList<string> Samplers { get; } = ["euler", "heun", "ddim", "ancestral"];

    public UNetOptions? UNet { get; init; }

    /// <summary>What a denoising network learns; null for networks that learn in a way of their own.</summary>
    public string? Objective { get; init; }

    /// <summary>The shape of an image and the number of classes.</summary>
    [JsonIgnore]
    public (int Height, int Width, int Channels, int Classes) Image => UNet is { } u ? (u.Height, u.Width, u.Channels, u.Classes) : default;

    /// <summary>A network of a kind for images.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="objective">One of <see cref="Objectives"/>; null: flow.</param>
    /// <param name="image">The shape of an image and the number of classes.</param>
    /// <param name="width">Channels of the first level; null: by the size and the colours.</param>
    /// <exception cref="TaskException">The options don't go together.</exception>
    public static DrawingNetwork Of(string kind, string? objective, (int Height, int Width, int Channels, int Classes) image, int? width)
    {
        _ = kind; // one so far
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

    /// <summary>The network without weights.</summary>
    /// <exception cref="JsonException">There is none.</exception>
    public Network Build() => UNet is not null ? new UNet(UNet) : throw new JsonException("it has no network");

    /// <summary>What is minimised.</summary>
    public Objective CreateObjective(Network network) => Objective switch
    {
        Noise => new Denoising(network, target: DenoisingTarget.Noise),
        Velocity => new Denoising(network),
        _ => new FlowMatching(network),
    };

    /// <summary>What draws with the trained network.</summary>
    /// <exception cref="TaskException">The way to draw is none of this network.</exception>
    public IImageGenerator Generator(Network network, DrawingWay way)
    {
        if (network is IImageGenerator itself)
        {
            return way == new DrawingWay() ? itself
                : throw new TaskException("this network draws an image at once: it has no steps, no sampler and no guidance", "none of these options");
        }
        string[] own = Objective is Flow ? ["euler", "heun"] : ["ddim", "ancestral"];
        if (way.Sampler is { } asked && !own.Contains(asked))
            throw new TaskException($"the sampler {asked} doesn't fit a network that learned {(Objective is Flow ? "a flow" : $"the {Objective}")}", string.Join(" or ", own));
        double guidance = way.Guidance ?? UsualGuidance;
        try
        {
            if (Objective is Flow) return new FlowSampler(network, way.Steps ?? FlowSteps, way.Sampler == "heun" ? FlowMethod.Heun : FlowMethod.Euler, guidance);
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
        if (network.UNet is null) throw new JsonException("it has no network");
        return network.Objective is null || Objectives.Contains(network.Objective) ? network : throw new JsonException($"the objective '{network.Objective}' isn't known");
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
