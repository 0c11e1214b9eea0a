using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lamina.Formats;
using Lamina.Learning.Data;
using Lamina.Learning.Saving;
using Lamina.Learning.Texts;
using Lamina.Models;
using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Translation;

/// <summary>A sentence and its translation, of which the report shows how it becomes better.</summary>
internal sealed record ShownPair(string Source, string Target);

/// <summary>How sentences become tokens, as <c>run.json</c> holds it.</summary>
/// <param name="Tokenizer">The tokenizer of both languages, as a saved model describes it.</param>
/// <param name="Source">What is translated: a language, a file or a column.</param>
/// <param name="Target">Into what.</param>
/// <param name="IsTable">Whether both are columns of a table.</param>
/// <param name="LowerCase">Which side loses its capitals.</param>
/// <param name="Longest">The most tokens of a sentence.</param>
/// <param name="LabelSmoothing">The share of each target that is spread over all tokens in training.</param>
/// <param name="Letters">The letters that sentences of the training have.</param>
/// <param name="Shown">The pairs that are shown.</param>
internal sealed record TranslationRecipe(JsonElement Tokenizer, string Source, string Target, bool IsTable, string LowerCase, int Longest,
    double LabelSmoothing, string Letters,
    IReadOnlyList<ShownPair> Shown)
{
    public const string OfSource = "source", OfBoth = "both", OfNone = "none";

    private const int MostLetters = 20_000;

    private HashSet<Rune>? _known;

    /// <summary>The sides that may lose their capitals.</summary>
    public static IReadOnlyList<string> Sides { get; } = [OfSource, OfBoth, OfNone];

    /// <summary>The recipe of a run.</summary>
    /// <exception cref="JsonException">It has none.</exception>
    public static TranslationRecipe Of(RunInfo run) =>
        run.Preprocessing.Deserialize(TranslationJson.Default.TranslationRecipe) ?? throw new JsonException("it has no preprocessing");

    /// <summary>The tokenizer.</summary>
    /// <exception cref="JsonException">It can't be made.</exception>
    public Tokenizer CreateTokenizer()
    {
        try
        {
            return Model.Create<Tokenizer>(Tokenizer, RunFolder.InfoFile);
        }
        catch (FileFormatException e)
        {
            throw new JsonException(e.Message.Split('\n')[0]);
        }
    }

    /// <summary>A sentence as it is encoded.</summary>
    public string OfSourceText(string text) => Folded(LowerCase is OfSource or OfBoth, text);

    /// <summary>A translation as it is encoded.</summary>
    public string OfTargetText(string text) => Folded(LowerCase is OfBoth, text);

    /// <summary>The letters of texts, each once, sorted.</summary>
    public static string LettersOf(IEnumerable<string> texts)
    {
        var found = new HashSet<Rune>();
        foreach (string text in texts)
        {
            foreach (Rune rune in text.EnumerateRunes())
                if (Rune.IsLetter(rune)) found.Add(rune);
            if (found.Count > MostLetters) break;
        }
        return string.Concat(found.Order().Take(MostLetters));
    }

    /// <summary>The letters of a sentence that the training never had, each once, and whether there are others.</summary>
    public (string Unknown, bool HasKnown) Unknown(string text)
    {
        HashSet<Rune> known = _known ??= [.. Letters.EnumerateRunes()];
        Rune[] letters = [.. OfSourceText(text).EnumerateRunes().Where(Rune.IsLetter).Distinct()];
        return (string.Concat(letters.Where(r => !known.Contains(r))), letters.Any(known.Contains));
    }

    // Composed letters: the same text in two forms would be two texts.
    private static string Folded(bool isLower, string text)
    {
        string composed = ComposedText.Of(text.Trim());
        return isLower ? composed.ToLowerInvariant() : composed;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(TranslationRecipe))]
[JsonSerializable(typeof(TranslatorOptions))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(double))]
internal sealed partial class TranslationJson : JsonSerializerContext;
