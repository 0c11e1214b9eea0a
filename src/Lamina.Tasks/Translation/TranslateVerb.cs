using System.Globalization;
using Lamina.Models;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Translation;

/// <summary><c>lamina translate RUN "…"</c>: translates sentences.</summary>
internal static class TranslateVerb
{
    private const string Beam = "beam", Length = "length";

    private const int AtOnce = 128, MostBeams = 128, MostLength = 10_000;

    /// <summary>The beams of a search where none are asked for.</summary>
    public const int UsualBeams = 4;

    public static TaskVerb Create() => new("translate", "Translates sentences, or the lines of a file or of standard input.",
    [
        new(Beam, OptionKind.Whole,
            $"Beginnings of a translation that are kept while it is searched for; 1: always the likeliest token (default: {UsualBeams}).") { Most = MostBeams },
        new(Length, OptionKind.Whole, "The most tokens of a translation (default: twice those of the sentence, and some).") { Most = MostLength },
    ], Run)
    {
        InputHelp = "Sentences in quotation marks, or files with one in each line; without any the lines of standard input.",
        Examples = ["translate RUN \"A man rides a bike.\"", "translate RUN new.en > new.de        a line for each line"],
    };

    private static IEnumerable<string> Run(TaskModel model, IReadOnlyList<string> inputs, IReadOnlyDictionary<string, object> values,
        TaskContext context)
    {
        int? Whole(string name) => values.TryGetValue(name, out object? value) ? (int)(long)value : null;
        TranslationRecipe recipe = TranslationRecipe.Of(model.Run);
        var translator = new Translator((TransformerTranslator)model.Network, recipe.CreateTokenizer());
        // What is wrong with a sentence that was typed is said before any is translated.
        bool IsFile(string input) => input == RowInput.StandardInput || File.Exists(input);
        bool isTyped = inputs.Count > 0 && !inputs.Any(IsFile);
        if (inputs.Count > 0)
        {
            for (int i = 0; i < inputs.Count; i++)
            {
                if (IsFile(inputs[i])) continue;
                string which = inputs.Count == 1 ? "the sentence" : $"sentence {i + 1}";
                if (string.IsNullOrWhiteSpace(inputs[i])) throw new TaskException($"{which} is empty", "a sentence in quotation marks");
                if (IsFileName(inputs[i])) throw new DataException(inputs[i], "there's no such file",
                    "the path of a text with a sentence in each line, or a sentence in quotation marks");
                if (recipe.Unknown(inputs[i]) is { Unknown.Length: > 0, HasKnown: false } foreign)
                    throw new TaskException($"no letter of {which} is in the sentences that the run learned from: {Wording.Letters(foreign.Unknown)}",
                        $"a sentence in the language of the training, {recipe.Source}");
            }
        }
        else if (inputs.Count == 0 && !Console.IsInputRedirected)
            throw new TaskException("there is nothing to translate",
                "a sentence in quotation marks, a file with a sentence in each line, or lines on standard input");
        return Translate(translator, recipe, isTyped ? inputs : inputs.Count == 0 ? TextLines.Sentences(RowInput.StandardInput)
            : inputs.SelectMany(i => IsFile(i) ? TextLines.Sentences(i) : [i]),
            Whole(Beam) ?? UsualBeams, Whole(Length), isTyped ? "sentence" : "line", context);
    }

    // As they are asked for, some lines together; a blank line stays one, so that lines stay aligned.
    private static IEnumerable<string> Translate(Translator translator, TranslationRecipe recipe, IEnumerable<string> lines, int beams, int? length,
        string item, TaskContext context)
    {
        int number = 0;
        // The first of each kind that needs a word; more of them are not told one by one.
        bool hasTold = false, hasToldLong = false;
        foreach (string[] some in Chunks(lines))
        {
            context.Cancel.ThrowIfCancellationRequested();
            foreach (string line in some)
            {
                number++;
                if (!hasTold && recipe.Unknown(line).Unknown is { Length: > 0 } unknown)
                {
                    hasTold = true;
                    context.Tell(new Warned($"letters of {item} {number} are in none of the sentences that the run learned from, so expect nothing of the words that have them: {Wording.Letters(unknown)}"));
                }
                if (!hasToldLong && translator.Count(recipe.OfSourceText(line)) is var tokens && tokens > recipe.Longest)
                {
                    hasToldLong = true;
                    context.Tell(new Warned(string.Create(CultureInfo.InvariantCulture,
                        $"{item} {number} has {tokens:N0} tokens, and the run learned from at most {recipe.Longest}: of long ones the beginning is translated; one sentence at a time does better")));
                }
            }
            foreach (string translation in translator.Translate([.. some.Select(recipe.OfSourceText)], beams, recipe.Longest, length,
                context.Cancel)) yield return translation;
        }
    }

    // First one, then two together, and so on: who writes line by line gets an answer, who pipes a file gets speed.
    private static IEnumerable<string[]> Chunks(IEnumerable<string> lines)
    {
        int most = 1;
        var some = new List<string>();
        foreach (string line in lines)
        {
            some.Add(line);
            if (some.Count < most) continue;
            yield return [.. some];
            some.Clear();
            most = Math.Min(2 * most, AtOnce);
        }
        if (some.Count > 0) yield return [.. some];
    }

    private static bool IsFileName(string input) => !input.Any(char.IsWhiteSpace)
        && (input.Contains(Path.DirectorySeparatorChar) || PairFiles.IsNamedForLanguage(input)
            || Path.GetExtension(input).ToLowerInvariant() is ".txt" or ".text" or ".gz" or ".tsv" or ".csv");
}
