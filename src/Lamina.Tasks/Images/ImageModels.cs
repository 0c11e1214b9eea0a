using System.Globalization;
using System.Text.Json;
using Lamina.Learning.Modules;
using Lamina.Models;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Images;

/// <summary>The networks for images by name, and their form in <c>run.json</c>.</summary>
/// <remarks>
/// A ConvNet's options stand there as they are, as in runs from before there were others; those of others beside the name of their kind.
/// </remarks>
internal static class ImageModels
{
    public const string ConvNet = "convnet", Mlp = "mlp", ResNet = "resnet";

    // From this side on a ResNet has the first layers of photographs, which leave an eighth of it for the second stage.
    private const int PhotoSide = 64, GreySide = 32;

    private static readonly int[] s_hidden = [512, 256];

    /// <summary>The names that <c>--model</c> takes.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        ConvNet, Mlp, "resnet20", "resnet32", "resnet44", "resnet56", "resnet110", "resnet1202", "resnet18", "resnet34", "resnet50",
    ];

    /// <summary>Whether a name is one of a residual network.</summary>
    public static bool IsResNet(string name) => name.StartsWith(ResNet, StringComparison.Ordinal);

    /// <summary>Whether images are drawings in grey, such as digits, which a small network learns.</summary>
    public static bool IsDrawing(int height, int width, int channels) => channels == 1 && Math.Max(height, width) <= GreySide;

    /// <summary>A network's description: <c>TaskPlan.Network</c>.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="height">Rows of an image.</param>
    /// <param name="width">Columns of an image.</param>
    /// <param name="channels">Values of a pixel.</param>
    /// <param name="outputs">The number of outputs: classes.</param>
    public static JsonElement Describe(string name, int height, int width, int channels, int outputs)
    {
        if (name == Mlp) return Json(new MlpOptions(outputs, s_hidden));
        return IsResNet(name) ? Json(ResNetOf(name, Math.Min(height, width), outputs)) : Json(ConvNetOf(height, width, channels, outputs));
    }

    /// <summary>The network of a description.</summary>
    /// <exception cref="JsonException">It can't be read.</exception>
    /// <exception cref="ArgumentException">It makes no sense.</exception>
    public static Network Build(JsonElement network) => Read(network) switch
    {
        ResNetOptions options => new ResNet(options),
        MlpOptions options => new Mlp(options.Outputs, [.. options.Hidden]),
        ConvNetOptions options => new ConvNet(options),
        _ => throw new JsonException("it has no network"),
    };

    /// <summary>The number of outputs of a description's network.</summary>
    /// <exception cref="JsonException">It can't be read.</exception>
    public static int OutputsOf(JsonElement network) => Read(network) switch
    {
        ResNetOptions options => options.Classes,
        MlpOptions options => options.Outputs,
        ConvNetOptions options => options.Classes,
        _ => throw new JsonException("it has no network"),
    };

    /// <summary>The network that a run starts from, for so many outputs.</summary>
    /// <exception cref="JsonException">It can't be read.</exception>
    public static JsonElement For(JsonElement network, int outputs) => Read(network) switch
    {
        ResNetOptions options => Json(options with { Classes = outputs }),
        MlpOptions options => Json(options with { Outputs = outputs }),
        ConvNetOptions options => Json(options with { Classes = outputs }),
        _ => throw new JsonException("it has no network"),
    };

    private static object? Read(JsonElement network)
    {
        if (network.ValueKind != JsonValueKind.Object || !network.TryGetProperty("model", out JsonElement model))
        {
            // Runs from before a stage could have several convolutions don't say how many it has.
            return network.Deserialize(ImageJson.Default.ConvNetOptions) is { } options ? options with { Depths = options.Depths ?? [] } : null;
        }
        NamedNetwork named = network.Deserialize(ImageJson.Default.NamedNetwork)!;
        return named.Model switch
        {
            ResNet => named.Options.Deserialize(ImageJson.Default.ResNetOptions),
            Mlp => named.Options.Deserialize(ImageJson.Default.MlpOptions),
            _ => throw new JsonException($"the network '{named.Model}' isn't known here"),
        };
    }

    private static JsonElement Json(ConvNetOptions options) => JsonSerializer.SerializeToElement(options, ImageJson.Default.ConvNetOptions);

    private static JsonElement Json(ResNetOptions options) => Named(ResNet, JsonSerializer.SerializeToElement(options, ImageJson.Default.ResNetOptions));

    private static JsonElement Json(MlpOptions options) => Named(Mlp, JsonSerializer.SerializeToElement(options, ImageJson.Default.MlpOptions));

    private static JsonElement Named(string model, JsonElement options) =>
        JsonSerializer.SerializeToElement(new NamedNetwork(model, options), ImageJson.Default.NamedNetwork);

    private static ResNetOptions ResNetOf(string name, int side, int outputs)
    {
        int layers = int.Parse(name.AsSpan(ResNet.Length), CultureInfo.InvariantCulture);
        if (layers is not (18 or 34 or 50)) return ResNetOptions.ForSmallImages(layers, outputs) with { ZeroInitialized = layers > 100 };
        ResNetOptions options = ResNetOptions.ForPhotos(layers, outputs);
        return side < PhotoSide ? options with { Stem = ResNetStem.Small } : options;
    }

    // Drawings in grey need little. Of colours, few filters where the image is large and all the work behind it; two convolutions where each costs
    // about as much as one with twice the side and half the filters.
    private static ConvNetOptions ConvNetOf(int height, int width, int channels, int outputs)
    {
        const int Stages = 4, Rest = 8, First = 16, Last = 256, Smallest = 6, Largest = 16;
        int longer = Math.Max(height, width), shorter = Math.Min(height, width);
        bool isDrawing = IsDrawing(height, width, channels);
        int stages = isDrawing ? 2 : Stages;
        // Every stage halves the image; a large one gets more stages until it is small enough to be weighed up.
        while (longer >> stages > Rest) stages++;
        while (stages > 1 && shorter >> stages < 1) stages--;
        if (isDrawing) return new ConvNetOptions { Classes = outputs, Widths = stages == 2 ? [16, 32] : [32] };
        int[] widths = [.. Enumerable.Range(0, stages).Select(stage => Math.Max(First, Last >> (stages - 1 - stage)))];
        if (stages >= Stages) widths[0] = First;
        int[] depths = [.. Enumerable.Range(0, stages).Select(stage => longer >> stage is >= Smallest and <= Largest ? 2 : 1)];
        return new ConvNetOptions { Classes = outputs, Widths = widths, Depths = depths, Hidden = 0 };
    }
}

/// <summary>A network that isn't a ConvNet, as <c>run.json</c> holds it.</summary>
/// <param name="Model">What kind of network it is.</param>
/// <param name="Options">Its options.</param>
internal sealed record NamedNetwork(string Model, JsonElement Options);

/// <summary>What a multi-layer perceptron is built from.</summary>
/// <param name="Outputs">The number of outputs.</param>
/// <param name="Hidden">Neurons of each hidden layer.</param>
internal sealed record MlpOptions(int Outputs, IReadOnlyList<int> Hidden);
