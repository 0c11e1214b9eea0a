using Lamina.Tasks.Rows;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Tables;

/// <summary>The task of tables for programs: <see cref="TaskRunner"/> with typed options, and with rows that come from code.</summary>
public static class TableLearning
{
    /// <summary>Trains on a table in a file.</summary>
    /// <inheritdoc cref="TaskRunner.Train"/>
    /// <param name="file">A CSV, TSV, JSON lines, Parquet or SQLite file.</param>
    /// <param name="options">What isn't left to the task.</param>
    /// <param name="tell">What happens, as it happens.</param>
    /// <param name="cancel">Stops it after the step in progress; a checkpoint is saved.</param>
    public static TaskResult Train(string file, TableOptions options, Action<TaskEvent> tell, CancellationToken cancel = default)
    {
        var task = new TableTask();
        return Runner(task).Train(task, options.RequestFor(new(file)), new(tell, cancel));
    }

    /// <summary>
    /// Trains on rows that come from code: objects, or a reader of a database, by <see cref="RowSources"/>. The run says so; it is resumed
    /// by <see cref="Resume"/> with the same rows, and only so.
    /// </summary>
    /// <inheritdoc cref="TaskRunner.Train"/>
    /// <param name="rows">The rows, read several times.</param>
    /// <param name="options">What isn't left to the task.</param>
    /// <param name="tell">What happens, as it happens.</param>
    /// <param name="cancel">Stops it after the step in progress; a checkpoint is saved.</param>
    public static TaskResult Train(RowSource rows, TableOptions options, Action<TaskEvent> tell, CancellationToken cancel = default)
    {
        var task = new TableTask(rows);
        return Runner(task).Train(task, options.RequestFor(null), new(tell, cancel));
    }

    /// <summary>Resumes a run, or a cross-validation, on rows that come from code.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="rows">The rows that it was trained on.</param>
    /// <param name="tell">What happens, as it happens.</param>
    /// <param name="cancel">Stops it after the step in progress; a checkpoint is saved.</param>
    /// <exception cref="TaskException">The folder is no run on rows from code, or the rows are others.</exception>
    public static TaskResult Resume(string run, RowSource rows, Action<TaskEvent> tell, CancellationToken cancel = default) =>
        Runner(new TableTask(rows)).Resume(run, new(tell, cancel));

    /// <summary>Predicts the rows of tables by a run's network, as they are asked for and in constant memory.</summary>
    /// <inheritdoc cref="TaskRunner.Predict(string, IReadOnlyList{string}, int, TaskContext)"/>
    public static IEnumerable<Prediction> Predict(string run, IReadOnlyList<string> files, int top = 5, CancellationToken cancel = default) =>
        Runner(new TableTask()).Predict(run, files, top, new(_ => { }, cancel)).Items;

    private static TaskRunner Runner(TableTask task) => new(new TaskRegistry(task));
}
