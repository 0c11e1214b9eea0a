using System.CommandLine;
using Lamina.Cli.Rendering;

namespace Lamina.Cli.Commands;

/// <summary><c>lamina summary</c>: layers, shapes, parameters, memory, multiply-adds.</summary>
internal sealed class SummaryCommand
{
    private readonly Jobs _jobs;
    private readonly Screen _screen;
    private readonly Argument<string> _run = PredictCommand.RunArgument();
    private readonly Option<bool> _json = TrainCommand.JsonFlag();

    public SummaryCommand(Jobs jobs, Screen screen)
    {
        (_jobs, _screen) = (jobs, screen);
        Command = new Command("summary", "Shows a run's network: layers, shapes, parameters, memory, multiply-adds.") { _run, _json };
        Command.SetAction(Run);
    }

    public Command Command { get; }

    private int Run(ParseResult parsed)
    {
        string run = parsed.GetRequiredValue(_run);
        ITaskView view = View.Of(_screen, parsed.GetValue(_json));
        view.Summarized(run, _jobs.Summarize(run));
        view.Tick();
        return ExitCodes.Done;
    }
}
