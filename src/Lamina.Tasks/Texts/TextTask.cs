using System.Globalization;
using System.Text.Json;
using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Saving;
using Lamina.Learning.Texts;
using Lamina.Models;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Texts;

/// <summary>Texts to classes, by their words; without data it reads built-in synthetic messages, spam and ham.</summary>
public sealed class TextTask : LearningTask
{
    internal const string Target = "target", Text = "text", Hidden = "hidden", Dropout = "dropout", None = "none";

    private const int TextsToSee = 60_000, FewestEpochs = 3, MostEpochs = 40, LargeData = 20_000;
    private const int MostWeights = 16_000_000, FewestWords = 5_000, MostWords = 100_000, Pieces = 4_096, LongestText = 1_024;

    /// <inheritdoc/>
    public override string Name => "text";

    /// <inheritdoc/>
    public override string Summary => "texts to classes";

    /// <inheritdoc/>
    public override string DataHelp =>
        "a CSV, TSV or JSON lines file with a column of texts and one of labels; or a folder with a sub-folder of .txt files per class, with or without train/ and test/ above them; without it: built-in synthetic spam and ham";

    /// <inheritdoc/>
    public override string BuiltInData => SpamMessages.Name;

    /// <inheritdoc/>
    public override IReadOnlyList<TaskOption> Options { get; } =
    [
        new(Target, OptionKind.Text, "Column of labels, by name or number (default: the likeliest one).") { ValueName = "COLUMN" },
        new(Text, OptionKind.Text, "Column of texts, by name or number (default: the one with most words).") { ValueName = "COLUMN" },
        new(Hidden, OptionKind.Text,
            $"Neurons of each hidden layer, with commas between them, or {None} (default: none below {LargeData:N0} texts, 64 from there).") { ValueName = "N,N" },
        new(Dropout, OptionKind.Share,
            "Share of the tokens, and of hidden neurons, that are dropped in training, 0 to below 1 (default: 0.5).") { Example = "0.5" },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> CreateMetrics(RunInfo run) => [new Accuracy()];

    /// <inheritdoc/>
    public override Recognition Recognize(DataSource data)
    {
        try
        {
            if (Directory.Exists(data.Path)) return TextFolder.Fits(data.Path) ? new(0.9, $"{data.Path} holds .txt files in folders") : Recognition.None;
            if (!File.Exists(data.Path) || Path.GetExtension(data.Path)
                .ToLowerInvariant() is not (".csv" or ".tsv" or ".txt" or ".tab" or ".jsonl" or ".ndjson" or ".json" or ".gz" or ".parquet")) return Recognition.None;
            (double score, string reason) = TextColumns.Recognize(RowSources.Open(data.Path));
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
        int[]? hidden = request.Text(Hidden) is { } typed ? HiddenOf(typed) : null;
        if (request.Data is null && (request.Text(Target) ?? request.Text(Text) ?? request.Split.Group ?? request.Split.Time) is not null)
            throw new TaskException("the built-in messages have no columns to choose",
                "data of your own, or none of --target, --text, --group and --time");
        if (request.Data is { } folder && Directory.Exists(folder.Path) && (request.Text(Target) ?? request.Text(Text)) is not null)
            throw new TaskException($"{folder.Path} is a folder, whose sub-folders are the labels: it has no columns to choose",
                "a table, or neither --target nor --text");
        TextData data = TextData.Open(request.Data, rows => TextColumns.Of(rows, request.Text(Text), request.Text(Target)), request.Split,
            request.SeedValue, context.Cancel);
        // The weights of another run mean something for its own tokens alone.
        RunInfo? start = StartOf(request);
        TextVocabulary vocabulary = start is null ? VocabularyOf(data) : TextRecipe.Of(start).Vocabulary();
        TextClassifierOptions network = NetworkOf(data.Classes.Length, vocabulary.Size, hidden ?? (data.Count >= LargeData ? [64] : []),
            request.Number(Dropout) ?? 0.5);
        return new(
            CommonOptions.Settings(request, data.Count, Math.Clamp(TextsToSee / data.Count, FewestEpochs, MostEpochs)),
            new Dictionary<string, JsonElement>
            {
                [Hidden] = JsonSerializer.SerializeToElement(network.Hidden.Count == 0 ? None : string.Join(',', network.Hidden), TextJson.Default.String),
                [Dropout] = JsonSerializer.SerializeToElement(network.TokenDropout, TextJson.Default.Double),
            },
            JsonSerializer.SerializeToElement(network, TextJson.Default.TextClassifierOptions),
            JsonSerializer.SerializeToElement(TextRecipe.Of(data.Columns, vocabulary), TextJson.Default.TextRecipe),
            new ClassOutput(data.Classes) { Counts = data.Counts },
            data.Assemble(vocabulary, Facts(data.Columns, vocabulary)));
    }

    /// <inheritdoc/>
    public override TaskData Read(RunInfo run, TaskContext context)
    {
        TextRecipe recipe = TextRecipe.Of(run);
        DataSource? source = run.Data is null ? null : new(run.Data) { Validation = run.ValidationData, Test = run.TestData };
        TextData data = TextData.Open(source, rows => recipe.Columns ?? TextColumns.Of(rows, null, null), run.Settings.Split, run.Settings.Seed,
            context.Cancel);
        TextVocabulary vocabulary = recipe.Vocabulary();
        return data.Assemble(vocabulary, Facts(recipe.Columns, vocabulary));
    }

    /// <inheritdoc/>
    public override Dataset ReadTest(RunInfo run, DataSource data, TaskContext context)
    {
        TextRecipe recipe = TextRecipe.Of(run);
        string[] classes = [.. ClassesOf(run)];
        TextExamples examples;
        if (Directory.Exists(data.Path)) examples = TextFolder.ReadTest(data.Path, context.Cancel);
        else
        {
            RowSource rows = RowSources.Open(data.Path);
            examples = TextExamples.Of(rows, recipe.Columns ?? TextColumns.Of(rows, null, null), new(), context.Cancel);
        }
        var notes = new List<string>();
        SampledDataset set = TextData.ForTest(examples, classes, recipe.Vocabulary(), notes);
        context.Tell(new TestReady(data.Path, "all of it", set.Count, examples.Item, TextData.InputText(recipe.Columns),
            notes) { Classes = examples.Labels.Intersect(classes).Count() });
        return set;
    }

    /// <inheritdoc/>
    public override Network Build(JsonElement network) => new TextClassifier(network.Deserialize(TextJson.Default.TextClassifierOptions)
        ?? throw new JsonException("it has no network"));

    /// <inheritdoc/>
    public override void Prepare(Network network, Dataset training) => ((TextClassifier)network).StartFromCounts(training);

    /// <inheritdoc/>
    public override Specs Inputs(RunInfo run) => new Spec(DType.Int32, [TextRecipe.Of(run).Length]);

    /// <inheritdoc/>
    public override Objective CreateObjective(Network network, RunInfo run) => new Supervised(network, new CrossEntropy());

    /// <inheritdoc/>
    public override ModelInfo Describe(RunInfo run)
    {
        TextVocabulary vocabulary = TextRecipe.Of(run).Vocabulary();
        return new ModelInfo
        {
            Task = Name,
            Inputs = [new InputInfo { Name = "text", Type = DType.Int32, Shape = [vocabulary.Length], Preprocessing = [vocabulary] }],
            Outputs = [new OutputInfo { Name = "class", Meaning = new ClassLabels(ClassesOf(run)) }],
        };
    }

    /// <inheritdoc/>
    public override void Check(RunInfo run)
    {
        int size = TextRecipe.Of(run).Vocabulary().Size;
        TextClassifierOptions network = run.Network.Deserialize(TextJson.Default.TextClassifierOptions) ?? throw new JsonException("it has no network");
        int named = ClassesOf(run).Count;
        if (network.Classes != named) throw new JsonException($"the network has {network.Classes} classes, {named} are named");
        if (network.Vocabulary != size) throw new JsonException($"the network knows {network.Vocabulary} tokens, the vocabulary has {size}");
    }

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, IReadOnlyList<string> inputs, int top, TaskContext context) =>
        Predict(model, new PredictInput(inputs), top, context);

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, PredictInput input, int top, TaskContext context) =>
        new TextPredictor(model.Predictor, TextRecipe.Of(model.Run).Columns).Predict(input, top, context.Cancel);

