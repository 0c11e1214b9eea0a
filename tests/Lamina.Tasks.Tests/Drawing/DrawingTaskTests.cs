using Lamina.Learning.Training;
using Lamina.Models;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;
using Lamina.Tensors.Engines.Cpu;
using SkiaSharp;

namespace Lamina.Tasks.Tests.Drawing;

/// <summary>Drawing on the spine: learned, measured beside its baseline, resumed, and drawn with.</summary>
[Collection("the shared pool")]
public sealed class DrawingTaskTests : IDisposable
{
    private const int Side = 8, EachClass = 90;

    private readonly TempFolder _folder = new();
    private readonly TaskRunner _runner = new(AllTasks.Registry);
    private readonly LearningTask _task = AllTasks.Registry.Find("drawing")!;
    private readonly List<TaskEvent> _events = [];

    private TaskContext Context => new(_events.Add, TestContext.Current.CancellationToken);

    public void Dispose() => _folder.Dispose();

    private static readonly (string, object)[] s_small = [("epochs", 2L), ("width", 8L), ("batch", 32L)];

    // Bars of three pixels that lie or stand, at different places, of different brightness.
    private static byte[] Bar(bool stands, int i) => SampleImages.Png(Side, Side, (y, x) =>
    {
        int across = stands ? x : y, at = 1 + i % (Side - 3);
        byte grey = across >= at && across < at + 2 ? (byte)(150 + i * 37 % 100) : (byte)(i * 11 % 30);
        return new SKColor(grey, grey, grey);
    });

    private string Bars(int count = EachClass, string name = "bars")
    {
        for (int i = 0; i < count; i++)
        {
            _folder.Write($"{name}/lying/{i}.png", Bar(false, i));
            _folder.Write($"{name}/standing/{i}.png", Bar(true, i));
        }
        return _folder.At(name);
    }

    private TaskResult Train(string? data, string run = "run", params (string Name, object Value)[] values)
    {
        var all = s_small.ToDictionary(v => v.Item1, v => v.Item2);
        foreach ((string name, object value) in values) all[name] = value;
        return _runner.Train(_task, new() { Data = data is null ? null : new DataSource(data), Run = _folder.At(run), Values = all }, Context);
    }

    private string Generate(string run, params (string, object)[] values) =>
        string.Concat(_runner.Do(_folder.At(run), "generate", [], values.ToDictionary(v => v.Item1, v => v.Item2), Context));

    private static SKBitmap Sheet(string file) => SKBitmap.Decode(file) ?? throw new InvalidOperationException("no image");

