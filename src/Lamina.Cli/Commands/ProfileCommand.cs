using System.CommandLine;
using Lamina.Cli.Rendering;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Commands;

/// <summary><c>lamina profile</c>: where the time and memory of a training step go.</summary>
internal sealed class ProfileCommand
{
    private const int UsualRows = 15;

    private readonly Jobs _jobs;
    private readonly Screen _screen;
    private readonly CancellationToken _cancel;
    private readonly Argument<string> _run = PredictCommand.RunArgument();
    private readonly Option<string> _batch = TrainCommand.Value("--batch", "N", "Batch size (default: the run's own).");
    private readonly Option<string> _top = TrainCommand.Value("--top", "N",
        $"Number of modules and of ops to show, the slowest first (default: {UsualRows}; with --json all).");
    private readonly Option<bool> _json = TrainCommand.JsonFlag();

    public ProfileCommand(Jobs jobs, Screen screen, CancellationToken cancel)
    {
        (_jobs, _screen, _cancel) = (jobs, screen, cancel);
        Command = new Command("profile", "Measures where the time and memory of a run's training steps go, by module and by op.")
        {
            _run, _batch, _top, _json,
        };
        Command.SetAction(Run);
    }

    public Command Command { get; }

    private int Run(ParseResult parsed)
    {
        var values = new Values(parsed);
        string run = parsed.GetRequiredValue(_run);
        int? batch = values.Whole(_batch, 1), top = values.Whole(_top, 1);
        bool json = values.Has(_json);
        using var pump = new EventPump(View.Of(_screen, json));
        RunProfile profile = _jobs.Profile(run, new TaskContext(pump.Tell, _cancel), batch);
        pump.Complete(view => view.Profiled(run, profile, top ?? (json ? int.MaxValue : UsualRows)));
        return ExitCodes.Done;
    }
}
