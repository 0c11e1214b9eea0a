using System.Globalization;
using System.Text.Json;
using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Ratings;
using Lamina.Learning.Saving;
using Lamina.Models;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Recommendations;

/// <summary>A user and an item to the rating that the user would give; without data it reads built-in synthetic ratings.</summary>
public sealed class RecommendTask : LearningTask
{
    internal const string User = "user", Item = "item", Rating = "rating", Scale = "scale", Width = "width", Dropout = "dropout";

    private const int RatingsToSee = 800_000, FewestEpochs = 2, MostEpochs = 60;
    private const double UsualDropout = 0.3, UsualDecay = 1;

    /// <inheritdoc/>
    public override string Name => "recommend";

    /// <inheritdoc/>
    public override string Summary => "users and items to ratings, and what to recommend";

    /// <inheritdoc/>
    public override string DataHelp =>
        "a table with a row for each rating: user, item, rating and perhaps time; without it: built-in synthetic ratings";

    /// <inheritdoc/>
    public override string BuiltInData => TasteGroups.Name;

    /// <inheritdoc/>
    public override IReadOnlyList<TaskOption> Options { get; } =
    [
        new(User, OptionKind.Text, "Column of users, by name or number (default: by its name, or the first with identifiers).") { ValueName = "COLUMN" },
        new(Item, OptionKind.Text, "Column of items, by name or number (default: by its name, or the second with identifiers).") { ValueName = "COLUMN" },
        new(Rating, OptionKind.Text,
            "Column of ratings, by name or number (default: by its name, or numbers with few different values).") { ValueName = "COLUMN" },
        new(Scale, OptionKind.Text,
            "Least and greatest rating; rows with others are left out (default: only ratings far off the others are).") { ValueName = "LOW,HIGH" },
        new(Width, OptionKind.Whole, "Numbers that describe an item's and a user's taste, in each of the two members (default: 32).") { Most = 1_024 },
        new(Dropout, OptionKind.Share, $"Share of a user's ratings that is dropped in training, 0 to below 1 (default: {UsualDropout}).") { Example = "0.3" },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TaskVerb> Verbs => RatingVerbs.All;

    /// <inheritdoc/>
    public override string NextCommand(string run) => $"recommend {run} USER";

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> CreateMetrics(RunInfo run) => [new RootMeanSquare()];

    /// <inheritdoc/>
    public override Recognition Recognize(DataSource data)
    {
        try
        {
            if (data.IsStandardInput || !File.Exists(data.Path)) return Recognition.None;
            (double score, string reason) = RatingColumns.Recognize(RatingRows.Open(data.Path));
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
        (double, double)? scale = request.Text(Scale) is { } typed ? ScaleOf(typed) : null;
        RatingData data = RatingData.Open(request.Data,
            rows => RatingColumns.Of(rows, request.Text(User), request.Text(Item), request.Text(Rating), request.Split.Time), scale, request.Split,
            request.SeedValue, context);
        UserRatings ratings = data.Preprocessing();
        var network = new MatrixFactorizationOptions
        {
            Items = data.Items, Length = data.Length, Width = request.Whole(Width) ?? 32, Dropout = request.Number(Dropout) ?? UsualDropout,
        };
        (float least, float most) = data.Scale;
        return new(
            CommonOptions.Settings(request, data.Count, Math.Clamp(RatingsToSee / data.Count, FewestEpochs, MostEpochs), 3e-3,
                Math.Clamp(data.Count / 64, 16, 512)),
            Kept(request, network),
            JsonSerializer.SerializeToElement(network, RatingJson.Default.MatrixFactorizationOptions),
            JsonSerializer.SerializeToElement(RatingRecipe.Of(data.Columns, ratings), RatingJson.Default.RatingRecipe),
            new NumberOutput("rating", data.Mean, 1) { Least = least, Most = most, Baseline = "the biases of user and item" },
            data.Assemble(Facts(data)));
    }

    /// <inheritdoc/>
    public override TaskData Read(RunInfo run, TaskContext context)
    {
        RatingData data = Open(run, context);
        return data.Assemble(Facts(data));
    }

    /// <inheritdoc/>
    public override Dataset ReadTest(RunInfo run, DataSource data, TaskContext context)
    {
        RatingRecipe recipe = RatingRecipe.Of(run);
        return new RatingPredictor(recipe.Read(), recipe.Columns).ReadTest(data.Path, context);
    }

    /// <inheritdoc/>
    public override Network Build(JsonElement network) => new MatrixFactorization(network.Deserialize(RatingJson.Default.MatrixFactorizationOptions)
        ?? throw new JsonException("it has no network"));

    /// <inheritdoc/>
    public override void Prepare(Network network, Dataset training) => ((MatrixFactorization)network).StartFromMeans(training);

    /// <inheritdoc/>
    public override Specs Inputs(RunInfo run) => new Spec(DType.Float32, [RatingRecipe.Of(run).Read().Slots]);

    /// <inheritdoc/>
    public override Batch CreateSyntheticBatch(RunInfo run, int count)
    {
        Batch numbers = SyntheticBatch.Of(new Spec(DType.Int32, [RatingRecipe.Of(run).Read().Slots]), new Spec(DType.Float32, [1]), count, 1);
        return new(numbers.Input.Cast(DType.Float32), numbers.Target);
    }

    /// <inheritdoc/>
    public override Objective CreateObjective(Network network, RunInfo run) => new EnsembleObjective(network, new MeanSquaredError());

    /// <inheritdoc/>
    public override Optimizer CreateOptimizer(TrainingSettings settings) =>
        settings.Optimizer == "adamw" ? new AdamW(settings.LearningRate, weightDecay: UsualDecay) : base.CreateOptimizer(settings);

    /// <inheritdoc/>
    public override ModelInfo Describe(RunInfo run)
    {
        UserRatings ratings = RatingRecipe.Of(run).Read();
        NumberOutput output = OutputOf(run);
        return new ModelInfo
        {
            Task = Name,
            Inputs = [new InputInfo { Name = "pair", Shape = [ratings.Slots], Preprocessing = [ratings] }],
            Outputs = [new OutputInfo { Name = "rating", Meaning = new BoundedQuantity(output.Name, (float)output.Deviation, (float)output.Mean,
                (float)output.Least!.Value, (float)output.Most!.Value) }],
        };
    }

    /// <inheritdoc/>
    public override void Check(RunInfo run)
    {
        UserRatings ratings = RatingRecipe.Of(run).Read();
        MatrixFactorizationOptions network = run.Network.Deserialize(RatingJson.Default.MatrixFactorizationOptions)
            ?? throw new JsonException("it has no network");
        if (network.Items != ratings.Items.Count) throw new JsonException($"the network knows {network.Items} items, {ratings.Items.Count} are named");
        if (network.Length != ratings.Length) throw new JsonException($"the network takes {network.Length} ratings of a user, its input has {ratings.Length}");
        if (OutputOf(run) is not { Least: not null, Most: not null }) throw new JsonException("the scale of the ratings is missing");
    }

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, IReadOnlyList<string> inputs, int top, TaskContext context) =>
        Predict(model, new PredictInput(inputs), top, context);

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, PredictInput input, int top, TaskContext context)
    {
        RatingRecipe recipe = RatingRecipe.Of(model.Run);
        return new RatingPredictor(RatingsOf(model), recipe.Columns).Predict(model, input, context.Cancel);
    }

