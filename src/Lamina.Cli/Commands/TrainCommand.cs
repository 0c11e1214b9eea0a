using System.CommandLine;
using System.CommandLine.Parsing;
using Lamina.Cli.Rendering;
using Lamina.Learning.Training;
using Lamina.Tasks;
using Lamina.Tasks.Images;

namespace Lamina.Cli.Commands;

/// <summary><c>lamina train</c>: from data to a trained network in a run folder.</summary>
internal sealed class TrainCommand
{
    private const int MostThreads = 1024;

    private readonly Jobs _jobs;
    private readonly Screen _screen;
    private readonly CancellationToken _cancel;

    private readonly Argument<string> _data = new("DATA")
    {
        Description = "A folder or zip with a sub-folder of PNG or JPEG images per class, with or without train/ and test/ above them; or a folder of MNIST-style IDX files, .gz or not. Without it: built-in handwritten digits.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> _task = Value("--task", "NAME", $"The job: {string.Join(", ", Jobs.Tasks)} (default: {ImageClassification.Name}).");
    private readonly Option<string> _epochs = Value("--epochs", "N", "Number of epochs (default: 4 to 60; fewer for larger data sets).");
    private readonly Option<string> _batch = Value("--batch", "N", "Batch size, in images (default: 64; smaller for small data sets).");
    private readonly Option<string> _learningRate = Value("--learning-rate", "X", "Peak learning rate of the schedule, above 0 (default: 0.003; sgd 0.05, rmsprop 0.001).");
    private readonly Option<string> _optimizer = Value("--optimizer", "NAME", $"One of {string.Join(", ", ImageOptions.Optimizers)} (default: adamw).");
    private readonly Option<string> _augment = Value("--augment", "NAME", "Augmentation of training images: none, light (shifted), photos (shifted and mirrored) or digits (turned, scaled, slanted a little) (default: by the data; images are only mirrored where that doesn't confuse classes).");
    private readonly Option<string> _seed = Value("--seed", "N", "Random seed: the same seed gives the same weights (default: 0).");
    private readonly Option<string> _threads = Value("--threads", "N", "Number of threads; the results do not depend on it (default and maximum: one per core).");
    private readonly Option<string> _run = Value("--run", "DIR", "The run's folder, new or empty (default: a new one in runs/).");
    private readonly Option<bool> _quick = Flag("--quick", "Runs a few batches of each step, to check in seconds that everything works.");
    private readonly Option<bool> _overfitBatch = Flag("--overfit-batch", "Trains on one batch repeatedly; with a working setup its loss falls to nearly 0.");
    private readonly Option<string> _resume = Value("--resume", "RUN", "Resumes a run where it stopped, with bit-identical results; only --threads, --json and, if it diverged, a lower --learning-rate may be given with it.");
    private readonly Option<bool> _json = JsonFlag();

    public TrainCommand(Jobs jobs, Screen screen, CancellationToken cancel)
    {
        (_jobs, _screen, _cancel) = (jobs, screen, cancel);
        Command = new Command("train", "Trains a network on images, or without DATA on built-in handwritten digits.")
        {
            _data, _task, _epochs, _batch, _learningRate, _optimizer, _augment, _seed, _threads, _run, _quick, _overfitBatch, _resume, _json,
        };
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
        ImageOptions options = Options(parsed, values);
        int? threads = values.Whole(_threads, 1, MostThreads);
        string? resume = values.Text(_resume);
        if (resume is not null) RefuseChanges(parsed);
        if (threads is { } count) _jobs.SetThreads(count);

        using var pump = new EventPump(View.Of(_screen, values.Has(_json)));
        using CancellationTokenRegistration stop = _cancel.Register(pump.Stopping);
        if (threads > _jobs.Cores)
            pump.Tell(new Remarked($"--threads {threads}: there {(_jobs.Cores == 1 ? "is 1 core" : $"are {_jobs.Cores} cores")} here, and no more threads are used; the results are the same"));
        ImageResult result = Call(options, resume, pump);
        pump.Complete(view => view.Trained(result));
        return result.WasInterrupted ? ExitCodes.Interrupted : ExitCodes.Done;
    }

    private ImageOptions Options(ParseResult parsed, Values values)
    {
        values.Name(_task, "task", Jobs.Tasks);
        return new ImageOptions
        {
            Data = parsed.GetValue(_data),
            Epochs = values.Whole(_epochs, 1),
            Batch = values.Whole(_batch, 1),
            LearningRate = values.Positive(_learningRate, "0.001"),
            Optimizer = values.Name(_optimizer, "optimizer", ImageOptions.Optimizers),
            Augmentation = values.Name(_augment, "augmentation", ImageOptions.Augmentations),
            Seed = values.Long(_seed) ?? 0,
            Run = values.Text(_run),
            Quick = values.Has(_quick),
            OverfitBatch = values.Has(_overfitBatch),
        };
    }

    private ImageResult Call(ImageOptions options, string? resume, EventPump pump)
    {
        string? checkpoint = null;
        void Tell(TaskEvent e)
        {
            if (e is TrainingProgress { Event: CheckpointSaved saved }) checkpoint = saved.Folder;
            pump.Tell(e);
        }

        try
        {
            return resume is null ? _jobs.Train(options, Tell, _cancel) : _jobs.Resume(resume, Tell, _cancel, options.LearningRate);
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
        Symbol[] allowed = [_resume, _threads, _json, _learningRate];
        string[] given =
        [
            .. parsed.CommandResult.Children.OfType<OptionResult>().Where(r => !r.Implicit && !allowed.Contains(r.Option)).Select(r => r.Option.Name),
            .. parsed.GetValue(_data) is { } data ? new[] { $"DATA ({data})" } : [],
        ];
        if (given.Length > 0)
        {
            throw new UsageException($"--resume continues a run with its own settings, so {string.Join(", ", given)} can't be given with it", UsageCheck.Name(Command),
                "leave it out (only --threads, --json and, if the run diverged, a lower --learning-rate may be given), or start a new run without --resume");
        }
    }
}
