using System.Globalization;
using System.Text.Json;
using Lamina.Learning.Data;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Saving;
using Lamina.Learning.Texts;
using Lamina.Models;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Translation;

/// <summary>Learns to translate from pairs of sentences; without data it reads built-in synthetic ones.</summary>
public sealed class TranslationTask : LearningTask
{
    internal const string Into = "into", SourceColumn = "source", Longest = "longest", Vocabulary = "vocabulary", Layers = "layers",
        Heads = "heads", Width = "width",
        Dropout = "dropout", Smoothing = "label-smoothing", LowerCase = "lower-case";

    private const int UsualLongest = 64, LargeData = 10_000, PairsToSee = 210_000, FewestEpochs = 2, MostEpochs = 20, StepsToShow = 16;
    private const int MostTokens = 4_000, FewestTokens = 400, WordsOfToken = 50;

    /// <inheritdoc/>
    public override string Name => "translate";

    /// <inheritdoc/>
    public override string Summary => "sentences, to translate";

    /// <inheritdoc/>
    public override string DataHelp =>
        "two files whose lines are translations of each other (train.en train.de; also in gzip), what both names begin with, a folder that holds them, or a table with two columns of sentences; without it: built-in synthetic sentences";

    /// <inheritdoc/>
    public override string BuiltInData => SmallLanguages.Name;

    /// <inheritdoc/>
    public override bool TakesTwoFiles => true;

    /// <inheritdoc/>
    public override int EvaluationBatch => 32;

