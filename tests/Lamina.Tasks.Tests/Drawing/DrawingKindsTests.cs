using Lamina.Learning.Training;
using Lamina.Models;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;
using SkiaSharp;

namespace Lamina.Tasks.Tests.Drawing;

/// <summary>A variational autoencoder and a GAN draw on the same spine: learned, measured, resumed with two optimisers, and drawn with.</summary>
public sealed class DrawingKindsTests : IDisposable
{
    private const int Side = 8;

    private readonly TempFolder _folder = new();
    private readonly TaskRunner _runner = new(AllTasks.Registry);
    private readonly LearningTask _task = AllTasks.Registry.Find("drawing")!;
    private readonly List<TaskEvent> _events = [];

    private TaskContext Context => new(_events.Add, TestContext.Current.CancellationToken);

    public void Dispose() => _folder.Dispose();

    // Bars that lie or stand, at different places, of different brightness.
    private string Bars(int count, int height = Side, int width = Side)
    {
        for (int i = 0; i < 2 * count; i++)
        {
            bool stands = i % 2 == 1;
            int at = 1 + i / 2 % (Side - 4);
            byte grey = (byte)(150 + i * 37 % 100);
            _folder.Write($"bars/{(stands ? "standing" : "lying")}/{i}.png", SampleImages.Png(height, width, (y, x) =>
                (stands ? x : y) >= at && (stands ? x : y) < at + 2 ? new SKColor(grey, grey, grey) : new SKColor(0, 0, 0)));
        }
        return _folder.At("bars");
    }

    private static Dictionary<string, object> Values(string kind, params (string Name, object Value)[] values)
    {
        var all = new Dictionary<string, object> { ["model"] = kind, ["epochs"] = 2L, ["batch"] = 32L };
        foreach ((string name, object value) in values) all[name] = value;
        return all;
    }

    private TaskResult Train(string kind, string data, string run = "run", params (string Name, object Value)[] values) =>
        _runner.Train(_task, new() { Data = new DataSource(data), Run = _folder.At(run), Values = Values(kind, values) }, Context);

    private string Generate(string run, params (string, object)[] values) =>
        string.Concat(_runner.Do(_folder.At(run), "generate", [], values.ToDictionary(v => v.Item1, v => v.Item2), Context));

    [Theory]
    [InlineData("vae", 60, 0.004)]
    [InlineData("gan", 90, 0.002)]
    public void Learns_bars_and_draws_those_that_are_asked_for(string kind, int epochs, double rate)
    {
        TaskResult result = Train(kind, Bars(90), "run", ("epochs", (long)epochs), ("learning-rate", rate));
        TestReport test = result.Test!;
        Assert.Equal(["asAsked", "frechet", "frechetReal", "diversity", "judgeAccuracy", "novelty", "loss"], test.Figures.Select(f => f.Key));
        Assert.InRange(test["asAsked"], 0.9, 1);
        Assert.True(test["diversity"] > 0.3);
        Assert.True(test["frechet"] < test.Baseline!.Figures["frechet"]);
        // Both losses, or both parts of one, are told of each epoch.
        string[] parts = kind == "gan" ? ["discriminator loss", "generator loss"] : ["reconstruction", "divergence"];
        EpochDone[] told = [.. _events.OfType<TrainingProgress>().Select(e => e.Event).OfType<EpochDone>()];
        Assert.All(told, e => Assert.Equal(parts, e.Validation!.Metrics.Keys));
        // Less loss isn't a better gan: its last epoch is kept.
        if (kind == "gan") Assert.Equal(epochs, _events.OfType<TrainingProgress>().Select(e => e.Event).OfType<Finished>().Single().BestEpoch);
        foreach (string heading in (string[])["What it makes, epoch by epoch", parts[0], parts[1]]) Assert.Contains(heading, File.ReadAllText(result.Report!));

        string file = _folder.At("sheet.png");
        Generate("run", ("class", "standing"), ("count", 6L), ("out", file), ("columns", 3L));
        using SKBitmap sheet = SKBitmap.Decode(file);
        Assert.Equal((3 * Side + 4, 2 * Side + 2), (sheet.Width, sheet.Height));
        byte[] first = File.ReadAllBytes(file);
        Generate("run", ("class", "standing"), ("count", 6L), ("out", file), ("columns", 3L));
        Assert.Equal(first, File.ReadAllBytes(file));
        Generate("run", ("class", "standing"), ("count", 6L), ("out", file), ("columns", 3L), ("seed", 1L));
        Assert.NotEqual(first, File.ReadAllBytes(file));
        Assert.InRange(_runner.Test(_folder.At("run"), new DataSource(_folder.At("bars")), Context)["asAsked"], 0.9, 1);
        Assert.IsType(kind == "gan" ? typeof(Dcgan) : typeof(Vae), Lamina.Learning.Saving.Model.Load(result.Model!));
        Assert.Contains("no steps", Assert.Throws<TaskException>(() => Generate("run", ("steps", 5L), ("out", file))).Message);
    }

