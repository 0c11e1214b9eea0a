using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Lamina.Cli.Rendering;
using Lamina.Learning.Training;
using Lamina.Tasks;
using Lamina.Tasks.Reports;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Commands;

/// <summary>What looks for a setting by training steps on data or on a run, before a training: <c>lamina lr-find</c> and <c>lamina
/// batch-find</c>.</summary>
internal sealed class FinderCommand
{
    // What says how long, or where to, says nothing here.
    private static readonly string[] s_without = [CommonOptions.Epochs, CommonOptions.Patience, CommonOptions.Minutes, CommonOptions.Folds,
        CommonOptions.Quick, CommonOptions.OverfitBatch, CommonOptions.NoSamples];

    private readonly Jobs _jobs;
    private readonly Screen _screen;
    private readonly CancellationToken _cancel;
    private readonly TaskInput _input;
    private readonly Option<bool> _json = TrainCommand.JsonFlag();

    private FinderCommand(Jobs jobs, Screen screen, IReadOnlyList<string> typed, CancellationToken cancel, string name, string what,
        IReadOnlyList<string> without)
    {
        (_jobs, _screen, _cancel) = (jobs, screen, cancel);
        _input = new TaskInput(jobs, typed, "A run's folder, for training that starts from it; or data: ");
        Command = new Command(name, what);
        _input.AddTo(Command, [.. s_without, .. without]);
        Command.Add(_json);
    }

    public Command Command { get; }

    /// <summary><c>lamina lr-find</c>: a learning rate.</summary>
    public static Command Rate(Jobs jobs, Screen screen, IReadOnlyList<string> typed, CancellationToken cancel)
    {
        var finder = new FinderCommand(jobs, screen, typed, cancel, "lr-find",
            "Suggests a learning rate: tries rising ones on a few batches, and writes nothing.",
            [CommonOptions.LearningRate]);
        var usual = new LearningRateFinderOptions();
        Option<string> lowest = TrainCommand.Value("--lowest", "X", $"Lowest learning rate to try, above 0 (default: {usual.Lowest})."),
            highest = TrainCommand.Value("--highest", "X", $"Highest learning rate to try (default: {usual.Highest})."),
            steps = TrainCommand.Value("--steps", "N", $"Number of training steps, 10 to 10,000 (default: {usual.Steps})."),
            file = TrainCommand.Value("--out", "FILE", "Draws the curve to a file, SVG.");
        foreach (Option option in (Option[])[lowest, highest, steps, file]) finder.Command.Add(option);
        finder.Command.SetAction(parsed =>
        {
            var values = new Values(parsed);
            LearningRateFinderOptions options = usual with
            {
                Lowest = Number(parsed, lowest, usual.Lowest), Highest = Number(parsed, highest, usual.Highest),
                    Steps = values.Whole(steps, 10, 10_000) ?? usual.Steps,
            };
            if (options.Highest <= options.Lowest)
                throw new UsageException($"--highest {Text(options.Highest)} is not above --lowest {Text(options.Lowest)}",
                    UsageCheck.Name(finder.Command));
            string? path = values.Text(file);
            if (path is not null && !path.EndsWith(".svg", StringComparison.OrdinalIgnoreCase))
                throw new UsageException($"--out {path}: the curve is drawn as SVG", UsageCheck.Name(finder.Command), "a name that ends in .svg");
            RateSearch Save(RateSearch found)
            {
                if (path is not null) found.Save(path);
                return found;
            }
            return finder.Run(parsed, (task, request, context) => Save(jobs.FindRate(task, request, context, options)),
                (run, context) => Save(jobs.FindRateOf(run, context, options)), (view, found) => view.RateFound(found, path));
        });
        return finder.Command;
    }

    /// <summary><c>lamina batch-find</c>: a batch size.</summary>
    public static Command Batch(Jobs jobs, Screen screen, IReadOnlyList<string> typed, CancellationToken cancel)
    {
        var finder = new FinderCommand(jobs, screen, typed, cancel, "batch-find",
            "Suggests a batch size: measures training steps on made-up examples, and writes nothing.",
            [CommonOptions.Batch, CommonOptions.Freeze, CommonOptions.Unfreeze]);
        var usual = new BatchSizeFinderOptions();
        Option<string> smallest = TrainCommand.Value("--smallest", "N", $"Smallest batch size to try (default: {usual.Smallest})."),
            largest = TrainCommand.Value("--largest", "N",
                $"Largest batch size to try (default: {usual.Largest}, or the number of training examples)."),
            memory = TrainCommand.Value("--memory", "GB", "Memory that a training step may hold, in GB (default: what is free).");
        foreach (Option option in (Option[])[smallest, largest, memory]) finder.Command.Add(option);
        finder.Command.SetAction(parsed =>
        {
            var values = new Values(parsed);
            int least = values.Whole(smallest, 1, 1_000_000) ?? usual.Smallest,
                most = values.Whole(largest, 1, 1_000_000) ?? Math.Max(least, usual.Largest);
            if (most < least) throw new UsageException($"--largest {most} is below --smallest {least}", UsageCheck.Name(finder.Command));
            BatchSizeFinderOptions options = usual with
            {
                Smallest = least, Largest = most, MostBytes = parsed.GetValue(memory) is null ? null
                    : (long)Math.Min(long.MaxValue / 2, 1e9 * Number(parsed, memory, 0)),
            };
            return finder.Run(parsed, (task, request, context) => jobs.FindBatch(task, request, context, options),
                (run, context) => jobs.FindBatchOf(run, context, options), (view, found) => view.BatchFound(found));
        });
        return finder.Command;
    }

    private int Run<T>(ParseResult parsed, Func<LearningTask, TaskRequest, TaskContext, T> onData, Func<string, TaskContext, T> onRun,
        Action<ITaskView, T> show)
    {
        var values = new Values(parsed);
        string? run = _input.Data(parsed) is { } path && RunFolder.IsRun(path) ? path : null;
        if (run is not null) RefuseOptions(parsed);
        (LearningTask Task, TaskRequest Request, Recognition Recognition) asked = run is null ? _input.Read(parsed, values) : default;
        using var pump = new EventPump(View.Of(_screen, values.Has(_json)));
        if (asked.Recognition.Reason is { Length: > 0 } reason) pump.Tell(new TaskChosen(asked.Task.Name, reason));
        var context = new TaskContext(pump.Tell, _cancel);
        T found = run is null ? onData(asked.Task, asked.Request, context) : onRun(run, context);
        pump.Complete(view => show(view, found));
        return ExitCodes.Done;
    }

    // A run has its own.
    private void RefuseOptions(ParseResult parsed)
    {
        HashSet<Option> tasks = [.. _input.Options.Options];
        string[] given = [.. parsed.CommandResult.Children.OfType<OptionResult>()
            .Where(r => !r.Implicit && (tasks.Contains(r.Option) || r.Option.Name == TaskOptions.Task)).Select(r => r.Option.Name)];
        if (given.Length > 0)
            throw new UsageException($"{_input.Data(parsed)} is a run with its own settings, so {string.Join(", ", given)} can't be given with it",
                UsageCheck.Name(Command), "leave it out, or give the data");
    }

    private static double Number(ParseResult parsed, Option<string> option, double otherwise)
    {
        if (parsed.GetValue(option) is not { } text) return otherwise;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && (float)value > 0
            && float.IsFinite((float)value) ? value
            : throw new UsageException($"{option.Name} {(text.Length == 0 ? "\"\"" : text)}: expected a number above 0, such as {Text(otherwise > 0 ? otherwise : 2)}", UsageCheck.Name(parsed.CommandResult.Command));
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
