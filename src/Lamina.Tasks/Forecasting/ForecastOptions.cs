using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Forecasting;

/// <summary>How a forecast is trained. What is null is decided by the task, and stands in the run's <c>run.json</c>.</summary>
public sealed record ForecastOptions
{
    /// <summary>The columns to forecast, names without commas; empty: all columns of numbers.</summary>
    public IReadOnlyList<string> Target { get; init; } = [];

    /// <summary>Columns whose future is known.</summary>
    public IReadOnlyList<string> Known { get; init; } = [];

    /// <summary>Columns to leave out.</summary>
    public IReadOnlyList<string> Drop { get; init; } = [];

    /// <summary>The column of times.</summary>
    public string? Time { get; init; }

    /// <summary>The column that says which series a row is of.</summary>
    public string? Series { get; init; }

    /// <summary>The step of time, such as <c>15min</c>; rows within a step are averaged.</summary>
    public string? Step { get; init; }

    /// <summary>Number of steps to forecast, from 1.</summary>
    public int? Horizon { get; init; }

    /// <summary>Number of steps to look back on, from 1.</summary>
    public int? Window { get; init; }

    /// <summary>Number of steps after which the series repeats itself; 1 for none.</summary>
    public int? Season { get; init; }

    /// <summary>The network: <c>dlinear</c>, <c>patchtst</c> or <c>tcn</c>.</summary>
    public string? Model { get; init; }

    /// <summary>Steps for training, validation and test; null: 70, 10 and 20 of a hundred.</summary>
    public (long Training, long Validation, long Test)? Parts { get; init; }

    /// <summary>Number of epochs, from 1.</summary>
    public int? Epochs { get; init; }

    /// <summary>The highest learning rate of the schedule, above 0.</summary>
    public double? LearningRate { get; init; }

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

        void AddList(string name, IReadOnlyList<string> list) => Add(name, list.Count > 0 ? string.Join(',', list) : null);
        AddList(ForecastTask.Target, Target);
        AddList(ForecastTask.Known, Known);
        AddList(ForecastTask.Drop, Drop);
        Add(CommonOptions.Time, Time);
        Add(ForecastTask.Id, Series);
        Add(ForecastTask.Step, Step);
        Add(ForecastTask.Horizon, (long?)Horizon);
        Add(ForecastTask.Window, (long?)Window);
        Add(ForecastTask.Season, (long?)Season);
        Add(ForecastTask.Network, Model);
        if (Parts is { } parts) Add(ForecastTask.Parts, string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{parts.Training},{parts.Validation},{parts.Test}"));
        Add(CommonOptions.Epochs, (long?)Epochs);
        Add(CommonOptions.LearningRate, LearningRate);
        Add(CommonOptions.Seed, Seed);
        return new TaskRequest { Data = data, Run = Run, Values = values };
    }
}
