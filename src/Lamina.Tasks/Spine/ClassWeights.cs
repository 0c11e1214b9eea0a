namespace Lamina.Tasks.Spine;

/// <summary>Lets each class count alike in training, however rare it is.</summary>
internal static class ClassWeights
{
    /// <summary>The option's name.</summary>
    public const string Balance = "balance";

    /// <summary>The option, for tasks that have it.</summary>
    /// <param name="example">What one example is called, such as <c>row</c>.</param>
    public static TaskOption Option(string example) => new(Balance, OptionKind.Flag,
        "Lets each class count alike in training, however rare: finds more of the rare ones, and its probabilities are too high for them "
        + $"(default: each {example} counts alike).");

    /// <summary>The weight of an example of each class: the inverse of the class's share, so that all together weigh as much as there are
    /// examples.</summary>
    /// <exception cref="TaskException">The output isn't one of some classes.</exception>
    public static float[] Of(OutputMeaning output)
    {
        if (output is not ClassOutput { Counts: { } counts })
            throw new TaskException($"--{Balance} is for classes, and the target is {output.Text}", "leaving it out");
        int occurring = counts.Count(c => c > 0);
        return [.. counts.Select(c => c == 0 ? 0 : (float)(counts.Sum() / ((double)occurring * c)))];
    }

    /// <summary>Adds a note where a class is so rare that accuracy alone says little.</summary>
    /// <param name="classes">The classes.</param>
    /// <param name="example">What one example is called, such as <c>row</c>.</param>
    /// <param name="notes">Takes the note.</param>
    public static void NoteImbalance(ClassOutput classes, string example, List<string> notes)
    {
        if (classes.Counts is not { } counts) return;
        long most = counts.Max();
        if (counts.Min() * 10 < most || counts.Count == 2 && counts.Min() * 4 < most)
            notes.Add($"classes are imbalanced: {most / (double)counts.Sum() * 100:F0} % of the {example}s are "
                + $"'{classes.Names[counts.ToList().IndexOf(most)]}', "
                + $"so accuracy alone says little; see f1 and the figures per class (--{Balance} lets classes count alike)");
    }
}
