using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Spine;

/// <summary>The options that every task has, and what is made of them.</summary>
public static class CommonOptions
{
    /// <summary>Number of epochs.</summary>
    public const string Epochs = "epochs";

    /// <summary>Batch size.</summary>
    public const string Batch = "batch";

    /// <summary>Learning rate.</summary>
    public const string LearningRate = "learning-rate";

    /// <summary>Optimiser.</summary>
    public const string OptimizerName = "optimizer";

    /// <summary>Random seed.</summary>
    public const string Seed = "seed";

    /// <summary>Early stopping.</summary>
    public const string Patience = "patience";

    /// <summary>Time budget.</summary>
    public const string Minutes = "minutes";

    /// <summary>A file of its own for validation.</summary>
    public const string Validation = "validation";

    /// <summary>A file of its own for the test.</summary>
    public const string Test = "test";

    /// <summary>Equal values of a column stay on one side.</summary>
    public const string Group = "group";

    /// <summary>Split by time.</summary>
    public const string Time = "time";

    /// <summary>Cross-validation.</summary>
    public const string Folds = "folds";

    /// <summary>Start from the weights of a run.</summary>
    public const string From = "from";

    /// <summary>Layers that stay as they are.</summary>
    public const string Freeze = "freeze";

    /// <summary>Epochs until the next layer is trained too.</summary>
    public const string Unfreeze = "unfreeze";

    /// <summary>A few batches of everything.</summary>
    public const string Quick = "quick";

    /// <summary>One batch again and again.</summary>
    public const string OverfitBatch = "overfit-batch";

    /// <summary>No examples of the data in the report.</summary>
    public const string NoSamples = "no-samples";

    /// <summary>The optimisers by name.</summary>
    public static IReadOnlyList<string> Optimizers { get; } = ["adam", "adamw", "rmsprop", "sgd"];

    /// <summary>All of them, in the order of the help.</summary>
    public static IReadOnlyList<TaskOption> All { get; } =
    [
        new(Epochs, OptionKind.Whole, "Number of epochs (default: by the task, 2 to 200; fewer for larger data sets)."),
        new(Batch, OptionKind.Whole, "Batch size (default: by the task and the number of examples).") { Alias = "batch-size" },
        new(LearningRate, OptionKind.Positive, "Highest learning rate of the schedule (default: 0.003, tables 0.002; sgd 0.05, rmsprop 0.001)."),
        new(OptimizerName, OptionKind.Choice, $"Optimiser: {string.Join(", ", Optimizers)} (default: adamw).") { Choices = Optimizers },
        new(Seed, OptionKind.Whole, "Random seed: the same seed gives the same weights (default: 0).") { Least = long.MinValue, Most = long.MaxValue },
        new(Patience, OptionKind.Whole, "Number of epochs without improvement to tolerate before training stops (default: no early stopping).") { Least = 0 },
        new(Minutes, OptionKind.Positive, "Minutes of training after which it ends at the next step (default: no limit).") { Example = "10" },
        new(Validation, OptionKind.Text,
            "A file of its own to validate on (default: x-dev beside x-train, or a part of the training data).") { ValueName = "FILE" },
        new(Test, OptionKind.Text, "A file of its own to test on (default: x-test beside x-train, or a tenth of the data).") { ValueName = "FILE" },
        new(Group, OptionKind.Text, "Rows with equal values in this column stay on one side of the split.") { ValueName = "COLUMN" },
        new(Time, OptionKind.Text, "Splits by this column: the earliest rows are for training, the latest for the test.") { ValueName = "COLUMN" },
        new(Folds, OptionKind.Whole,
            "Cross-validation with so many folds, 2 to 100: mean and deviation of the figures (default: one split).")
            { Least = 2, Most = 100, ValueName = "K" },
        new(From, OptionKind.Text, "Starts from the weights of another run: fine-tuning, or training longer.") { ValueName = "RUN" },
        new(Freeze, OptionKind.Text,
            "With --from: layers that stay as they are. A number: so many from the first; head: all but the head; or patterns of their paths, as summary shows them, with commas between them (default: none).")
            { ValueName = "N|head|PATHS" },
        new(Unfreeze, OptionKind.Whole,
            "With --from: number of epochs after which the last frozen layer is trained too, then the one before it, and so on (default: they stay frozen).")
            { Most = 100_000, ValueName = "EPOCHS" },
        new(Quick, OptionKind.Flag, "Runs a few batches of each step, to check in seconds that everything works."),
        new(OverfitBatch, OptionKind.Flag, "Trains on one batch repeatedly; with a working setup its loss falls to nearly 0."),
        new(NoSamples, OptionKind.Flag, "Leaves examples of the data out of report.html, to pass it on; names of classes and columns stay in it."),
    ];

    /// <summary>The settings that a request asks for, with what it leaves open decided by the number of training examples.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="count">Number of training examples.</param>
    /// <param name="epochs">Number of epochs where none are asked for and it isn't done in brief.</param>
    /// <param name="learningRate">The preferred optimiser's learning rate where none is asked for.</param>
    /// <param name="batch">Batch size where none is asked for; null: a sixteenth of the examples, 4 to 64.</param>
    /// <param name="preferred">The optimiser where none is asked for: adamw, whose learning rate adam has too, or sgd.</param>
    public static TrainingSettings Settings(TaskRequest request, int count, int epochs, double learningRate = 3e-3, int? batch = null,
        string preferred = "adamw")
    {
        const int QuickEpochs = 2;
        bool isQuick = request.Has(Quick);
        string optimizer = request.Text(OptimizerName) ?? preferred;
        return new TrainingSettings
        {
            Epochs = request.Whole(Epochs) ?? (isQuick ? QuickEpochs : epochs),
            Batch = Math.Min(request.Whole(Batch) ?? batch ?? Math.Clamp(count / 16, 4, 64), count),
            LearningRate = request.Number(LearningRate) ?? (optimizer switch
            {
                "sgd" => preferred == "sgd" ? learningRate : 0.05,
                "rmsprop" => 1e-3,
                _ => preferred == "sgd" ? 3e-3 : learningRate,
            }),
            Optimizer = optimizer,
            Seed = request.SeedValue,
            Quick = isQuick,
            OverfitBatch = request.Has(OverfitBatch),
            NoSamples = request.Has(NoSamples),
            Freeze = request.Text(Freeze) ?? (request.Whole(Unfreeze) is null ? null : Head),
            Unfreeze = request.Whole(Unfreeze),
            Patience = request.Whole(Patience),
            Minutes = request.Number(Minutes),
            Split = request.Split,
        };
    }

    private const string Head = "head";

    /// <summary>Which layers a run's settings freeze; null: none.</summary>
    public static Freezing? FreezingOf(TrainingSettings settings)
    {
        if (settings.Freeze is not { } text) return null;
        var all = new Freezing { UnfreezeEvery = settings.Unfreeze };
        if (text == Head) return all;
        return int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int first)
            ? all with { First = Math.Max(1, first) }
            : all with { Patterns = [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(p => p.Replace("[", ".").Replace("]", ""))] };
    }

    /// <summary>The optimiser of this name.</summary>
    public static Optimizer CreateOptimizer(string name, double learningRate) => name switch
    {
        "sgd" => new Sgd(learningRate, momentum: 0.9, nesterov: true, weightDecay: 5e-4),
        "adam" => new Adam(learningRate),
        "rmsprop" => new RmsProp(learningRate),
        _ => new AdamW(learningRate),
    };
}
