using Lamina.Tasks.Rows;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Anomalies;

/// <summary>Anomalies for programs: <see cref="TaskRunner"/> with typed options, and with rows that come from code.</summary>
public static class AnomalyLearning
{
    /// <summary>Learns what is usual of a table in a file, and looks through it.</summary>
    /// <inheritdoc cref="TaskRunner.Train"/>
    /// <param name="file">A CSV, TSV, JSON lines, Parquet or SQLite file with a row for each step.</param>
    /// <param name="options">What isn't left to the task.</param>
    /// <param name="tell">What happens, as it happens.</param>
    /// <param name="cancel">Stops it after the step in progress; a checkpoint is saved.</param>
    public static TaskResult Train(string file, AnomalyOptions options, Action<TaskEvent> tell, CancellationToken cancel = default)
    {
        var task = new AnomalyTask();
        return Runner(task).Train(task, options.RequestFor(new(file)), new(tell, cancel));
    }

    /// <summary>Learns what is usual of rows that come from code, and looks through them.</summary>
    /// <inheritdoc cref="TaskRunner.Train"/>
    /// <param name="rows">The rows, a step each.</param>
    /// <param name="options">What isn't left to the task.</param>
    /// <param name="tell">What happens, as it happens.</param>
    /// <param name="cancel">Stops it after the step in progress; a checkpoint is saved.</param>
    public static TaskResult Train(RowSource rows, AnomalyOptions options, Action<TaskEvent> tell, CancellationToken cancel = default)
    {
        var task = new AnomalyTask(rows);
        return Runner(task).Train(task, options.RequestFor(null), new(tell, cancel));
    }

    /// <summary>Resumes a run on rows that come from code.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="rows">The rows that it was trained on.</param>
    /// <param name="tell">What happens, as it happens.</param>
    /// <param name="cancel">Stops it after the step in progress; a checkpoint is saved.</param>
    /// <exception cref="TaskException">The folder is no run on rows from code, or the rows are others.</exception>
    public static TaskResult Resume(string run, RowSource rows, Action<TaskEvent> tell, CancellationToken cancel = default) =>
        Runner(new AnomalyTask(rows)).Resume(run, new(tell, cancel));

    /// <summary>What is odd in rows, by what a run learned as usual: a prediction for each stretch, the oddest of each kind first.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="rows">The rows, at least as many steps as the network looks at.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="DataException">The rows can't be used, or are too few.</exception>
    public static IEnumerable<Prediction> Find(string run, RowSource rows, CancellationToken cancel = default) =>
        Runner(new AnomalyTask(rows)).Predict(run, [], 1, new(_ => { }, cancel)).Items;

    private static TaskRunner Runner(AnomalyTask task) => new(new TaskRegistry(task));
}
