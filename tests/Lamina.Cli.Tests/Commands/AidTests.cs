using Lamina.Cli.Commands;
using Lamina.Learning.Training;
using Lamina.Tasks;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Tests.Commands;

/// <summary>What looks at data, and for a rate and a batch size, before training.</summary>
public sealed class AidTests
{
    private readonly Terminal _terminal = new();
    private LearningRateFinderOptions? _rates;
    private BatchSizeFinderOptions? _sizes;
    private TaskRequest? _request;
    private LearningTask? _task;
    private string? _run;

    private static RateSearch Rates { get; } = new("ConvNet(16-32-128-10)", "photos", 64, "adamw", 0.003,
        new LearningRateCurve([.. Enumerable.Range(0, 40).Select(i => new RatePoint(1e-6 * Math.Pow(1.4, i), 2 - i * 0.04, 2 - i * 0.04))], true)
        { Suggestion = 0.0123, Valley = 0.001, Steepest = 0.002, Minimum = 0.123 });

    private static BatchSearch Sizes { get; } = new("ConvNet", 64, 1_000, new BatchSizes(
        [new(8, 0.001, new StepMemory(1, 2, 3, 4)), new(16, 0.0011, new StepMemory(1, 2, 3, 4))], 16, 2_000_000_000) { TooLarge = 32,
            TooLargeBytes = 3_000_000_000 });

    private static DataLook Look { get; } = new("images", "photos", "28×28 grey", new ClassOutput(["cats", "dogs"]),
        [new("training", 90) { Classes = [80, 10] }, new("validation", 5) { Classes = [5, 0] }, new("test", 5) { Classes = [4, 1] }],
        [new("missingClass", true, "no example of 'dogs' in the validation part") { Count = 1 }, new("note", false,
            "5 images are kept for the test")])
    { Columns = [new("x", "number", 3, 17) { Range = new("x", 0, 9.5, 4, 1) }, new("kind", "category", 0, 2) { Frequent = [new("a", 60), new("b",
        30)], Role = "predicted" }] };

    private int Run(params string[] args) => CommandLineApp.Run(args, new FakeJobs().Jobs with
    {
        FindRate = (task, request, _, options) =>
        {
            (_task, _request, _rates) = (task, request, options);
            return Rates;
        },
        FindRateOf = (run, _, _) =>
        {
            _run = run;
            return Rates;
        },
        FindBatch = (task, request, _, options) =>
        {
            (_task, _request, _sizes) = (task, request, options);
            return Sizes;
        },
        FindBatchOf = (run, _, options) =>
        {
            (_run, _sizes) = (run, options);
            return Sizes;
        },
        Look = (task, request, _) =>
        {
            (_task, _request) = (task, request);
            return Look;
        },
    }, _terminal.Plain, TestContext.Current.CancellationToken);

    [Fact]
    public void A_rate_is_suggested_and_the_curve_drawn()
    {
        Assert.Equal(0, Run("lr-find", "--task", "images", "--batch", "32", "--lowest", "1e-6", "--steps", "50"));
        Assert.Equal(("images", 32L), (_task!.Name, _request!.Values["batch"]));
        Assert.Equal((1e-6, 10, 50), (_rates!.Lowest, _rates.Highest, _rates.Steps));
        Assert.Contains("suggested 0.0123, a tenth of that of the least loss; steepest at 0.002, valley at 0.001; train would take 0.003",
            _terminal.Output);
        Assert.Contains("train it with --learning-rate 0.0123", _terminal.Output);
        Assert.Contains("40 rates from 1E-06 on batches of 64, adamw; the loss diverged", _terminal.Output);
        Assert.True(_terminal.Output.Count(c => c == '*') + _terminal.Output.Count(c => c == '•') > 20);
        Assert.All(Lines.Of(_terminal.Output).Where(l => l.Contains('|') || l.Contains('│')), line => Assert.True(line.Length < 80, line));
    }