    [Theory]
    [InlineData("vae")]
    [InlineData("gan")]
    public void A_run_that_was_interrupted_goes_on_to_the_same_bits(string kind)
    {
        string bars = Bars(40);
        TaskResult whole = Train(kind, bars, "whole");
        using var stop = new CancellationTokenSource();
        var context = new TaskContext(e =>
        {
            if (e is TrainingProgress { Event: StepDone { Step: 3 } }) stop.Cancel();
        }, stop.Token);
        Assert.True(_runner.Train(_task, new() { Data = new DataSource(bars), Run = _folder.At("half"), Values = Values(kind) }, context).WasInterrupted);
        TaskResult resumed = _runner.Resume(_folder.At("half"), Context);
        Assert.Equal(File.ReadAllBytes(whole.Model!), File.ReadAllBytes(resumed.Model!));
        Assert.Equal(whole.Test!.Figures.Select(f => f.Value.Value), resumed.Test!.Figures.Select(f => f.Value.Value));
    }

    [Theory]
    [InlineData("vae")]
    [InlineData("gan")]
    public void Images_without_classes_and_of_an_odd_size_are_drawn_too(string kind)
    {
        TaskResult result = Train(kind, Bars(30, 7, 11), "run", ("no-classes", true), ("width", 8L));
        Assert.Equal("frechet", result.Test!.Figures[0].Key);
        string file = _folder.At("sheet.png");
        Generate("run", ("out", file), ("count", 2L), ("columns", 2L));
        using SKBitmap sheet = SKBitmap.Decode(file);
        Assert.Equal((2 * 11 + 2, 7), (sheet.Width, sheet.Height));
    }

    [Fact]
    public void What_makes_no_sense_for_two_networks_is_refused_and_another_runs_kind_is_taken_over()
    {
        string bars = Bars(10);
        Train("gan", bars, "two");
        foreach ((string, object) option in ((string, object)[])[("freeze", "head"), ("unfreeze", 1L), ("patience", 2L)])
            Assert.Contains($"--{option.Item1} can't be used with --model gan", Assert.Throws<TaskException>(() => Train("gan", bars, "no", option, ("from", _folder.At("two")))).Message);
        Train("vae", bars, "run", ("width", 8L));
        _runner.Train(_task, new() { Data = new DataSource(bars), Run = _folder.At("more"), Values = new Dictionary<string, object> { ["epochs"] = 1L, ["from"] = _folder.At("run") } }, Context);
        Lamina.Tasks.Runs.RunInfo more = Lamina.Tasks.Runs.RunFolder.Open(_folder.At("more")).Info;
        Assert.Equal(("vae", 8), (more.Option("model"), more.WholeOption("width")));
        Assert.Equal("adam", Lamina.Tasks.Runs.RunFolder.Open(_folder.At("two")).Info.Settings.Optimizer);
        Assert.Contains("two networks", Assert.Throws<TaskException>(() => _runner.FindRate(_folder.At("two"), Context)).Message);
    }

    [Theory]
    [InlineData("vae")]
    [InlineData("gan")]
    public void An_objective_is_for_a_unet(string kind) =>
        Assert.Contains("learns in its own way", Assert.Throws<TaskException>(() => Train(kind, Bars(10), "run", ("objective", "flow"))).Message);
}
