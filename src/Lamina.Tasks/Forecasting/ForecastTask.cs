using System.Text.Json;
using Lamina.Formats;
using Lamina.Learning.Data;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Saving;
using Lamina.Models;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Series;
using Lamina.Tasks.Spine;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Forecasting;

/// <summary>The next steps of series over time; without data it reads built-in synthetic demand.</summary>
public sealed class ForecastTask : LearningTask
{
    internal const string Target = "target", Known = "known", Drop = "drop", Id = "series", Step = "step", Horizon = "horizon", Window = "window",
        Parts = "parts", Season = "season",
        Network = "model";

    private readonly RowSource? _rows;

    /// <summary>The task on tables in files, and on built-in demand.</summary>
    public ForecastTask()
    {
    }

    /// <summary>The task on rows that come from code, in place of the built-in demand.</summary>
    internal ForecastTask(RowSource rows) => _rows = rows;

    /// <inheritdoc/>
    public override string Name => "forecast";

    /// <inheritdoc/>
    public override string Summary => "the next steps of series over time";

    /// <inheritdoc/>
    public override string DataHelp =>
        "a CSV, TSV, JSON lines, Parquet or SQLite file with a row for each step, a column of times and one or more of numbers; without it: built-in synthetic demand of electricity";

    /// <inheritdoc/>
    public override string BuiltInData => _rows is null ? Demand.Name : RunInfo.RowsFromCode;

    /// <inheritdoc/>
    public override IReadOnlyList<TaskOption> Options { get; } =
    [
        new(Target, OptionKind.Text,
            "Columns to forecast, by name or number, with commas between them; other columns of numbers are looked at too (default: all columns of numbers).") { ValueName = "COLUMNS" },
        new(Known, OptionKind.Text,
            "Columns whose future is known, such as holidays or planned prices (default: none but the calendar).") { ValueName = "COLUMNS" },
        new(Drop, OptionKind.Text, "Columns to leave out, with commas between them (default: none but constants).") { ValueName = "COLUMNS" },
        new(Id, OptionKind.Text,
            "Column that says which series a row is of, or several with commas between them (default: found where times come again and again).") { ValueName = "COLUMN" },
        new(Step, OptionKind.Text,
            "Step of time, such as 15min, 1h, 1d, 1mo; rows within a step are averaged (default: the most common distance of two rows).") { ValueName = "STEP" },
        new(Horizon, OptionKind.Whole,
            "Number of steps to forecast (default: by the step, such as 24 hours, 14 days or 12 months).") { Most = 10_000 },
        new(Window, OptionKind.Whole,
            "Number of steps to look back on (default: three and a half horizons and two seasons, as far as there are steps).") { Most = 10_000 },
        new(Parts, OptionKind.Text,
            "Steps for training, validation and test, in this order of time: three numbers or three shares (default: 0.7,0.1,0.2).") { ValueName = "N,N,N", Example = "0.7,0.1,0.2" },
        new(Season, OptionKind.Whole,
            "Number of steps after which the series repeats itself, for the seasonal baseline and MASE; 1 for none (default: found).") { Most = 100_000 },
        new(Network, OptionKind.Choice,
            $"Network: {string.Join(", ", ForecastNetworks.Names)} (default: {ForecastNetworks.Names[0]}).") { Choices = ForecastNetworks.Names },
    ];

    /// <inheritdoc/>
    public override bool PredictsOn => true;

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> CreateMetrics(RunInfo run) => [new MeanAbsolute()];

    /// <inheritdoc/>
    public override string? Refuses(string option) => option switch
    {
        CommonOptions.Folds => "a series is tested on its end, over all origins there",
        CommonOptions.Group => "series are split by time alone",
        CommonOptions.Validation or CommonOptions.Test => $"a series is split by time; --{Parts} says where",
        _ => null,
    };

    /// <inheritdoc/>
    public override Recognition Recognize(DataSource data) => SeriesRecognition.Of(data);

    /// <inheritdoc/>
    public override TaskPlan Plan(TaskRequest request, TaskContext context) =>
        new ForecastPlan(request, request.Data?.Path is { } path ? RowSources.Open(path) : BuiltInOrGiven, BuiltInData, context).Make();

