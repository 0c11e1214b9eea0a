using System.CommandLine;
using Lamina.Cli.Rendering;

namespace Lamina.Cli.Commands;

/// <summary><c>lamina test</c>: measures a run's network on other images.</summary>
internal sealed class TestCommand
{
    private readonly Jobs _jobs;
    private readonly Screen _screen;
    private readonly CancellationToken _cancel;
    private readonly Argument<string> _run = PredictCommand.RunArgument();
    private readonly Argument<string> _data = new("DATA")
    {
        Description = "Images of the run's classes, in any form that train takes. Where there is a test part, that is taken; all of it otherwise.",
        Arity = ArgumentArity.ExactlyOne,
    };

    private readonly Option<bool> _json = TrainCommand.JsonFlag();

    public TestCommand(Jobs jobs, Screen screen, CancellationToken cancel)
    {
        (_jobs, _screen, _cancel) = (jobs, screen, cancel);
        Command = new Command("test", "Measures a trained network on images that it has not seen.") { _run, _data, _json };
        Command.SetAction(Run);
    }

    public Command Command { get; }

    private int Run(ParseResult parsed)
    {
        using var pump = new EventPump(View.Of(_screen, parsed.GetValue(_json)));
        _jobs.Test(parsed.GetRequiredValue(_run), parsed.GetRequiredValue(_data), pump.Tell, _cancel);
        pump.Complete(_ => { });
        return ExitCodes.Done;
    }
}
