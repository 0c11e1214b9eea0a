using System.CommandLine;
using Lamina.Cli.Rendering;

namespace Lamina.Cli.Commands;

/// <summary><c>lamina tasks</c>: what can be learned, and from which data.</summary>
internal sealed class TasksCommand
{
    private readonly Jobs _jobs;
    private readonly Screen _screen;
    private readonly Option<bool> _json = TrainCommand.JsonFlag();

    public TasksCommand(Jobs jobs, Screen screen)
    {
        (_jobs, _screen) = (jobs, screen);
        Command = new Command("tasks", "Lists what can be learned, and the data that each task takes.") { _json };
        Command.SetAction(Run);
    }

    public Command Command { get; }

    private int Run(ParseResult parsed)
    {
        ITaskView view = View.Of(_screen, parsed.GetValue(_json));
        view.Tasks(_jobs.Tasks.Tasks);
        view.Tick();
        return ExitCodes.Done;
    }
}
