using System.Text.Json;
using System.Text.Json.Serialization;
using Lamina.Learning.Texts;
using Lamina.Models;
using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Texts;

/// <summary>Where texts and labels stand, and how texts become tokens, as <c>run.json</c> holds it.</summary>
/// <param name="Text">The column of texts; null for folders of files and built-in data.</param>
/// <param name="Target">The column of labels; null for folders of files and built-in data.</param>
/// <param name="Words">The words and pairs that are known, one in a line.</param>
/// <param name="Length">The number of tokens of a text.</param>
/// <param name="Pieces">The number of tokens for pieces of unknown words.</param>
internal sealed record TextRecipe(string? Text, string? Target, string Words, int Length, int Pieces)
{
    /// <summary>The vocabulary.</summary>
    /// <exception cref="JsonException">It makes no sense.</exception>
    public TextVocabulary Vocabulary()
    {
        try
        {
            return new(Words.Length == 0 ? [] : Words.Split('\n'), Length, Pieces);
        }
        catch (ArgumentException e)
        {
            throw new JsonException($"the vocabulary can't be used: {e.Message}");
        }
    }

    /// <summary>The recipe of a run.</summary>
    /// <exception cref="JsonException">It can't be read.</exception>
    public static TextRecipe Of(RunInfo run) => run.Preprocessing.Deserialize(TextJson.Default.TextRecipe)
        ?? throw new JsonException("it has no preprocessing");

    /// <summary>The recipe of columns and a vocabulary.</summary>
    public static TextRecipe Of(TextColumns? columns, TextVocabulary vocabulary) =>
        new(columns?.Text, columns?.Target, string.Join('\n', vocabulary.Words), vocabulary.Length, vocabulary.Pieces);

    /// <summary>The columns; null for folders of files and built-in data.</summary>
    [JsonIgnore]
    public TextColumns? Columns => Text is not null && Target is not null ? new(Text, Target, "as in training") : null;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(TextRecipe))]
[JsonSerializable(typeof(TextClassifierOptions))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(double))]
internal sealed partial class TextJson : JsonSerializerContext;