    /// <inheritdoc/>
    public override IReadOnlyList<TaskOption> Options { get; } =
    [
        new(Into, OptionKind.Text, "What is translated into: a language such as de where files are named train.en and train.de, a file, or a column (default: by the data).") { ValueName = "LANGUAGE|FILE|COLUMN" },
        new(SourceColumn, OptionKind.Text,
            "Column of sentences of a table, by name or number (default: the first that holds some).") { ValueName = "COLUMN" },
        new(LowerCase, OptionKind.Choice,
            $"Sides whose capitals become small letters: {string.Join(", ", TranslationRecipe.Sides)} (default: {TranslationRecipe.OfSource}).") { Choices = TranslationRecipe.Sides },
        new(Longest, OptionKind.Whole, $"The most tokens of a sentence; longer pairs aren't learned from (default: {UsualLongest}).") { Most = 1_024 },
        new(Vocabulary, OptionKind.Whole,
            $"Number of tokens, parts of words of both languages (default: {FewestTokens} to {MostTokens:N0}, by the length of the text).") { Least = 256, Most = 100_000 },
        new(Layers, OptionKind.Whole, $"Blocks of the encoder, and of the decoder (default: 3, below {LargeData:N0} pairs 2).") { Most = 100 },
        new(Heads, OptionKind.Whole, "Heads of attention in a block (default: 4).") { Most = 1_024 },
        new(Width, OptionKind.Whole, $"Features of each token (default: 192, below {LargeData:N0} pairs 128).") { Most = 16_384 },
        new(Dropout, OptionKind.Share,
            $"Share of the values that are dropped in training (default: 0.15, below {LargeData:N0} pairs 0.1).") { Example = "0.1" },
        new(Smoothing, OptionKind.Share, "Share of each target that is spread over all tokens in training (default: 0.1).") { Example = "0.1" },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TaskVerb> Verbs { get; } = [TranslateVerb.Create()];

    /// <inheritdoc/>
    public override string NextCommand(string run) => $"translate {run} \"…\"";

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> CreateMetrics(RunInfo run) => [new Accuracy { IgnoreIndex = SequencePairDataset.Padding }];

    /// <inheritdoc/>
    public override string? Refuses(string option) => option is CommonOptions.Group or CommonOptions.Time
        ? "pairs of sentences aren't split by a column" : null;

    // Of a folder, of two files and of what names begin with, the task finds the other parts itself.
    /// <inheritdoc/>
    public override bool HasSiblings(DataSource data) => File.Exists(data.Path);

    /// <inheritdoc/>
    public override Recognition Recognize(DataSource data)
    {
        try
        {
            if (data.IsStandardInput) return Recognition.None;
            if (PairFiles.Recognize(data.Path) is { } reason) return new(0.95, reason);
            if (!File.Exists(data.Path)) return Recognition.None;
            return PairColumns.Recognize(RowSources.Open(data.Path)) is { } columns ? new(0.92, columns) : Recognition.None;
        }
        catch (Exception e) when (e is DataException or IOException or UnauthorizedAccessException)
        {
            return Recognition.None;
        }
    }

    /// <inheritdoc/>
    public override TaskPlan Plan(TaskRequest request, TaskContext context)
    {
        if (request.Data is null && (request.Text(Into) ?? request.Text(SourceColumn)) is not null)
            throw new TaskException($"the built-in sentences are of two languages, between which there is nothing to choose",
                $"data of your own, or neither --{Into} nor --{SourceColumn}");
        string? into = request.Text(Into) is { } typed && File.Exists(typed) ? Path.GetFullPath(typed) : request.Text(Into),
            column = request.Text(SourceColumn);
        TranslationData data = TranslationData.Open(request.Data, into, column, request.Split, request.SeedValue, context.Cancel);
        // The weights of another run mean something for its own tokens alone.
        RunInfo? other = StartOf(request);
        TranslationRecipe? start = other is null ? null : TranslationRecipe.Of(other);
        if (start is not null && request.Values.ContainsKey(Vocabulary))
            throw new TaskException($"--{Vocabulary} can't be used with --{CommonOptions.From}: weights fit the tokens that they were learned with",
                $"no --{Vocabulary}");
        TranslationRecipe recipe = RecipeOf(request, data, start, context.Cancel);
        Tokenizer tokenizer = recipe.CreateTokenizer();
        TranslatorOptions network = NetworkOf(request, other is null ? null : OptionsOf(other.Network), data.Count < LargeData, Translator.SizeOf(tokenizer));
        TaskData sets = data.Assemble(recipe, Facts(data, recipe, tokenizer));
        int count = sets.Training.Count;
        TrainingSettings settings = CommonOptions.Settings(request, count, Math.Clamp(PairsToSee / count, FewestEpochs, MostEpochs),
            network.Width > 128 ? 1e-3 : 2e-3, Math.Clamp(count / 50, 4, 48));
        return new(settings, Kept(request, into, network, recipe), JsonSerializer.SerializeToElement(network,
            TranslationJson.Default.TranslatorOptions),
            JsonSerializer.SerializeToElement(recipe, TranslationJson.Default.TranslationRecipe),
            new TranslationOutput(recipe.Source, recipe.Target, TranslationData.CountsOf((TranslationSet)sets.Training, network.Vocabulary)), sets);
    }

    /// <inheritdoc/>
    public override TaskData Read(RunInfo run, TaskContext context)
    {
        TranslationRecipe recipe = TranslationRecipe.Of(run);
        TranslationData data = TranslationData.Open(SourceOf(run), run.Option(Into), run.Option(SourceColumn), run.Settings.Split,
            run.Settings.Seed, context.Cancel);
        return data.Assemble(recipe, Facts(data, recipe, recipe.CreateTokenizer()));
    }

    /// <inheritdoc/>
    public override Dataset ReadTest(RunInfo run, DataSource data, TaskContext context)
    {
        TranslationRecipe recipe = TranslationRecipe.Of(run);
        PairFiles? files = !recipe.IsTable && SourceOf(run) is { } source ? FilesOf(source.Path, run.Option(Into)) : null;
        SentencePairs pairs = TranslationData.ReadLike(data.Path, files, (recipe.Source, recipe.Target), recipe.IsTable ? run.Option(SourceColumn)
            : null, recipe.IsTable ? run.Option(Into) : null, context.Cancel);
        List<string> notes = [.. pairs.Notes];
        TranslationSet set = TranslationData.ForTest(pairs, null, recipe, recipe.CreateTokenizer(), notes, null);
        context.Tell(new TestReady(data.Path, "all of it", set.Count, "pair", "a sentence", notes));
        return set;
    }

    /// <inheritdoc/>
    public override Network Build(JsonElement network) => new TransformerTranslator(OptionsOf(network));

    /// <inheritdoc/>
    public override Specs Inputs(RunInfo run) => [new Spec(DType.Int32, [StepsToShow]), new Spec(DType.Int32, [StepsToShow])];

    /// <inheritdoc/>
    public override Optimizer CreateOptimizer(TrainingSettings settings) =>
        settings.Optimizer == "adamw" ? new AdamW(settings.LearningRate, beta2: 0.98, weightDecay: 0.01) : base.CreateOptimizer(settings);

    /// <inheritdoc/>
    public override Batch CreateSyntheticBatch(RunInfo run, int count)
    {
        int texts = ((TranslationOutput)run.Output).Size - SequencePairDataset.First;
        int[][] some = [.. Enumerable.Range(0, count).Select(i => Enumerable.Range(0, StepsToShow - 1)
            .Select(t => SequencePairDataset.First + (i * StepsToShow + t) * 31 % texts).ToArray())];
        return new SequencePairDataset(some, some).Take([.. Enumerable.Range(0, count)]);
    }

    /// <inheritdoc/>
    public override Objective CreateObjective(Network network, RunInfo run) =>
        new SequenceToSequence(network, TranslationRecipe.Of(run).LabelSmoothing);

    /// <inheritdoc/>
    public override ModelInfo Describe(RunInfo run)
    {
        TranslationRecipe recipe = TranslationRecipe.Of(run);
        Tokenizer tokenizer = recipe.CreateTokenizer();
        return new ModelInfo
        {
            Task = Name,
            Inputs = [new InputInfo { Name = "source", Type = DType.Int32, Preprocessing = [tokenizer] },
                new InputInfo { Name = "target", Type = DType.Int32, Preprocessing = [tokenizer] }],
            Outputs = [new OutputInfo { Name = "logits" }],
            Notes = new Dictionary<string, string> { ["source"] = recipe.Source, ["target"] = recipe.Target, ["lowerCase"] = recipe.LowerCase },
        };
    }

    /// <inheritdoc/>
    public override void Check(RunInfo run)
    {
        TranslationRecipe recipe = TranslationRecipe.Of(run);
        if (recipe.Longest is < 1 or > 1_024) throw new JsonException($"the longest sentence has {recipe.Longest} tokens");
        if (!(recipe.LabelSmoothing is >= 0 and < 1)) throw new JsonException($"the label smoothing is {recipe.LabelSmoothing}");
        if (!TranslationRecipe.Sides.Contains(recipe.LowerCase)) throw new JsonException($"there are no sides '{recipe.LowerCase}' that lose their capitals");
        if (recipe.Shown.Any(s => s is null)) throw new JsonException("a pair that is shown is missing");
        int size = Translator.SizeOf(recipe.CreateTokenizer()), vocabulary = OptionsOf(run.Network).Vocabulary;
        if (run.Output is not TranslationOutput output) throw new JsonException("the output of a network that translates is a translation");
        if (size != vocabulary || size != output.Size)
            throw new JsonException($"the tokenizer needs {size} tokens, the network has {vocabulary}, its output {output.Size}");
    }

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, IReadOnlyList<string> inputs, int top, TaskContext context) =>
        throw new TaskException($"a run of the task {Name} translates rather than predicts",
            "lamina translate RUN FILE, or a sentence in quotation marks in place of FILE");

