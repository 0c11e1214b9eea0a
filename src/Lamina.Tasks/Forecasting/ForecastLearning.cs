using Lamina.Tasks.Rows;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Forecasting;

/// <summary>Forecasts for programs: <see cref="TaskRunner"/> with typed options, and with rows that come from code.</summary>
public static class ForecastLearning
{
    /// <summary>Trains on a table in a file.</summary>
    /// <inheritdoc cref="TaskRunner.Train"/>
    /// <param name="file">A CSV, TSV, JSON lines, Parquet or SQLite file with a row for each step of time.</param>
    /// <param name="options">What isn't left to the task.</param>
    /// <param name="tell">What happens, as it happens.</param>
    /// <param name="cancel">Stops it after the step in progress; a checkpoint is saved.</param>
    public static TaskResult Train(string file, ForecastOptions options, Action<TaskEvent> tell, CancellationToken cancel = default)
    {
        var task = new ForecastTask();
        return Runner(task).Train(task, options.RequestFor(new(file)), new(tell, cancel));
    }

    /// <summary>Trains on rows that come from code: objects, or a reader of a database, by <see cref="RowSources"/>.</summary>
    /// <inheritdoc cref="TaskRunner.Train"/>
    /// <param name="rows">The rows, a step of time each.</param>
    /// <param name="options">What isn't left to the task.</param>
    /// <param name="tell">What happens, as it happens.</param>
    /// <param name="cancel">Stops it after the step in progress; a checkpoint is saved.</param>
    public static TaskResult Train(RowSource rows, ForecastOptions options, Action<TaskEvent> tell, CancellationToken cancel = default)
    {
        var task = new ForecastTask(rows);
        return Runner(task).Train(task, options.RequestFor(null), new(tell, cancel));
    }

    /// <summary>Resumes a run on rows that come from code.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="rows">The rows that it was trained on.</param>
    /// <param name="tell">What happens, as it happens.</param>
    /// <param name="cancel">Stops it after the step in progress; a checkpoint is saved.</param>
    /// <exception cref="TaskException">The folder is no run on rows from code, or the rows are others.</exception>
    public static TaskResult Resume(string run, RowSource rows, Action<TaskEvent> tell, CancellationToken cancel = default) =>
        Runner(new ForecastTask(rows)).Resume(run, new(tell, cancel));

    /// <summary>Forecasts the steps behind the end of rows by a run's network: a prediction for each step, in order.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="rows">The last rows that are known, at least as many steps as the network looks back on.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="DataException">The rows can't be used, or are too few.</exception>
    public static IEnumerable<Prediction> Predict(string run, RowSource rows, CancellationToken cancel = default) =>
        Runner(new ForecastTask(rows)).Predict(run, [], 1, new(_ => { }, cancel)).Items;

    /// <summary>Forecasts the steps behind the end of a table in a file.</summary>
    /// <inheritdoc cref="Predict(string, RowSource, CancellationToken)"/>
    /// <param name="run">The run's folder.</param>
    /// <param name="file">The table.</param>
    /// <param name="cancel">Stops.</param>
    public static IEnumerable<Prediction> Predict(string run, string file, CancellationToken cancel = default) =>
        Predict(run, RowSources.Open(file), cancel);

    private static TaskRunner Runner(ForecastTask task) => new(new TaskRegistry(task));
}
