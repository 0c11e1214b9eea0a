using System.Globalization;

namespace Lamina.Results;

/// <summary>A row on a text: the loss, and how fast the network writes on, far beyond what it looks back on; start and reading included.</summary>
/// <param name="Row">The training.</param>
/// <param name="Goals">What training and writing have to reach.</param>
internal sealed record WritingRow(TrainingRow Row, params IReadOnlyList<Goal> Goals) : ResultRow(Row.Name, Row.Data, Goals)
{
    /// <summary>Characters that are written in a second.</summary>
    public const string Rate = "characters/s written";

    private const int Length = 20_000;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs => Row.Needs;

    /// <inheritdoc/>
    public override string Command => $"{Row.Command}; lamina generate RUN --length {Length}";

    /// <inheritdoc/>
    public override Measured Measure(Workbench bench)
    {
        Measured training = (Row with { Goals = Goals }).Measure(bench);
        bench.Tell("writing");
        ProcessOutcome writing = bench.Lamina.Run(["generate", Path.Combine(bench.Folder, "run"), "--length", $"{Length}"]);
        return training with { Figures = [.. training.Figures, new(Rate, Length / writing.Seconds)] };
    }
}

/// <summary>A row on a list of names: the loss, how many of those that the network makes up are new, and how surprising the oddest is to it.</summary>
/// <param name="Row">The training.</param>
/// <param name="Goals">What training and names have to reach.</param>
internal sealed record NamesRow(TrainingRow Row, params IReadOnlyList<Goal> Goals) : ResultRow(Row.Name, Row.Data, Goals)
{
    /// <summary>The share of names that the file doesn't have, and the greatest loss of one, in nats a character.</summary>
    public const string New = "new names", Oddest = "loss of the oddest name";

    private const int Count = 1_000;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs => Row.Needs;

    /// <inheritdoc/>
    public override string Command => $"{Row.Command}; lamina generate RUN --count {Count} --loss";

    /// <inheritdoc/>
    public override Measured Measure(Workbench bench)
    {
        Measured training = (Row with { Goals = Goals }).Measure(bench);
        bench.Tell("making up names");
        HashSet<string> known = [.. File.ReadLines(bench.DataFolder(Row.File!)).Select(line => line.Trim())];
        var names = new List<(string Name, double Loss)>();
        bench.Lamina.Run(["generate", Path.Combine(bench.Folder, "run"), "--count", $"{Count}", "--loss"], line: line =>
        {
            if (line.Split('\t') is [var name, var loss]) names.Add((name, double.Parse(loss, CultureInfo.InvariantCulture)));
        });
        if (names.Count != Count) throw new ResultsException($"{names.Count} of {Count} names were made up");
        return training with
        {
            Figures = [.. training.Figures, new(New, names.Count(n => !known.Contains(n.Name)) / (double)Count), new(Oddest, names.Max(n => n.Loss))],
        };
    }
}
