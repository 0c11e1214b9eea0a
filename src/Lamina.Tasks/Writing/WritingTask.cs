using System.Text.Json;
using Lamina.Formats;
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

namespace Lamina.Tasks.Writing;

/// <summary>Learns to write on: what character comes next in a book, or in a list of names.</summary>
public sealed class WritingTask : LearningTask
{
    internal const string ModelOption = "model", Context = "context", Layers = "layers", Heads = "heads", Width = "width", Dropout = "dropout",
        TokenizerOption = "tokenizer", TokenizerFile = "tokenizer-file", Vocabulary = "vocabulary", List = "list", Book = "book";

    private const string Characters = "characters", Bytes = "bytes", Bpe = "bpe";

    // nanoGPT's setting for a CPU: 2,000 steps of 12 pieces of 64 characters. Its rate of 0.001 is low for one cycle: 0.003 gets 1.88 where 0.002 gets 1.90.
    private const int UsualContext = 64, UsualBatch = 12, StepsPerEpoch = 200, UsualEpochs = 10, MostEpochs = 5_000;

    // More kinds of characters than that are better learned as parts of words.
    private const int MostCharacters = 1_000, UsualVocabulary = 2_048;

    /// <inheritdoc/>
    public override string Name => "writing";

    /// <inheritdoc/>
    public override string Summary => "a text, to write on";

    /// <inheritdoc/>
    public override string DataHelp =>
        "a text file, such as a book or a list of names with one in each line, or a folder of .txt files; without it: built-in synthetic verses";

    /// <inheritdoc/>
    public override string BuiltInData => Rhymes.Name;

    /// <inheritdoc/>
    public override IReadOnlyList<TaskOption> Options { get; } =
    [
        new(ModelOption, OptionKind.Choice,
            $"Network: {string.Join(", ", WritingNetwork.Kinds)} (default: {WritingNetwork.GptKind}).") { Choices = WritingNetwork.Kinds },
        new(Context, OptionKind.Whole, $"Tokens that it looks back on (default: {UsualContext}).") { Most = 65_536 },
        new(Layers, OptionKind.Whole, "Blocks, or recurrent layers (default: 4, recurrent 2).") { Most = 1_000 },
        new(Heads, OptionKind.Whole, "Heads of attention in a block (default: 4).") { Most = 1_024 },
        new(Width, OptionKind.Whole, "Features of each token (default: 128, recurrent 192).") { Most = 65_536 },
        new(Dropout, OptionKind.Share, "Share of the values that are dropped in training (default: 0).") { Example = "0.1" },
        new(TokenizerOption, OptionKind.Choice,
            $"What a token is: {Characters}, {Bytes} or {Bpe} (parts of words); default: {Characters}, of texts with more than {MostCharacters:N0} different ones {Bpe}.")
            { Choices = [Characters, Bytes, Bpe] },
        new(TokenizerFile, OptionKind.Text,
            "A vocabulary that others have published: vocab.json with merges.txt beside it (as GPT-2's), NAME.tiktoken, or SentencePiece's NAME.model.") { ValueName = "FILE" },
        new(Vocabulary, OptionKind.Whole, $"Number of tokens with --{TokenizerOption} {Bpe} (default: {UsualVocabulary:N0}).") { Least = 257,
            Most = TokenStore.MostKinds },
        new(List, OptionKind.Flag, "The text is a list with one item in each line, such as names (default: by a look at it)."),
        new(Book, OptionKind.Flag, "The text goes on from line to line, although it looks like a list (default: by a look at it)."),
    ];

    /// <inheritdoc/>
    public override string NextCommand(string run) => $"generate {run}";

    /// <inheritdoc/>
    public override IReadOnlyList<TaskVerb> Verbs { get; } = [GenerateVerb.Create()];

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> CreateMetrics(RunInfo run) => [new Accuracy()];

