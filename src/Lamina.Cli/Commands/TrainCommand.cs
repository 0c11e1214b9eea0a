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
    private readonly TaskInput _input;

    private readonly Option<string> _threads = Value("--threads", "N",
        "Number of threads; the results do not depend on it (default and maximum: one per core).");
    private readonly Option<string> _run = Value("--run", "DIR", "The run's folder, new or empty (default: a new one in runs/).");
    private readonly Option<string> _resume = Value("--resume", "RUN", "Resumes a run where it stopped, with bit-identical results; only --threads, --json and, if it diverged, a lower --learning-rate may be given with it.");
    private readonly Option<bool> _json = JsonFlag();

    public TrainCommand(Jobs jobs, Screen screen, IReadOnlyList<string> typed, CancellationToken cancel)
    {
        (_jobs, _screen, _cancel) = (jobs, screen, cancel);
        _input = new TaskInput(jobs, typed);
        Command = new Command("train", _input.Options.Named is { } one ? $"Trains a network: {one.Summary}."
            : "Trains a network on your data, or without DATA on built-in handwritten digits.");
        _input.AddTo(Command);
        foreach (Option option in (Option[])[_threads, _run, _resume, _json]) Command.Add(option);
        Command.SetAction(Run);
    }

    public Command Command { get; }

    public static Option<string> Value(string name, string helpName, string description) =>
        new(name) { HelpName = helpName, Description = description, Arity = ArgumentArity.ExactlyOne };

    public static Option<bool> Flag(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.Zero };

    public static Option<bool> JsonFlag() => Flag("--json", "One JSON object per line on standard output, and nothing else there.");

    private int Run(ParseResult parsed)
    {
        var values = new Values(parsed);
        int? threads = values.Whole(_threads, 1, MostThreads);
        string? resume = values.Text(_resume);
        if (resume is not null) RefuseChanges(parsed);
        (LearningTask Task, TaskRequest Request, Recognition Recognition) asked = resume is null ? _input.Read(parsed, values, values.Text(_run)) : default;
        double? rate = resume is not null && _input.Options.Read(parsed).TryGetValue(CommonOptions.LearningRate, out object? given) ? (double)given : null;
        if (threads is { } count) _jobs.SetThreads(count);

        using var pump = new EventPump(View.Of(_screen, values.Has(_json)));
        using CancellationTokenRegistration stop = _cancel.Register(pump.Stopping);
        if (asked.Recognition.Reason is { Length: > 0 } reason) pump.Tell(new TaskChosen(asked.Task.Name, reason));
        if (threads > _jobs.Cores)
            pump.Tell(new Remarked($"--threads {threads}: there {(_jobs.Cores == 1 ? "is 1 core" : $"are {_jobs.Cores} cores")} here, and no more threads are used; the results are the same"));
        TaskResult result = Call(context => resume is null ? _jobs.Train(asked.Task, asked.Request, context) : _jobs.Resume(resume, context, rate), pump);
        pump.Complete(view => view.Trained(result));
        return result.WasInterrupted ? ExitCodes.Interrupted : ExitCodes.Done;
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
        Symbol[] allowed = [_resume, _threads, _json, _input.Options.Find(CommonOptions.LearningRate)];
        string[] given =
        [
            .. parsed.CommandResult.Children.OfType<OptionResult>().Where(r => !r.Implicit && !allowed.Contains(r.Option)).Select(r => r.Option.Name),
            .. _input.Data(parsed) is { } data ? new[] { $"DATA ({data})" } : [],
        ];
        if (given.Length > 0)
        {
            throw new UsageException($"--resume continues a run with its own settings, so {string.Join(", ", given)} can't be given with it",
                UsageCheck.Name(Command),
                "leave it out (only --threads, --json and, if the run diverged, a lower --learning-rate may be given), or start a new run without --resume");
        }
    }
}
