using System.Globalization;
using System.Text.Json;
using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Saving;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Images;

/// <summary>Images to classes, by a convolutional network; without data it reads built-in handwritten digits.</summary>
public sealed class ImageTask : LearningTask
{
    internal const string Augment = "augment", Model = "model", Size = "size", Target = "target", Image = "image", Classes = "classes",
        Regression = "regression",
        Labels = "labels", Balance = ClassWeights.Balance;
    private const string Separator = "separator", Columns = "images have no columns",
        Parts = "its parts are the folders train/, validation/ and test/ within the data";

    /// <summary>
    /// The augmentations by name: none; light, shifted; photos, shifted and mirrored; strong, as photos with brightness and contrast varied and boxes
    /// erased; digits, turned, scaled and slanted a little.
    /// </summary>
    public static IReadOnlyList<string> Augmentations { get; } = ["none", "light", "photos", "strong", "digits"];

    /// <inheritdoc/>
    public override string Name => "images";

    /// <inheritdoc/>
    public override string Summary => "images to classes, labels or a number";

    /// <inheritdoc/>
    public override string DataHelp =>
        "a folder or zip with a sub-folder of PNG or JPEG images per class, with or without train/ and test/ above them; "
        + "a folder of MNIST-style IDX files, .gz or not; an .npz file with arrays such as train_images and train_labels; "
        + "or a table (CSV) of image files with a column of classes, labels or numbers; without it: built-in handwritten digits";

    /// <inheritdoc/>
    public override string BuiltInData => ImageData.BuiltIn;

    /// <inheritdoc/>
    public override string MonitorOf(RunInfo run) => TargetMeaning.Monitor(run.Output);

    /// <inheritdoc/>
    public override IReadOnlyList<TaskOption> Options { get; } =
    [
        new(Augment, OptionKind.Choice,
            "How training images are varied: none, light (shifted), photos (shifted and mirrored), strong (as photos, "
            + "with brightness and contrast varied and boxes erased) or digits (turned, scaled, slanted a little) "
            + "(default: by the data; images are only mirrored where that doesn't confuse classes).")
        {
            Choices = Augmentations, Noun = "augmentation",
        },
        new(Model, OptionKind.Choice,
            "Network: convnet, small and quick; resnet20 to resnet1202, for small images; resnet18, resnet34 and resnet50, for photographs; or mlp "
            + "(default: convnet). A ResNet is trained by sgd for 10 to 100 epochs unless options say otherwise.")
        {
            Choices = ImageModels.Names, Noun = "model",
        },
        .. ImageMixing.Options,
        new(Size, OptionKind.Text, "Size that images are brought to, N or HEIGHTxWIDTH in pixels (default: their own up to 128 where many share "
            + "it, otherwise up to 64).")
        {
            ValueName = "N",
        },
        new(Target, OptionKind.Text, "Column of a table to predict, by its name or its number from 1; several columns of numbers, for images also "
            + "of 0 and 1, "
            + "with commas between them (default: the likeliest column).") { ValueName = "COLUMN" },
        new(Image, OptionKind.Text, "Of a table of image files, the column of their paths (default: the column whose cells end as images "
            + "do).") { ValueName = "COLUMN" },
        new(Classes, OptionKind.Flag, "Takes the target's values as classes (default: words, at most 20 different whole numbers, for images also "
            + "numbers of a class by name)."),
        new(Regression, OptionKind.Flag, "Takes the target's values as numbers (default: numbers of which there are more)."),
        new(Labels, OptionKind.Flag, "Takes the target's values as any number of labels for each image (default: columns of 0 and 1, and words "
            + "with | ; or , between them)."),
        ClassWeights.Option("image"),
    ];

    /// <summary>The networks by name.</summary>
    public static IReadOnlyList<string> Models => ImageModels.Names;

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> CreateMetrics(RunInfo run) => [TargetMeaning.Metric(run.Output)];

    /// <inheritdoc/>
    public override string? Refuses(string option) => option switch
    {
        CommonOptions.Time => Columns,
        _ => null,
    };

    /// <inheritdoc/>
    public override bool HasSiblings(DataSource data) => ImageSource.IsTable(data.Path);

    /// <inheritdoc/>
    public override Recognition Recognize(DataSource data) => ImageRecognition.Of(data.Path);

