using System.Diagnostics;

namespace Lamina.Results;

/// <summary>A row on a generated table of 1 GB: the memory that training on it takes, and how many rows a second are predicted.</summary>
internal sealed record CsvRow() : ResultRow("csv-1gb", "synthetic CSV of 1 GB, 20 columns", [Goal.AtMost(Memory, 2), Goal.AtLeast(Rate, 100_000)])
{
    /// <summary>The size of the table, in bytes.</summary>
    public const long Bytes = 1_000_000_000;

    private const string Memory = "peak GB", Rate = "rows/s predicted";

    /// <inheritdoc/>
    public override string Command => $"lamina train FILE --target {SyntheticCsv.Target} --minutes 3; lamina predict RUN FILE --out OUT.csv";

    /// <inheritdoc/>
    public override Measured Measure(Workbench bench)
    {
        string file = Path.Combine(bench.Folder, "synthetic.csv"), run = Path.Combine(bench.Folder, "run");
        bench.Tell("writing the table");
        long rows = SyntheticCsv.Write(file, bench.CsvBytes, long.MaxValue);
        ProcessOutcome training = bench.Lamina.Run(["train", file, "--target", SyntheticCsv.Target, "--minutes", "3", "--run", run, "--json"],
            events => bench.Tell($"training, {events.Progress}"));
        bench.Tell("predicting");
        long began = Stopwatch.GetTimestamp();
        ProcessOutcome predicting = bench.Lamina.Run(["predict", run, file, "--out", Path.Combine(bench.Folder, "out.csv")]);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return new(
            [
                new(Memory, Math.Max(training.PeakBytes, predicting.PeakBytes) / 1e9), new(Rate, rows / seconds),
                .. training.Events.Test.TryGetValue("r2", out double r2) ? [new Figure("r2", r2)] : Array.Empty<Figure>(),
            ], [], training.Seconds + predicting.Seconds);
    }
}
