namespace Lamina.Results;

/// <summary>A row on how long a person waits before something is on the screen, and before training begins; the median of a few starts.</summary>
internal sealed record StartRow() : ResultRow("start", "synthetic CSV of 1,000 rows, 20 columns", [Goal.AtMost(FirstLine, 0.5), Goal.AtMost(FirstStep, 2)])
{
    private const string FirstLine = "seconds to the first line", FirstStep = "seconds to the first step";
    private const int Rows = 1_000, Starts = 5;

    /// <inheritdoc/>
    public override string Command => $"lamina train FILE --target {SyntheticCsv.Target}";

    /// <inheritdoc/>
    public override Measured Measure(Workbench bench)
    {
        string file = Path.Combine(bench.Folder, "synthetic.csv");
        SyntheticCsv.Write(file, long.MaxValue, Rows);
        string[] train = ["train", file, "--target", SyntheticCsv.Target];
        // The first start reads the program from the disk, which is not what is measured.
        bench.Lamina.SecondsUntil(train, line => line.Length > 0);
        double[] lines = new double[Starts], steps = new double[Starts];
        for (int i = 0; i < Starts; i++)
        {
            bench.Tell($"start {i + 1} of {Starts}");
            lines[i] = bench.Lamina.SecondsUntil(train, line => line.Length > 0);
            steps[i] = bench.Lamina.SecondsUntil([.. train, "--json"], line => EventReader.Is(line, "step"));
        }
        return new([new(FirstLine, Median(lines)), new(FirstStep, Median(steps))], [], Median(steps));
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
