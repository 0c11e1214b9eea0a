using System.Globalization;
using Lamina.Learning.Generation;
using Lamina.Learning.Texts;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Writing;

/// <summary><c>lamina generate RUN</c>: writes on from a prompt.</summary>
internal static class GenerateVerb
{
    private const string Prompt = "prompt", Length = "length", Count = "count", Temperature = "temperature", TopK = "top-k", TopP = "top-p", MinP = "min-p",
        Penalty = "repetition-penalty", Loss = "loss", Repeats = "repeats";

    private const int UsualLength = 500, UsualCount = 20, LongestItem = 1_000;

    // An item of a list is short: one odd letter spoils it.
    private const double UsualMinP = 0.1;

    public static TaskVerb Create() => new("generate", "Writes on from a prompt.",
    [
        new(Prompt, OptionKind.Text, "What the text begins with (default: the beginning of a line).") { MayBeEmpty = true },
        new(Length, OptionKind.Whole, $"Characters or tokens to write (default: {UsualLength}).") { Most = long.MaxValue },
        new(Count, OptionKind.Whole, $"Lines to write; of a list, such as names, {UsualCount} by default."),
        new(Repeats, OptionKind.Flag, "Of a list, also writes what it has, and lines twice (default: new ones, each once)."),
        new(Temperature, OptionKind.Number,
            "Below 1 likely characters become likelier, above 1 less so; 0: always the likeliest (default: 0.8).") { Example = "0.8" },
        new(TopK, OptionKind.Whole, "Chooses from so many of the likeliest (default: all)."),
        new(TopP, OptionKind.Number, "Chooses from the likeliest that have this probability together, above 0 to 1 (default: 1).") { Example = "0.95" },
        new(MinP, OptionKind.Share,
            $"Chooses from those with at least this share of the likeliest one's probability (default: 0, of a list {UsualMinP.ToString(CultureInfo.InvariantCulture)}).") { Example = "0.05" },
        new(Penalty, OptionKind.Number, "Makes what came lately less likely: above 1 (default: 1, not at all).") { Example = "1.2" },
        new(Loss, OptionKind.Flag, "Ends each line in a tab and its loss in nats a token: how surprising the network finds it."),
        new(CommonOptions.Seed, OptionKind.Whole, "Random seed: the same seed writes the same text (default: 0).") { Least = long.MinValue,
            Most = long.MaxValue },
    ], Run)
    {
        IsText = true, InputHelp = "What the text begins with, as --prompt.",
        Examples = ["generate RUN --prompt \"Once upon\" --length 500", "generate RUN --count 20             twenty lines, as of a list of names"],
    };

    private static IEnumerable<string> Run(TaskModel model, IReadOnlyList<string> inputs, IReadOnlyDictionary<string, object> values, TaskContext context)
    {
        long? Whole(string name) => WholeOf(values, name);
        if (inputs.Count > 1) throw new TaskException($"generate takes one prompt, not {inputs.Count}", "quotation marks around a prompt of several words");
        if (inputs.Count == 1 && values.ContainsKey(Prompt)) throw new TaskException("there are two prompts", $"--{Prompt} alone");
        string prompt = inputs.Count == 1 ? inputs[0] : values.TryGetValue(Prompt, out object? given) ? (string)given : "";
        WritingRecipe recipe = WritingTask.RecipeOf(model.Run);
        Tokenizer tokenizer = WritingTask.TokenizerOf(recipe);
        SamplingOptions sampling = SamplingOf(values, recipe, tokenizer);
        prompt = Readable(prompt, tokenizer, context);
        if (tokenizer.Encode(prompt).Length is var length && length > recipe.Context
            && model.Run.Option(WritingTask.ModelOption) is not (WritingNetwork.LstmKind or WritingNetwork.GruKind))
            context.Tell(new Warned($"the network looks back on {recipe.Context} tokens: of the prompt's {length:N0} the last {recipe.Context} count"));
        int? lines = (int?)Math.Min(int.MaxValue, Whole(Count) ?? (recipe.IsList && Whole(Length) is null ? UsualCount : long.MaxValue)) is var n
            && n == int.MaxValue ? null : n;
        long most = Whole(Length) ?? (lines is { } l ? (long)l * LongestItem : UsualLength);
        if (!recipe.IsList && values.ContainsKey(Repeats))
            throw new TaskException($"--{Repeats} is for a run that learned a list, as of names", $"generate without --{Repeats}");
        NewLines? unseen = recipe.IsList && !values.ContainsKey(Repeats) ? new(model.Run, context) : null;
        return Pieces();

        IEnumerable<string> Pieces()
        {
            var writer = new TextWriter(model, sampling) { HasLoss = values.ContainsKey(Loss), New = unseen };
            bool hasWritten = false;
            foreach (string piece in writer.Write(prompt, most, lines, context.Cancel))
            {
                hasWritten = true;
                yield return piece;
            }
            if (!hasWritten && unseen is { IsExhausted: false })
                context.Tell(new Warned($"--{Length} {most:N0} ended before an item was whole; --{Count} says how many items to write"));
            if (unseen is { IsExhausted: true })
                context.Tell(new Warned($"stopped: {NewLines.MostRefused:N0} lines one behind the other were not new; a higher --{Temperature} makes more of them so, --{Repeats} writes them"));
        }
    }