    internal override Tally CreateTally(RunInfo run, Network network, Dataset test, int count)
    {
        TranslationRecipe recipe = TranslationRecipe.Of(run);
        return new TranslationTally((TranslationOutput)run.Output, recipe, new Translator((TransformerTranslator)network, recipe.CreateTokenizer()),
            test as TranslationSet, TranslateVerb.UsualBeams);
    }

    internal override BaselineReport? Baseline(RunInfo run, Dataset test, CancellationToken cancel)
    {
        if (test is not TranslationSet { Words: { } words } set) return null;
        WordTable table = words(cancel);
        var output = (TranslationOutput)run.Output;
        var bleu = new Bleu(lowerCase: true);
        double loss = 0, all = output.Counts.Sum() + (double)output.Size;
        long tokens = 0;
        for (int i = 0; i < set.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            bleu.Add(table.Translate(set.Source(i)), set.Target(i));
            foreach (int token in (int[])[.. set.TargetTokens(i), SequencePairDataset.End])
            {
                loss -= Math.Log((output.Counts[token] + 1) / all);
                tokens++;
            }
        }
        return new("a translation word for word by IBM's model 1, its loss that of tokens as often as in the training",
            new(("bleu", new(bleu.Score, FigureKind.Score)),
            ("perplexity", new(Math.Exp(loss / tokens), FigureKind.Error)), ("loss", new(loss / tokens, FigureKind.Error)))) { IsModel = true };
    }

