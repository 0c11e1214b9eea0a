using System.Globalization;
using System.Text.Json;
using Lamina.Learning.Data;
using Lamina.Learning.Generation;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Saving;
using Lamina.Tasks.Images;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Drawing;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Learns to draw new images like those that it is shown, of the class that is asked for where there are classes.</summary>
public sealed class DrawingTask : LearningTask
{
    internal const string ModelOption = "model", ObjectiveOption = "objective", Size = "size", Width = "width", NoClasses = "no-classes";

    private const int FewestEpochs = 5, MostEpochs = 300, UsualBatch = 64;
    private const string Columns = "images have no columns", Parts = "its parts are the folders train/, validation/ and test/ within the data";

    /// <inheritdoc/>
    public override string Name => "drawing";

    /// <inheritdoc/>
    public override string Summary => "images, to draw new ones like them";

    /// <inheritdoc/>
    public override string DataHelp =>
        "images as the task images takes them, with or without classes: a folder or zip of images, or of a sub-folder per class; IDX files; an .npz file; "
        + "a table of image files; without it: built-in handwritten digits";

    /// <inheritdoc/>
    public override string BuiltInData => ImageData.BuiltIn;

    /// <inheritdoc/>
    public override IReadOnlyList<TaskOption> Options { get; } =
    [
        new(ModelOption, OptionKind.Choice, $"Network: {string.Join(", ", DrawingNetwork.Kinds)} (default: {DrawingNetwork.UNetKind}).")
            { Choices = DrawingNetwork.Kinds, Noun = "model" },
        new(ObjectiveOption, OptionKind.Choice,
            "What a unet learns: flow (where noise flows to), velocity or noise (diffusion) (default: flow).") { Choices = DrawingNetwork.Objectives },
        new(Size, OptionKind.Text, "Size that images are brought to, N or HEIGHTxWIDTH in pixels (default: their own, up to 64).") { ValueName = "N" },
        new(Width, OptionKind.Whole, "Channels of the first level; the next ones have twice as many (default: 32, of colour images 64).") { Most = 1_024 },
        new(NoClasses, OptionKind.Flag, "Leaves the classes out: images are drawn as they come."),
    ];

    /// <inheritdoc/>
    public override string NextCommand(string run) => $"generate {run}";

    /// <inheritdoc/>
    public override IReadOnlyList<TaskVerb> Verbs { get; } = [DrawVerb.Create()];

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> CreateMetrics(RunInfo run) => [];

    internal override string FigureOf(RunInfo run) => run.Output is DrawingOutput { Names.Count: > 0 } ? DrawingFigures.AsAsked : DrawingFigures.Frechet;

    /// <inheritdoc/>
    public override double? AverageDecay(RunInfo run) => run.Settings.Quick ? null : 0.999;

    /// <inheritdoc/>
    public override string? Refuses(string option) => option switch
    {
        CommonOptions.Folds => "drawn images are compared with one test part",
        CommonOptions.OverfitBatch => "noise is drawn anew in every step, so the loss doesn't fall to 0",
        CommonOptions.Group or CommonOptions.Time => Columns,
        CommonOptions.Validation or CommonOptions.Test => Parts,
        _ => null,
    };

    /// <inheritdoc/>
    public override Recognition Recognize(DataSource data) => Recognition.None;

