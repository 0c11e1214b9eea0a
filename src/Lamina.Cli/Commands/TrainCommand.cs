using System.CommandLine;
using System.CommandLine.Parsing;
using Lamina.Cli.Rendering;
using Lamina.Learning.Training;
using Lamina.Tasks;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Commands;

/// <summary><c>lamina train</c>: from data to a trained network in a run folder.</summary>
internal sealed class TrainCommand
{
    private const int MostThreads = 1024;

    private readonly Jobs _jobs;
    private readonly Screen _screen;
    private readonly CancellationToken _cancel;
    private readonly TaskOptions _options;

    private readonly Argument<string?> _data;
    private readonly Option<string> _task;
    private readonly Option<string> _threads = Value("--threads", "N", "Number of threads; the results do not depend on it (default and maximum: one per core).");
    private readonly Option<string> _run = Value("--run", "DIR", "The run's folder, new or empty (default: a new one in runs/).");
    private readonly Option<string> _resume = Value("--resume", "RUN", "Resumes a run where it stopped, with bit-identical results; only --threads, --json and, if it diverged, a lower --learning-rate may be given with it.");
    private readonly Option<bool> _json = JsonFlag();

    public TrainCommand(Jobs jobs, Screen screen, IReadOnlyList<string> typed, CancellationToken cancel)
    {
        (_jobs, _screen, _cancel) = (jobs, screen, cancel);
        _options = new TaskOptions(jobs.Tasks, typed);
        _data = new("DATA") { Description = DataHelp(), Arity = ArgumentArity.ZeroOrOne };
        _task = Value(TaskOptions.Task, "NAME", $"The task: {string.Join(", ", jobs.Tasks.Tasks.Select(t => t.Name))} (default: by the data); with --help, the options of that task.");
        Command = new Command("train", _options.Named is { } one ? $"Trains a network: {one.Summary}." : "Trains a network on your data, or without DATA on built-in handwritten digits.") { _data, _task };
        foreach (Option option in _options.Options) Command.Add(option);
        foreach (Option option in (Option[])[_threads, _run, _resume, _json]) Command.Add(option);
        Command.SetAction(Run);
    }

    public Command Command { get; }

    public static Option<string> Value(string name, string helpName, string description) =>
        new(name) { HelpName = helpName, Description = description, Arity = ArgumentArity.ExactlyOne };

    public static Option<bool> Flag(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.Zero };

    public static Option<bool> JsonFlag() => Flag("--json", "One JSON object per line on standard output, and nothing else there.");

    private string DataHelp() => string.Join(" ", (_options.Named is { } one ? [one] : _jobs.Tasks.Tasks).Select(t => $"{(_options.Named is null ? $"{t.Name}: " : "")}{t.DataHelp}."));

    private int Run(ParseResult parsed)
    {
        var values = new Values(parsed);
        LearningTask? named = values.Name(_task, "task", [.. _jobs.Tasks.Tasks.Select(t => t.Name)]) is { } name ? _jobs.Tasks.Find(name) : null;
        Dictionary<string, object> given = _options.Read(parsed);
        int? threads = values.Whole(_threads, 1, MostThreads);
        string? resume = values.Text(_resume);
        if (resume is not null) RefuseChanges(parsed);
        TaskRequest request = Request(parsed, values, given);
        (LearningTask task, Recognition recognition) = named is null ? _jobs.Tasks.Recognize(request.Data) : (named, Recognition.None);
        if (resume is null) TaskOptions.Require(task, given.Keys, Command);
        if (threads is { } count) _jobs.SetThreads(count);

        using var pump = new EventPump(View.Of(_screen, values.Has(_json)));
        using CancellationTokenRegistration stop = _cancel.Register(pump.Stopping);
        if (recognition.Reason.Length > 0 && resume is null) pump.Tell(new TaskChosen(task.Name, recognition.Reason));
        if (threads > _jobs.Cores)
            pump.Tell(new Remarked($"--threads {threads}: there {(_jobs.Cores == 1 ? "is 1 core" : $"are {_jobs.Cores} cores")} here, and no more threads are used; the results are the same"));
        TaskResult result = Call(context => resume is null ? _jobs.Train(task, request, context) : _jobs.Resume(resume, context, request.Number(CommonOptions.LearningRate)), pump);
        pump.Complete(view => view.Trained(result));
        return result.WasInterrupted ? ExitCodes.Interrupted : ExitCodes.Done;
    }

    private TaskRequest Request(ParseResult parsed, Values values, Dictionary<string, object> given)
    {
        given = new(given);
        string? validation = Take(CommonOptions.Validation), test = Take(CommonOptions.Test);
        string? path = parsed.GetValue(_data);
        if (path is null && (validation ?? test) is not null)
            throw new UsageException($"--{(validation is null ? CommonOptions.Test : CommonOptions.Validation)} needs DATA to train on", UsageCheck.Name(Command));
        return new TaskRequest
        {
            Data = path is null ? null : new DataSource(path) { Validation = validation, Test = test },
            Run = values.Text(_run),
            Values = given,
        };

        string? Take(string name) => given.Remove(name, out object? value) ? (string)value : null;
    }

    private TaskResult Call(Func<TaskContext, TaskResult> job, EventPump pump)
    {
        string? checkpoint = null;
        void Tell(TaskEvent e)
        {
            if (e is TrainingProgress { Event: CheckpointSaved saved }) checkpoint = saved.Folder;
            pump.Tell(e);
        }

        try
        {
            return job(new TaskContext(Tell, _cancel));
        }
        catch (OperationCanceledException) when (_cancel.IsCancellationRequested)
        {
            throw new InterruptedException(checkpoint is null
                ? "interrupted before the first step: there was nothing to save"
                : $"interrupted; what was learned is kept in {checkpoint}");
        }
    }

    // A resumed run ends in the same bits as one that was never stopped; that can't be kept if something is changed.
    private void RefuseChanges(ParseResult parsed)
    {
        Symbol[] allowed = [_resume, _threads, _json, _options.Find(CommonOptions.LearningRate)];
        string[] given =
        [
            .. parsed.CommandResult.Children.OfType<OptionResult>().Where(r => !r.Implicit && !allowed.Contains(r.Option)).Select(r => r.Option.Name),
            .. parsed.GetValue(_data) is { } data ? new[] { $"DATA ({data})" } : [],
        ];
        if (given.Length > 0)
        {
            throw new UsageException($"--resume continues a run with its own settings, so {string.Join(", ", given)} can't be given with it", UsageCheck.Name(Command),
                "leave it out (only --threads, --json and, if the run diverged, a lower --learning-rate may be given), or start a new run without --resume");
        }
    }
}