    // How tokens are chosen; a value that makes no sense is answered before anything is written.
    private static SamplingOptions SamplingOf(IReadOnlyDictionary<string, object> values, WritingRecipe recipe, Tokenizer tokenizer)
    {
        double Number(string name, double otherwise) => values.TryGetValue(name, out object? value) ? (double)value : otherwise;
        var sampling = new SamplingOptions
        {
            Temperature = Number(Temperature, 0.8), TopK = (int)Math.Min(int.MaxValue, WholeOf(values, TopK) ?? 0),
            TopP = Number(TopP, 1), MinP = Number(MinP, recipe.IsList ? UsualMinP : 0),
            RepetitionPenalty = Number(Penalty, 1), Seed = WholeOf(values, CommonOptions.Seed) ?? 0,
        };
        try
        {
            _ = new TokenSampler(sampling, tokenizer.Size);
        }
        catch (ArgumentOutOfRangeException e)
        {
            string option = e.ParamName switch
            {
                nameof(SamplingOptions.Temperature) => Temperature,
                nameof(SamplingOptions.TopK) => TopK,
                nameof(SamplingOptions.TopP) => TopP,
                nameof(SamplingOptions.MinP) => MinP,
                _ => Penalty,
            };
            throw new TaskException(string.Create(CultureInfo.InvariantCulture, $"--{option} {e.ActualValue}: {e.Message.Split(" (Parameter")[0].Split('\n')[0].Trim()}"));
        }
        return sampling;
    }

    // The prompt as the network can read it.
    private static string Readable(string prompt, Tokenizer tokenizer, TaskContext context)
    {
        prompt = prompt.Replace("\r\n", "\n").Replace('\r', '\n');
        if (tokenizer.Unknown(prompt) is { Length: > 0 } unknown)
        {
            if (tokenizer.Encode(prompt).Length == 0)
                throw new TaskException($"no character of the prompt is in the text that the run learned from: {Wording.Letters(unknown)}",
                    "a prompt in its letters");
            context.Tell(new Warned($"left out of the prompt, since the text that the run learned from doesn't have them: {Wording.Letters(unknown)}"));
        }
        // A blank is the beginning of the next word's token; alone it comes only where no word follows.
        if (tokenizer is BpeTokenizer or PublishedTokenizer && prompt.EndsWith(' ') && prompt.TrimEnd(' ') is { Length: > 0 } trimmed)
        {
            prompt = trimmed;
            context.Tell(new Warned("the blank at the prompt's end is left out: tokens of this run begin with the blank before their word"));
        }
        return prompt;
    }

    private static long? WholeOf(IReadOnlyDictionary<string, object> values, string name) =>
        values.TryGetValue(name, out object? value) ? (long)value : null;
}
