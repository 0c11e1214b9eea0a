using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Anomalies;

/// <summary>How anomalies are looked for. What is null is decided by the task, and stands in the run's <c>run.json</c>.</summary>
public sealed record AnomalyOptions
{
    /// <summary>The columns to watch, names without commas; empty: all columns of numbers.</summary>
    public IReadOnlyList<string> Target { get; init; } = [];

    /// <summary>The column that says which steps are odd, used to measure alone.</summary>
    public string? Label { get; init; }

    /// <summary>Columns to leave out.</summary>
    public IReadOnlyList<string> Drop { get; init; } = [];

    /// <summary>The column of times.</summary>
    public string? Time { get; init; }

    /// <summary>The column that says which series a row is of.</summary>
    public string? Series { get; init; }

    /// <summary>The step of time, such as <c>15min</c>; rows within a step are averaged.</summary>
    public string? Step { get; init; }

    /// <summary>The share of the steps to find as spikes and drifts, above 0 and below 1.</summary>
    public double? Share { get; init; }

    /// <summary>Number of steps that the network looks at; 1 for rows that don't depend on each other.</summary>
    public int? Window { get; init; }

    /// <summary>Number of steps after which the series repeats itself.</summary>
    public int? Season { get; init; }

    /// <summary>The autoencoder: <c>dense</c> or <c>conv</c>.</summary>
    public string? Model { get; init; }

    /// <summary>Number of epochs, from 1.</summary>
    public int? Epochs { get; init; }

    /// <summary>Random seed.</summary>
    public long Seed { get; init; }

    /// <summary>The run's folder, which must not exist or be empty; null: a new one under <c>runs</c>.</summary>
    public string? Run { get; init; }

    internal TaskRequest RequestFor(DataSource? data)
    {
        var values = new Dictionary<string, object>();
        void Add(string name, object? value)
        {
            if (value is not null) values[name] = value;
        }

        if (Target.Count > 0) Add(AnomalyTask.Target, string.Join(',', Target));
        if (Drop.Count > 0) Add(AnomalyTask.Drop, string.Join(',', Drop));
        Add(AnomalyTask.Label, Label);
        Add(CommonOptions.Time, Time);
        Add(AnomalyTask.Id, Series);
        Add(AnomalyTask.Step, Step);
        Add(AnomalyTask.Share, Share);
        Add(AnomalyTask.Window, (long?)Window);
        Add(AnomalyTask.Season, (long?)Season);
        Add(AnomalyTask.Network, Model);
        Add(CommonOptions.Epochs, (long?)Epochs);
        Add(CommonOptions.Seed, Seed);
        return new TaskRequest { Data = data, Run = Run, Values = values };
    }
}
