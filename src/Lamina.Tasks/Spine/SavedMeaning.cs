using System.Text.Json;
using Lamina.Learning.Saving;

namespace Lamina.Tasks.Spine;

/// <summary>What a run's output means, as it is saved with the network.</summary>
internal static class SavedMeaning
{
    /// <exception cref="JsonException">There is no saved meaning for such an output.</exception>
    public static Learning.Saving.OutputMeaning Of(OutputMeaning output) => output switch
    {
        ClassOutput classes => new ClassLabels(classes.Names),
        LabelsOutput labels => new IndependentLabels(labels.Names),
        NumberOutput number => Numbers([number]),
        NumbersOutput several => Numbers(several.Numbers),
        _ => throw new JsonException($"there is no saved meaning for {output.Text}"),
    };

    private static Quantities Numbers(IReadOnlyList<NumberOutput> numbers) =>
        new([.. numbers.Select(n => n.Name)], [.. numbers.Select(n => n.Unit ?? "")],
        [.. numbers.Select(n => (float)n.Deviation)], [.. numbers.Select(n => (float)n.Mean)]);
}