    /// <inheritdoc/>
    public override TaskPlan Plan(TaskRequest request, TaskContext context)
    {
        ImageSize? size = request.Text(Size) is { } text ? SizeOf(text) : null;
        (TaskData data, IReadOnlyList<string> classes) = DrawingData.Open(request.Data?.Path, size, request.Has(NoClasses), request.SeedValue,
            request.Has(CommonOptions.Quick), context);
        ImageDataset images = ((DrawingSet)data.Training).Images;
        if (images.Height < 2 || images.Width < 2)
            throw new DataException(data.Source, $"has images of {images.Height}×{images.Width} pixels, too small to be drawn", $"--{Size} 8 or more");
        // Another run's weights fit a network of its kind and size.
        RunInfo? start = StartOf(request);
        string kind = request.Text(ModelOption) ?? start?.Option(ModelOption) ?? DrawingNetwork.UNetKind;
        bool isAlike = start?.Option(ModelOption) == kind;
        if (kind == DrawingNetwork.GanKind) RefuseForGan(request);
        int? width = request.Whole(Width) ?? (isAlike ? start!.WholeOption(Width) : null);
        DrawingNetwork network = DrawingNetwork.Of(kind, request.Text(ObjectiveOption) ?? (isAlike ? start!.Option(ObjectiveOption) : null),
            (images.Height, images.Width, images.Channels, classes.Count), width);
        int epochs = Math.Clamp(network.ImagesToSee / data.Training.Count, FewestEpochs, MostEpochs);
        TrainingSettings settings = CommonOptions.Settings(request, data.Training.Count, epochs, network.UsualRate,
            Math.Clamp(data.Training.Count / 16, 4, UsualBatch),
            network.Gan is null ? "adamw" : DrawingNetwork.GanOptimizer);
        JsonElement described = JsonSerializer.SerializeToElement(network, DrawingJson.Default.DrawingNetwork);
        return new(settings, Kept(request, kind, network, width), described, JsonSerializer.SerializeToElement("", DrawingJson.Default.String),
            new DrawingOutput(classes), data);
    }

    // Two networks that learn against each other.
    private static void RefuseForGan(TaskRequest request)
    {
        foreach (string option in (string[])[CommonOptions.Freeze, CommonOptions.Unfreeze])
            if (request.Values.ContainsKey(option))
                throw new TaskException($"--{option} can't be used with --{ModelOption} {DrawingNetwork.GanKind}, which is two networks without a head", $"no --{option}");
        if (request.Values.ContainsKey(CommonOptions.Patience))
            throw new TaskException($"--{CommonOptions.Patience} can't be used with --{ModelOption} {DrawingNetwork.GanKind}: its losses don't say which epoch draws best", $"--{CommonOptions.Epochs}");
    }

    /// <inheritdoc/>
    public override TaskData Read(RunInfo run, TaskContext context) => DrawingData.Open(run.Data, run.Option(Size) is { } size ? SizeOf(size) : null,
        run.Options.ContainsKey(NoClasses), run.Settings.Seed, run.Settings.Quick, context).Data;

    /// <inheritdoc/>
    public override Dataset ReadTest(RunInfo run, DataSource data, TaskContext context) =>
        DrawingData.Test(data.Path, DrawingNetwork.Of(run.Network), ((DrawingOutput)run.Output).Names, context);

    /// <inheritdoc/>
    public override Network Build(JsonElement network) => DrawingNetwork.Of(network).Build();

    /// <inheritdoc/>
    public override Specs Inputs(RunInfo run) =>
        Specs.Create([.. DrawingNetwork.Of(run.Network).Inputs.Select(i => i.Spec)]);

    /// <inheritdoc/>
    public override Batch CreateSyntheticBatch(RunInfo run, int count)
    {
        (int height, int width, int channels, int classes) = DrawingNetwork.Of(run.Network).Image;
        Spec image = new(DType.Float32, [height, width, channels]);
        Specs inputs = classes > 0 ? [image, new Spec(DType.Int32, Shape.Scalar)] : image;
        return SyntheticBatch.Of(inputs, Specs.Create([]), count, 1, Math.Max(1, classes));
    }

    /// <inheritdoc/>
    public override Objective CreateObjective(Network network, RunInfo run) => DrawingNetwork.Of(run.Network).CreateObjective(network);

    /// <inheritdoc/>
    public override Optimizer CreateOptimizer(RunInfo run) => DrawingNetwork.Of(run.Network).CreateOptimizer(run.Settings) ?? CreateOptimizer(run.Settings);

    /// <inheritdoc/>
    public override ModelInfo Describe(RunInfo run)
    {
        DrawingNetwork network = DrawingNetwork.Of(run.Network);
        var notes = new Dictionary<string, string> { ["learned"] = network.Objective ?? "",
            ["classes"] = string.Join('\n', ((DrawingOutput)run.Output).Names) };
        return new ModelInfo
        {
            Task = Name, Inputs = [.. network.Inputs.Select(i => new InputInfo { Name = i.Name, Type = i.Spec.DType, Shape = i.Spec.Shape })],
            Outputs = [.. network.Outputs.Select(name => new OutputInfo { Name = name })], Notes = notes,
        };
    }

