namespace Lamina.Tasks.Spine;

/// <summary>Trains once for each fold, and says how much the figures vary.</summary>
internal static class CrossValidation
{
    /// <param name="folds">The number of folds.</param>
    /// <param name="folder">The folder that holds their runs.</param>
    /// <param name="train">Trains the run of a fold, by number from 0.</param>
    /// <param name="context">Is told the result.</param>
    public static TaskResult Run(int folds, string folder, Func<int, TaskResult> train, TaskContext context)
    {
        var results = new List<TaskResult>();
        for (int fold = 0; fold < folds; fold++)
        {
            context.Tell(new Remarked($"fold {fold + 1} of {folds}"));
            TaskResult result = train(fold);
            if (result.Test is null) return result with { Run = result.Run };
            results.Add(result);
        }
        var reports = results.ConvertAll(r => r.Test!);
        (Figures mean, Dictionary<string, double> deviation) = Of([.. reports.Select(r => r.Figures)]);
        context.Tell(new FoldsDone(mean, deviation, folds));
        BaselineReport? baseline = reports.Any(r => r.Baseline is null) ? null : reports[0].Baseline! with { Figures = Of([.. reports.Select(r => r.Baseline!.Figures)]).Mean };
        return new(results[0].Task, results.Sum(r => r.Epochs), results.Sum(r => r.Seconds), new TestReport(mean, reports.Sum(r => r.Count), []) { Baseline = baseline, PositiveClass = Same(reports) }, folder, null, WasInterrupted: false)
        {
            Deviation = deviation,
        };
    }

    // A figure that isn't defined in a fold, such as the AUC of a fold without one of the classes, is the mean of the others.
    private static (Figures Mean, Dictionary<string, double> Deviation) Of(Figures[] folds)
    {
        var stats = folds[0].Select(f => (f.Key, f.Value.Kind, Defined: folds.Select(x => x.Find(f.Key)?.Value ?? double.NaN).Where(double.IsFinite).ToList()))
            .Select(f => (f.Key, f.Kind, Stats: f.Defined.Count == 0 ? (Mean: double.NaN, Deviation: double.NaN) : Statistics.Of(f.Defined))).ToList();
        return (new(stats.Select(f => (f.Key, new Figure(f.Stats.Mean, f.Kind)))), stats.ToDictionary(f => f.Key, f => f.Stats.Deviation));
    }

    // Which of two classes is the rarer one can differ between folds where they are about equally frequent.
    private static string? Same(List<TestReport> reports) => reports.TrueForAll(r => r.PositiveClass == reports[0].PositiveClass) ? reports[0].PositiveClass : null;
}
