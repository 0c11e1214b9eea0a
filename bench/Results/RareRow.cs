using Lamina.Tests;

namespace Lamina.Results;

/// <summary>A row on a rare class: the area under the precision-recall curve, and by how much it is above that of a logistic regression.</summary>
/// <param name="Name">The row's name.</param>
/// <param name="File">The data's name in the folder of real data, one of whose classes is made rare; null for built-in data.</param>
/// <param name="Ending">How the rows of that class end.</param>
/// <param name="Data">The data, in a few words.</param>
/// <param name="BaseRate">The share of the class, three times of which is to be reached.</param>
/// <param name="Options">Options of the command.</param>
internal sealed record RareRow(string Name, string? File, string Ending, string Data, double BaseRate, params string[] Options)
    : ResultRow(Name, Data, [Goal.AtLeast("prAuc", 3 * BaseRate), Goal.AtLeast(Above, 0)])
{
    private const string Above = "prAuc above the regression's";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs => [.. new[] { File }.OfType<string>()];

    /// <inheritdoc/>
    public override string Command => string.Join(' ', ["lamina", "train", .. File is null ? [] : new[] { "FILE" }, .. Options]);

    /// <inheritdoc/>
    public override Measured Measure(Workbench bench)
    {
        string? thinned = null;
        if (File is not null)
        {
            thinned = Path.Combine(bench.Folder, "thinned.csv");
            System.IO.File.WriteAllLines(thinned, ThinnedTable.Of(System.IO.File.ReadAllLines(bench.DataFolder(File)), Ending, BaseRate));
        }
        ProcessOutcome outcome = bench.Lamina.Run(
            ["train", .. thinned is null ? [] : new[] { thinned }, .. Options, "--run", Path.Combine(bench.Folder, "run"), "--json"], events =>
                bench.Tell(events.Progress));
        IReadOnlyDictionary<string, double> test = outcome.Events.Test, regression = outcome.Events.Baseline;
        string[] shown = ["prAuc", "precision", "recall", "costPer1000"];
        return new(
            [.. shown.Where(test.ContainsKey).Select(n => new Figure(n, test[n])), new Figure(Above, test["prAuc"] - regression["prAuc"])],
            [.. shown.Where(regression.ContainsKey).Select(n => new Figure(n, regression[n]))], outcome.Seconds);
    }
}
