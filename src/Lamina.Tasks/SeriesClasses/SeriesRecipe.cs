using System.Text.Json;
using System.Text.Json.Serialization;
using Lamina.Learning.Data;
using Lamina.Learning.Modules;
using Lamina.Learning.Series;
using Lamina.Learning.Sounds;
using Lamina.Models;
using Lamina.Tasks.Runs;

namespace Lamina.Tasks.SeriesClasses;

/// <summary>Where series and labels are, and how series are encoded, as <c>run.json</c> holds it.</summary>
/// <param name="Columns">The columns of a table; null for files and built-in data.</param>
/// <param name="Label">Where labels of files are: <c>folder</c>, or the number of a part of the names; null for tables and built-in data.</param>
/// <param name="Channels">The names of the channels.</param>
/// <param name="Envelopes">How envelopes are taken of recordings; null where series aren't recordings.</param>
/// <param name="Mean">The mean of each channel.</param>
/// <param name="Deviation">The deviation of each channel.</param>
/// <param name="Every">Number of steps that are averaged to one.</param>
/// <param name="Steps">The most steps after that.</param>
internal sealed record SeriesRecipe(
    SeriesColumns? Columns, string? Label, IReadOnlyList<string> Channels, MelOptions? Envelopes, IReadOnlyList<float> Mean,
        IReadOnlyList<float> Deviation, int Every, int Steps)
{
    /// <summary>The recipe of a run.</summary>
    /// <exception cref="JsonException">It can't be read.</exception>
    public static SeriesRecipe Of(RunInfo run) => run.Preprocessing.Deserialize(SeriesJson.Default.SeriesRecipe)
        ?? throw new JsonException("it has no preprocessing");

    /// <summary>How series are encoded.</summary>
    /// <exception cref="JsonException">It makes no sense.</exception>
    public SeriesEncoding Encoding()
    {
        if (Mean.Count != Channels.Count || Deviation.Count != Channels.Count
            || Deviation.Any(d => !(d > 0))) throw new JsonException("mean and deviation aren't those of the channels");
        try
        {
            if (Envelopes is not null) _ = new MelSpectrogram(Envelopes);
            return new(new Normalization(Mean, Deviation), Every, Steps);
        }
        catch (ArgumentException e)
        {
            throw new JsonException($"series can't be encoded: {e.Message}");
        }
    }
}

/// <summary>The network of a run: one of several architectures.</summary>
/// <param name="Convolutions">Options of a convolutional network, or null.</param>
/// <param name="Recurrent">Options of a recurrent network, or null.</param>
internal sealed record SeriesNetwork(SeriesConvNetOptions? Convolutions, RecurrentClassifierOptions? Recurrent)
{
    /// <summary>The architectures by name.</summary>
    public static IReadOnlyList<string> Names { get; } = ["conv", "gru", "lstm"];

    /// <summary>The number of classes.</summary>
    [JsonIgnore]
    public int Classes => Convolutions?.Classes ?? Recurrent?.Classes ?? 0;

    /// <summary>Options of an architecture.</summary>
    public static SeriesNetwork Of(string name, int classes, double dropout) => name == Names[0]
        ? new(new() { Classes = classes, Dropout = dropout }, null)
        : new(null, new() { Classes = classes, Dropout = dropout, Cell = name == "gru" ? Learning.Layers.RecurrentCell.Gru
            : Learning.Layers.RecurrentCell.Lstm });

    /// <summary>The network of a run, without weights.</summary>
    /// <exception cref="JsonException">It can't be read.</exception>
    public static Network Build(JsonElement network) => Read(network) switch
    {
        { Convolutions: { } options, Recurrent: null } => new SeriesConvNet(options),
        { Convolutions: null, Recurrent: { } options } => new RecurrentClassifier(options),
        _ => throw new JsonException("it has not one network"),
    };

    /// <summary>The options of a run's network.</summary>
    /// <exception cref="JsonException">They can't be read.</exception>
    public static SeriesNetwork Read(JsonElement network) => network.Deserialize(SeriesJson.Default.SeriesNetwork)
        ?? throw new JsonException("it has no network");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SeriesRecipe))]
[JsonSerializable(typeof(SeriesNetwork))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(double))]
internal sealed partial class SeriesJson : JsonSerializerContext;