    internal override DataDetails Inspect(RunInfo run, TaskData data, TaskContext context)
    {
        int longest = TextRecipe.Of(run).Length, empty = 0, cut = 0;
        var lengths = new List<int>();
        const int AtOnce = 4_096;
        for (int first = 0; first < data.Training.Count; first += AtOnce)
        {
            context.Cancel.ThrowIfCancellationRequested();
            Batch part = data.Training.Take([.. Enumerable.Range(first, Math.Min(AtOnce, data.Training.Count - first))]);
            ReadOnlySpan<int> tokens = part.Input.Read<int>();
            for (int i = 0; i < part.Count; i++)
            {
                int known = longest - tokens.Slice(i * longest, longest).Count(0);
                lengths.Add(known);
                if (known == 0) empty++;
                else if (known == longest) cut++;
            }
        }
        lengths.Sort();
        var findings = new List<DataFinding>
        {
            new("lengths", false, string.Create(CultureInfo.InvariantCulture,
                $"training texts have {lengths[0]:N0} to {lengths[^1]:N0} tokens that are known, {lengths[lengths.Count / 2]:N0} in the middle")),
        };
        if (empty > 0) findings.Add(new("empty", true,
            string.Create(CultureInfo.InvariantCulture, $"{empty:N0} training texts hold no known token")) { Count = empty });
        if (cut > 0) findings.Add(new("long", false, string.Create(CultureInfo.InvariantCulture,
            $"{cut:N0} training texts fill all {longest:N0} tokens; longer ones are cut in their middle")) { Count = cut });
        return new() { Findings = findings };
    }

