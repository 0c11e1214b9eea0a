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

namespace Lamina.Tasks.Anomalies;

/// <summary>What doesn't fit in series without labels; without data it reads built-in sensors of a machine with planted faults.</summary>
public sealed class AnomalyTask : LearningTask
{
    internal const string Target = "target", Drop = "drop", Id = "series", Step = "step", Window = "window", Season = "season", Share = "share",
        Label = "label", Network = "model",
        Dense = "dense", Convolutional = "conv";

    // In robust units, where most of what is usual lies within.
    private const double RobustDelta = 1;

    private readonly RowSource? _rows;

    /// <summary>The task on tables in files, and on the built-in sensors.</summary>
    public AnomalyTask()
    {
    }

    /// <summary>The task on rows that come from code, in place of the built-in sensors.</summary>
    internal AnomalyTask(RowSource rows) => _rows = rows;

    /// <inheritdoc/>
    public override string Name => "anomalies";

    /// <inheritdoc/>
    public override string Summary => "what is odd in series without labels";

    /// <inheritdoc/>
    public override string DataHelp =>
        "a CSV, TSV, JSON lines, Parquet or SQLite file with a row for each step and columns of numbers, by --task anomalies alone; without it: built-in sensors of a machine with planted faults";

    /// <inheritdoc/>
    public override string BuiltInData => _rows is null ? Machine.Name : RunInfo.RowsFromCode;

    /// <inheritdoc/>
    public override bool PredictsOn => true;

