using Lamina.Learning.Training;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Reports;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Tables;

namespace Lamina.Tasks.Tests.Spine;

/// <summary>Learning rates and batch sizes of tasks: looked for on data and on runs, and nothing is left behind.</summary>
public sealed class FinderTests : IDisposable
{
    private readonly TableFiles _files = new();

    public void Dispose() => _files.Dispose();

    // A category, a text and a date beside numbers, and some are missing.
    private string Data(string bad = "") => _files.Rows("data.csv", "x,kind,said,day,y", 300, i =>
        $"{(i == 9 ? bad : i % 17)},{(i % 7 == 0 ? "" : "abc"[i % 3])},{(i % 2 == 0 ? "all is well today" : "nothing works at all here")} {i % 5},2026-01-{1 + i % 28:00},{i % 17 * 0.3 + (i % 2)}");

    [Theory, InlineData("tables"), InlineData("fraud"), InlineData("text")]
    public void Every_task_is_searched_on_its_built_in_data_without_a_run(string name)
    {
        LearningTask task = AllTasks.Registry.Find(name)!;
        string before = Directory.GetCurrentDirectory();
        RateSearch rates = _files.Runner.FindRate(task, new TaskRequest { Values = new Dictionary<string, object> { ["seed"] = 1L } },
            _files.Context, new() { Steps = 60 });
        Assert.InRange(rates.Curve.Points.Count, 10, 60);
        Assert.True(rates.Default > 0);
        BatchSearch sizes = _files.Runner.FindBatch(task, new TaskRequest(), _files.Context,
            new() { Smallest = 16, Largest = 32, TimeOfEach = TimeSpan.FromMilliseconds(1) });
        Assert.Equal([16, 32], sizes.Sizes.Points.Select(p => p.Size));
        Assert.NotNull(sizes.Training);
        Assert.Equal(before, Directory.GetCurrentDirectory());
        Assert.False(Directory.Exists("runs"));
    }

    [Fact]
    public void Options_of_the_task_hold_and_wrong_ones_are_refused()
    {
        string data = Data();
        RateSearch found = _files.Runner.FindRate(_files.Tables,
            _files.Request(data, "none", ("hidden", "8"), ("batch", 20L), ("optimizer", "sgd")), _files.Context);
        Assert.Equal((20, "sgd", 0.05), (found.Batch, found.Optimizer, found.Default));
        Assert.Contains("-8-1", found.Network);
        Assert.False(Directory.Exists(_files.At("none")));
        Assert.Contains("--folds", Assert.Throws<TaskException>(() =>
            _files.Runner.FindRate(_files.Tables, _files.Request(data, "none", ("folds", 3L)), _files.Context)).Message);
        Assert.Contains("--hidde", Assert.Throws<TaskException>(() =>
            _files.Runner.FindBatch(_files.Tables, _files.Request(data, "none", ("hidde", "3")), _files.Context)).Message);
    }

    [Fact]
    public void A_run_is_searched_from_its_weights_and_stays_as_it_is()
    {
        TaskResult run = _files.Train(Data());
        byte[][] Files() => [.. Directory.GetFiles(run.Run, "*", SearchOption.AllDirectories).Order().Select(File.ReadAllBytes)];
        byte[][] before = Files();
        RateSearch found = _files.Runner.FindRate(run.Run, _files.Context);
        Assert.Equal(RunFolder.Open(run.Run).Info.Settings.Batch, found.Batch);
        BatchSearch sizes = _files.Runner.FindBatch(run.Run, _files.Context, new() { Largest = 16, TimeOfEach = TimeSpan.FromMilliseconds(1) });
        Assert.Null(sizes.Training);
        Assert.Equal(before, Files());
        Assert.Contains(_files.Events.OfType<Remarked>(), r => r.Message.Contains("starts from the weights"));
        string svg = _files.At("curve.svg");
        found.Save(svg);
        Assert.StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\"", File.ReadAllText(svg));
        System.Xml.Linq.XDocument.Parse(File.ReadAllText(svg));
        Assert.NotNull(_files.Runner.Profile(run.Run, _files.Context)); // categories and tokens are made up in their range
    }

    [Fact]
    public void It_stops_when_it_is_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => _files.Runner.FindRate(_files.Tables, _files.Request(Data(), "none"), new(e =>
        {
            if (e is Preparing { What: "trying learning rates", Done: 5 }) cancel.Cancel();
        }, cancel.Token)));
        Assert.Throws<OperationCanceledException>(() =>
            _files.Runner.FindBatch(_files.Tables, _files.Request(Data(), "none"), new(_ => { }, new CancellationToken(true))));
    }
}