    [Fact]
    public void Learns_bars_and_draws_those_that_are_asked_for()
    {
        TaskResult result = Train(Bars(), values: [("epochs", 80L), ("width", 16L), ("learning-rate", 0.004)]);
        TestReport test = result.Test!;
        Assert.Equal(["asAsked", "frechet", "frechetReal", "diversity", "judgeAccuracy", "novelty", "loss"], test.Figures.Select(f => f.Key));
        Assert.InRange(test["asAsked"], 0.9, 1);
        Assert.InRange(test["judgeAccuracy"], 0.9, 1);
        Assert.InRange(test["diversity"], 0.5, 1.5);
        Assert.True(test["novelty"] > 0.1);
        // The mean image is read as one of both kinds, and is always the same.
        Assert.Equal("the mean training image", test.Baseline!.Name);
        Assert.InRange(test.Baseline.Figures["asAsked"], 0.3, 0.7);
        Assert.Equal(0, test.Baseline.Figures["diversity"], 1e-6);
        Assert.True(test["frechet"] < test.Baseline.Figures["frechet"]);
        Assert.Equal("the mean image of the class", Assert.Single(test.OtherBaselines).Name);
        Assert.NotEmpty(test.Drawings);
        Assert.True(File.Exists(_folder.At("run/judge.safetensors")));
        string report = File.ReadAllText(result.Report!);
        foreach (string heading in (string[])["What it makes, epoch by epoch", "Drawn, and the nearest training image", "distance of real to real"]) Assert.Contains(heading, report);
        Assert.Equal(40, _events.OfType<Illustrated>().Count(e => e.Sample is ImagesSample { Images.Count: 20 }));

        string file = _folder.At("sheet.png");
        Assert.Contains("6 images drawn", Generate("run", ("class", "standing"), ("count", 6L), ("out", file), ("columns", 3L)));
        using SKBitmap sheet = Sheet(file);
        Assert.Equal((3 * Side + 4, 2 * Side + 2), (sheet.Width, sheet.Height));
        byte[] first = File.ReadAllBytes(file);
        Generate("run", ("class", "standing"), ("count", 6L), ("out", file), ("columns", 3L));
        Assert.Equal(first, File.ReadAllBytes(file));
        Generate("run", ("class", "standing"), ("count", 6L), ("out", file), ("columns", 3L), ("seed", 1L));
        Assert.NotEqual(first, File.ReadAllBytes(file));
        // Of standing bars the columns differ, and the rows hardly.
        double Spread(Func<int, int, byte> at) => Enumerable.Range(0, Side).Sum(i => Enumerable.Range(1, Side - 1).Sum(j => Math.Abs(at(i, j) - at(i, j - 1))));
        Assert.True(Spread((y, x) => sheet.GetPixel(x, y).Red) > 3 * Spread((x, y) => sheet.GetPixel(x, y).Red));

        // The same network, measured again by the saved classifier.
        TestReport again = _runner.Test(_folder.At("run"), new DataSource(_folder.At("bars")), Context);
        Assert.InRange(again["asAsked"], 0.9, 1);
        Assert.Empty(again.Drawings);
        Assert.IsType<UNet>(Lamina.Learning.Saving.Model.Load(result.Model!));
    }

    [Theory]
    [InlineData("velocity", "ddim")]
    [InlineData("noise", "ancestral")]
    [InlineData("flow", "heun")]
    public void Other_objectives_and_samplers_draw_too(string objective, string sampler)
    {
        TaskResult result = Train(Bars(30), values: [("objective", objective)]);
        Assert.InRange(result.Test!["loss"], 0.01, 2);
        string file = _folder.At("sheet.png");
        Generate("run", ("out", file), ("sampler", sampler), ("steps", 5L), ("guidance", 1.5), ("count", 4L));
        using SKBitmap sheet = Sheet(file);
        Assert.Equal(2 * Side + 2, sheet.Width);
        Assert.Contains("doesn't fit", Assert.Throws<TaskException>(() => Generate("run", ("sampler", objective == "flow" ? "ddim" : "euler"), ("out", file))).Message);
    }

    [Fact]
    public void Images_withsheetFileclasses_are_drawn_as_they_come()
    {
        for (int i = 0; i < 60; i++) _folder.Write($"plain/{i}.png", Bar(i % 2 == 0, i));
        TaskResult result = Train(_folder.At("plain"));
        Assert.Equal("frechet", result.Test!.Figures[0].Key);
        Assert.Null(result.Test.Figures.Find("asAsked"));
        Assert.Contains(_events.OfType<DataReady>().Single().Facts, f => f.Text.StartsWith("none", StringComparison.Ordinal));
        string file = _folder.At("sheet.png");
        Generate("run", ("out", file), ("count", 1L));
        Assert.Contains("without classes", Assert.Throws<TaskException>(() => Generate("run", ("class", "lying"), ("out", file))).Message);
        Assert.True(double.IsFinite(_runner.Test(_folder.At("run"), new DataSource(_folder.At("plain")), Context)["frechet"]));

        // One class alone, and classes that aren't wanted.
        for (int i = 0; i < 30; i++) _folder.Write($"one/lying/{i}.png", Bar(false, i));
        Assert.Null(Train(_folder.At("one"), "one-run").Test!.Figures.Find("asAsked"));
        Assert.Null(Train(Bars(20), "left", ("no-classes", true)).Test!.Figures.Find("asAsked"));
    }

