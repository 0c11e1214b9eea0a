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
    internal const string Augment = "augment", Model = "model";
    private const string Columns = "images have no columns";

    /// <summary>
    /// The augmentations by name: none; light, shifted; photos, shifted and mirrored; strong, as photos with brightness and contrast varied and boxes
    /// erased; digits, turned, scaled and slanted a little.
    /// </summary>
    public static IReadOnlyList<string> Augmentations { get; } = ["none", "light", "photos", "strong", "digits"];

    /// <inheritdoc/>
    public override string Name => "images";

    /// <inheritdoc/>
    public override string Summary => "images to classes";

    /// <inheritdoc/>
    public override string DataHelp =>
        "a folder or zip with a sub-folder of PNG or JPEG images per class, with or without train/ and test/ above them; "
        + "or a folder of MNIST-style IDX files, .gz or not; without it: built-in handwritten digits";

    /// <inheritdoc/>
    public override string BuiltInData => ImageData.BuiltIn;

    /// <inheritdoc/>
    public override string Monitor => "accuracy";

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
    ];

    /// <summary>The networks by name.</summary>
    public static IReadOnlyList<string> Models => ImageModels.Names;

    /// <inheritdoc/>
    public override IReadOnlyList<Metric> CreateMetrics(RunInfo run) => [new Accuracy()];

    /// <inheritdoc/>
    public override string? Refuses(string option) => option switch
    {
        CommonOptions.Group or CommonOptions.Time => Columns,
        CommonOptions.Validation or CommonOptions.Test => "its parts are the folders train/, validation/ and test/ within the data",
        _ => null,
    };

    /// <inheritdoc/>
    public override Recognition Recognize(DataSource data) => ImageRecognition.Of(data.Path);

    /// <inheritdoc/>
    public override TaskPlan Plan(TaskRequest request, TaskContext context)
    {
        if (request.Data is null && request.Whole(CommonOptions.Folds) is not null)
            throw new TaskException("the built-in digits have a test set of their own, so they can't be cut into folds", "data of your own, or no folds");
        ImageData data = ImageData.Open(request.Data?.Path, request.SeedValue, request.Split, request.Has(CommonOptions.Quick), context.Tell, context.Cancel);
        RunInfo? start = request.Text(CommonOptions.From) is { } from && RunFolder.Open(from).Info is { } run && run.Task == Name ? run : null;
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
        var counts = new long[training.Classes.Count];
        foreach (int label in training.Labels) counts[label]++;
        var options = new Dictionary<string, JsonElement>(ImageMixing.Of(request))
        {
            [Augment] = JsonSerializer.SerializeToElement(choice.Name, ImageJson.Default.String),
            [Model] = JsonSerializer.SerializeToElement(model, ImageJson.Default.String),
        };
        return new TaskPlan(
            settings,
            options,
            // Weights of another run fit its own network alone, whatever the default is by now.
            start is not null && request.Text(Model) is null ? ImageModels.For(start.Network, training.Classes.Count)
                : ImageModels.Describe(model, training.Height, training.Width, training.Channels, training.Classes.Count),
            JsonSerializer.SerializeToElement(prepared, ImageJson.Default.ImagePreprocessing),
            new ClassOutput(training.Classes) { Counts = counts },
            Data(data, choice.Name, choice.Text, options));
    }

    /// <inheritdoc/>
    public override TaskData Read(RunInfo run, TaskContext context)
    {
        TrainingSettings settings = run.Settings;
        string augmentation = run.Option(Augment) ?? "none";
        ImageData data = ImageData.Open(run.Data, settings.Seed, settings.Split, settings.Quick, context.Tell, context.Cancel);
        return Data(data, augmentation,
            run.Data is null && augmentation == "none" ? null : $"{AugmentationChoice.Describe(augmentation)}, as the run was begun", run.Options);
    }

    /// <inheritdoc/>
    public override Dataset ReadTest(RunInfo run, DataSource data, TaskContext context) =>
        ImageData.ForTest(data.Path, ImagePreprocessing.Of(run.Preprocessing), ClassesOf(run), context.Tell, context.Cancel);

    /// <inheritdoc/>
    public override Network Build(JsonElement network) => ImageModels.Build(network);

    /// <inheritdoc/>
    public override Specs Inputs(RunInfo run) => new Spec(DType.Float32, [.. ImagePreprocessing.Of(run.Preprocessing).Input]);

    /// <inheritdoc/>
    public override Objective CreateObjective(Network network, RunInfo run) => ImageMixing.Objective(network, new CrossEntropy(), run);

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
            Outputs = [new OutputInfo { Name = "class", Meaning = new ClassLabels(ClassesOf(run)) }],
        };
    }

    /// <inheritdoc/>
    public override void Check(RunInfo run)
    {
        ImagePreprocessing.Of(run.Preprocessing);
        ImageMixing.Check(run);
        int classes = ImageModels.OutputsOf(run.Network);
        IReadOnlyList<string> names = ClassesOf(run);
        if (classes != names.Count) throw new JsonException($"the network has {classes} classes, {names.Count} are named");
    }

    /// <inheritdoc/>
    public override PredictionList Predict(TaskModel model, IReadOnlyList<string> inputs, int top, TaskContext context) =>
        new ImageFilePredictor(model.Predictor).Predict(inputs, top, context.Cancel);

    /// <inheritdoc/>
    public override Sample? Show(Dataset set, int index) =>
        set is ImageDataset images ? new ImageSample(images.Pixels(index).ToArray(), images.Height, images.Width, images.Channels) : null;

    /// <inheritdoc/>
    public override string StemOf(DataSource? data) => data is null ? "digits" : base.StemOf(data);

    internal static IReadOnlyList<string> ClassesOf(RunInfo run) =>
        run.Output is ClassOutput classes ? classes.Names : throw new JsonException("the output of a network for images is one of some classes");

    private static TaskData Data(ImageData data, string augmentation, string? text, IReadOnlyDictionary<string, JsonElement> options) =>
        new(data.Training.With(ImageDefaults.Augmentations[augmentation]), data.Validation, data.Test, data.Source, data.Hash, data.InputText, data.Notes)
        {
            Facts = [.. new[] { text is null ? null : new Fact("augmentation", "augment", text), ImageMixing.Described(options) }.OfType<Fact>()],
        };
}