    /// <inheritdoc/>
    public override string? Refuses(string option) => option switch
    {
        CommonOptions.Folds => "a text is cut once: its last tenth is the test",
        CommonOptions.Group or CommonOptions.Time => "a text has no columns",
        _ => null,
    };

    /// <inheritdoc/>
    public override Recognition Recognize(DataSource data)
    {
        try
        {
            if (Directory.Exists(data.Path))
                return Directory.EnumerateFiles(data.Path, "*.txt").Take(1).Any() && !Texts.TextFolder.Fits(data.Path)
                    ? new(0.5, $"{data.Path} holds .txt files") : Recognition.None;
            if (data.IsStandardInput || !File.Exists(data.Path)) return Recognition.None;
            bool isNamed = BookReader.IsNamedText(data.Path);
            // Source code and what isn't named at all are texts where nothing else takes them; what is named as a table or an image is told about as such.
            if (!isNamed && !BookReader.MayBeText(data.Path)) return Recognition.None;
            return Prose.Of(data.Path) is { } reason ? new(isNamed ? 0.6 : 0.45, $"{data.Path} is {reason}")
                : isNamed ? new(0.1, $"{data.Path} is named as a text") : Recognition.None;
        }
        catch (Exception e) when (e is DataException or IOException or UnauthorizedAccessException)
        {
            return Recognition.None;
        }
    }

    /// <inheritdoc/>
    public override TaskPlan Plan(TaskRequest request, TaskContext context)
    {
        if (request.Text(TokenizerOption) is not Bpe && request.Whole(Vocabulary) is not null)
            throw new TaskException($"--{Vocabulary} is for --{TokenizerOption} {Bpe}", $"--{TokenizerOption} {Bpe} with it");
        if (request.Text(TokenizerFile) is not null && request.Text(TokenizerOption) is not null)
            throw new TaskException($"--{TokenizerOption} and --{TokenizerFile} both say what a token is", "one of the two");
        if (request.Has(List) && request.Has(Book)) throw new TaskException($"--{List} and --{Book} can't be given together", "one of the two");
        // The weights of another run mean something for its own tokens alone, and fit a network of its size.
        RunInfo? other = StartOf(request);
        WritingRecipe? start = other is null ? null : RecipeOf(other);
        foreach (string option in (string[])[TokenizerOption, TokenizerFile, Vocabulary])
            if (start is not null && request.Values.ContainsKey(option))
                throw new TaskException($"--{option} can't be used with --{CommonOptions.From}: weights fit the tokens that they were learned with",
                    $"no --{option}");
        WritingData data = WritingData.Open(request.Data, text => start is null ? Choose(request, text, context.Cancel) : TokenizerOf(start),
            request.Has(List) ? true : request.Has(Book) ? false : null, request.SeedValue, context);
        if (data.Tokenizer.Size < 2)
            throw new DataException(data.Source, "is one character again and again, of which there is nothing to learn", "another text");
        int steps = request.Whole(Context) ?? start?.Context ?? UsualContext;
        string kind = request.Text(ModelOption) ?? other?.Option(ModelOption) ?? WritingNetwork.GptKind;
        // Of another kind of network the sizes mean something else.
        int? Size(string option) => request.Whole(option) ?? (other?.Option(ModelOption) == kind ? other.WholeOption(option) : null);
        WritingNetwork network = WritingNetwork.Of(kind, data.Tokenizer.Size, steps, Size(Layers), Size(Heads), Size(Width), request.Number(Dropout) ?? 0);
        int batch = request.Whole(CommonOptions.Batch) ?? UsualBatch;
        // The largest tensor of a step has the hidden values of a block, or the logits, of all tokens.
        long widest = Math.Max(4 * (network.Gpt?.Width ?? network.Llama?.Width ?? network.Recurrent!.Width), data.Tokenizer.Size);
        if ((long)batch * steps * Math.Max(StepsPerEpoch, widest) > int.MaxValue)
            throw new TaskException($"--{CommonOptions.Batch} {batch:N0} of pieces of {steps:N0} {WritingData.ItemOf(data.Tokenizer)}s are too many for one step",
                $"a smaller --{CommonOptions.Batch} or --{Context}");
        int perEpoch = StepsPerEpoch * batch;
        TrainingSettings settings = CommonOptions.Settings(request, perEpoch, EpochsOf(request, network, steps * batch),
            network.Recurrent is null ? 3e-3 : 5e-3, UsualBatch);
        Trigrams counts = data.Counts();
        var recipe = new WritingRecipe(Model.Describe(data.Tokenizer), steps, data.IsList);
        return new(settings, Kept(request, kind, Size, steps), JsonSerializer.SerializeToElement(network, WritingJson.Default.WritingNetwork),
            JsonSerializer.SerializeToElement(recipe, WritingJson.Default.WritingRecipe),
            new TokenOutput(WritingData.ItemOf(data.Tokenizer), [.. counts.Ones], data.CharactersEach), data.Assemble(steps, perEpoch, counts, Facts(data)));
    }

