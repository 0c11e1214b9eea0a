using System.Globalization;
using System.Text.Json;
using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Saving;
using Lamina.Learning.Texts;
using Lamina.Models;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Sequences;

/// <summary>Sequences of symbols or words to a label for each position; without data it reads built-in synthetic states of a machine.</summary>
public sealed class SequencesTask : LearningTask
{
    internal const string Symbol = "symbol", Label = "label", Window = "window", Hidden = "hidden", Members = "members", Dropout = "dropout";

    private const int PositionsToSee = 700_000, FewestEpochs = 4, MostEpochs = 60, StepsToShow = 64;
    private const double UsualDecay = 1;

    /// <inheritdoc/>
    public override string Name => "sequences";

    /// <inheritdoc/>
    public override string Summary => "sequences to a label for each position";

    /// <inheritdoc/>
    public override string DataHelp =>
        "a text file with a symbol or word and its label in each line, and a blank line or a mark such as <> or end between sequences (x.test beside x.train is its test part); or a sequence and its labels, a character each, in each line; without it: built-in synthetic machine states";

    /// <inheritdoc/>
    public override string BuiltInData => HiddenStates.Name;

    /// <inheritdoc/>
    public override IReadOnlyList<TaskOption> Options { get; } =
    [
        new(Symbol, OptionKind.Text, "Column of symbols or words, by number from 1 or name (default: the first).") { ValueName = "COLUMN" },
        new(Label, OptionKind.Text, "Column of labels, by number from 1 or name (default: the last).") { ValueName = "COLUMN" },
        new(Window, OptionKind.Whole, "Positions around each one that are looked at, an odd number (default: 13 characters, 5 words).") { Most = 255 },
        new(Hidden, OptionKind.Text, "Neurons of each of the two hidden layers (default: 64).") { ValueName = "N" },
        new(Members, OptionKind.Whole, "Networks that are trained side by side, and averaged (default: 6; 2 from 200,000 positions).") { Most = 64 },
        new(Dropout, OptionKind.Share, "Share of the neurons that are dropped in training, 0 to below 1 (default: 0.5).") { Example = "0.3" },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> CreateMetrics(RunInfo run) => [new Accuracy { IgnoreIndex = -1 }];

    /// <inheritdoc/>
    public override string? Refuses(string option) => option is CommonOptions.Group or CommonOptions.Time ? "sequences have no columns to split by"
        : null;

    /// <inheritdoc/>
    public override Recognition Recognize(DataSource data)
    {
        const int FewestSteps = 3, MostLabels = 60;
        try
        {
            if (data.IsStandardInput || !File.Exists(data.Path)
                || SequenceSet.FirstLines(data.Path) is not { Count: > 0 } lines) return Recognition.None;
            SequenceLayout layout = SequenceLayout.Of(lines, null, null, data.Path);
            if (layout.Label < 0 || layout.Sequences < 2) return Recognition.None;
            string[][] rows = [.. lines.Where((l, i) => !layout.IsMark(l) && !layout.IsPassedOver(l, i + 1)).Select(layout.Split)];
            int marks = lines.Count(layout.IsMark), labels = rows.Where(r => r.Length == layout.Fields).Select(r => r[layout.Label]).Distinct()
                .Count();
            bool isEven = rows.Count(r => r.Length == layout.Fields) >= 0.95 * rows.Length;
            // A table has no lines between its rows.
            bool fits = layout.AreWhole ? marks == 0 && layout.Fields == 2 && rows.Length >= 4
                && rows.All(r => r.Length == 2 && r.All(f => f.All(char.IsAsciiLetter) || f.All(c => !char.IsDigit(c))))
                : isEven && layout.Sequences >= 2 && rows.Length >= FewestSteps * layout.Sequences && labels >= 2
                    && labels <= Math.Min(MostLabels, rows.Length / 4);
            return fits ? new(0.9,
                $"{data.Path} has {layout.Text}, {Wording.Count(layout.Sequences, "sequence")} in its first {Wording.Count(lines.Count, "line")}")
                    : Recognition.None;
        }
        catch (Exception e) when (e is DataException or IOException or UnauthorizedAccessException)
        {
            return Recognition.None;
        }
    }

    /// <inheritdoc/>
    public override TaskPlan Plan(TaskRequest request, TaskContext context)
    {
        if (request.Whole(Window) is { } even
            && even % 2 == 0) throw new TaskException($"--{Window} {even}: a window has a middle, so it is an odd number", $"{even + 1}");
        if (request.Data is null && (request.Text(Symbol)
            ?? request.Text(Label)) is not null) throw new TaskException("the built-in sequences have no columns to choose",
            $"data of your own, or neither --{Symbol} nor --{Label}");
        if (request.Data is { } folder && Directory.Exists(folder.Path)) throw new DataException(folder.Path, "is a folder",
            "a text file with a symbol and its label in each line");
        SequenceData data = SequenceData.Open(request.Data, path => LayoutOf(path, request.Text(Symbol), request.Text(Label)), request.Split,
            request.SeedValue, context.Cancel);
        // The weights of another run mean something for its own symbols alone.
        RunInfo? start = StartOf(request);
        SymbolVocabulary vocabulary = start is null ? data.Vocabulary() : SequenceRecipe.Of(start).Vocabulary();
        bool isLarge = data.Positions >= 200_000, areWords = vocabulary.Pieces > 0;
        var network = new SequenceTaggerOptions
        {
            Labels = data.Labels.Length, Vocabulary = vocabulary.Size, Features = vocabulary.Features, Width = areWords ? 64 : 16,
                Hidden = request.Text(Hidden) is { } typed ? HiddenOf(typed) : 64,
            Window = request.Whole(Window) ?? (areWords ? 5 : 13), SecondWindow = areWords ? 3 : 9, Members = request.Whole(Members)
                ?? (isLarge ? 2 : 6),
            Dropout = request.Number(Dropout) ?? 0.5,
        };
        var recipe = new SequenceRecipe(request.Text(Symbol), request.Text(Label), string.Join('\n', vocabulary.Symbols), vocabulary.Pieces,
            data.FrequentOf(vocabulary));
        return new(
            CommonOptions.Settings(request, data.Count, (int)Math.Clamp(PositionsToSee / data.Positions, FewestEpochs, MostEpochs), 3e-3,
                Math.Clamp(data.Count / 32, 2, 32)),
            Kept(request, network),
            JsonSerializer.SerializeToElement(network, SequenceJson.Default.SequenceTaggerOptions),
            JsonSerializer.SerializeToElement(recipe, SequenceJson.Default.SequenceRecipe),
            new PositionsOutput(data.Labels) { Counts = data.Counts, Baselines = data.Baselines },
            data.Assemble(vocabulary, Facts(data, vocabulary)));
    }

    /// <inheritdoc/>
    public override TaskData Read(RunInfo run, TaskContext context)
    {
        SequenceRecipe recipe = SequenceRecipe.Of(run);
        DataSource? source = run.Data is null ? null : new(run.Data) { Validation = run.ValidationData, Test = run.TestData };
        SequenceData data = SequenceData.Open(source, path => LayoutOf(path, recipe.Symbol, recipe.Label), run.Settings.Split, run.Settings.Seed,
            context.Cancel);
        SymbolVocabulary vocabulary = recipe.Vocabulary();
        return data.Assemble(vocabulary, Facts(data, vocabulary));
    }

    /// <inheritdoc/>
    public override Dataset ReadTest(RunInfo run, DataSource data, TaskContext context)
    {
        SequenceRecipe recipe = SequenceRecipe.Of(run);
        SequenceLayout layout = LayoutOf(data.Path, recipe.Symbol, recipe.Label);
        if (layout.Label < 0) throw new DataException(data.Path, "has symbols alone, and no labels to compare with",
            "lines with a symbol and its label");
        PositionsOutput output = OutputOf(run);
        (SampledDataset set, List<string> notes) = SequenceData.ForTest(SequenceSet.Read(data.Path, layout, null, context.Cancel),
            recipe.Vocabulary(), output.Names, [.. recipe.Frequent], output.Baselines.Count);
        context.Tell(new TestReady(data.Path, "all of it", set.Count, "sequence", "a sequence", notes));
        return set;
    }

    /// <inheritdoc/>
    public override Network Build(JsonElement network) => new SequenceTagger(network.Deserialize(SequenceJson.Default.SequenceTaggerOptions)
        ?? throw new JsonException("it has no network"));

    /// <inheritdoc/>
    public override Specs Inputs(RunInfo run) => new Spec(DType.Int32, [StepsToShow, SequenceRecipe.Of(run).Vocabulary().Features]);

    /// <inheritdoc/>
    public override Batch CreateSyntheticBatch(RunInfo run, int count) =>
        SyntheticBatch.Of(Inputs(run), new Spec(DType.Int32, [StepsToShow]), count, OutputOf(run).Names.Count,
            SequenceRecipe.Of(run).Vocabulary().Size);

    /// <inheritdoc/>
    public override Objective CreateObjective(Network network, RunInfo run) => new EnsembleObjective(network, new CrossEntropy(ignoreIndex: -1));

    /// <inheritdoc/>
    public override Optimizer CreateOptimizer(TrainingSettings settings) =>
        settings.Optimizer == "adamw" ? new AdamW(settings.LearningRate, weightDecay: UsualDecay) : base.CreateOptimizer(settings);

    /// <inheritdoc/>
    public override ModelInfo Describe(RunInfo run) => new()
    {
        Task = Name,
        Inputs = [new InputInfo { Name = "symbols", Type = DType.Int32, Preprocessing = [SequenceRecipe.Of(run).Vocabulary()] }],
        Outputs = [new OutputInfo { Name = "labels", Meaning = new ClassLabels(OutputOf(run).Names) }],
    };

    /// <inheritdoc/>
    public override void Check(RunInfo run)
    {
        SequenceRecipe recipe = SequenceRecipe.Of(run);
        SymbolVocabulary vocabulary = recipe.Vocabulary();
        SequenceTaggerOptions network = run.Network.Deserialize(SequenceJson.Default.SequenceTaggerOptions)
            ?? throw new JsonException("it has no network");
        int named = OutputOf(run).Names.Count;
        if (network.Labels != named) throw new JsonException($"the network has {network.Labels} labels, {named} are named");
        if (network.Vocabulary != vocabulary.Size
            || network.Features != vocabulary.Features) throw new JsonException($"the network knows {network.Vocabulary} numbers of symbols, the vocabulary has {vocabulary.Size}");
        if (recipe.Frequent.Any(l => l < 0 || l >= named)) throw new JsonException("the most frequent labels are none of those that are named");
    }

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, IReadOnlyList<string> inputs, int top, TaskContext context) =>
        Predict(model, new PredictInput(inputs), top, context);

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, PredictInput input, int top, TaskContext context)
    {
        SequenceRecipe recipe = SequenceRecipe.Of(model.Run);
        return new SequencePredictor(model.Predictor, path => LayoutOf(path, recipe.Symbol, recipe.Label)).Predict(input, context.Cancel);
    }

    /// <inheritdoc/>
    public override string StemOf(DataSource? data) => data is null ? "states" : base.StemOf(data);

    private static SequenceLayout LayoutOf(string path, string? symbol, string? label) => SequenceSet.FirstLines(path) is { Count: > 0 } lines
        ? SequenceLayout.Of(lines, symbol, label, path) : throw new DataException(path, "is no text with lines",
            "a text file with a symbol and its label in each line");

    // A text, as for other tasks, which take several sizes.
    private static int HiddenOf(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int neurons)
        && neurons is >= 1 and <= 4_096
        ? neurons : throw new TaskException($"--{Hidden} {text}: expected a whole number from 1 to 4,096", "64");

    private static PositionsOutput OutputOf(RunInfo run) => run.Output as PositionsOutput
        ?? throw new JsonException("the output of a network for sequences is a label for each position");

    private static Fact[] Facts(SequenceData data, SymbolVocabulary vocabulary)
    {
        string symbols = vocabulary.Pieces > 0
            ? string.Create(CultureInfo.InvariantCulture,
                $"{vocabulary.Symbols.Count:N0} words that occur twice or more; beginnings, endings and capitals of all")
            : string.Create(CultureInfo.InvariantCulture,
                $"{vocabulary.Symbols.Count:N0} different symbols, {data.Positions:N0} positions to learn from");
        return data.Layout is null ? [new("symbols", "symbols", symbols)]
            : [new("layout", "lines", data.Layout.Text), new("symbols", "symbols", symbols)];
    }

    private static Dictionary<string, JsonElement> Kept(TaskRequest request, SequenceTaggerOptions network)
    {
        var kept = new Dictionary<string, JsonElement>
        {
            [Window] = Number(network.Window), [Hidden] = JsonSerializer.SerializeToElement(network.Hidden.ToString(CultureInfo.InvariantCulture),
                SequenceJson.Default.String), [Members] = Number(network.Members),
            [Dropout] = JsonSerializer.SerializeToElement(network.Dropout, SequenceJson.Default.Double),
        };
        foreach (string option in (string[])[Symbol, Label])
            if (request.Text(option) is { } text) kept[option] = JsonSerializer.SerializeToElement(text, SequenceJson.Default.String);
        return kept;

        static JsonElement Number(int value) => JsonSerializer.SerializeToElement(value, SequenceJson.Default.Int32);
    }
}
