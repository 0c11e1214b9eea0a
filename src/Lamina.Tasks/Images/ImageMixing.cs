using System.Text.Json;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Images;

/// <summary>Whether a run's training images are mixed with each other, and how: its options mixup and cutmix.</summary>
internal static class ImageMixing
{
    public const string Mixup = "mixup", Cutmix = "cutmix";

    private const double MostAlpha = 1000;

    /// <summary>The options.</summary>
    public static IReadOnlyList<TaskOption> Options { get; } =
    [
        Option(Mixup, "Blends each training image with another, and their labels alike; ALPHA is that of Beta(ALPHA, ALPHA), from which shares are drawn, "
            + "such as 0.2 (default: no mixup)."),
        Option(Cutmix, "Pastes a box of another image into each training image, and mixes their labels by area; ALPHA as for mixup, such as 1 "
            + "(default: no cutmix). With both, each step draws one."),
    ];

    /// <summary>What a request asks for, for <c>run.json</c>.</summary>
    /// <exception cref="TaskException">It can't be.</exception>
    public static IEnumerable<KeyValuePair<string, JsonElement>> Of(TaskRequest request)
    {
        foreach (TaskOption option in Options)
        {
            if (request.Number(option.Name) is not { } alpha) continue;
            if (request.Has(CommonOptions.OverfitBatch))
                throw new TaskException($"--overfit-batch shows one batch again and again as it is, so --{option.Name} can't be given with it",
                    "one of the two alone");
            if (alpha > MostAlpha) throw new TaskException($"--{option.Name} {alpha}: expected a number above 0, {MostAlpha:N0} at most", "0.2, or 1");
            yield return new(option.Name, JsonSerializer.SerializeToElement(alpha, ImageJson.Default.Double));
        }
    }

    /// <summary>The objective of a run: with mixed images where it asks for them.</summary>
    public static Objective Objective(Network network, Loss loss, RunInfo run)
    {
        double mixup = Alpha(run, Mixup), cutmix = Alpha(run, Cutmix);
        return mixup > 0 || cutmix > 0 ? new MixedExamples(network, loss, mixup, cutmix) : new Supervised(network, loss);
    }

    /// <summary>What is mixed, for a person; null for nothing.</summary>
    public static Fact? Described(IReadOnlyDictionary<string, JsonElement> options)
    {
        string[] parts = [.. Options.Where(o => options.ContainsKey(o.Name)).Select(o => $"{o.Name} {options[o.Name].GetDouble()}")];
        return parts.Length == 0 ? null
            : new Fact("mixing", "mixing", $"{string.Join(" or ", parts)}; the accuracy in training is of mixtures, and so lower than in validation");
    }

    /// <summary>Checks what anybody may have edited.</summary>
    /// <exception cref="JsonException">A value is no α.</exception>
    public static void Check(RunInfo run)
    {
        foreach (TaskOption option in Options)
            if (run.Options.TryGetValue(option.Name, out JsonElement value)
                && !(value.ValueKind == JsonValueKind.Number && value.GetDouble() is > 0 and <= MostAlpha))
                throw new JsonException($"{option.Name} is no number above 0, {MostAlpha:N0} at most");
    }

    private static double Alpha(RunInfo run, string name) => run.Options.TryGetValue(name, out JsonElement value) ? value.GetDouble() : 0;

    private static TaskOption Option(string name, string help) => new(name, OptionKind.Positive, help) { ValueName = "ALPHA", Example = "0.2" };
}
