using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Spine;

/// <summary>Where a task's data is.</summary>
/// <param name="Path">A file or folder, or <c>-</c> for standard input.</param>
public sealed record DataSource(string Path)
{
    /// <summary>A file of its own for validation, or null.</summary>
    public string? Validation { get; init; }

    /// <summary>A file of its own for the test, or null.</summary>
    public string? Test { get; init; }

    /// <summary>Whether the data comes from standard input.</summary>
    public bool IsStandardInput => Path == "-";
}

/// <summary>What a run was asked to be. What isn't given is decided by the task.</summary>
public sealed record TaskRequest
{
    /// <summary>The data; null: built-in data.</summary>
    public DataSource? Data { get; init; }

    /// <summary>The run's folder, which must not exist or be empty; null: a new one under <c>runs</c>.</summary>
    public string? Run { get; init; }

    /// <summary>The values of options by name: <see cref="long"/>, <see cref="double"/>, <see cref="string"/> or <see cref="bool"/>.</summary>
    public IReadOnlyDictionary<string, object> Values { get; init; } = new Dictionary<string, object>();

    /// <summary>Which fold of a cross-validation is the test set, from 0.</summary>
    public int Fold { get; init; }

    /// <summary>The random seed.</summary>
    public long SeedValue => Values.TryGetValue(CommonOptions.Seed, out object? value) ? (long)value : 0;

    /// <summary>How the data is to be split.</summary>
    public SplitRule Split => new()
    {
        Group = Text(CommonOptions.Group), Time = Text(CommonOptions.Time), Folds = Whole(CommonOptions.Folds), Fold = Fold,
    };

    /// <summary>Whether a flag is given.</summary>
    public bool Has(string flag) => Values.TryGetValue(flag, out object? value) && value is true;

    /// <summary>A whole number, or null where it isn't given.</summary>
    public int? Whole(string option) => Values.TryGetValue(option, out object? value) ? checked((int)(long)value) : null;

    /// <summary>A number, or null where it isn't given.</summary>
    public double? Number(string option) => Values.TryGetValue(option, out object? value) ? (double)value : null;

    /// <summary>A text, or null where it isn't given.</summary>
    public string? Text(string option) => Values.TryGetValue(option, out object? value) ? (string)value : null;
}

/// <summary>What a task tells while it works, and what stops it.</summary>
/// <param name="Tell">Takes what happens, as it happens; may be called from other threads while data is read.</param>
/// <param name="Cancel">Stops the work.</param>
public sealed record TaskContext(Action<TaskEvent> Tell, CancellationToken Cancel = default);

/// <summary>How well a task fits some data.</summary>
/// <param name="Score">0: not at all, to 1: surely.</param>
/// <param name="Reason">The sentence that says why, such as <c>photos/ holds 120 images in folders</c>.</param>
public readonly record struct Recognition(double Score, string Reason)
{
    /// <summary>Not this task's data.</summary>
    public static Recognition None => new(0, "");
}

/// <summary>Something that only one task can do, such as generating text.</summary>
/// <param name="Name">Its name, as a command has it.</param>
/// <param name="Help">What it does, as a sentence.</param>
/// <param name="Options">Its options.</param>
/// <param name="Run">Does it: with a trained network, its input and the values of its options; each result is a line.</param>
public sealed record TaskVerb(
    string Name, string Help, IReadOnlyList<TaskOption> Options,
    Func<TaskModel, IReadOnlyList<string>, IReadOnlyDictionary<string, object>, TaskContext, IEnumerable<string>> Run)
{
    /// <summary>What the input is, as a sentence.</summary>
    public string InputHelp { get; init; } = "What it is done to.";

    /// <summary>Examples of the command, each with what it does behind two blanks or more.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

    /// <summary>Whether the results are pieces of one text, which stand one behind the other, rather than a line each.</summary>
    public bool IsText { get; init; }
}
