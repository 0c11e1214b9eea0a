using System.CommandLine;
using Lamina.Cli.Rendering;

namespace Lamina.Cli.Commands;

/// <summary><c>lamina compare</c>: two runs beside each other.</summary>
internal sealed class CompareCommand
{
    private readonly Jobs _jobs;
    private readonly Screen _screen;
    private readonly Argument<string> _left = PredictCommand.RunArgument();
    private readonly Argument<string> _right = new("OTHER") { Description = "The folder of the run to compare it with.", Arity = ArgumentArity.ExactlyOne };
    private readonly Option<bool> _json = TrainCommand.JsonFlag();

    public CompareCommand(Jobs jobs, Screen screen)
    {
        (_jobs, _screen) = (jobs, screen);
        Command = new Command("compare", "Compares two runs: what they reached on the test set, and in what they differ.") { _left, _right, _json };
        Command.SetAction(Run);
    }

    public Command Command { get; }

    private int Run(ParseResult parsed)
    {
        ITaskView view = View.Of(_screen, parsed.GetValue(_json));
        view.Compared(_jobs.Compare(parsed.GetRequiredValue(_left), parsed.GetRequiredValue(_right)));
        view.Tick();
        return ExitCodes.Done;
    }
}
