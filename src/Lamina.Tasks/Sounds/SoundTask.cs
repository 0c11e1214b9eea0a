using System.Text.Json;
using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Saving;
using Lamina.Learning.Sounds;
using Lamina.Models;
using Lamina.Tasks.Images;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Sounds;

/// <summary>Recordings to classes, by a convolutional network over spectrograms; without data it makes sounds itself.</summary>
public sealed class SoundTask : LearningTask
{
    internal const string Label = "label", Rate = "rate", Augment = "augment", Dropout = "dropout", Usual = "usual", None = "none";

    private const int SoundsToSee = 100_000, FewestEpochs = 8, MostEpochs = 60;

    /// <inheritdoc/>
    public override string Name => "sound";

    /// <inheritdoc/>
    public override string Summary => "sounds to classes";

    /// <inheritdoc/>
    public override string DataHelp =>
        "a folder or zip of WAV files, with a sub-folder per class or the class as a part of the file names (dog_1.wav), with or without "
            + "train/ and test/ above them; without it: built-in synthetic sounds";

    /// <inheritdoc/>
    public override string BuiltInData => SyntheticSounds.Name;

    /// <inheritdoc/>
    public override IReadOnlyList<TaskOption> Options { get; } =
    [
        new(Label, OptionKind.Text,
            $"Where labels are: {SoundFiles.Folder}, or which part of the file names, from 1 (default: by sub-folders, or the first part that "
            + $"comes again and again).") { ValueName = "PART" },
        new(Rate, OptionKind.Whole,
            "Samples in a second that recordings are brought to (default: that of most of them, at most 16,000).") { Least = 1_000, Most = 192_000 },
        new(Augment, OptionKind.Choice,
            $"How training recordings are varied: {Usual} (speed, voice, tone, noise, gaps) or {None} (default: {Usual}).") { Choices =
            [Usual, None], Noun = "augmentation" },
        new(Dropout, OptionKind.Share, "Share of values that are dropped in training, 0 to below 1 (default: 0.3).") { Example = "0.3" },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> CreateMetrics(RunInfo run) => [new Accuracy()];

    /// <inheritdoc/>
    public override string? Refuses(string option) => option == CommonOptions.Time ? "recordings have no column of times" : null;

    /// <inheritdoc/>
    public override Recognition Recognize(DataSource data)
    {
        const int MostLooked = 20_000;
        try
        {
            if (!Directory.Exists(data.Path) && !(File.Exists(data.Path) && data.Path.EndsWith(".zip",
                StringComparison.OrdinalIgnoreCase))) return Recognition.None;
            using ImageTree tree = SoundFiles.Open(data.Path, CancellationToken.None);
            int waves = 0, looked = 0;
            foreach (string file in tree.Files.Take(MostLooked))
            {
                looked++;
                if (SoundFiles.IsWave(file) || SoundFiles.IsOther(file)) waves++;
            }
            return waves * 2 > looked ? new(0.95, $"{data.Path} holds {waves:N0} sound files") : Recognition.None;
        }
        catch (Exception e) when (e is DataException or IOException or UnauthorizedAccessException)
        {
            return Recognition.None;
        }
    }

    /// <inheritdoc/>
    public override TaskPlan Plan(TaskRequest request, TaskContext context)
    {
        if (request.Data is null && (request.Text(Label) ?? request.Split.Group) is not null)
            throw new TaskException("the built-in sounds have no file names", "data of your own, or neither --label nor --group");
        // The weights of another run mean something for its own spectrograms alone.
        RunInfo? start = StartOf(request);
        SoundData data = SoundData.Open(request.Data, new(request.Text(Label), request.Whole(Rate), start is null ? null
            : SoundRecipe.Of(start).Mel), request.Split, request.SeedValue, context);
        string augment = request.Text(Augment) ?? (request.Has(CommonOptions.OverfitBatch) ? None : Usual);
        SoundNetOptions network = NetworkOf(data, request.Number(Dropout) ?? 0.3);
        return new(
            CommonOptions.Settings(request, data.Count, Math.Clamp(SoundsToSee / data.Count, FewestEpochs, MostEpochs),
                batch: Math.Clamp(data.Count / 16, 4, 32)),
            new Dictionary<string, JsonElement>
            {
                [Augment] = JsonSerializer.SerializeToElement(augment, SoundJson.Default.String),
                [Rate] = JsonSerializer.SerializeToElement((long)data.Recipe.Mel.Rate, SoundJson.Default.Int64),
                [Dropout] = JsonSerializer.SerializeToElement(network.Dropout, SoundJson.Default.Double),
            },
            JsonSerializer.SerializeToElement(network, SoundJson.Default.SoundNetOptions),
            JsonSerializer.SerializeToElement(data.Recipe, SoundJson.Default.SoundRecipe),
            new ClassOutput(data.Classes) { Counts = data.Counts },
            data.Assemble(AugmentationOf(augment)));
    }

    /// <inheritdoc/>
    public override TaskData Read(RunInfo run, TaskContext context)
    {
        SoundRecipe recipe = SoundRecipe.Of(run);
        DataSource? source = run.Data is null ? null : new(run.Data) { Validation = run.ValidationData, Test = run.TestData };
        return SoundData.Open(source, new(recipe.Label, null, recipe.Mel), run.Settings.Split, run.Settings.Seed,
            context).Assemble(AugmentationOf(run.Option(Augment) ?? None));
    }

    /// <inheritdoc/>
    public override Dataset ReadTest(RunInfo run, DataSource data, TaskContext context)
    {
        SoundRecipe recipe = SoundRecipe.Of(run);
        var notes = new List<string>();
        SampledDataset set = SoundData.ForTest(data.Path, [.. ClassesOf(run)], recipe, notes, context, out int found);
        context.Tell(new TestReady(data.Path, "all of it", set.Count, "recording", SoundData.InputText(recipe.Mel), notes) { Classes = found });
        return set;
    }

    /// <inheritdoc/>
    public override Network Build(JsonElement network) => new SoundNet(network.Deserialize(SoundJson.Default.SoundNetOptions)
        ?? throw new JsonException("it has no network"));

    /// <inheritdoc/>
    public override Specs Inputs(RunInfo run) => new Spec(DType.Float32, SoundRecipe.Of(run).Spectrogram().Shape);

    /// <inheritdoc/>
    public override Objective CreateObjective(Network network, RunInfo run) => new Supervised(network, new CrossEntropy());

    /// <inheritdoc/>
    public override ModelInfo Describe(RunInfo run)
    {
        MelSpectrogram spectrogram = SoundRecipe.Of(run).Spectrogram();
        return new ModelInfo
        {
            Task = Name,
            Inputs = [new InputInfo { Name = "sound", Shape = spectrogram.Shape, Preprocessing = [spectrogram] }],
            Outputs = [new OutputInfo { Name = "class", Meaning = new ClassLabels(ClassesOf(run)) }],
        };
    }

    /// <inheritdoc/>
    public override void Check(RunInfo run)
    {
        SoundRecipe.Of(run).Spectrogram();
        SoundNetOptions network = run.Network.Deserialize(SoundJson.Default.SoundNetOptions) ?? throw new JsonException("it has no network");
        int named = ClassesOf(run).Count;
        if (network.Classes != named) throw new JsonException($"the network has {network.Classes} classes, {named} are named");
    }

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, IReadOnlyList<string> inputs, int top, TaskContext context) =>
        new SoundPredictor(model.Predictor).Predict(inputs, top, context.Cancel);

    /// <inheritdoc/>
    public override string StemOf(DataSource? data) => data is null ? "sounds" : base.StemOf(data);

    // A step of the recurrent layer is four frames, of long recordings eight.
    private static SoundNetOptions NetworkOf(SoundData data, double dropout)
    {
        int halvings = data.Recipe.Mel.Frames > 128 ? 3 : 2;
        return new() { Classes = data.Classes.Length, Halvings = halvings, Dropout = dropout };
    }

    private static SoundAugmentation? AugmentationOf(string name) => name == Usual ? SoundAugmentation.Usual : null;

    private static IReadOnlyList<string> ClassesOf(RunInfo run) => run.Output is ClassOutput classes ? classes.Names
        : throw new JsonException("the output of a network for sounds is one of some classes");
}
