using System.CommandLine;
using Lamina.Tasks;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Commands;

/// <summary>Data, a task and its options, as <c>lamina train</c> takes them and what looks at data before training.</summary>
internal sealed class TaskInput
{
    private readonly Jobs _jobs;
    private readonly Argument<string[]> _data;
    private readonly Option<string> _task;

    /// <param name="jobs">The tasks.</param>
    /// <param name="typed">The command line, as far as it names a task.</param>
    /// <param name="before">What the help says before the data that tasks take; an empty text for nothing.</param>
    public TaskInput(Jobs jobs, IReadOnlyList<string> typed, string before = "")
    {
        _jobs = jobs;
        Options = new TaskOptions(jobs.Tasks, typed);
        _data = new("DATA") { Description = before + DataHelp(), Arity = Pair(0) };
        _task = TrainCommand.Value(TaskOptions.Task, "NAME",
            $"The task: {string.Join(", ", jobs.Tasks.Tasks.Select(t => t.Name))} (default: by the data); with --help, the options of that task.");
    }

    /// <summary>The options of tasks.</summary>
    public TaskOptions Options { get; }

    /// <summary>The data that is given, or null.</summary>
    public string? Data(ParseResult parsed) => Path(parsed.GetValue(_data));

    /// <summary>One path, or the two of files that belong together.</summary>
    /// <param name="least">How many there are at least.</param>
    public static ArgumentArity Pair(int least) => new(least, 2);

    /// <summary>The path; two with a comma between them, as tasks take them whose data may be two files.</summary>
    public static string? Path(string[]? paths) => paths is null or [] ? null : string.Join(',', paths);

    /// <summary>Adds the argument and the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="without">Names of options that make no sense for it.</param>
    public void AddTo(Command command, params IReadOnlyList<string> without)
    {
        command.Add(_data);
        command.Add(_task);
        foreach (Option option in Options.Options)
            if (!without.Contains(option.Name[2..])) command.Add(option);
    }

    /// <summary>The task that is named; null: none is.</summary>
    /// <exception cref="UsageException">There is none of the name.</exception>
    public LearningTask? Named(Values values) =>
        values.Name(_task, "task", [.. _jobs.Tasks.Tasks.Select(t => t.Name)]) is { } name ? _jobs.Tasks.Find(name) : null;

    /// <summary>The task and what is asked of it; the task is chosen by the data where none is named.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="values">Its other values.</param>
    /// <param name="run">The run's folder; null: a new one.</param>
    /// <exception cref="UsageException">An option can't be used, or parts of data are given without data.</exception>
    public (LearningTask Task, TaskRequest Request, Recognition Recognition) Read(ParseResult parsed, Values values, string? run = null)
    {
        LearningTask? named = Named(values);
        DataSource? source = Source(parsed);
        (LearningTask task, Recognition recognition) = named is null ? _jobs.Tasks.Recognize(source) : (named, Recognition.None);
        Dictionary<string, object> given = Options.Read(parsed, task);
        given.Remove(CommonOptions.Validation);
        given.Remove(CommonOptions.Test);
        return (task, new TaskRequest { Data = source, Run = run, Values = given }, recognition);
    }

    private DataSource? Source(ParseResult parsed)
    {
        string command = UsageCheck.Name(parsed.CommandResult.Command);
        string? validation = Options.Text(parsed, CommonOptions.Validation), test = Options.Text(parsed, CommonOptions.Test);
        string? path = Data(parsed);
        if (parsed.GetValue(_data) is [_, var second] && !TakesTwo(new DataSource(path!)))
            throw File.Exists(path!.Split(',')[0]) && !File.Exists(second)
                ? new DataException(second, "there's no such file", "the other file of a pair, or one path of data")
                : new UsageException($"unexpected argument {second}: the form is {command} [DATA]", command);
        if (path is null && (validation ?? test) is not null)
            throw new UsageException($"--{(validation is null ? CommonOptions.Test : CommonOptions.Validation)} needs DATA to train on", command);
        return path is null ? null : new DataSource(path) { Validation = validation, Test = test };
    }

    private bool TakesTwo(DataSource data) => Options.Named is { } one ? one.TakesTwoFiles
        : _jobs.Tasks.Tasks.Any(t => t.TakesTwoFiles && t.Recognize(data).Score > 0);

    private string DataHelp() => string.Join(" ", (Options.Named is { } one ? [one] : _jobs.Tasks.Tasks)
        .Select(t => $"{(Options.Named is null ? $"{t.Name}: " : "")}{t.DataHelp}."));
}
