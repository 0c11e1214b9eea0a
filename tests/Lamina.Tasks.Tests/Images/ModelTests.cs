using System.Text.Json;
using System.Text.Json.Nodes;
using Lamina.Learning.Modules;
using Lamina.Learning.Training;
using Lamina.Models;
using Lamina.Tasks.Images;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using SkiaSharp;

namespace Lamina.Tasks.Tests.Images;

/// <summary>The networks that images can be learned with, and mixed images.</summary>
[Collection("the shared pool")]
public sealed class ModelTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("convnet", "ConvNet(")]
    [InlineData("mlp", "Mlp(512-256-2)")]
    [InlineData("resnet20", "ResNet-20(16-32-64-2)")]
    [InlineData("resnet32", "ResNet-32(16-32-64-2)")]
    [InlineData("resnet18", "ResNet-18(64-128-256-512-2)")]
    public void Each_model_is_trained_kept_in_the_run_and_built_again(string model, string name)
    {
        ImageOptions options = Brief() with { Model = model };
        TaskResult result = ImageClassification.Train(options, _ => { }, Cancel);
        Assert.NotNull(result.Test);
        string run = options.Run!;
        Assert.Equal(model, RunFolder.Open(run).Info.Option("model"));
        Assert.StartsWith(name, ImageClassification.Summarize(run).Name);
        Assert.Equal(2, ImageClassification.Predict(run, [_folder.At("images/dark")], 2, Cancel).First().Top.Count);
        Assert.Equal(result.Test!["accuracy"], ImageClassification.Test(run, _folder.At("images"), _ => { }, Cancel)["accuracy"], 1.0);
        Assert.NotNull(ImageClassification.Resume(run, _ => { }, Cancel).Test);
        // The model's file is enough.
        Assert.Equal(2, ImageFilePredictor.Load(result.Model!).Predict([_folder.At("images/light")], 2, Cancel).Items.First().Top.Count);
    }

    [Theory]
    [InlineData("resnet20", 272_474)]
    [InlineData("resnet44", 661_338)]
    [InlineData("resnet56", 855_770)]
    [InlineData("resnet110", 1_730_714)]
    [InlineData("resnet1202", 19_424_026)]
    [InlineData("resnet34", 21_289_802)]
    [InlineData("resnet50", 23_528_522)]
    public void Names_mean_the_published_networks(string model, int parameters)
    {
        int side = model is "resnet34" or "resnet50" ? 224 : 32;
        Network network = ImageModels.Build(ImageModels.Describe(model, side, side, 3, 10));
        network.Build(new Spec(DType.Float32, [side, side, 3]));
        Assert.Equal(parameters, network.ParameterCount);
    }

    [Fact]
    public void Residual_networks_of_photographs_keep_small_images_large()
    {
        ResNet small = Assert.IsType<ResNet>(ImageModels.Build(ImageModels.Describe("resnet18", 32, 48, 3, 10)));
        ResNet large = Assert.IsType<ResNet>(ImageModels.Build(ImageModels.Describe("resnet18", 64, 64, 3, 10)));
        Assert.Equal((ResNetStem.Small, ResNetStem.Large), (small.Options.Stem, large.Options.Stem));
    }

    [Theory]
    [InlineData(28, 28, 1, "16-32", "", 128)]
    [InlineData(32, 32, 3, "16-64-128-256", "1-2-2-1", 0)]
    [InlineData(8, 8, 3, "64-128-256", "2-1-1", 0)]
    [InlineData(3, 40, 3, "256", "1", 0)]
    [InlineData(224, 224, 3, "16-32-64-128-256", "1-1-1-1-2", 0)]
    [InlineData(224, 224, 1, "16-32-64-128-256", "1-1-1-1-2", 0)]
    [InlineData(600, 400, 3, "16-16-16-32-64-128-256", "1-1-1-1-1-1-2", 0)]
    public void The_default_network_suits_the_size(int height, int width, int channels, string widths, string depths, int hidden)
    {
        ConvNet network = Assert.IsType<ConvNet>(ImageModels.Build(ImageModels.Describe("convnet", height, width, channels, 5)));
        Assert.Equal((widths, depths, hidden), (string.Join('-', network.Options.Widths), string.Join('-', network.Options.Depths), network.Options.Hidden));
        Summary summary = Summary.Of(network, new Spec(DType.Float32, [height, width, channels]));
        Assert.Equal<Shape>([1, 5], summary.Rows[0].Output);
    }

    [Fact]
    public void A_residual_network_has_a_recipe_of_its_own_unless_options_say_otherwise()
    {
        static TrainingSettings Of(int count, string model, params (string Name, object Value)[] values) => ImageDefaults.Settings(
            new TaskRequest { Data = new DataSource("x"), Values = values.ToDictionary(v => v.Name, v => v.Value) }, count, isDrawing: false, model);

        TrainingSettings cifar = Of(45_000, "resnet20");
        Assert.Equal((30, 128, 0.1, "sgd"), (cifar.Epochs, cifar.Batch, cifar.LearningRate, cifar.Optimizer));
        Assert.Equal((100, 10), (Of(1_000, "resnet20").Epochs, Of(1_000_000, "resnet20").Epochs));
        Assert.Equal(0.05, Of(45_000, "resnet56", ("batch", 64L)).LearningRate, 1e-12);
        Assert.Equal(0.3, Of(45_000, "resnet56", ("learning-rate", 0.3)).LearningRate);
        Assert.Equal((0.003, "adamw", 3), (Of(45_000, "resnet20", ("optimizer", "adamw")).LearningRate, Of(45_000, "resnet20", ("optimizer", "adamw")).Optimizer,
            Of(45_000, "resnet20", ("epochs", 3L)).Epochs));
        Assert.Equal((7, 96, "adamw", 0.003), (Of(45_000, "convnet").Epochs, Of(45_000, "convnet").Batch, Of(45_000, "convnet").Optimizer,
            Of(45_000, "convnet").LearningRate));
        Assert.Equal(0.05, Of(45_000, "convnet", ("optimizer", "sgd")).LearningRate);
    }

    [Fact]
    public void A_run_from_before_there_were_models_is_opened()
    {
        JsonElement old = JsonSerializer.SerializeToElement(JsonNode.Parse("""{"classes":10,"widths":[32,64,128],"hidden":128,"dropout":0.25}"""));
        ConvNet network = Assert.IsType<ConvNet>(ImageModels.Build(old));
        network.Build(new Spec(DType.Float32, [32, 32, 3]));
        Assert.Equal((357_034, 10), ((int)network.ParameterCount, ImageModels.OutputsOf(old)));
        Assert.Empty(network.Options.Depths);
    }

    [Theory]
    [InlineData("\"model\":\"resnet\"", "\"model\":\"vgg\"", "'vgg' isn't known")]
    [InlineData("\"classes\":2", "\"classes\":3", "3 classes, 2 are named")]
    [InlineData("\"blocks\":3", "\"blocks\":0", "1 to 1,000 blocks")]
    [InlineData("\"stem\":", "\"stern\":", "can't be read")]
    [InlineData("\"mixup\":0.5", "\"mixup\":-1", "mixup is no number above 0")]
    public void A_description_that_was_changed_is_refused(string from, string to, string said)
    {
        ImageOptions options = Brief() with { Model = "resnet20", Mixup = 0.5 };
        ImageClassification.Train(options, _ => { }, Cancel);
        string file = Path.Combine(options.Run!, "run.json");
        string text = JsonNode.Parse(File.ReadAllText(file))!.ToJsonString();
        Assert.Contains(from, text);
        File.WriteAllText(file, text.Replace(from, to));
        Assert.Contains(said, Assert.Throws<TaskException>(() => ImageClassification.Summarize(options.Run!)).Message);
    }

    [Fact]
    public void A_run_that_starts_from_another_has_its_network()
    {
        ImageOptions first = Brief() with { Model = "resnet20" };
        ImageClassification.Train(first, _ => { }, Cancel);
        for (int i = 0; i < 12; i++) _folder.Write($"more/{"abc"[i % 3]}/{i}.png", Dot(i));
        var task = new ImageTask();
        var runner = new TaskRunner(new TaskRegistry(task));
        var told = new List<TaskEvent>();
        runner.Train(task, new TaskRequest
        {
            Data = new DataSource(_folder.At("more")), Run = _folder.At("second"),
            Values = new Dictionary<string, object> { ["from"] = first.Run!, ["quick"] = true, ["augment"] = "none" },
        }, new(told.Add, Cancel));
        Assert.Equal("ResNet-20(16-32-64-3)", ImageClassification.Summarize(_folder.At("second")).Name);
        string said = Assert.Single(told.OfType<Remarked>(), r => r.Message.Contains("starts from")).Message;
        Assert.Contains("drawn anew", said);
        Assert.Contains("head.weight", said);
        Assert.DoesNotContain("blocks", said);
    }

    [Theory]
    [InlineData(0.4, null)]
    [InlineData(null, 1.0)]
    [InlineData(0.4, 1.0)]
    public void Mixed_training_goes_on_to_the_same_bits_after_a_stop(double? mixup, double? cutmix)
    {
        ImageOptions straight = Brief() with { Mixup = mixup, Cutmix = cutmix, Epochs = 2 };
        var told = new List<TaskEvent>();
        TaskResult whole = ImageClassification.Train(straight, told.Add, Cancel);
        Assert.Contains(told.OfType<DataReady>().Single().Facts, f => f.Text.Contains("accuracy in training is of mixtures"));

        ImageOptions stopped = straight with { Run = _folder.At("stopped") };
        using var stop = new CancellationTokenSource();
        ImageClassification.Train(stopped, e =>
        {
            if (e is TrainingProgress { Event: StepDone { Step: 3 } }) stop.Cancel();
        }, stop.Token);
        TaskResult resumed = ImageClassification.Resume(stopped.Run, _ => { }, Cancel);
        Assert.Equal(File.ReadAllBytes(whole.Model!), File.ReadAllBytes(resumed.Model!));

        ImageOptions plain = straight with { Mixup = null, Cutmix = null, Run = _folder.At("plain") };
        Assert.NotEqual(File.ReadAllBytes(whole.Model!), File.ReadAllBytes(ImageClassification.Train(plain, _ => { }, Cancel).Model!));
        // The repeat that the report gives has the options.
        string page = File.ReadAllText(Path.Combine(straight.Run!, "report.html"));
        if (mixup is not null) Assert.Contains("--mixup 0.4", page);
        if (cutmix is not null) Assert.Contains("--cutmix 1", page);
    }

    [Fact]
    public void What_cannot_be_mixed_is_refused()
    {
        Assert.Contains("--overfit-batch shows one batch", Assert.Throws<TaskException>(() =>
            ImageClassification.Train(Brief() with { Mixup = 0.2, OverfitBatch = true }, _ => { }, Cancel)).Message);
        Assert.Contains("--cutmix 1001", Assert.Throws<TaskException>(() => ImageClassification.Train(Brief() with { Cutmix = 1001 }, _ => { }, Cancel)).Message);
        Assert.Contains("expected a number above 0", Assert.Throws<TaskException>(() => ImageClassification.Train(Brief() with { Mixup = 0 }, _ => { }, Cancel)).Message);
        Assert.Contains("resnet20", Assert.Throws<TaskException>(() => ImageClassification.Train(Brief() with { Model = "resnet21" }, _ => { }, Cancel)).Message);
        Assert.False(Directory.Exists(Brief().Run));
    }

    private ImageOptions Brief()
    {
        if (!Directory.Exists(_folder.At("images")))
            for (int i = 0; i < 24; i++) _folder.Write($"images/{(i % 2 == 0 ? "light" : "dark")}/{i}.png", Dot(i));
        return new() { Data = _folder.At("images"), Run = _folder.At("run"), Quick = true, Epochs = 1, Seed = 3, Augmentation = "light" };
    }

    private static byte[] Dot(int i) => SampleImages.Png(8, 8, (y, x) => SKColor.FromHsv(i % 2 * 90 + x + 10 * i % 7, 80, i % 2 == 0 ? 90 : 10 + y));
}
