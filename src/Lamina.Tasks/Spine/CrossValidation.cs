using Lamina.Formats;
using Lamina.Tasks.Reports;
using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Spine;

/// <summary>Trains once for each fold, and says how much the figures vary.</summary>
internal static class CrossValidation
{
    /// <param name="task">The task.</param>
    /// <param name="folds">The number of folds.</param>
    /// <param name="folder">The folder that holds their runs.</param>
    /// <param name="train">Trains the run of a fold, by number from 0.</param>
    /// <param name="context">Is told the result.</param>
    public static TaskResult Run(LearningTask task, int folds, string folder, Func<int, TaskResult> train, TaskContext context)
    {
        var results = new List<TaskResult>();
        for (int fold = 0; fold < folds; fold++)
        {
            context.Tell(new Remarked($"fold {fold + 1} of {folds}"));
            TaskResult result = train(fold);
            if (result.Test is null) return result with { Run = folder }; // which is what can be resumed
            results.Add(result);
        }
        var reports = results.ConvertAll(r => r.Test!);
        (Figures mean, Dictionary<string, double> deviation) = Of([.. reports.Select(r => r.Figures)]);
        KeyValuePair<string, Figures>[] each = [.. reports.Where(r => r.Part is not null).Select(r => KeyValuePair.Create(r.Part!, r.Figures))];
        context.Tell(new FoldsDone(mean, deviation, folds) { Each = each });
        BaselineReport? baseline = reports.Any(r => r.Baseline is null) ? null
            : reports[0].Baseline! with { Figures = Of([.. reports.Select(r => r.Baseline!.Figures)]).Mean };
        return new(results[0].Task, results.Sum(r => r.Epochs), results.Sum(r => r.Seconds),
            new TestReport(mean, reports.Sum(r => r.Count), []) { Baseline = baseline, PositiveClass = Same(reports) }, folder, null, WasInterrupted: false)
        {
            Deviation = deviation,
            Report = WriteReport(task, folder, results, new(mean, deviation, baseline), context),
        };
    }

    private readonly record struct Summed(Figures Mean, IReadOnlyDictionary<string, double> Deviation, BaselineReport? Baseline);

    private static string? WriteReport(LearningTask task, string folder, List<TaskResult> results, Summed sum, TaskContext context)
    {
        string file = Path.Combine(folder, RunFolder.ReportFile);
        RunInfo first = RunFolder.Open(results[0].Run).Info;
        string source = first.Data is { } data ? Path.GetFileName(Path.TrimEndingDirectorySeparator(data)) : first.BuiltIn ?? task.Name;
        try
        {
            FoldReport[] folds = [.. results.Select((r, i) => new FoldReport(i + 1, Path.GetFileName(r.Run), r.Test!, r.Report is not null))];
            RunReport.Write(file, new FoldsReport($"{source}: {task.Summary}", RunCommand.Of(task, first), folds, sum.Mean, sum.Deviation,
                sum.Baseline, first.Version).Html());
            return file;
        }
        catch (SaveException e)
        {
            context.Tell(new Warned($"the report can't be written: {e.Message}"));
            return null;
        }
    }

    // A figure that isn't defined in a fold, such as the AUC of a fold without one of the classes, is the mean of the others.
    private static (Figures Mean, Dictionary<string, double> Deviation) Of(Figures[] folds)
    {
        var stats = folds[0].Select(f => (f.Key, f.Value.Kind, Defined: folds.Select(x => x.Find(f.Key)?.Value ?? double.NaN).Where(double.IsFinite).ToList()))
            .Select(f => (f.Key, f.Kind, Stats: f.Defined.Count == 0 ? (Mean: double.NaN, Deviation: double.NaN) : Statistics.Of(f.Defined))).ToList();
        return (new(stats.Select(f => (f.Key, new Figure(f.Stats.Mean, f.Kind)))), stats.ToDictionary(f => f.Key, f => f.Stats.Deviation));
    }

    // Which of two classes is the rarer one can differ between folds where they are about equally frequent.
    private static string? Same(List<TestReport> reports) =>
        reports.TrueForAll(r => r.PositiveClass == reports[0].PositiveClass) ? reports[0].PositiveClass : null;
}
