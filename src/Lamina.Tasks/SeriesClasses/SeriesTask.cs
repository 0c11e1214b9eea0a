using System.Text.Json;
using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Saving;
using Lamina.Learning.Series;
using Lamina.Tasks.Images;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.SeriesClasses;

/// <summary>Whole series to classes, by a convolutional or a recurrent network; without data it makes control charts itself.</summary>
public sealed class SeriesTask : LearningTask
{
    internal const string Target = "target", Id = "id", Model = "model", Dropout = "dropout";

    private static readonly string[] s_tables = [".csv", ".tsv", ".txt", ".tab", ".gz", ".parquet", ".jsonl", ".ndjson"];

    private const int SeriesToSee = 60_000, FewestEpochs = 8, MostEpochs = 100;

    /// <inheritdoc/>
    public override string Name => "series";

    /// <inheritdoc/>
    public override string Summary => "whole series to classes";

    /// <inheritdoc/>
    public override string DataHelp =>
        "a CSV, TSV or other table with a series and its label in each row, or with a row for each step and a column that tells series apart; "
            + "a folder with a sub-folder of .csv files per class, a row for each step; or WAV files, whose envelopes are taken; without it: "
            + "built-in control charts";

    /// <inheritdoc/>
    public override string BuiltInData => ControlCharts.Name;

