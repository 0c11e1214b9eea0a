namespace Lamina.Results;

/// <summary>A row whose figures are those of the test after <c>lamina train</c>.</summary>
/// <param name="Name">The row's name.</param>
/// <param name="File">The data's name in the folder of real data; null for built-in data.</param>
/// <param name="Data">The data, in a few words.</param>
/// <param name="Shown">The names of the figures.</param>
/// <param name="Goals">What it has to reach.</param>
/// <param name="Options">Options of the command, with <see cref="DataFolder"/> for the folder of real data.</param>
internal sealed record TrainingRow(string Name, string? File, string Data, IReadOnlyList<string> Shown, IReadOnlyList<Goal> Goals, params string[] Options)
    : ResultRow(Name, Data, Goals)
{
    /// <summary>Placeholder for the folder of real data.</summary>
    public const string DataFolder = "$LAMINA_DATA/";

    /// <summary>The figure with the seconds that the process took, per fold where there are folds.</summary>
    public const string Seconds = "seconds", SecondsOfFold = "seconds a fold";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs =>
        [.. new[] { File }.OfType<string>(), .. Options.Where(o => o.StartsWith(DataFolder, StringComparison.Ordinal)).Select(o => o[DataFolder.Length..])];

    /// <inheritdoc/>
    public override string Command => string.Join(' ', ["lamina", "train", .. File is null ? [] : new[] { DataFolder + File }, .. Options]);

    private int? Folds => Array.IndexOf(Options, "--folds") is >= 0 and var at
        ? int.Parse(Options[at + 1], System.Globalization.CultureInfo.InvariantCulture) : null;

    /// <inheritdoc/>
    public override Measured Measure(Workbench bench)
    {
        string[] options = [.. Options.Select(o => o.StartsWith(DataFolder, StringComparison.Ordinal) ? bench.DataFolder(o[DataFolder.Length..]) : o)];
        ProcessOutcome outcome = bench.Lamina.Run(
            ["train", .. File is null ? [] : new[] { bench.DataFolder(File) }, .. options, "--run", Path.Combine(bench.Folder, "run"), "--json"],
            events => bench.Tell(events.Progress));
        double seconds = outcome.Seconds / (Folds ?? 1);
        var figures = new List<Figure>(Of(outcome.Events.Test, outcome.Events.Deviation));
        if (Goals.Any(g => g.Figure is Seconds or SecondsOfFold)) figures.Add(new(Folds is null ? Seconds : SecondsOfFold, seconds));
        return new(figures, [.. Of(outcome.Events.Baseline, new Dictionary<string, double>())], seconds) { IsOfFold = Folds is not null };
    }

    private IEnumerable<Figure> Of(IReadOnlyDictionary<string, double> values, IReadOnlyDictionary<string, double> deviations)
    {
        foreach (string name in Shown)
            if (values.TryGetValue(name, out double value)) yield return new(name, value) { Deviation = deviations.TryGetValue(name, out double d) ? d : null };
    }
}
