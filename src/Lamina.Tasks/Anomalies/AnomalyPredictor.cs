using System.Globalization;
using Lamina.Tasks.Detection;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Anomalies;

/// <summary>Finds what is odd in tables by a run's network.</summary>
internal static class AnomalyPredictor
{
    /// <summary>A prediction for each odd stretch.</summary>
    /// <param name="task">The task.</param>
    /// <param name="model">The trained network.</param>
    /// <param name="sources">The names of the tables, and all of their windows.</param>
    /// <param name="cancel">Stops.</param>
    public static PredictionList Predict(LearningTask task, TaskModel model, IReadOnlyList<(string Name, SampledDataset Windows)> sources,
        CancellationToken cancel) =>
        new(null, "anomaly", sources.SelectMany(source =>
        {
            TestReport report = TrainingJob.Measure(task, model.Network, source.Windows, model.Run, null, cancel);
            return (report.Anomalies ?? []).Select((a, i) => new Prediction(source.Name, [new(a.Kind.ToString().ToLowerInvariant(), a.Sureness)],
                null)
            {
                Row = i + 1, Time = a.Start, Until = a.End, Series = a.Series, Numbers = [new("score", a.Score)],
                Note = $"{string.Join(", ", a.Columns)}{(a.Steps > 1 ? $"; until {a.End}" : "")}",
            });
        }));

    /// <summary>A line for each step of a table: series, time, score, kind and column of what is oddest, as CSV with a header.</summary>
    /// <param name="task">The task.</param>
    /// <param name="model">The trained network.</param>
    /// <param name="windows">All windows of the table.</param>
    /// <param name="cancel">Stops.</param>
    public static IEnumerable<string> Scores(LearningTask task, TaskModel model, SampledDataset windows, CancellationToken cancel)
    {
        AnomalyOutput output = AnomalyTask.OutputOf(model.Run);
        StepCollector steps = DetectionFit.Collect(output, task, model.Network, model.Run, windows, cancel);
        DetectionScale scale = output.Scale ?? DetectionScale.Of(steps.Values, steps.Errors, steps.IsStep, output.Columns.Count, output.Season,
            output.Share);
        StepScores scores = StepScores.Of(steps.Values, steps.Errors, steps.IsStep, scale, output.Season);
        yield return "series,time,score,kind,column";
        for (int t = 0; t < scores.Count; t++)
        {
            if (!steps.IsStep[t]) continue;
            int kind = Enumerable.Range(0, StepScores.KindCount).MaxBy(k => scores.Kinds[k][t]);
            var place = (SeriesSample)windows.Show(t);
            string name = ((AnomalyKind)kind).ToString().ToLowerInvariant(), column = output.Columns[scores.Columns[kind][t]].Name;
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{Quoted(place.Name)},{Quoted(place.Place)},{scores[t]:G6},{name},{Quoted(column)}");
        }
    }

    private static string Quoted(string cell) => cell.AsSpan().IndexOfAny(",\"\n\r") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"")}\"";
}