    /// <inheritdoc/>
    public override TaskData Read(RunInfo run, TaskContext context)
    {
        if (run.Data is null && (run.BuiltIn == RunInfo.RowsFromCode) != (_rows is not null))
            throw new TaskException($"the run was trained on {run.BuiltIn}, not on {(_rows is null ? Demand.Name : RunInfo.RowsFromCode)}",
                "the program that has the rows");
        (ForecastRecipe recipe, SeriesOutput output) = (ForecastRecipe.Of(run), OutputOf(run));
        SeriesTable table = SeriesReader.Read(run.Data is { } path ? RowSources.Open(path) : BuiltInOrGiven, recipe.Layout, [], context.Cancel);
        return new ForecastData(table, recipe, output).Assemble(table.Hash, []);
    }

    /// <inheritdoc/>
    public override Dataset ReadTest(RunInfo run, DataSource data, TaskContext context)
    {
        (ForecastRecipe recipe, SeriesOutput output) = (ForecastRecipe.Of(run), OutputOf(run));
        SeriesTable table = SeriesReader.Read(RowSources.Open(data.Path), recipe.Layout, [], context.Cancel);
        var series = new ForecastData(table, recipe, output);
        SeriesWindows windows = series.All();
        if (windows.Count == 0) throw ForecastDefaults.TooShort(table.Source, table.End - table.First, recipe.Shape.Horizon, recipe.Shape.Window);
        context.Tell(new TestReady(data.Path, "all of it", windows.Count, "window", ForecastData.InputText(recipe), table.Notes));
        return new SampledDataset(windows, i => series.Place(windows, i));
    }

    /// <inheritdoc/>
    public override Network Build(JsonElement network) => ForecastNetworks.Build(network);

    /// <inheritdoc/>
    public override void Prepare(Network network, Dataset training)
    {
        if (network is DLinear linear) linear.StartFrom(LinearFit.Of(training, linear.Options.Shape, linear.Options.Level));
    }

    /// <inheritdoc/>
    public override Specs Inputs(RunInfo run) => ForecastRecipe.Of(run).Shape is var shape ? new Spec(DType.Float32, [shape.Rows, shape.Channels])
        : default;

    /// <inheritdoc/>
    public override Objective CreateObjective(Network network, RunInfo run) => new MaskedObjective(network);

    /// <inheritdoc/>
    public override ModelInfo Describe(RunInfo run)
    {
        (ForecastRecipe recipe, SeriesOutput output) = (ForecastRecipe.Of(run), OutputOf(run));
        int circles = recipe.Shape.Channels - recipe.Layout.Columns.Count;
        ValueScale[] targets = [.. output.Columns.Select(c => new ValueScale((float)c.Mean, (float)c.Deviation, c.Transform is not null))];
        ValueScale[] others = [.. recipe.Scales.Select(s => new ValueScale((float)s.Mean, (float)s.Deviation, false)),
            .. Enumerable.Repeat(new ValueScale(0, 1, false), circles)];
        return new()
        {
            Task = Name,
            Inputs = [new InputInfo { Name = "window", Shape = [recipe.Shape.Rows, recipe.Shape.Channels],
                Preprocessing = [new NormalizeSeries([.. targets, .. others])] }],
            Outputs = [new OutputInfo { Name = "forecast", Meaning = new SeriesValues([.. output.Columns.Select(c => c.Name)], targets) }],
        };
    }

    /// <inheritdoc/>
    public override void Check(RunInfo run)
    {
        ForecastRecipe recipe = ForecastRecipe.Of(run);
        try
        {
            if (ForecastNetworks.ShapeOf(Build(run.Network)) != recipe.Shape)
                throw new JsonException("the network looks at other steps than the preprocessing gives");
        }
        catch (Exception e) when (e is FileFormatException or ArgumentException)
        {
            throw new JsonException(e.Message.Split('\n')[0]);
        }
    }

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, IReadOnlyList<string> inputs, int top, TaskContext context) =>
        ForecastPredictor.Predict(model, ForecastRecipe.Of(model.Run), OutputOf(model.Run),
            inputs.Count > 0 ? inputs.Select(file => RowSources.Open(file))
                : [_rows ?? (model.Run.Data is { } data ? RowSources.Open(data) : Demand.Rows())], context.Cancel);

    /// <inheritdoc/>
    public override string StemOf(DataSource? data) => data is null ? "demand" : base.StemOf(data);

    private RowSource BuiltInOrGiven => _rows ?? Demand.Rows();

    internal static SeriesOutput OutputOf(RunInfo run) => run.Output as SeriesOutput ?? throw new JsonException("the output isn't one of series");
}
