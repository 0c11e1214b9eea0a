namespace Lamina.Results;

/// <summary>A row whose figures are the means over several random seeds, for data so small that one run says little.</summary>
/// <param name="Row">The row of one run.</param>
/// <param name="Seeds">Number of seeds, from 0 on.</param>
internal sealed record SeedsRow(TrainingRow Row, int Seeds) : ResultRow(Row.Name, $"{Row.Data}, mean of {Seeds} seeds", Row.Goals)
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs => Row.Needs;

    /// <inheritdoc/>
    public override string Command => $"{Row.Command} --seed 0 (to {Seeds - 1})";

    /// <inheritdoc/>
    public override Measured Measure(Workbench bench)
    {
        Measured[] runs = [.. Enumerable.Range(0, Seeds).Select(seed => (Row with { Options = [.. Row.Options, "--seed", $"{seed}"] })
            .Measure(bench with { Folder = Directory.CreateDirectory(Path.Combine(bench.Folder, $"seed-{seed}")).FullName }))];
        return new([.. runs[0].Figures.Select(f => Mean(f.Name, [.. runs.Select(r => Value(r.Figures, f.Name))]))],
            [.. runs[0].Baseline.Select(f => new Figure(f.Name, runs.Average(r => Value(r.Baseline, f.Name))))], runs.Sum(r => r.Seconds));
    }

    private static double Value(IReadOnlyList<Figure> figures, string name) => figures.First(f => f.Name == name).Value;

    private static Figure Mean(string name, double[] values)
    {
        double mean = values.Average();
        return new(name, mean) { Deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / Math.Max(1, values.Length - 1)) };
    }
}