    /// <inheritdoc/>
    public override string StemOf(DataSource? data) => data is null ? "messages" : base.StemOf(data);

    // The tokens of nearly all texts as they are; of longer ones the beginning and the end.
    private static TextVocabulary VocabularyOf(TextData data)
    {
        const double Whole = 0.995;
        var options = new VocabularyOptions { MostWords = Math.Clamp(MostWeights / data.Classes.Length, FewestWords, MostWords), Pieces = Pieces,
            Length = LongestText };
        TextVocabulary vocabulary = TextVocabulary.Build(data.TrainingTexts, options);
        var tokens = new int[LongestText];
        int[] lengths = [.. data.TrainingTexts.Select(text => vocabulary.Encode(text, tokens)).Order()];
        return new(vocabulary.Words, Math.Max(1, lengths[(int)(Whole * (lengths.Length - 1))]), vocabulary.Pieces);
    }

    private static TextClassifierOptions NetworkOf(int classes, int size, int[] hidden, double dropout)
    {
        bool hasEvidence = (long)classes * size <= 2 * MostWeights;
        return new() { Classes = classes, Vocabulary = size, HasEvidence = hasEvidence, Width = hidden.Length > 0 || !hasEvidence ? 64 : 0,
            Hidden = hidden, TokenDropout = dropout, Dropout = dropout };
    }

    private static Fact[] Facts(TextColumns? columns, TextVocabulary vocabulary)
    {
        var words = new Fact("vocabulary", "words",
            $"{vocabulary.Words.Count:N0} words and pairs that occur in two texts or more, the beginnings and ends of others; {vocabulary.Length:N0} tokens at most");
        return columns is null ? [words] : [new Fact("columns", "columns", columns.Reason), words];
    }

    private static IReadOnlyList<string> ClassesOf(RunInfo run) => run.Output is ClassOutput classes ? classes.Names
        : throw new JsonException("the output of a network for texts is one of some classes");

    private static int[] HiddenOf(string text)
    {
        if (text == None) return [];
        int[] sizes = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(p =>
            int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 0)];
        return sizes.Length <= 12 && sizes.All(n => n is >= 1 and <= 16_384) ? sizes
            : throw new TaskException($"--{Hidden} {text}: expected 1 to 12 whole numbers from 1 to 16,384 with commas between them, or {None}", "64");
    }
}
