using Lamina.Tasks.Anomalies;
using Lamina.Tasks.Drawing;
using Lamina.Tasks.Forecasting;
using Lamina.Tasks.Fraud;
using Lamina.Tasks.Images;
using Lamina.Tasks.Recommendations;
using Lamina.Tasks.Sequences;
using Lamina.Tasks.SeriesClasses;
using Lamina.Tasks.Sounds;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tables;
using Lamina.Tasks.Texts;
using Lamina.Tasks.Translation;
using Lamina.Tasks.Writing;

namespace Lamina.Tasks.Registry;

/// <summary>The tasks of Lamina, in one list: what stands here is known to the command line, its help, and all that opens runs.</summary>
public static class AllTasks
{
    /// <summary>All tasks; the first has built-in data.</summary>
    public static TaskRegistry Registry { get; } = new(
        new ImageTask(),
        new TableTask(),
        new TextTask(),
        new ForecastTask(),
        new AnomalyTask(),
        new SoundTask(),
        new SeriesTask(),
        new RecommendTask(),
        new SequencesTask(),
        new FraudTask(),
        new WritingTask(),
        new TranslationTask(),
        new DrawingTask());
}
