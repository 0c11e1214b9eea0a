using System.Text.Json;
using System.Text.Json.Serialization;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Models;

namespace Lamina.Tasks.Writing;

/// <summary>Which network writes, as <c>run.json</c> holds it: one of the three.</summary>
internal sealed record WritingNetwork
{
    public const string GptKind = "gpt", LlamaKind = "llama", LstmKind = "lstm", GruKind = "gru";

    /// <summary>The kinds by name.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [GptKind, LlamaKind, LstmKind, GruKind];

    public GptOptions? Gpt { get; init; }

    public LlamaOptions? Llama { get; init; }

    public RecurrentLanguageModelOptions? Recurrent { get; init; }

    /// <summary>The number of tokens that it knows.</summary>
    [JsonIgnore]
    public int Vocabulary => Gpt?.Vocabulary ?? Llama?.Vocabulary ?? Recurrent?.Vocabulary ?? 0;

    /// <summary>A network of a kind and size.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="vocabulary">The number of tokens.</param>
    /// <param name="context">Tokens that it looks back on.</param>
    /// <param name="layers">Blocks or recurrent layers; null: 4, or 2 recurrent ones.</param>
    /// <param name="heads">Heads of attention; null: 4.</param>
    /// <param name="width">Features of a token; null: 128, or 192 of recurrent layers, which makes as many weights.</param>
    /// <param name="dropout">Share of values that are dropped in training.</param>
    /// <exception cref="TaskException">The sizes don't go together.</exception>
    public static WritingNetwork Of(string kind, int vocabulary, int context, int? layers, int? heads, int? width, double dropout)
    {
        int h = heads ?? 4, w = width ?? 128;
        if (kind is LstmKind or GruKind)
        {
            if (heads is not null)
                throw new TaskException($"--heads can't be used with --model {kind}, which has no attention", $"--model {GptKind} or {LlamaKind}");
            return new()
            {
                Recurrent = new() { Vocabulary = vocabulary, Cell = kind == GruKind ? RecurrentCell.Gru : RecurrentCell.Lstm, Layers = layers ?? 2,
                    Width = width ?? 192, Dropout = dropout },
            };
        }
        if (w % (2 * h) != 0) throw new TaskException($"--width {w} is no even multiple of {h} heads", $"--width {Math.Max(1, (w + h) / (2 * h)) * 2 * h}");
        return kind == GptKind
            ? new() { Gpt = new() { Vocabulary = vocabulary, Context = context, Layers = layers ?? 4, Heads = h, Width = w, Dropout = dropout } }
            // Two thirds of four times the width, in steps of 8: as many weights as an ungated dense part.
            : new()
            {
                Llama = new() { Vocabulary = vocabulary, Context = context, Layers = layers ?? 4, Heads = h, KeyValueHeads = h, Width = w,
                    Hidden = Math.Max(8, w * 8 / 3 / 8 * 8), Dropout = dropout },
            };
    }

    /// <summary>The network without weights.</summary>
    /// <exception cref="JsonException">There is none.</exception>
    public Layer Build() => Gpt is not null ? new Gpt(Gpt) : Llama is not null ? new Llama(Llama) : Recurrent is not null
        ? new RecurrentLanguageModel(Recurrent)
        : throw new JsonException("it has no network");
}

/// <summary>How a text becomes tokens and pieces, as <c>run.json</c> holds it.</summary>
/// <param name="Tokenizer">The tokenizer, as a saved model describes it.</param>
/// <param name="Context">Tokens of a piece.</param>
/// <param name="IsList">Whether the text is a list of short lines, such as names.</param>
internal sealed record WritingRecipe(JsonElement Tokenizer, int Context, bool IsList);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WritingNetwork))]
[JsonSerializable(typeof(WritingRecipe))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(double))]
internal sealed partial class WritingJson : JsonSerializerContext;
