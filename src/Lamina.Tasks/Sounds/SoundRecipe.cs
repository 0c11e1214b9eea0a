using System.Text.Json;
using System.Text.Json.Serialization;
using Lamina.Learning.Sounds;
using Lamina.Models;
using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Sounds;

/// <summary>Where labels are, and how recordings become spectrograms, as <c>run.json</c> holds it.</summary>
/// <param name="Label">Where labels are: <c>folder</c>, or the number of a part of the names; null for built-in data.</param>
/// <param name="Mel">Options of the spectrogram.</param>
internal sealed record SoundRecipe(string? Label, MelOptions Mel)
{
    /// <summary>The recipe of a run.</summary>
    /// <exception cref="JsonException">It can't be read, or makes no sense.</exception>
    public static SoundRecipe Of(RunInfo run) => run.Preprocessing.Deserialize(SoundJson.Default.SoundRecipe)
        ?? throw new JsonException("it has no preprocessing");

    /// <summary>What makes spectrograms.</summary>
    /// <exception cref="JsonException">An option makes no sense.</exception>
    public MelSpectrogram Spectrogram()
    {
        try
        {
            return new(Mel);
        }
        catch (ArgumentException e)
        {
            throw new JsonException($"the spectrogram can't be made: {e.Message}");
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SoundRecipe))]
[JsonSerializable(typeof(SoundNetOptions))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(long))]
internal sealed partial class SoundJson : JsonSerializerContext;
