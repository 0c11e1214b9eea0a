using System.Globalization;

namespace Lamina.Results;

/// <summary>The measurement of a row.</summary>
/// <param name="Figures">The figures, those of its goals among them.</param>
/// <param name="Baseline">The same figures of the baseline; empty where there is none.</param>
/// <param name="Seconds">Seconds that it took, of each fold where there are folds.</param>
internal sealed record Measured(IReadOnlyList<Figure> Figures, IReadOnlyList<Figure> Baseline, double Seconds)
{
    /// <summary>Whether the seconds are those of one fold.</summary>
    public bool IsOfFold { get; init; }
}

/// <summary>Where and how rows are measured.</summary>
/// <param name="Lamina">Runs the command.</param>
/// <param name="Folder">An empty folder that is deleted after the row.</param>
/// <param name="DataFolder">The full path of real data by its name there.</param>
/// <param name="Tell">Is told how far it is.</param>
internal sealed record Workbench(LaminaProcess Lamina, string Folder, Func<string, string> DataFolder, Action<string> Tell)
{
    /// <summary>How large the generated table is; the row's own size, or less to try it.</summary>
    public long CsvBytes { get; init; } = CsvRow.Bytes;
}

/// <summary>A row of the table: what is measured, and what it has to reach.</summary>
/// <param name="Name">The row's name, as <c>--only</c> takes it.</param>
/// <param name="Data">The data, in a few words; synthetic data is called so.</param>
/// <param name="Goals">What it has to reach; empty where nothing is asked.</param>
internal abstract record ResultRow(string Name, string Data, IReadOnlyList<Goal> Goals)
{
    /// <summary>Names in the folder of real data that it needs.</summary>
    public virtual IReadOnlyList<string> Needs => [];

    /// <summary>The command that a reader can repeat.</summary>
    public abstract string Command { get; }

    /// <summary>Measures it.</summary>
    /// <exception cref="ResultsException">The command failed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public abstract Measured Measure(Workbench bench);

    /// <summary>Whether all goals are met.</summary>
    public bool IsMet(Measured measured) => Goals.All(goal => goal.IsMet(measured.Figures));

    /// <summary>The row's line of the page before anything was measured.</summary>
    public string Unmeasured => Line("not measured yet", "", "", "", "", "", "");

    /// <summary>The row's line of the page.</summary>
    public string Of(Measured measured, string commit, DateOnly date, string machine)
    {
        string seconds = measured.Seconds.ToString(measured.Seconds < 10 ? "0.0" : "0", CultureInfo.InvariantCulture) + (measured.IsOfFold ? " a fold" : "");
        string met = Goals.Count == 0 ? "" : IsMet(measured) ? "yes" : "**no**";
        return Line(List(measured.Figures), List(measured.Baseline), met, seconds, commit, date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), machine);
    }

    private static string List<T>(IEnumerable<T> items) => string.Join(", ", items);

    private string Line(string result, string baseline, string met, string seconds, string commit, string date, string machine)
    {
        string[] cells = [Name, Data, result, baseline, List(Goals), met, seconds, commit, date, machine, $"`{Command}`"];
        return $"| {string.Join(" | ", cells.Select(c => c.Replace("|", "\\|", StringComparison.Ordinal)))} |";
    }
}