    /// <inheritdoc/>
    public override IReadOnlyList<TaskOption> Options { get; } =
    [
        new(Target, OptionKind.Text,
            "Column of labels, by name or number; of files: folder, or which part of their names, from 1 (default: the likeliest one).")
            { ValueName = "COLUMN" },
        new(Id, OptionKind.Text,
            "Column that tells series apart, where a row is a step (default: by its name, such as id or series).") { ValueName = "COLUMN" },
        new(Model, OptionKind.Choice, $"Network: {string.Join(", ", SeriesNetwork.Names)} (default: {SeriesNetwork.Names[0]}).") { Choices =
            SeriesNetwork.Names, Noun = "network" },
        new(Dropout, OptionKind.Share, "Share of values that are dropped in training, 0 to below 1 (default: 0.2).") { Example = "0.2" },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> CreateMetrics(RunInfo run) => [new Accuracy()];

    /// <inheritdoc/>
    public override string? Refuses(string option) => option == CommonOptions.Time ? "series are split by whole series" : null;

    /// <inheritdoc/>
    public override Recognition Recognize(DataSource data)
    {
        const int MostLooked = 20_000;
        try
        {
            if (data.IsStandardInput) return Recognition.None;
            if (Directory.Exists(data.Path))
            {
                using FolderReader tree = FolderReader.Open(data.Path, CancellationToken.None);
                string[] files = [.. tree.Files.Take(MostLooked)], tables = [.. files.Where(SeriesFiles.IsTable)];
                int folders = tables.Where(t => t.Contains('/')).Select(t => Path.GetDirectoryName(t)).Distinct().Count();
                return tables.Length * 2 > files.Length && folders >= 2
                    ? new(0.8, $"{data.Path} holds {tables.Length:N0} tables in {folders} folders, one for each series") : Recognition.None;
            }
            if (!File.Exists(data.Path) || !s_tables.Contains(Path.GetExtension(data.Path).ToLowerInvariant())) return Recognition.None;
            (double score, string reason) = SeriesColumns.Recognize(RowSources.Open(data.Path));
            return new(score, reason);
        }
        catch (Exception e) when (e is DataException or IOException or UnauthorizedAccessException)
        {
            return Recognition.None;
        }
    }

    /// <inheritdoc/>
    public override TaskPlan Plan(TaskRequest request, TaskContext context)
    {
        if (request.Data is null && (request.Text(Target) ?? request.Text(Id) ?? request.Split.Group) is not null)
            throw new TaskException("the built-in charts have no columns to choose", "data of your own, or none of --target, --id and --group");
        // The weights of another run mean something for its own encoding alone.
        RunInfo? start = StartOf(request);
        SeriesData data = SeriesData.Open(request.Data, new(request.Text(Target), request.Text(Id), start is null ? null
            : SeriesRecipe.Of(start)), request.Split, request.SeedValue, context);
        string model = request.Text(Model) ?? start?.Option(Model) ?? SeriesNetwork.Names[0];
        double dropout = request.Number(Dropout) ?? 0.2;
        return new(
            CommonOptions.Settings(request, data.Count, Math.Clamp(SeriesToSee / data.Count, FewestEpochs, MostEpochs),
                batch: Math.Clamp(data.Count / 16, 4, 32)),
            new Dictionary<string, JsonElement>
            {
                [Model] = JsonSerializer.SerializeToElement(model, SeriesJson.Default.String),
                [Dropout] = JsonSerializer.SerializeToElement(dropout, SeriesJson.Default.Double),
            },
            JsonSerializer.SerializeToElement(SeriesNetwork.Of(model, data.Classes.Length, dropout), SeriesJson.Default.SeriesNetwork),
            JsonSerializer.SerializeToElement(data.Recipe, SeriesJson.Default.SeriesRecipe),
            new ClassOutput(data.Classes) { Counts = data.Counts },
            data.Assemble());
    }

    /// <inheritdoc/>
    public override TaskData Read(RunInfo run, TaskContext context)
    {
        DataSource? source = run.Data is null ? null : new(run.Data) { Validation = run.ValidationData, Test = run.TestData };
        return SeriesData.Open(source, new(null, null, SeriesRecipe.Of(run)), run.Settings.Split, run.Settings.Seed, context).Assemble();
    }

    /// <inheritdoc/>
    public override Dataset ReadTest(RunInfo run, DataSource data, TaskContext context)
    {
        SeriesRecipe recipe = SeriesRecipe.Of(run);
        var notes = new List<string>();
        SampledDataset set = SeriesData.ForTest(data.Path, [.. ClassesOf(run)], recipe, notes, context, out int found);
        context.Tell(new TestReady(data.Path, "all of it", set.Count, "series", SeriesData.InputText(recipe), notes) { Classes = found });
        return set;
    }

    /// <inheritdoc/>
    public override Network Build(JsonElement network) => SeriesNetwork.Build(network);

    /// <inheritdoc/>
    public override Specs Inputs(RunInfo run)
    {
        SeriesRecipe recipe = SeriesRecipe.Of(run);
        return [new Spec(DType.Float32, [recipe.Steps, recipe.Channels.Count]), new Spec(DType.Float32, [recipe.Steps])];
    }

    /// <inheritdoc/>
    public override Batch CreateSyntheticBatch(RunInfo run, int count)
    {
        Batch made = base.CreateSyntheticBatch(run, count);
        Lamina.Tensors.Tensors inputs = [made.Inputs[0], Tensor.Create<float>(made.Inputs[1].Shape, mask => mask.Fill(1))];
        return new Batch(inputs, made.Targets);
    }

    /// <inheritdoc/>
    public override Objective CreateObjective(Network network, RunInfo run) => new Supervised(network, new CrossEntropy());

    /// <inheritdoc/>
    public override ModelInfo Describe(RunInfo run)
    {
        SeriesRecipe recipe = SeriesRecipe.Of(run);
        return new ModelInfo
        {
            Task = Name,
            Inputs = [new InputInfo { Name = "series", Shape = [recipe.Steps, recipe.Channels.Count], Preprocessing = [recipe.Encoding()] },
                new InputInfo { Name = "mask", Shape = [recipe.Steps] }],
            Outputs = [new OutputInfo { Name = "class", Meaning = new ClassLabels(ClassesOf(run)) }],
        };
    }

    /// <inheritdoc/>
    public override void Check(RunInfo run)
    {
        SeriesRecipe.Of(run).Encoding();
        int classes = SeriesNetwork.Read(run.Network).Classes, named = ClassesOf(run).Count;
        if (classes != named) throw new JsonException($"the network has {classes} classes, {named} are named");
    }

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, IReadOnlyList<string> inputs, int top, TaskContext context) =>
        new SeriesPredictor(model.Predictor, SeriesRecipe.Of(model.Run)).Predict(inputs, top, context.Cancel);

    /// <inheritdoc/>
    public override string StemOf(DataSource? data) => data is null ? "charts" : base.StemOf(data);

    private static IReadOnlyList<string> ClassesOf(RunInfo run) => run.Output is ClassOutput classes ? classes.Names
        : throw new JsonException("the output of a network for series is one of some classes");
}
