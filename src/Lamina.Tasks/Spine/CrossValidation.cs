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
            if (result.Test is null) return result with { Run = folder }; // which is what can be resumed
            results.Add(result);
        }
        var reports = results.ConvertAll(r => r.Test!);
        var figures = reports[0].Figures.Select(f => (f.Key, f.Value.Kind, Stats: Statistics.Of([.. reports.Select(r => r[f.Key])]))).ToList();
        var mean = new Figures(figures.Select(f => (f.Key, new Figure(f.Stats.Mean, f.Kind))));
        context.Tell(new FoldsDone(mean, figures.ToDictionary(f => f.Key, f => f.Stats.Deviation), folds));
        BaselineReport? baseline = reports.Any(r => r.Baseline is null) ? null
            : reports[0].Baseline! with { Figures = new(reports[0].Baseline!.Figures.Select(f => (f.Key, new Figure(reports.Average(r => r.Baseline!.Figures[f.Key]), f.Value.Kind)))) };
        return new(results[0].Task, results.Sum(r => r.Epochs), results.Sum(r => r.Seconds), new TestReport(mean, reports.Sum(r => r.Count), []) { Baseline = baseline }, folder, null, WasInterrupted: false);
    }
}