    [Fact]
    public void For_programs_it_is_one_object_and_a_picture_is_drawn_where_asked_for()
    {
        string file = Path.Combine(Path.GetTempPath(), $"lamina-{Guid.NewGuid():N}.svg");
        try
        {
            Assert.Equal(0, Run("lr-find", "--json", "--out", file));
            Assert.Contains("\"event\":\"rates\"", _terminal.Output);
            Assert.Contains("\"suggestion\":0.0123", _terminal.Output);
            Assert.Single(Lines.Of(_terminal.Output));
            System.Xml.Linq.XDocument.Load(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_batch_size_is_suggested_within_the_memory()
    {
        Assert.Equal(0, Run("batch-find", "--task", "tables", "--memory", "1.5", "--largest", "512"));
        Assert.Equal((8, 512, 1_500_000_000L), (_sizes!.Smallest, _sizes.Largest, _sizes.MostBytes!.Value));
        Assert.Contains("suggested 16: the smallest within a tenth of the best speed; train would take 64", _terminal.Output);
        Assert.Contains("a batch of 32 would hold 2.79 GiB, and 1.86 GiB may be held", _terminal.Output);
        Assert.Equal(0, Run("batch-find", "--json"));
        Assert.Contains("\"tooLarge\":32", _terminal.Output);
    }

    [Fact]
    public void A_run_is_told_from_data_and_has_its_own_settings()
    {
        string run = Directory.CreateTempSubdirectory("lamina-run-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(run, "run.json"), "{}");
            Assert.Equal(0, Run("lr-find", run));
            Assert.Equal(run, _run);
            Assert.Equal(0, Run("batch-find", run, "--memory", "1"));
            Assert.Equal(2, Run("lr-find", run, "--batch", "8"));
            Assert.Contains("is a run with its own settings, so --batch can't be given with it", _terminal.Error);
        }
        finally
        {
            Directory.Delete(run, recursive: true);
        }
    }

    [Fact]
    public void A_look_at_data_says_what_stands_out()
    {
        Assert.Equal(0, Run("data", "--task", "images"));
        Assert.Contains("90 training, 5 validation, 5 test", _terminal.Output);
        Assert.Matches(@"dogs +10 +0 +1", _terminal.Output);
        Assert.Contains("warning   no example of 'dogs' in the validation part", _terminal.Output);
        Assert.Contains("0 to 9.5, mean 4", _terminal.Output);
        Assert.Contains("a (60), b (30); predicted", _terminal.Output);
        _terminal.Take();
        Assert.Equal(0, Run("data", "--json"));
        Assert.Contains("\"event\":\"look\"", _terminal.Output);
        Assert.Contains("\"classes\":{\"cats\":80,\"dogs\":10}", _terminal.Output);
        string file = Path.Combine(Path.GetTempPath(), $"lamina-{Guid.NewGuid():N}.html");
        Assert.Equal(0, Run("data", "--out", file));
        Assert.Contains("What stands out", File.ReadAllText(file));
        File.Delete(file);
    }

    [Theory]
    [InlineData("lr-find --steps 5", "--steps 5: expected a whole number from 10")]
    [InlineData("lr-find --lowest 1 --highest 0.1", "--highest 0.1 is not above --lowest 1")]
    [InlineData("lr-find --lowest no", "--lowest no: expected a number above 0")]
    [InlineData("lr-find --out curve.png", "--out curve.png: the curve is drawn as SVG")]
    [InlineData("lr-find --epochs 3", "unknown option --epochs")]
    [InlineData("batch-find --memory 0", "--memory 0: expected a number above 0")]
    [InlineData("batch-find --smallest 64 --largest 8", "--largest 8 is below --smallest 64")]
    [InlineData("data --out page.pdf", "--out page.pdf: the page is written as HTML")]
    [InlineData("lrfind", "did you mean lr-find?")]
    [InlineData("eda", "did you mean data?")]
    [InlineData("train --lr-find", "unknown option --lr-find")]
    public void What_makes_no_sense_is_said(string line, string part)
    {
        Assert.Equal(2, Run(line.Split(' ')));
        Assert.Contains(part, _terminal.Error);
    }

    [Theory, InlineData("lr-find"), InlineData("batch-find"), InlineData("data")]
    public void Help_has_examples(string command)
    {
        Assert.Equal(0, Run(command, "--help"));
        Assert.Contains($"\nExamples:\n  lamina {command}", _terminal.Output);
        Assert.DoesNotContain("--epochs", _terminal.Output);
        Assert.All(Lines.Of(_terminal.Output), l => Assert.True(l.TrimEnd().Length <= 80, l));
    }
}
