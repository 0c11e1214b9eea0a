using System.CommandLine;
using Lamina.Cli.Rendering;
using Lamina.Tasks.Runs;

namespace Lamina.Cli.Commands;

/// <summary><c>lamina runs</c>: the runs in a folder and how they stand.</summary>
internal sealed class RunsCommand
{
    private readonly Jobs _jobs;
    private readonly Screen _screen;
    private readonly Argument<string?> _folder = new("DIR") { Description = $"The folder that holds the runs (default: {RunFolder.Usual}).",
        Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _json = TrainCommand.JsonFlag();

    public RunsCommand(Jobs jobs, Screen screen)
    {
        (_jobs, _screen) = (jobs, screen);
        Command = new Command("runs", "Lists runs: state, figure, epochs, date, data.") { _folder, _json };
        Command.SetAction(Run);
    }

    public Command Command { get; }

    private int Run(ParseResult parsed)
    {
        ITaskView view = View.Of(_screen, parsed.GetValue(_json));
        view.Listed(_jobs.List(parsed.GetValue(_folder)));
        view.Tick();
        return ExitCodes.Done;
    }
}
