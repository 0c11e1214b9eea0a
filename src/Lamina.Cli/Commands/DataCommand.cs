using System.CommandLine;
using Lamina.Cli.Rendering;
using Lamina.Tasks;
using Lamina.Tasks.Reports;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Commands;

/// <summary><c>lamina data</c>: a look at data before training.</summary>
internal sealed class DataCommand
{
    // What says how to train says nothing of data.
    private static readonly string[] s_without =
    [
        CommonOptions.Epochs, CommonOptions.Batch, CommonOptions.LearningRate, CommonOptions.OptimizerName, CommonOptions.Patience,
            CommonOptions.Minutes,
        CommonOptions.Folds, CommonOptions.From, CommonOptions.Freeze, CommonOptions.Unfreeze, CommonOptions.Quick, CommonOptions.OverfitBatch,
    ];

    private readonly Jobs _jobs;
    private readonly Screen _screen;
    private readonly CancellationToken _cancel;
    private readonly TaskInput _input;
    private readonly Option<string> _out = TrainCommand.Value("--out", "FILE",
        "Writes a page with a sheet of samples, as they are and as training varies them, HTML.");
    private readonly Option<bool> _json = TrainCommand.JsonFlag();

    public DataCommand(Jobs jobs, Screen screen, IReadOnlyList<string> typed, CancellationToken cancel)
    {
        (_jobs, _screen, _cancel) = (jobs, screen, cancel);
        _input = new TaskInput(jobs, typed);
        Command = new Command("data", "Looks at data before training: counts, classes, missing values, duplicates, what stands out; writes nothing.");
        _input.AddTo(Command, s_without);
        Command.Add(_out);
        Command.Add(_json);
        Command.SetAction(Run);
    }

    public Command Command { get; }

    private int Run(ParseResult parsed)
    {
        var values = new Values(parsed);
        string? file = values.Text(_out);
        if (file is not null && !file.EndsWith(".html", StringComparison.OrdinalIgnoreCase)
            && !file.EndsWith(".htm", StringComparison.OrdinalIgnoreCase))
            throw new UsageException($"--out {file}: the page is written as HTML", UsageCheck.Name(Command), "a name that ends in .html");
        (LearningTask task, TaskRequest request, Recognition recognition) = _input.Read(parsed, values);
        using var pump = new EventPump(View.Of(_screen, values.Has(_json)));
        if (recognition.Reason is { Length: > 0 } reason) pump.Tell(new TaskChosen(task.Name, reason));
        DataLook look = _jobs.Look(task, request, new TaskContext(pump.Tell, _cancel));
        if (file is not null) look.Save(file);
        pump.Complete(view => view.Looked(look, file));
        return ExitCodes.Done;
    }
}