    /// <inheritdoc/>
    public override TaskPlan Plan(TaskRequest request, TaskContext context)
    {
        if (request.Data is null && request.Whole(CommonOptions.Folds) is not null)
            throw new TaskException("the built-in digits have a test set of their own, so they can't be cut into folds", "data of your own, or no folds");
        RequireTable(request);
        var targets = new TargetOptions
        {
            Target = request.Text(Target), Image = request.Text(Image), Group = request.Split.Group, Kind = KindOf(request.Has),
            Validation = request.Data?.Validation, Test = request.Data?.Test,
        };
        var read = new ImageReadOptions { Size = request.Text(Size) is { } size ? SizeOf(size) : null, Targets = targets };
        ImageData data = ImageData.Open(request.Data?.Path, request.SeedValue, request.Split, request.Has(CommonOptions.Quick), read, context.Tell,
            context.Cancel);
        RunInfo? start = StartOf(request);
        string model = ImageDefaults.ModelOf(request, start);
        bool isDrawing = ImageModels.IsDrawing(data.Training.Height, data.Training.Width, data.Training.Channels);
        TrainingSettings settings = ImageDefaults.Settings(request, data.Training.Count, isDrawing, model);
        AugmentationChoice choice = AugmentationChoice.Of(request, data, context);
        ImageDataset training = data.Training;
        var prepared = new ImagePreprocessing
        {
            Input = [training.Height, training.Width, training.Channels], Mean = training.Normalization.Mean,
            Deviation = training.Normalization.Deviation, Ink = InkSurvey.Of(training),
        };
        int outputs = TargetMeaning.Known(data.Output).Names.Count;
        Dictionary<string, JsonElement> options = Kept(request, data, choice.Name, model);
        return new TaskPlan(
            settings,
            options,
            // Weights of another run fit its own network alone, whatever the default is by now.
            start is not null && request.Text(Model) is null ? ImageModels.For(start.Network, outputs)
                : ImageModels.Describe(model, training.Height, training.Width, training.Channels, outputs),
            JsonSerializer.SerializeToElement(prepared, ImageJson.Default.ImagePreprocessing),
            data.Output,
            Data(data, choice.Name, choice.Text, options));
    }

    /// <inheritdoc/>
    public override TaskData Read(RunInfo run, TaskContext context)
    {
        TrainingSettings settings = run.Settings;
        string augmentation = run.Option(Augment) ?? "none";
        var read = new ImageReadOptions
        {
            Size = run.Option(Size) is { } size ? SizeOf(size) : null,
            Targets = TargetsOf(run) with { Group = settings.Split.Group, Validation = run.ValidationData, Test = run.TestData },
        };
        ImageData data = ImageData.Open(run.Data, settings.Seed, settings.Split, settings.Quick, read, context.Tell, context.Cancel);
        return Data(data, augmentation,
            run.Data is null && augmentation == "none" ? null : $"{AugmentationChoice.Describe(augmentation)}, as the run was begun", run.Options);
    }

    /// <inheritdoc/>
    public override Dataset ReadTest(RunInfo run, DataSource data, TaskContext context) =>
        ImageData.ForTest(data.Path, ImagePreprocessing.Of(run.Preprocessing), run.Output, TargetsOf(run), context.Tell, context.Cancel);

    /// <inheritdoc/>
    public override Network Build(JsonElement network) => ImageModels.Build(network);

    /// <inheritdoc/>
    public override Specs Inputs(RunInfo run) => new Spec(DType.Float32, [.. ImagePreprocessing.Of(run.Preprocessing).Input]);

    /// <inheritdoc/>
    public override Objective CreateObjective(Network network, RunInfo run) => ImageMixing.Objective(network, TargetMeaning.Loss(run.Output), run);

    /// <inheritdoc/>
    public override ModelInfo Describe(RunInfo run)
    {
        ImagePreprocessing prepared = ImagePreprocessing.Of(run.Preprocessing);
        Preprocessing[] steps = [new NormalizePixels(new Normalization(prepared.Mean, prepared.Deviation))];
        if (prepared.Ink is { } ink) steps = [new DrawnImages(ink), .. steps];
        return new ModelInfo
        {
            Task = Name,
            Inputs = [new InputInfo { Name = "image", Shape = [.. prepared.Input], Preprocessing = steps }],
            Outputs = [new OutputInfo { Name = run.Output is ClassOutput ? "class" : "target", Meaning = SavedMeaning.Of(run.Output) }],
        };
    }