    /// <inheritdoc/>
    public override string StemOf(DataSource? data) => data is null ? "ratings" : base.StemOf(data);

    /// <summary>What users have rated, of a run.</summary>
    internal static UserRatings RatingsOf(TaskModel model) => (UserRatings)model.Info.Inputs[0].Preprocessing[0];

    private static RatingData Open(RunInfo run, TaskContext context)
    {
        RatingRecipe recipe = RatingRecipe.Of(run);
        DataSource? source = run.Data is null ? null : new(run.Data) { Validation = run.ValidationData, Test = run.TestData };
        return RatingData.Open(source, rows => recipe.Columns ?? RatingColumns.Of(rows, null, null, null, run.Settings.Split.Time),
            run.Option(Scale) is { } scale ? ScaleOf(scale) : null, run.Settings.Split, run.Settings.Seed, context);
    }

    private static Fact[] Facts(RatingData data)
    {
        string counts = string.Create(CultureInfo.InvariantCulture,
            $"{data.Table.Users.Count:N0} users, {data.Table.Items.Count:N0} items; {data.Table.Count:N0} ratings from {data.Scale.Least:G6} to {data.Scale.Most:G6}, {data.Mean:F2} on the average");
        return data.Columns is null ? [new("ratings", "ratings", counts)]
            : [new("columns", "columns", data.Columns.Reason), new("ratings", "ratings", counts)];
    }

    private static Dictionary<string, JsonElement> Kept(TaskRequest request, MatrixFactorizationOptions network)
    {
        var kept = new Dictionary<string, JsonElement>
        {
            [Width] = JsonSerializer.SerializeToElement(network.Width, RatingJson.Default.Int32),
            [Dropout] = JsonSerializer.SerializeToElement(network.Dropout, RatingJson.Default.Double),
        };
        foreach (string option in (string[])[User, Item, Rating, Scale])
            if (request.Text(option) is { } text) kept[option] = JsonSerializer.SerializeToElement(text, RatingJson.Default.String);
        return kept;
    }

    private static NumberOutput OutputOf(RunInfo run) => run.Output as NumberOutput
        ?? throw new JsonException("the output of a network for ratings is a number");

    private static (double, double) ScaleOf(string text) =>
        text.Split(',', ';', ':') is [var low, var high] && double.TryParse(low, NumberStyles.Float, CultureInfo.InvariantCulture, out double least)
            && double.TryParse(high, NumberStyles.Float, CultureInfo.InvariantCulture, out double most) && least < most && double.IsFinite(least)
                && double.IsFinite(most)
            ? (least, most) : throw new TaskException($"--{Scale} {text}: expected the least and the greatest rating with a comma between them",
                "1,5");
}
