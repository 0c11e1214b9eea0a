using Lamina.Tasks;
using Lamina.Tasks.Images;
using Lamina.Tasks.Runs;
using Lamina.Tensors.Engines.Cpu;

namespace Lamina.Cli.Commands;

/// <summary>What the commands call. Tests put others in.</summary>
internal sealed record Jobs
{
    public required Func<ImageOptions, Action<TaskEvent>, CancellationToken, ImageResult> Train { get; init; }

    /// <summary>Run, events, cancellation, and a lower learning rate or null.</summary>
    public required Func<string, Action<TaskEvent>, CancellationToken, double?, ImageResult> Resume { get; init; }

    public required Func<string, IReadOnlyList<string>, int, CancellationToken, IEnumerable<Prediction>> Predict { get; init; }

    public required Func<string, string, Action<TaskEvent>, CancellationToken, TestReport> Test { get; init; }

    public required Func<string, NetworkReady> Summarize { get; init; }

    /// <summary>The runs in a folder; null: in the usual one, which may be missing.</summary>
    public Func<string?, IReadOnlyList<RunEntry>> List { get; init; } =
        folder => folder is null && !Directory.Exists(RunFolder.Usual) ? [] : RunList.Of(folder ?? RunFolder.Usual);

    /// <summary>Sets the number of threads; only the programs choose an engine.</summary>
    public required Action<int> SetThreads { get; init; }

    /// <summary>The cores that this process may use: those of the machine, or of the container that it runs in.</summary>
    public int Cores { get; init; } = Environment.ProcessorCount;

    /// <summary>The names that <c>--task</c> takes.</summary>
    public static IReadOnlyList<string> Tasks { get; } = [ImageClassification.Name];

    /// <summary>The real ones.</summary>
    public static Jobs Images { get; } = new()
    {
        Train = ImageClassification.Train,
        Resume = ImageClassification.Resume,
        Predict = ImageClassification.Predict,
        Test = ImageClassification.Test,
        Summarize = ImageClassification.Summarize,
        SetThreads = threads => CpuPool.SetThreads(threads),
    };
}