    /// <inheritdoc/>
    public override TaskData Read(RunInfo run, TaskContext context)
    {
        WritingRecipe recipe = RecipeOf(run);
        DataSource? source = run.Data is null ? null : new(run.Data) { Validation = run.ValidationData, Test = run.TestData };
        WritingData data = WritingData.Open(source, _ => TokenizerOf(recipe), recipe.IsList, run.Settings.Seed, context);
        return data.Assemble(recipe.Context, StepsPerEpoch * run.Settings.Batch, data.Counts(), Facts(data));
    }

    /// <inheritdoc/>
    public override Dataset ReadTest(RunInfo run, DataSource data, TaskContext context)
    {
        WritingRecipe recipe = RecipeOf(run);
        Tokenizer tokenizer = TokenizerOf(recipe);
        var notes = new List<string>();
        Dataset set = WritingData.ForTest(data.Path, tokenizer, recipe.Context, notes, context.Cancel);
        context.Tell(new TestReady(data.Path, "all of it", set.Count, "piece", $"{recipe.Context} {WritingData.ItemOf(tokenizer)}s", notes));
        return set;
    }

    /// <inheritdoc/>
    public override Network Build(JsonElement network) => NetworkOf(network).Build();

    /// <inheritdoc/>
    public override Specs Inputs(RunInfo run) => new Spec(DType.Int32, [RecipeOf(run).Context]);

    /// <inheritdoc/>
    public override Optimizer CreateOptimizer(TrainingSettings settings) =>
        settings.Optimizer == "adamw" ? new AdamW(settings.LearningRate, beta2: 0.99, weightDecay: 0.1) : base.CreateOptimizer(settings);

    /// <inheritdoc/>
    public override Batch CreateSyntheticBatch(RunInfo run, int count)
    {
        Shape shape = [count, RecipeOf(run).Context];
        Tensor tokens = Tensor.Create<int>(shape, values =>
        {
            for (int i = 0; i < values.Length; i++) values[i] = i % ((TokenOutput)run.Output).Size;
        });
        return new(tokens, tokens);
    }

    /// <inheritdoc/>
    public override Objective CreateObjective(Network network, RunInfo run) => new Supervised(network, new CrossEntropy());

    /// <inheritdoc/>
    public override ModelInfo Describe(RunInfo run)
    {
        WritingRecipe recipe = RecipeOf(run);
        return new ModelInfo
        {
            Task = Name,
            Inputs = [new InputInfo { Name = "tokens", Type = DType.Int32, Shape = [recipe.Context], Preprocessing = [TokenizerOf(recipe)] }],
            Outputs = [new OutputInfo { Name = "logits" }],
        };
    }

