using Lamina.Learning.Data;
using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Spine;

/// <summary>What is known of the examples that are split.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Item">What one is called, such as <c>image</c>.</param>
/// <param name="Contents">A hash of each example's content: equal ones are exact duplicates.</param>
internal sealed record SplitData(int Count, string Item, IReadOnlyList<object?> Contents)
{
    /// <summary>In place of <see cref="Contents"/> and <see cref="Groups"/> for many examples: a hash of each one's content.</summary>
    public ulong[]? Hashes { get; init; }

    /// <summary>A hash of each example's group; null: none.</summary>
    public ulong[]? GroupHashes { get; init; }

    /// <summary>Whether examples have groups.</summary>
    public bool HasGroups => Groups is not null || GroupHashes is not null;

    /// <summary>The unit of each example, which holds its duplicates, and those of its group where asked for.</summary>
    public int[] Units(bool byGroup) => Hashes is { } hashes ? Split.Units(hashes, byGroup ? GroupHashes : [])
        : byGroup && Groups is { } groups ? Split.Units(Count, Contents, groups) : Split.Units(Count, Contents);

    /// <summary>The class of each example; null: none.</summary>
    public int[]? Labels { get; init; }

    /// <summary>The group of each example; null: none.</summary>
    public IReadOnlyList<object?>? Groups { get; init; }

    /// <summary>The time of each example; null: none.</summary>
    public double[]? Times { get; init; }
}

/// <summary>Splits the examples of any task without leakage, and says how.</summary>
internal static class DataSplit
{
    private const double Share = 0.1;

    /// <param name="data">The examples that are not in files of their own.</param>
    /// <param name="rule">How they are split.</param>
    /// <param name="seed">Random seed.</param>
    /// <param name="hasValidation">Whether validation examples are there already.</param>
    /// <param name="hasTest">Whether test examples are there already.</param>
    /// <param name="notes">Takes what a person should know.</param>
    /// <param name="leastGroups">
    /// With fewer groups than this left to train on, validation takes examples of all of them rather than whole groups.
    /// </param>
    public static SplitParts Of(SplitData data, SplitRule rule, long seed, bool hasValidation, bool hasTest, List<string> notes, int leastGroups = 0)
    {
        var split = new Split { Seed = seed, Validation = hasValidation ? 0 : Share, Test = hasTest ? 0 : Share };
        int[] duplicates = rule.IgnoresDuplicates ? [.. Enumerable.Range(0, data.Count)] : data.Units(byGroup: false);
        int doubles = Enumerable.Range(0, data.Count).Count(i => duplicates[i] != i);
        if (doubles > 0) notes.Add($"{doubles:N0} of {data.Count:N0} {data.Item}s are exact duplicates of others; they are kept on the same side of the split");
        ReadOnlySpan<int> labels = data.Labels;
        int[] units = data.HasGroups ? data.Units(byGroup: true) : duplicates;
        SplitParts parts = rule.Folds is { } folds ? (split with { Validation = Share }).Fold(folds, rule.Fold, units, labels)
            : data.Times is { } times ? split.ByTime(times)
            : data.HasGroups ? split.Grouped(units) : split.Together(units, labels);
        if (rule.Folds is { } most && parts.Test.Length == 0)
        {
            string along = rule.Group is { } key ? $" by {key}" : "";
            throw new TaskException($"{data.Count:N0} {data.Item}s can't be cut into {most} folds{along}: {Units(units)} of them may be kept apart",
                $"{Math.Max(2, Units(units))} folds, or more data");
        }
        bool isFew = leastGroups > 0 && !hasValidation && data.Groups is { } groups
            && parts.Training.Concat(parts.Validation).Select(i => groups[i]).Distinct().Count() < leastGroups;
        if (isFew) parts = WithoutGroups(parts, duplicates, labels, seed);
        if (parts.Training.Length == 0 || !hasValidation && parts.Validation.Length == 0)
        {
            // So few differ that one side would be empty.
            if (doubles == 0 || data.HasGroups || data.Times is not null || rule.Folds is not null)
            {
                string along = rule.Group is { } g ? $" by {g}" : rule.Time is { } t ? $" by {t}" : "";
                throw new TaskException($"{data.Count:N0} {data.Item}s can't be split{along}: a part would be empty", "more data, or another way to split it");
            }
            notes.Add("too few differ to keep duplicates on one side: the result looks better than it is");
            parts = data.Labels is null ? split.Plain(data.Count) : split.Stratified(labels);
        }
        string by = rule.Group is { } group ? $", whole groups of {group}" : rule.Time is { } time ? $", the later ones by {time}" : "";
        if (rule.Folds is { } all)
            notes.Add($"fold {rule.Fold + 1} of {all}: {parts.Test.Length:N0} of {data.Count:N0} {data.Item}s are kept for the test{by}");
        if (!hasValidation)
        {
            string how = isFew ? $" from all training groups, since there are fewer than {leastGroups}" : by;
            notes.Add($"{parts.Validation.Length:N0} of {data.Count:N0} training {data.Item}s are kept for validation{how}");
        }
        return parts;
    }

    private static int Units(int[] units) => Enumerable.Range(0, units.Length).Count(i => units[i] == i);

    // What isn't tested on, split anew: whole groups would be too large a part of it.
    private static SplitParts WithoutGroups(SplitParts parts, int[] duplicates, ReadOnlySpan<int> labels, long seed)
    {
        int[] rest = [.. parts.Training.Concat(parts.Validation).Order()];
        var place = new Dictionary<int, int>();
        var units = new int[rest.Length];
        var own = new int[labels.IsEmpty ? 0 : rest.Length];
        for (int i = 0; i < rest.Length; i++)
        {
            units[i] = place.TryAdd(duplicates[rest[i]], i) ? i : place[duplicates[rest[i]]];
            if (own.Length > 0) own[i] = labels[rest[i]];
        }
        SplitParts inner = new Split { Seed = seed, Validation = Share, Test = 0 }.Together(units, own);
        return new([.. inner.Training.Select(i => rest[i])], [.. inner.Validation.Select(i => rest[i])], parts.Test);
    }
}