    /// <inheritdoc/>
    public override Sample? Illustrate(TaskModel model, int epoch)
    {
        TranslationRecipe recipe = TranslationRecipe.Of(model.Run);
        if (recipe.Shown.Count == 0) return null;
        string[] translations = new Translator((TransformerTranslator)model.Network, recipe.CreateTokenizer())
            .Translate([.. recipe.Shown.Select(s => recipe.OfSourceText(s.Source))], TranslateVerb.UsualBeams, recipe.Longest);
        return new TextSample("", string.Join("\n\n", recipe.Shown.Select((s, i) => $"{s.Source}\n→ {translations[i]}\n= {s.Target}")));
    }

    /// <inheritdoc/>
    public override Sample? Show(Dataset set, int index) => set is TranslationSet pairs
        ? new TextSample(pairs.Place(index), $"{pairs.Source(index)} → {pairs.Target(index)}") : null;

    /// <inheritdoc/>
    public override string StemOf(DataSource? data) => data is null ? "sentences"
        : Path.GetFileName(data.Path.Split(',')[0]).Split('.')[0] is { Length: > 0 } stem ? stem : base.StemOf(data);

    private static DataSource? SourceOf(RunInfo run) => run.Data is null ? null
        : new(run.Data) { Validation = run.ValidationData, Test = run.TestData };

