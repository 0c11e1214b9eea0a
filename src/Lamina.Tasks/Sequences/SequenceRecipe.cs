using System.Text.Json;
using System.Text.Json.Serialization;
using Lamina.Learning.Texts;
using Lamina.Models;
using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Sequences;

/// <summary>How lines hold sequences, and which symbols are known, as <c>run.json</c> holds it.</summary>
/// <param name="Symbol">The column of symbols, by name or number from 1, where a person named it.</param>
/// <param name="Label">The column of labels, by name or number from 1, where a person named it.</param>
/// <param name="Symbols">The symbols that are known, one in a line.</param>
/// <param name="Pieces">The number of numbers that pieces of words share.</param>
/// <param name="Frequent">The most frequent label of each number of the vocabulary: a baseline.</param>
internal sealed record SequenceRecipe(string? Symbol, string? Label, string Symbols, int Pieces, IReadOnlyList<int> Frequent)
{
    /// <summary>The vocabulary.</summary>
    /// <exception cref="JsonException">It makes no sense.</exception>
    public SymbolVocabulary Vocabulary()
    {
        try
        {
            return new(Symbols.Length == 0 ? [] : Symbols.Split('\n'), Pieces);
        }
        catch (ArgumentException e)
        {
            throw new JsonException($"the vocabulary can't be used: {e.Message}");
        }
    }

    /// <summary>The recipe of a run.</summary>
    /// <exception cref="JsonException">It can't be read.</exception>
    public static SequenceRecipe Of(RunInfo run) => run.Preprocessing.Deserialize(SequenceJson.Default.SequenceRecipe)
        ?? throw new JsonException("it has no preprocessing");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SequenceRecipe))]
[JsonSerializable(typeof(SequenceTaggerOptions))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(string))]
internal sealed partial class SequenceJson : JsonSerializerContext;
