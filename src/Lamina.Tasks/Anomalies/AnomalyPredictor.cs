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
}