    // Where the training data is no longer there, its names can't help.
    private static PairFiles? FilesOf(string path, string? into)
    {
        try
        {
            return PairFiles.Of(path, into);
        }
        catch (Exception e) when (e is DataException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static TranslatorOptions OptionsOf(JsonElement network) =>
        network.Deserialize(TranslationJson.Default.TranslatorOptions) ?? throw new JsonException("it has no network");

    private static TranslatorOptions NetworkOf(TaskRequest request, TranslatorOptions? start, bool isSmall, int vocabulary)
    {
        int layers = request.Whole(Layers) ?? start?.EncoderLayers ?? (isSmall ? 2 : 3), heads = request.Whole(Heads) ?? start?.Heads ?? 4,
            width = request.Whole(Width) ?? start?.Width ?? (isSmall ? 128 : 192);
        if (width % heads != 0) throw new TaskException($"--{Width} {width} is no multiple of {heads} heads",
            $"--{Width} {Math.Max(1, width / heads) * heads}");
        return new() { Vocabulary = vocabulary, EncoderLayers = layers, DecoderLayers = layers, Heads = heads, Width = width, Hidden = 2 * width,
            Dropout = request.Number(Dropout) ?? (isSmall ? 0.1 : 0.15) };
    }

    private static TranslationRecipe RecipeOf(TaskRequest request, TranslationData data, TranslationRecipe? start, CancellationToken cancel)
    {
        string lowerCase = request.Text(LowerCase) ?? start?.LowerCase ?? TranslationRecipe.OfSource;
        var recipe = new TranslationRecipe(start?.Tokenizer ?? default, data.Names.Source, data.Names.Target, data.IsTable, lowerCase,
            request.Whole(Longest) ?? start?.Longest ?? UsualLongest,
            request.Number(Smoothing) ?? 0.1, "", request.Has(CommonOptions.NoSamples) ? [] : data.Shown());
        string[] sources = [.. data.TrainingSources.Select(recipe.OfSourceText)], targets = [.. data.TrainingTargets.Select(recipe.OfTargetText)];
        cancel.ThrowIfCancellationRequested();
        recipe = recipe with { Letters = TranslationRecipe.LettersOf(sources) };
        if (start is not null) return recipe;
        // A blank before each sentence: its first word is the word that it is elsewhere.
        string[] texts = [.. sources.Concat(targets).Select(t => $" {t}")];
        // Of languages without blanks the letters count: six of them for a word.
        int size = request.Whole(Vocabulary)
            ?? (int)Math.Clamp(texts.Sum(t => Math.Max(t.AsSpan().Count(' '), t.Length / 6L)) / WordsOfToken, FewestTokens, MostTokens);
        // With those that pad, begin and end a multiple of 16, which products like.
        return recipe with { Tokenizer = Model.Describe(BpeTokenizer.Train(texts, Math.Max(256, size / 16 * 16 - SequencePairDataset.First))) };
    }

    private static Dictionary<string, JsonElement> Kept(TaskRequest request, string? into, TranslatorOptions network, TranslationRecipe recipe)
    {
        JsonElement Whole(int x) => JsonSerializer.SerializeToElement(x, TranslationJson.Default.Int32);
        JsonElement Text(string x) => JsonSerializer.SerializeToElement(x, TranslationJson.Default.String);
        JsonElement Number(double x) => JsonSerializer.SerializeToElement(x, TranslationJson.Default.Double);
        var kept = new Dictionary<string, JsonElement>
        {
            [LowerCase] = Text(recipe.LowerCase), [Longest] = Whole(recipe.Longest), [Layers] = Whole(network.EncoderLayers),
                [Heads] = Whole(network.Heads), [Width] = Whole(network.Width),
            [Dropout] = Number(network.Dropout), [Smoothing] = Number(recipe.LabelSmoothing),
        };
        if (into is not null) kept[Into] = Text(into);
        if (request.Text(SourceColumn) is { } column) kept[SourceColumn] = Text(column);
        if (request.Whole(Vocabulary) is { } size) kept[Vocabulary] = Whole(size);
        return kept;
    }

    private static Fact[] Facts(TranslationData data, TranslationRecipe recipe, Tokenizer tokenizer)
    {
        string from = data.Files is { Target: not null } files
            ? $"{recipe.Source} ({Path.GetFileName(files.Source)}) into {recipe.Target} ({Path.GetFileName(files.Target)})"
            : $"{recipe.Source} into {recipe.Target}";
        string capitals = recipe.LowerCase switch
        {
            TranslationRecipe.OfSource => "capitals of the sentences are read as small letters, those of translations are written",
            TranslationRecipe.OfBoth => "capitals are read and written as small letters",
            _ => "capitals are read and written",
        };
        return
        [
            new("languages", "languages", data.Files is null ? from : $"{from}; --{Into} says another"),
            new("tokens", "tokens", string.Create(CultureInfo.InvariantCulture, $"{tokenizer.Size:N0} parts of words of both languages; {capitals}")),
        ];
    }
}
