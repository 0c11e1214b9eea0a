using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Tables;

/// <summary>How the values of a target are read.</summary>
public enum TargetKind
{
    /// <summary>Decided by its values: words and few different whole numbers are classes, other numbers are numbers.</summary>
    Automatic,
    /// <summary>Each value is a class.</summary>
    Classes,
    /// <summary>The values are numbers.</summary>
    Numbers,
}

/// <summary>How a network for tables is trained. What is null is decided by the task, and stands in the run's <c>run.json</c>.</summary>
public sealed record TableOptions
{
    /// <summary>The column to predict by its name, or its number from 1; several columns of numbers with commas between them; null: the likeliest.</summary>
    public string? Target { get; init; }

    /// <summary>How the target is read: as classes or as numbers.</summary>
    public TargetKind TargetKind { get; init; }

    /// <summary>Whether each class counts alike in training, however rare it is.</summary>
    public bool Balance { get; init; }

    /// <summary>Columns to leave out, besides identifiers and constants; names without commas.</summary>
    public IReadOnlyList<string> Drop { get; init; } = [];

    /// <summary>Neurons of each hidden layer, 1 to 12 layers.</summary>
    public IReadOnlyList<int>? Hidden { get; init; }

    /// <summary>Share of the hidden neurons that are dropped in training, 0 to below 1.</summary>
    public double? Dropout { get; init; }

    /// <summary>Number of epochs, from 1.</summary>
    public int? Epochs { get; init; }

    /// <summary>Batch size, from 1.</summary>
    public int? Batch { get; init; }

    /// <summary>The highest learning rate of the schedule, above 0.</summary>
    public double? LearningRate { get; init; }

    /// <summary>One of <see cref="CommonOptions.Optimizers"/>.</summary>
    public string? Optimizer { get; init; }

    /// <summary>Number of epochs without improvement to tolerate before training stops; null: no early stopping.</summary>
    public int? Patience { get; init; }

    /// <summary>Minutes of training after which it ends at the next step; null: no limit.</summary>
    public double? Minutes { get; init; }

    /// <summary>The column whose equal values stay on one side of the split.</summary>
    public string? Group { get; init; }

    /// <summary>The column by which rows are split: the earliest are for training, the latest for the test.</summary>
    public string? Time { get; init; }

    /// <summary>Number of folds of a cross-validation, 2 to 100; null: one split.</summary>
    public int? Folds { get; init; }

    /// <summary>Random seed.</summary>
    public long Seed { get; init; }

    /// <summary>The run's folder, which must not exist or be empty; null: a new one under <c>runs</c>.</summary>
    public string? Run { get; init; }

    /// <summary>A few batches of everything, to see in seconds whether it works.</summary>
    public bool Quick { get; init; }

    /// <summary>Leaves rows out of the report.</summary>
    public bool NoSamples { get; init; }

    internal TaskRequest RequestFor(DataSource? data)
    {
        var values = new Dictionary<string, object>();
        void Add(string name, object? value)
        {
            if (value is not null) values[name] = value;
        }

        Add(TableTask.Target, Target);
        if (TargetKind != TargetKind.Automatic) Add(TargetKind == TargetKind.Classes ? TableTask.Classes : TableTask.Regression, true);
        if (Balance) Add(TableTask.Balance, true);
        if (Drop.Count > 0) Add(TableTask.Drop, string.Join(',', Drop));
        if (Hidden is not null) Add(TableTask.Hidden, string.Join(',', Hidden));
        Add(TableTask.Dropout, Dropout);
        Add(CommonOptions.Epochs, (long?)Epochs);
        Add(CommonOptions.Batch, (long?)Batch);
        Add(CommonOptions.LearningRate, LearningRate);
        Add(CommonOptions.OptimizerName, Optimizer);
        Add(CommonOptions.Patience, (long?)Patience);
        Add(CommonOptions.Minutes, Minutes);
        Add(CommonOptions.Group, Group);
        Add(CommonOptions.Time, Time);
        Add(CommonOptions.Folds, (long?)Folds);
        Add(CommonOptions.Seed, Seed);
        if (Quick) Add(CommonOptions.Quick, true);
        if (NoSamples) Add(CommonOptions.NoSamples, true);
        return new TaskRequest { Data = data, Run = Run, Values = values };
    }
}
