using Lamina.Tests;

namespace Lamina.Results;

/// <summary>A row on real series with planted faults: how well they are found, and how many kinds are reported.</summary>
internal sealed record AnomalyRow() : ResultRow("etth1-faults", "ETTh1 with planted spikes, drifts, frozen and missing stretches",
    [Goal.AtLeast("auc", 0.9), Goal.AtLeast(Kinds, 4)])
{
    private const string File = "series/ETTh1.csv", Kinds = "kinds found";
    private const int Seed = 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs => [File];

    /// <inheritdoc/>
    public override string Command => $"lamina train FILE --task anomalies --label {PlantedFaults.Column}";

    /// <inheritdoc/>
    public override Measured Measure(Workbench bench)
    {
        string file = Path.Combine(bench.Folder, "faults.csv"), run = Path.Combine(bench.Folder, "run"),
            found = Path.Combine(bench.Folder, "found.csv");
        PlantedFaults.Write(bench.DataFolder(File), file, Seed);
        ProcessOutcome training = bench.Lamina.Run(["train", file, "--task", "anomalies", "--label", PlantedFaults.Column, "--run", run, "--json"],
            events => bench.Tell(events.Progress));
        bench.Lamina.Run(["predict", run, file, "--out", found]);
        int kinds = new[] { "spike", "drift", "frozen", "missing" }.Count(kind =>
            System.IO.File.ReadLines(found).Any(l => l.Contains($",{kind},", StringComparison.Ordinal)));
        IEnumerable<Figure> Of(IReadOnlyDictionary<string, double> values) =>
            new[] { "auc", "prAuc" }.Where(values.ContainsKey).Select(name => new Figure(name, values[name]));
        return new([.. Of(training.Events.Test), new(Kinds, kinds)], [.. Of(training.Events.Baseline)], training.Seconds);
    }
}