    /// <inheritdoc/>
    public override void Check(RunInfo run)
    {
        if (run.Output is not DrawingOutput output) throw new JsonException("the output of a network that draws is an image");
        int classes = DrawingNetwork.Of(run.Network).Image.Classes;
        if (classes != output.Names.Count) throw new JsonException($"the network has {classes} classes, {output.Names.Count} are named");
    }

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, IReadOnlyList<string> inputs, int top, TaskContext context) =>
        throw new TaskException($"a run of the task {Name} draws rather than predicts", "lamina generate RUN --count 16 --out sheet.png");

    internal override TestReport Complete(TestReport report, TestedNetwork tested, TaskContext context) =>
        tested.Test is DrawingSet set ? new DrawingFigures(tested, set, context).Add(report) : report;

    /// <inheritdoc/>
    public override Sample? Illustrate(TaskModel model, int epoch)
    {
        const int Most = 20, Columns = 10, MostValues = 60_000, MostTimes = 40;
        // Of many epochs some are enough to see images become better: drawing takes as long as an epoch of few images.
        if (model.Run.Settings.Epochs is > MostTimes and var epochs && epoch != epochs
            && (epoch - 1) * MostTimes / epochs == epoch * MostTimes / epochs) return null;
        (int height, int width, int channels, int classes) = DrawingNetwork.Of(model.Run.Network).Image;
        int count = Math.Clamp(MostValues / (height * width * channels), 4, Most), each = Math.Min(Columns, count);
        // The same noise after each epoch, so that the same images become better.
        int[]? asked = classes == 0 ? null : [.. Enumerable.Range(0, count).Select(i => i % each * classes / Math.Min(each, classes) % classes)];
        Tensor drawn = GeneratorOf(model.Run, model.Network, new()).Draw(count, new() { Classes = asked, Seed = model.Run.Settings.Seed });
        IReadOnlyList<string> names = ((DrawingOutput)model.Run.Output).Names;
        return new ImagesSample(DrawingSet.Samples(drawn), asked is null ? [] : [.. asked.Select(c => names[c])], each);
    }

    /// <inheritdoc/>
    public override Sample? Show(Dataset set, int index) => (set as DrawingSet)?.Sample(index);

    /// <inheritdoc/>
    public override string StemOf(DataSource? data) => data is null ? "digits" : base.StemOf(data);

    /// <summary>What draws with a run's network.</summary>
    /// <exception cref="TaskException">The way to draw is none of this network.</exception>
    internal static IImageGenerator GeneratorOf(RunInfo run, Network network, DrawingWay way) => DrawingNetwork.Of(run.Network).Generator(network, way);

    // 28, or 28x32 with the height first.
    private static ImageSize SizeOf(string text)
    {
        const int Most = 128;
        string[] parts = text.Split('x', 'X', '×');
        int[] sides = [.. parts.Select(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out int side) ? side : 0)];
        return sides.Length is 1 or 2 && sides.All(s => s is >= 4 and <= Most) ? new(sides[0], sides[^1])
            : throw new TaskException($"--{Size} {text}: expected a side from 4 to {Most}, or a height and a width with x between them", "28, or 28x32");
    }

    private static Dictionary<string, JsonElement> Kept(TaskRequest request, string kind, DrawingNetwork network, int? width)
    {
        JsonElement Text(string x) => JsonSerializer.SerializeToElement(x, DrawingJson.Default.String);
        var kept = new Dictionary<string, JsonElement> { [ModelOption] = Text(kind) };
        if (network.Objective is { } objective) kept[ObjectiveOption] = Text(objective);
        if (request.Text(Size) is { } size) kept[Size] = Text(size);
        if (width is { } channels) kept[Width] = JsonSerializer.SerializeToElement(channels, DrawingJson.Default.Int32);
        if (request.Has(NoClasses)) kept[NoClasses] = JsonSerializer.SerializeToElement(true, DrawingJson.Default.Boolean);
        return kept;
    }
}