    [Fact]
    public void Arrays_withsheetFilelabels_and_colours_of_an_odd_size_are_taken()
    {
        for (int i = 0; i < 40; i++)
            _folder.Write($"odd/{i}.png", SampleImages.Png(7, 9, (y, x) => new SKColor((byte)(20 * y), (byte)(20 * x), (byte)(i * 5))));
        TaskResult result = Train(_folder.At("odd"));
        Assert.Equal("7×9 colour", _events.OfType<DataReady>().Single().Input);
        Assert.True(double.IsFinite(result.Test!["frechet"]));
        string file = _folder.At("sheet.png");
        Generate("run", ("out", file), ("count", 3L), ("columns", 3L));
        using SKBitmap sheet = Sheet(file);
        Assert.Equal((3 * 9 + 4, 7), (sheet.Width, sheet.Height));
    }

    [Fact]
    public void A_run_that_was_interrupted_goes_on_to_the_same_bits()
    {
        string bars = Bars(40);
        TaskResult whole = Train(bars, "whole");
        using var stop = new CancellationTokenSource();
        var context = new TaskContext(e =>
        {
            if (e is TrainingProgress { Event: StepDone { Step: 3 } }) stop.Cancel();
        }, stop.Token);
        Assert.True(_runner.Train(_task, new() { Data = new DataSource(bars), Run = _folder.At("half"), Values = s_small.ToDictionary(v => v.Item1, v => v.Item2) }, context).WasInterrupted);
        TaskResult resumed = _runner.Resume(_folder.At("half"), Context);
        Assert.Equal(File.ReadAllBytes(whole.Model!), File.ReadAllBytes(resumed.Model!));
        Assert.Equal(whole.Test!.Figures.Select(f => f.Value.Value), resumed.Test!.Figures.Select(f => f.Value.Value));
    }

    [Fact]
    public void The_number_of_threads_changes_nothing()
    {
        string bars = Bars(40);
        int before = CpuPool.Shared.Threads;
        try
        {
            CpuPool.SetThreads(1);
            TaskResult one = Train(bars, "one");
            CpuPool.SetThreads(2, beyondCores: true);
            TaskResult two = Train(bars, "two");
            Assert.Equal(File.ReadAllBytes(one.Model!), File.ReadAllBytes(two.Model!));
            Assert.Equal(one.Test!.Figures.Select(f => f.Value.Value), two.Test!.Figures.Select(f => f.Value.Value));
            Generate("one", ("out", _folder.At("two.png")));
            CpuPool.SetThreads(1);
            Generate("one", ("out", _folder.At("one.png")));
            Assert.Equal(File.ReadAllBytes(_folder.At("one.png")), File.ReadAllBytes(_folder.At("two.png")));
        }
        finally
        {
            CpuPool.SetThreads(before);
        }
    }

    [Fact]
    public void Built_in_digits_in_brief()
    {
        TaskResult result = _runner.Train(_task, new() { Run = _folder.At("run"), Values = new Dictionary<string, object> { ["quick"] = true } }, Context);
        Assert.True(double.IsFinite(result.Test!["frechet"]));
        Assert.Equal("built-in digits", _events.OfType<DataReady>().Single().Source);
        Assert.Contains("quick check", File.ReadAllText(result.Report!));
        string file = _folder.At("sheet.png");
        Generate("run", ("class", "7"), ("out", file), ("count", 2L), ("steps", 2L));
        using SKBitmap sheet = Sheet(file);
        Assert.Equal((2 * 28 + 2, 28), (sheet.Width, sheet.Height));
    }

