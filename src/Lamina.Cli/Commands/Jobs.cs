using Lamina.Learning.Training;
using Lamina.Tasks;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tensors.Engines.Cpu;

namespace Lamina.Cli.Commands;

/// <summary>What the commands call. Tests put others in.</summary>
internal sealed record Jobs
{
    /// <summary>The tasks that there are.</summary>
    public TaskRegistry Tasks { get; init; } = AllTasks.Registry;

    public required Func<LearningTask, TaskRequest, TaskContext, TaskResult> Train { get; init; }

    /// <summary>Run, events and cancellation, and a lower learning rate or null.</summary>
    public required Func<string, TaskContext, double?, TaskResult> Resume { get; init; }

    public required Func<string, PredictInput, int, TaskContext, PredictionList> Predict { get; init; }

    /// <summary>Whether a run predicts without any input, as a forecast does.</summary>
    public Func<string, bool> PredictsOn { get; init; } = _ => false;

    public required Func<string, DataSource, TaskContext, TestReport> Test { get; init; }

    public required Func<string, NetworkReady> Summarize { get; init; }

    /// <summary>Run, events and cancellation, and a batch size or null.</summary>
    public required Func<string, TaskContext, int?, RunProfile> Profile { get; init; }

    /// <summary>Task, request, events and cancellation, and which rates are tried.</summary>
    public Func<LearningTask, TaskRequest, TaskContext, LearningRateFinderOptions, RateSearch> FindRate { get; init; } = (_, _, _, _) =>
        throw new NotSupportedException();

    /// <summary>Run, events and cancellation, and which rates are tried.</summary>
    public Func<string, TaskContext, LearningRateFinderOptions, RateSearch> FindRateOf { get; init; } = (_, _, _) => throw new NotSupportedException();

    /// <summary>Task, request, events and cancellation: a look at data.</summary>
    public Func<LearningTask, TaskRequest, TaskContext, DataLook> Look { get; init; } = (_, _, _) => throw new NotSupportedException();

    /// <summary>Task, request, events and cancellation, and which batch sizes are tried.</summary>
    public Func<LearningTask, TaskRequest, TaskContext, BatchSizeFinderOptions, BatchSearch> FindBatch { get; init; } = (_, _, _, _) =>
        throw new NotSupportedException();

    /// <summary>Run, events and cancellation, and which batch sizes are tried.</summary>
    public Func<string, TaskContext, BatchSizeFinderOptions, BatchSearch> FindBatchOf { get; init; } = (_, _, _) => throw new NotSupportedException();

    /// <summary>Run, verb, inputs, values of its options, events and cancellation: what only the run's task can do.</summary>
    public required Func<string, string, IReadOnlyList<string>, IReadOnlyDictionary<string, object>, TaskContext, IEnumerable<string>> Do
    {
        get; init;
    }

    /// <summary>The runs in a folder; null: in the usual one, which may be missing.</summary>
    public Func<string?, IReadOnlyList<RunEntry>> List { get; init; } =
        folder => folder is null && !Directory.Exists(RunFolder.Usual) ? [] : RunList.Of(folder ?? RunFolder.Usual);

    /// <summary>Two runs beside each other.</summary>
    public Func<string, string, RunComparison> Compare { get; init; } = RunComparison.Of;

    /// <summary>Sets the number of threads; only the programs choose an engine.</summary>
    public required Action<int> SetThreads { get; init; }

    /// <summary>The cores that this process may use: those of the machine, or of the container that it runs in.</summary>
    public int Cores { get; init; } = Environment.ProcessorCount;

    /// <summary>The real ones.</summary>
    public static Jobs Real => Of(AllTasks.Registry);

    /// <summary>The real ones, of these tasks.</summary>
    public static Jobs Of(TaskRegistry tasks)
    {
        var runner = new TaskRunner(tasks);
        return new()
        {
            Tasks = tasks,
            Train = runner.Train,
            Resume = runner.Resume,
            Predict = runner.Predict,
            PredictsOn = runner.PredictsOn,
            Test = runner.Test,
            Summarize = runner.Summarize,
            Profile = runner.Profile,
            FindRate = runner.FindRate,
            FindRateOf = runner.FindRate,
            FindBatch = runner.FindBatch,
            Look = runner.Look,
            FindBatchOf = runner.FindBatch,
            Do = runner.Do,
            SetThreads = threads => CpuPool.SetThreads(threads),
        };
    }
}