    /// <inheritdoc/>
    public override IReadOnlyList<TaskOption> Options { get; } =
    [
        new(Target, OptionKind.Text,
            "Columns to watch, by name or number, with commas between them (default: all columns of numbers).") { ValueName = "COLUMNS" },
        new(Label, OptionKind.Text,
            "Column that says which steps are odd (1, true, a word) and which are not (0, false, normal, empty); used to measure alone (default: none).") { ValueName = "COLUMN" },
        new(Drop, OptionKind.Text, "Columns to leave out, with commas between them (default: none but constants).") { ValueName = "COLUMNS" },
        new(Id, OptionKind.Text,
            "Column that says which series a row is of, or several with commas between them (default: found where times come again and again).") { ValueName = "COLUMN" },
        new(Step, OptionKind.Text,
            "Step of time, such as 15min, 1h, 1d; rows within a step are averaged (default: the most common distance of two rows).") { ValueName = "STEP" },
        new(Share, OptionKind.Share,
            "Share of the steps to find as drifts, above 0 and below 1; spikes are a tenth of it (default: 0.05).") { Example = "0.01" },
        new(Window, OptionKind.Whole,
            "Number of steps that the network looks at; 1 for rows that don't depend on each other (default: a season, or 32).") { Most = 10_000 },
        new(Season, OptionKind.Whole,
            "Number of steps after which the series repeats itself, over which drifts are looked for (default: found).") { Most = 10_000 },
        new(Network, OptionKind.Choice, $"Autoencoder: {Dense}, {Convolutional} (default: {Dense}).") { Choices = [Dense, Convolutional] },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> CreateMetrics(RunInfo run) => [new MeanAbsolute()];

    /// <inheritdoc/>
    public override string? Refuses(string option) => option switch
    {
        CommonOptions.Folds or CommonOptions.Group => "nothing is labelled, so all steps are learned and looked through",
        CommonOptions.OverfitBatch => "there is nothing to learn by heart: all steps are looked through",
        CommonOptions.Validation or CommonOptions.Test => "all steps are looked through; lamina predict looks through another file",
        _ => null,
    };

    /// <summary>Never: what is odd is only looked for where a person asks for it.</summary>
    public override Recognition Recognize(DataSource data) => Recognition.None;

    /// <inheritdoc/>
    public override TaskPlan Plan(TaskRequest request, TaskContext context) => request.Data is { } data
        ? new AnomalyPlan(request, RowSources.Open(data.Path), data.Path, context).Make(null)
        : _rows is not null ? new AnomalyPlan(request, _rows, BuiltInData, context).Make(null)
        : new AnomalyPlan(request, Machine.Rows(), Machine.Name, context).Make(Machine.Fault);

    /// <inheritdoc/>
    public override TaskData Read(RunInfo run, TaskContext context)
    {
        if (run.Data is null && (run.BuiltIn == RunInfo.RowsFromCode) != (_rows is not null))
            throw new TaskException($"the run was trained on {run.BuiltIn}, not on {BuiltInData}", "the program that has the rows");
        AnomalyRecipe recipe = AnomalyRecipe.Of(run);
        SeriesTable table = Open(run.Data is { } path ? RowSources.Open(path) : _rows ?? Machine.Rows(), recipe, context.Cancel);
        return new AnomalyData(table, recipe, OutputOf(run)).Assemble(run.Data ?? BuiltInData, []);
    }

    /// <inheritdoc/>
    public override Dataset ReadTest(RunInfo run, DataSource data, TaskContext context)
    {
        AnomalyRecipe recipe = AnomalyRecipe.Of(run);
        SeriesTable table = Open(RowSources.Open(data.Path), recipe, context.Cancel);
        SampledDataset windows = Windows(table, recipe, OutputOf(run));
        context.Tell(new TestReady(data.Path, "all of it", windows.Count, "window", AnomalyData.InputText(recipe), table.Notes));
        return windows;
    }

    /// <inheritdoc/>
    public override Network Build(JsonElement network) => Model.Create<Autoencoder>(network, RunFolder.InfoFile);

    /// <inheritdoc/>
    public override Specs Inputs(RunInfo run) => AnomalyRecipe.Of(run) is var recipe ? new Spec(DType.Float32, [recipe.Window, recipe.Watched])
        : default;

    /// <inheritdoc/>
    public override Batch CreateSyntheticBatch(RunInfo run, int count) =>
        SyntheticBatch.Of(Inputs(run), Specs.Create([Inputs(run)[0], Inputs(run)[0]]), count, 1);

    /// <inheritdoc/>
    public override Objective CreateObjective(Network network, RunInfo run) => new MaskedObjective(network, RobustDelta);

    /// <inheritdoc/>
    public override ModelInfo Describe(RunInfo run)
    {
        AnomalyOutput output = OutputOf(run);
        ValueScale[] scales = [.. output.Columns.Select(c => new ValueScale((float)c.Mean, (float)c.Deviation, false))];
        return new()
        {
            Task = Name,
            Inputs = [new InputInfo { Name = "window", Shape = [output.Window, output.Columns.Count],
                Preprocessing = [new NormalizeSeries(scales)] }],
            Outputs = [new OutputInfo { Name = "usual", Meaning = new SeriesValues([.. output.Columns.Select(c => c.Name)], scales) }],
        };
    }

    /// <inheritdoc/>
    public override void Check(RunInfo run)
    {
        AnomalyRecipe recipe = AnomalyRecipe.Of(run);
        try
        {
            AutoencoderOptions options = ((Autoencoder)Build(run.Network)).Options;
            if (options.Steps != recipe.Window
                || options.Channels != recipe.Watched) throw new JsonException("the network looks at other steps or columns than the preprocessing gives");
        }
        catch (Exception e) when (e is FileFormatException or ArgumentException)
        {
            throw new JsonException(e.Message.Split('\n')[0]);
        }
    }

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, IReadOnlyList<string> inputs, int top, TaskContext context)
    {
        AnomalyRecipe recipe = AnomalyRecipe.Of(model.Run);
        return AnomalyPredictor.Predict(this, model, [.. Sources(model.Run, inputs).Select(rows =>
            (rows.Name, Windows(Open(rows, recipe, context.Cancel), recipe, OutputOf(model.Run))))], context.Cancel);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TaskVerb> Verbs =>
        [new("scores", "Scores each step of a table, as CSV: 1 is the threshold.", [], (model, inputs, _, context) =>
            Sources(model.Run, inputs).SelectMany(rows =>
        {
            AnomalyRecipe recipe = AnomalyRecipe.Of(model.Run);
            return AnomalyPredictor.Scores(this, model, Windows(Open(rows, recipe, context.Cancel), recipe, OutputOf(model.Run)), context.Cancel);
        }))];

    /// <inheritdoc/>
    public override string StemOf(DataSource? data) => data is null ? "machine" : base.StemOf(data);

    internal static AnomalyOutput OutputOf(RunInfo run) => run.Output as AnomalyOutput
        ?? throw new JsonException("the output isn't one of anomalies");

    // The run's own data where no files are given.
    private IEnumerable<RowSource> Sources(RunInfo run, IReadOnlyList<string> files) => files.Count > 0 ? files.Select(file => RowSources.Open(file))
        : [_rows ?? (run.Data is { } data ? RowSources.Open(data) : Machine.Rows())];

    // Another table may have no labels.
    private static SeriesTable Open(RowSource rows, AnomalyRecipe recipe, CancellationToken cancel)
    {
        bool hasLabels = recipe.Label is { } label && rows.Columns.Contains(label, StringComparer.OrdinalIgnoreCase);
        return SeriesReader.Read(hasLabels ? new LabelRows(rows, ColumnNames.Find(rows, recipe.Label!)) : rows, recipe.Layout, recipe.Label is null
            ? [] : [recipe.Label], cancel);
    }

    private static SampledDataset Windows(SeriesTable table, AnomalyRecipe recipe, AnomalyOutput output)
    {
        SampledDataset windows = new AnomalyData(table, recipe, output).All();
        return windows.Count > 0 ? windows
            : throw new DataException(table.Source, $"has {table.Tracks.Max(t => t.Steps):N0} steps, and the network looks at {recipe.Window}",
                "a longer part of the series");
    }
}