    [Fact]
    public void Options_that_make_no_sense_are_named_before_anything_is_drawn()
    {
        Train(Bars(20));
        string sheetFile = _folder.At("sheet.png");
        string Refused(params (string, object)[] values) => Assert.Throws<TaskException>(() => Generate("run", values)).Message;
        Assert.Contains("did you mean standing", Refused(("class", "standin"), ("out", sheetFile)));
        Assert.Contains("'lying', 'standing'", Refused(("class", "7"), ("out", sheetFile)));
        Assert.Contains("expected a whole number from 1", Refused(("count", 0L), ("out", sheetFile)));
        Assert.Contains("10,000 images at most", Refused(("count", 10_000_000L), ("out", sheetFile)));
        Assert.Contains("there is no folder", Refused(("out", _folder.At("no/such/sheet.png"))));
        Assert.Contains("is a folder", Refused(("out", Directory.CreateDirectory(_folder.At("dir.png")).FullName)));
        Assert.Contains("written as PNG", Refused(("out", _folder.At("sheet.jpg"))));
        Assert.Contains("steps", Refused(("steps", 10_001L), ("out", sheetFile)));
        Assert.Contains("guidance is 0 to 100", Refused(("guidance", 1e6), ("out", sheetFile)));
        Assert.Contains("--temperature is for runs of writing; this is a run of drawing", Refused(("temperature", 1.0)));
        Assert.Contains("too large for one", Refused(("count", 10_000L), ("columns", 10_000L), ("out", sheetFile)));
        Assert.Contains("takes no input", Assert.Throws<TaskException>(() => _runner.Do(_folder.At("run"), "generate", ["a dog"], new Dictionary<string, object>(), Context).ToList()).Message);
        Assert.Contains("lamina generate", Assert.Throws<TaskException>(() => _runner.Predict(_folder.At("run"), [sheetFile], 1, Context)).Message);
        Assert.False(File.Exists(sheetFile));
        // An existing file is replaced.
        File.WriteAllText(sheetFile, "old");
        Generate("run", ("out", sheetFile), ("count", 1L), ("class", "lying,standing"));
        using SKBitmap sheet = Sheet(sheetFile);
        Assert.Equal(Side, sheet.Width);
    }

    [Fact]
    public void A_run_of_images_can_not_draw_and_images_stay_images()
    {
        string bars = Bars(10);
        Assert.Equal("images", AllTasks.Registry.Recognize(new DataSource(bars)).Task.Name);
        _runner.Train(AllTasks.Registry.Find("images")!, new() { Data = new DataSource(bars), Run = _folder.At("classes"), Values = new Dictionary<string, object> { ["quick"] = true } }, Context);
        Assert.Contains("is a run of the task images, which has no generate", Assert.Throws<TaskException>(() => Generate("classes")).Message);
    }

    [Fact]
    public void Data_that_can_not_be_drawn_like_is_refused()
    {
        _folder.Write("single/a/1.png", Bar(true, 1));
        for (int i = 0; i < 5; i++) _folder.Write($"single/b/{i}.png", Bar(false, i));
        Assert.Contains("'a' has one", Assert.Throws<DataException>(() => Train(_folder.At("single"))).Message);
        Train(_folder.At("single"), "mixed", ("no-classes", true), ("epochs", 1L));
        Assert.Contains(_events.OfType<Warned>(), w => w.Message.Contains("isn't measured"));
        Assert.Contains("nothing that guidance", Assert.Throws<TaskException>(() => Generate("mixed", ("guidance", 3.0))).Message);
        _folder.Write("empty/readme.txt", [1]);
        Assert.Throws<DataException>(() => Train(_folder.At("empty")));
        _folder.Write("alone/1.png", Bar(true, 1));
        Assert.Throws<DataException>(() => Train(_folder.At("alone")));
        Assert.Contains("--size", Assert.Throws<TaskException>(() => Train(Bars(10), values: ("size", "1000"))).Message);
        Assert.Contains("one test part", Assert.Throws<TaskException>(() => Train(Bars(10), values: ("folds", 3L))).Message);
        Assert.Contains("noise is drawn anew", Assert.Throws<TaskException>(() => Train(Bars(10), values: ("overfit-batch", true))).Message);
    }

    [Fact]
    public void Large_images_are_shrunk_and_others_brought_to_a_size()
    {
        for (int i = 0; i < 12; i++) _folder.Write($"large/{i}.png", SampleImages.Png(100, 80, (y, x) => new SKColor((byte)(2 * y), (byte)i, (byte)x)));
        Train(_folder.At("large"), values: [("epochs", 1L)]);
        Assert.Equal("64×51 colour", _events.OfType<DataReady>().Single().Input);
        _events.Clear();
        Train(Bars(10), "sized", ("size", "6x10"), ("epochs", 1L));
        Assert.Equal("6×10 grey", _events.OfType<DataReady>().Single().Input);
    }
}
