using System.Text.Json;
using System.Text.Json.Serialization;
using Lamina.Models;

namespace Lamina.Tasks.Images;

/// <summary>How an image is brought to the form that a network learned from, as <c>run.json</c> holds it.</summary>
internal sealed record ImagePreprocessing
{
    private const int MostSide = 8192;

    /// <summary>The size of an example: (height, width, channels).</summary>
    public required IReadOnlyList<int> Input { get; init; }

    /// <summary>The mean of each channel over the training set, of values from 0 to 1.</summary>
    public required IReadOnlyList<float> Mean { get; init; }

    /// <summary>The standard deviation of each channel over the training set.</summary>
    public required IReadOnlyList<float> Deviation { get; init; }

    /// <summary>How the training images look, if they are drawings in grey, for images of one's own to be brought near to them.</summary>
    public InkStyle? Ink { get; init; }

    /// <exception cref="JsonException">It can't be read, or makes no sense.</exception>
    public static ImagePreprocessing Of(JsonElement json)
    {
        ImagePreprocessing p = json.Deserialize(ImageJson.Default.ImagePreprocessing) ?? throw new JsonException("it has no preprocessing");
        if (p.Input is not [>= 1 and <= MostSide, >= 1 and <= MostSide, 1 or 3])
            throw new JsonException($"input [{string.Join(", ", p.Input)}] is no height, width and channels");
        if (p.Mean.Count != p.Input[2] || p.Deviation.Count != p.Input[2]) throw new JsonException("mean and deviation don't have a value for each channel");
        if (p.Mean.Concat(p.Deviation).Any(x => !float.IsFinite(x)) || p.Deviation.Any(x => x <= 0))
            throw new JsonException("mean or deviation is no usable number");
        if (p.Ink is { Size: { } part } && !(part is > 0 and <= 1)) throw new JsonException("the size of what is drawn is no part of an image");
        return p;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ImagePreprocessing))]
[JsonSerializable(typeof(ConvNetOptions))]
[JsonSerializable(typeof(ResNetOptions))]
[JsonSerializable(typeof(MlpOptions))]
[JsonSerializable(typeof(NamedNetwork))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(double))]
internal sealed partial class ImageJson : JsonSerializerContext;