    /// <inheritdoc/>
    public override void Check(RunInfo run)
    {
        ImagePreprocessing.Of(run.Preprocessing);
        ImageMixing.Check(run);
        int outputs = ImageModels.OutputsOf(run.Network), named = TargetMeaning.Known(run.Output).Names.Count;
        if (outputs != named) throw new JsonException($"the network has {outputs} classes, {named} are named");
    }

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, IReadOnlyList<string> inputs, int top, TaskContext context) =>
        new ImageFilePredictor(model.Predictor) { Output = model.Run.Output, ImageColumn = model.Run.Option(Image) }.Predict(inputs, top,
            context.Cancel);

    /// <inheritdoc/>
    public override Sample? Show(Dataset set, int index) =>
        (set as ImageDataset ?? (set as TargetImages)?.Images) is { } images
            ? new ImageSample(images.Pixels(index).ToArray(), images.Height, images.Width, images.Channels) : null;

    /// <inheritdoc/>
    public override string StemOf(DataSource? data) => data is null ? "digits" : base.StemOf(data);

    // What only a table of image files has.
    private static void RequireTable(TaskRequest request)
    {
        if (request.Data is { } data && ImageSource.IsTable(data.Path)) return;
        bool isArrays = request.Data is { } given && (ImageSource.IsArrays(given.Path)
            || Directory.Exists(given.Path) && Directory.EnumerateFiles(given.Path, "*.npy").Any());
        (string Option, bool IsGiven, string Why)[] options =
        [
            (CommonOptions.Group, request.Split.Group is not null, Columns), (CommonOptions.Validation, request.Data?.Validation is not null, Parts),
            (CommonOptions.Test, request.Data?.Test is not null, Parts), (Target, request.Text(Target) is not null, Columns),
            (Image, request.Text(Image) is not null, Columns),
            .. ((string[])[Classes, Regression, Labels]).Select(o => (o, request.Has(o) && !isArrays, "its classes are given by folders")),
        ];
        foreach ((string option, bool isGiven, string why) in options)
            if (isGiven) throw new TaskException($"--{option} can't be used with the task images: {why}");
    }

    private static TargetKind? KindOf(Func<string, bool> has)
    {
        string[] given = [.. ((string[])[Classes, Regression, Labels]).Where(has)];
        if (given.Length > 1) throw new TaskException($"--{given[0]} and --{given[1]} can't be given together", "one of the two alone");
        return given is not [var one] ? null : one == Classes ? TargetKind.Classes : one == Labels ? TargetKind.Labels : TargetKind.Numbers;
    }

    private static TargetOptions TargetsOf(RunInfo run) => new()
    {
        Target = run.Option(Target), Image = run.Option(Image), Kind = KindOf(run.Options.ContainsKey),
            Separator = run.Option(Separator) is [var one] ? one : null,
    };

    // 64, or 48x64 with the height first.
    private static ImageSize SizeOf(string text)
    {
        const int Most = 1024;
        string[] parts = text.Split('x', 'X', '×');
        int[] sides = [.. parts.Select(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out int side) ? side : 0)];
        return sides.Length is 1 or 2 && sides.All(s => s is >= 4 and <= Most) ? new(sides[0], sides[^1])
            : throw new TaskException($"--{Size} {text}: expected a side from 4 to {Most:N0}, or a height and a width with x between them",
                "64, or 48x64");
    }

    // What was decided, and what was asked for otherwise.
    private static Dictionary<string, JsonElement> Kept(TaskRequest request, ImageData data, string augmentation, string model)
    {
        var kept = new Dictionary<string, JsonElement>(ImageMixing.Of(request))
        {
            [Augment] = JsonSerializer.SerializeToElement(augmentation, ImageJson.Default.String),
            [Model] = JsonSerializer.SerializeToElement(model, ImageJson.Default.String),
        };
        void Keep(string name, string? text)
        {
            if (text is not null) kept[name] = JsonSerializer.SerializeToElement(text, ImageJson.Default.String);
        }

        Keep(Size, request.Text(Size));
        if (data.Columns is { } columns)
        {
            Keep(Target, string.Join(',', columns.Targets));
            Keep(Image, columns.Image);
            Keep(Separator, columns.Separator?.ToString());
        }
        foreach (string flag in (string[])[Classes, Regression, Labels, Balance])
            if (request.Has(flag)) kept[flag] = JsonSerializer.SerializeToElement(true, ImageJson.Default.Boolean);
        return kept;
    }

    private static TaskData Data(ImageData data, string augmentation, string? text, IReadOnlyDictionary<string, JsonElement> options)
    {
        (Dataset training, Dataset validation, Dataset test) = data.Learned(ImageDefaults.Augmentations[augmentation], options.ContainsKey(Balance));
        return new(training, validation, test, data.Source, data.Hash, data.InputText, data.Notes)
        {
            Facts = [.. new[] { text is null ? null : new Fact("augmentation", "augment", text), ImageMixing.Described(options) }.OfType<Fact>()],
        };
    }
}
