using System.CommandLine;
using Lamina.Cli.Rendering;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Commands;

/// <summary><c>lamina test</c>: measures a run's network on other data.</summary>
internal sealed class TestCommand
{
    private readonly Jobs _jobs;
    private readonly Screen _screen;
    private readonly CancellationToken _cancel;
    private readonly Argument<string> _run = PredictCommand.RunArgument();
    private readonly Argument<string[]> _data = new("DATA")
    {
        Description = "Data like the run's, in any form that train takes. Where there is a test part, that is taken; all of it otherwise.",
        Arity = TaskInput.Pair(1),
    };

    private readonly Option<bool> _json = TrainCommand.JsonFlag();

    public TestCommand(Jobs jobs, Screen screen, CancellationToken cancel)
    {
        (_jobs, _screen, _cancel) = (jobs, screen, cancel);
        Command = new Command("test", "Measures a trained network on data that it has not seen.") { _run, _data, _json };
        Command.SetAction(Run);
    }

    public Command Command { get; }

    private int Run(ParseResult parsed)
    {
        using var pump = new EventPump(View.Of(_screen, parsed.GetValue(_json)));
        _jobs.Test(parsed.GetRequiredValue(_run), new DataSource(TaskInput.Path(parsed.GetRequiredValue(_data))!), new TaskContext(pump.Tell, _cancel));
        pump.Complete(_ => { });
        return ExitCodes.Done;
    }
}