    /// <inheritdoc/>
    public override void Check(RunInfo run)
    {
        WritingRecipe recipe = RecipeOf(run);
        if (recipe.Context is < 1 or > 65_536) throw new JsonException($"the context is {recipe.Context}");
        int size = TokenizerOf(recipe).Size, vocabulary = NetworkOf(run.Network).Vocabulary;
        if (run.Output is not TokenOutput output) throw new JsonException("the output of a network that writes is the next token");
        if (size != vocabulary || size != output.Size)
            throw new JsonException($"the tokenizer has {size} tokens, the network {vocabulary}, its output {output.Size}");
    }

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, IReadOnlyList<string> inputs, int top, TaskContext context) =>
        throw new TaskException($"a run of the task {Name} writes rather than predicts", $"lamina generate RUN --prompt \"…\"");

    internal override BaselineReport? Baseline(RunInfo run, Dataset test, CancellationToken cancel)
    {
        if (test is not TextWindows { Training: { } training } windows) return null;
        TokenTally.Piece[] threes = new TokenTally.Piece[windows.Count], ones = new TokenTally.Piece[windows.Count];
        for (int i = 0; i < windows.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            int[] tokens = windows.Tokens(i);
            (double three, double one) = (0, 0);
            for (int t = 1; t < tokens.Length; t++)
            {
                three -= Math.Log(t > 1 ? training.Probability(tokens[t - 2], tokens[t - 1], tokens[t]) : training.Probability(tokens[0], tokens[1]));
                one -= Math.Log(training.Probability(tokens[t]));
            }
            (threes[i], ones[i]) = (new(three, 0, tokens.Length - 1), new(one, 0, tokens.Length - 1));
        }
        double Loss(TokenTally.Piece[] pieces) => pieces.Sum(p => p.Loss) / pieces.Sum(p => p.Tokens);
        BaselineReport Of(string name, TokenTally.Piece[] pieces) => new(name, new(TokenTally.FiguresOf(pieces, (TokenOutput)run.Output)
            .Where(f => f.Key != "accuracy").Select(f => (f.Key, f.Value)))) { IsModel = true };
        // Of a text without order, or of little text, single tokens may foretell more than three do.
        return Loss(threes) <= Loss(ones)
            ? Of(FormattableString.Invariant($"a trigram model of the training text (unigram: loss {Loss(ones):F3})"), threes)
            : Of(FormattableString.Invariant($"a unigram model of the training text (trigram: loss {Loss(threes):F3})"), ones);
    }

    /// <inheritdoc/>
    public override Sample? Illustrate(TaskModel model, int epoch)
    {
        const int Length = 240;
        var writer = new TextWriter(model, new() { Temperature = 0.8, Seed = model.Run.Settings.Seed });
        return new TextSample("", string.Concat(writer.Write("", Length, null, default)));
    }

    /// <inheritdoc/>
    public override Sample? Show(Dataset set, int index) => null;

    /// <inheritdoc/>
    public override string StemOf(DataSource? data) => data is null ? "verses" : base.StemOf(data);

    internal static WritingRecipe RecipeOf(RunInfo run) => run.Preprocessing.Deserialize(WritingJson.Default.WritingRecipe)
        ?? throw new JsonException("it has no preprocessing");

    internal static Tokenizer TokenizerOf(WritingRecipe recipe)
    {
        try
        {
            return Model.Create<Tokenizer>(recipe.Tokenizer, RunFolder.InfoFile);
        }
        catch (FileFormatException e)
        {
            throw new JsonException(e.Message.Split('\n')[0]);
        }
    }

    private static WritingNetwork NetworkOf(JsonElement network) => network.Deserialize(WritingJson.Default.WritingNetwork)
        ?? throw new JsonException("it has no network");

    private static Tokenizer Choose(TaskRequest request, Action<ReadOnlySpanAction> text, CancellationToken cancel)
    {
        string? asked = request.Text(TokenizerOption);
        if (request.Text(TokenizerFile) is { } file) return PublishedTokenizer.Open(file);
        if (asked == Bytes)
        {
            text(_ => { });
            return new ByteTokenizer();
        }
        if (asked is null or Characters)
        {
            var found = new HashSet<System.Text.Rune>();
            text(piece =>
            {
                foreach (System.Text.Rune rune in piece.EnumerateRunes()) found.Add(rune);
            });
            if (found.Count == 0) throw new DataException(request.Data?.Path ?? Rhymes.Name, "is empty", "a text to learn from");
            if (found.Count <= MostCharacters) return new CharacterTokenizer(string.Concat(found.Order()));
            if (asked is not null && found.Count <= TokenStore.MostKinds) return new CharacterTokenizer(string.Concat(found.Order()));
        }
        cancel.ThrowIfCancellationRequested();
        return TrainBpe(text, request.Whole(Vocabulary) ?? UsualVocabulary);
    }

    // Of a long text the beginning is enough to find its words.
    private static BpeTokenizer TrainBpe(Action<ReadOnlySpanAction> text, int size)
    {
        const int Enough = 50_000_000;
        var parts = new List<string>();
        long length = 0;
        text(piece =>
        {
            if (length < Enough) parts.Add(piece.ToString());
            length += piece.Length;
        });
        return BpeTokenizer.Train(parts, size);
    }

    // With a time budget alone: as many epochs as a slow machine does in it.
    private static int EpochsOf(TaskRequest request, WritingNetwork network, int tokensInStep)
    {
        if (request.Number(CommonOptions.Minutes) is not { } minutes) return UsualEpochs;
        const double OperationsPerSecond = 100e9;
        Layer layer = network.Build();
        layer.Build([1], DType.Int32);
        double step = 6.0 * layer.ParameterCount * tokensInStep;
        return (int)Math.Clamp(minutes * 60 * OperationsPerSecond / step / StepsPerEpoch, 1, MostEpochs);
    }

    private static Dictionary<string, JsonElement> Kept(TaskRequest request, string kind, Func<string, int?> size, int context)
    {
        JsonElement Whole(int x) => JsonSerializer.SerializeToElement(x, WritingJson.Default.Int32);
        JsonElement Text(string x) => JsonSerializer.SerializeToElement(x, WritingJson.Default.String);
        var kept = new Dictionary<string, JsonElement> { [ModelOption] = Text(kind), [Context] = Whole(context) };
        foreach (string option in (string[])[Layers, Heads, Width])
            if (size(option) is { } x) kept[option] = Whole(x);
        if (request.Whole(Vocabulary) is { } vocabulary) kept[Vocabulary] = Whole(vocabulary);
        foreach (string flag in (string[])[List, Book])
            if (request.Has(flag)) kept[flag] = JsonSerializer.SerializeToElement(true, WritingJson.Default.Boolean);
        if (request.Number(Dropout) is { } rate) kept[Dropout] = JsonSerializer.SerializeToElement(rate, WritingJson.Default.Double);
        if (request.Text(TokenizerOption) is { } tokenizer) kept[TokenizerOption] = Text(tokenizer);
        return kept;
    }

    private static Fact[] Facts(WritingData data) =>
    [
        new("tokens", "tokens", data.Tokenizer is CharacterTokenizer ? $"{data.Tokenizer.Size:N0} different characters"
            : FormattableString.Invariant($"{data.Tokenizer.Size:N0} different {WritingData.ItemOf(data.Tokenizer)}s, {data.CharactersEach:F1} characters each")),
        new("parts", "parts", data.IsList
            ? $"a list: a tenth of its lines, by chance, is the test, and equal lines stay on one side; --{Book} says that it's none"
            : data.OwnTestPath is null ? "the last tenth of the text is the test, what stands before it the validation"
            : $"all of the text is learned from{(data.OwnValidationPath is null ? " but its last twentieth, the validation" : "")}; the test is {data.OwnTestPath}"),
    ];
}
