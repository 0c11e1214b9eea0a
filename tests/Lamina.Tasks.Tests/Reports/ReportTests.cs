using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lamina.Learning.Modules;
using Lamina.Learning.Training;
using Lamina.Tasks.Tables;
using Lamina.Tasks.Images;
using Lamina.Tasks.Reports;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Tests.Reports;

[Collection("the shared pool")]
public sealed partial class ReportTests : IDisposable
{
    private const string Hostile = "y <script>alert('1')</script>\u202e\u0007 & \"quoted\"";

    private readonly TempFolder _folder = new();
    private readonly List<TaskEvent> _events = [];
    private readonly TableTask _tables = new();
    private readonly TaskRunner _runner = new(new TaskRegistry(new TableTask(), new ImageTask()));

    public void Dispose() => _folder.Dispose();

    private TaskContext Context => new(_events.Add, TestContext.Current.CancellationToken);

    private string Csv(int rows = 120)
    {
        string header = $"x,\"{Hostile.Replace("\"", "\"\"")}\"";
        return _folder.Write("points <b>.csv", System.Text.Encoding.UTF8.GetBytes($"{header}\n{string.Concat(Enumerable.Range(0, rows).Select(i => $"{i * 37 % 101},{1000 + i * 74 % 202 + i % 3}\n"))}"));
    }

    private TaskResult Train(string data, params (string, object)[] values) =>
        _runner.Train(_tables, new() { Data = new DataSource(data), Run = _folder.At("run"), Values = values.ToDictionary(v => v.Item1, v => v.Item2) }, Context);

    [GeneratedRegex("""<data data-figure="([^"]*)" value="([^"]*)">""")]
    private static partial Regex Shown { get; }

    [GeneratedRegex("""<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z][a-zA-Z0-9-]*(?:="[^"<>]*")?)*)\s*(/?)>""")]
    private static partial Regex Tag { get; }

    private static Dictionary<string, double> FiguresIn(string html)
    {
        var figures = new Dictionary<string, double>();
        foreach (Match m in Shown.Matches(html)) figures[System.Net.WebUtility.HtmlDecode(m.Groups[1].Value)] = double.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture);
        return figures;
    }

    // Every tag is closed, every < starts one, and nothing is fetched or run.
    private static void RequireSafe(string html)
    {
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("url(", html);
        Assert.DoesNotContain("@import", html);
        string body = html[(html.IndexOf("</style>", StringComparison.Ordinal) + 8)..];
        Assert.Equal(body.Count(c => c == '<'), Tag.Count(body));
        var open = new Stack<string>();
        foreach (Match tag in Tag.Matches(body))
        {
            string name = tag.Groups[2].Value, attributes = tag.Groups[3].Value;
            Assert.DoesNotMatch(@"\son[a-z]+=", attributes);
            Assert.DoesNotMatch("""(src|href)="(?!data:image/png;base64,|fold-\d+/report\.html)""", attributes);
            if (tag.Groups[4].Value == "/" || name is "br" or "img" or "meta") continue;
            if (tag.Groups[1].Value != "/") open.Push(name);
            else if (name is not ("head" or "html")) Assert.Equal(open.Pop(), name);
        }
        Assert.Empty(open);
        Assert.Equal(-1, html.AsSpan().IndexOfAnyInRange('\u202a', '\u202e'));
        Assert.DoesNotContain(html.Distinct(), c => char.IsControl(c) && c != '\n');
    }

    [Fact]
    public void A_run_has_a_report_whose_figures_are_those_of_the_test()
    {
        string data = Csv();
        TaskResult result = Train(data, ("epochs", 3L));
        Assert.Equal(Path.Combine(result.Run, "report.html"), result.Report);
        string html = File.ReadAllText(result.Report!);
        RequireSafe(html);
        Dictionary<string, double> shown = FiguresIn(html);
        foreach ((string name, Figure figure) in result.Test!.Figures) Assert.Equal(figure.Value, shown[name]);
        foreach ((string name, Figure figure) in result.Test.Baseline!.Figures) Assert.Equal(figure.Value, shown[$"baseline.{name}"]);
        // What events.jsonl has, JSON too.
        JsonElement tested = File.ReadLines(Path.Combine(result.Run, "events.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).Last(e => e.GetProperty("event").GetString() == "tested");
        foreach (string name in result.Test.Figures.Select(f => f.Key)) Assert.Equal(tested.GetProperty(name).GetDouble(), shown[name]);
        Assert.Contains("points &lt;b&gt;.csv", html);
        Assert.Contains(@"y &lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;\u202e\u0007 &amp; &quot;quoted&quot;", html);
        foreach (string part in (string[])["Loss by epoch", "R² by epoch", "training", "validation", "predicted against actual", "errors", "Largest errors", "hidden[0]", "96 for training, 12 for validation, 12 for the test", "rows are kept for the test"])
            Assert.Contains(HtmlWriter.Escape(part), html);
        Assert.Contains(RunFolder.Open(result.Run).Info.DataHash, html);
        Assert.Equal(24, Regex.Count(html, "class=\"place\">") * 2); // all 12 rows of the test
    }

    [Fact]
    public void The_command_repeats_the_run()
    {
        TaskResult result = Train(Csv(), ("epochs", 2L), ("seed", -7L), ("no-samples", true), ("hidden", "8,8"));
        string command = RunCommand.Of(_tables, RunFolder.Open(result.Run).Info);
        Assert.Equal($"lamina train '{_folder.At("points <b>.csv")}' --task tables --epochs 2 --batch 16 --learning-rate 0.002 --optimizer adamw --seed=-7 --no-samples --target '{Hostile.Replace("'", "'\\''")}' --hidden 8,8", command);
    }

    [Fact]
    public void Without_samples_no_example_is_in_it_and_a_line_says_what_still_is()
    {
        TaskResult result = Train(Csv(), ("epochs", 2L), ("no-samples", true));
        string html = File.ReadAllText(result.Report!);
        RequireSafe(html);
        Assert.DoesNotContain("class=\"place\"", html);
        Assert.DoesNotContain("cloud", html[html.IndexOf("</style>", StringComparison.Ordinal)..]);
        Assert.DoesNotContain("Largest errors", html);
        Assert.Contains("the model with its vocabulary, and the names of categories, classes and columns", html);
        Assert.Equal(result.Test!["rmse"], FiguresIn(html)["rmse"]);
        // It is the run's setting, so a resume keeps it.
        File.Delete(result.Report!);
        Assert.DoesNotContain("class=\"place\"", File.ReadAllText(_runner.Resume(result.Run, Context).Report!));
    }

    [Fact]
    public void A_finished_run_that_is_resumed_keeps_its_report_or_gets_one()
    {
        TaskResult result = Train(Csv(), ("epochs", 2L));
        File.WriteAllText(result.Report!, "mine");
        Assert.Equal(result.Report, _runner.Resume(result.Run, Context).Report);
        Assert.Equal("mine", File.ReadAllText(result.Report!));
        File.Delete(result.Report!);
        TaskResult again = _runner.Resume(result.Run, Context);
        string html = File.ReadAllText(again.Report!);
        Assert.Contains("Loss by epoch", html);
        Assert.Equal(result.Test!["r2"], FiguresIn(html)["r2"]);
    }

    [Fact]
    public void An_interrupted_run_has_a_report_without_figures_which_a_resume_completes()
    {
        using var stop = new CancellationTokenSource();
        TaskResult stopped = _runner.Train(_tables, new() { Data = new DataSource(Csv()), Run = _folder.At("run"), Values = new Dictionary<string, object> { ["epochs"] = 4L } }, new(e =>
        {
            if (e is TrainingProgress { Event: EpochDone { Epoch: 2 } }) stop.Cancel();
        }, stop.Token));
        string html = File.ReadAllText(stopped.Report!);
        RequireSafe(html);
        Assert.Contains("interrupted; it can be resumed", html);
        Assert.Empty(FiguresIn(html));
        html = File.ReadAllText(_runner.Resume(stopped.Run, Context).Report!);
        Assert.Contains("all epochs done", html);
        Assert.Equal([1, 2, 3, 4], EpochHistory.Read(Path.Combine(stopped.Run, "events.jsonl")).Select(e => e.Epoch));
    }

    [Fact]
    public void Folds_have_a_report_above_theirs()
    {
        TaskResult result = Train(Csv(), ("folds", 3L), ("epochs", 2L));
        string html = File.ReadAllText(result.Report!);
        RequireSafe(html);
        Assert.Equal(_folder.At("run/report.html"), result.Report);
        Dictionary<string, double> shown = FiguresIn(html);
        TestReport[] tests = [.. _events.OfType<Tested>().Select(t => t.Report)];
        foreach ((string name, Figure figure) in result.Test!.Figures)
        {
            Assert.Equal((figure.Value, result.Deviation![name]), (shown[name], shown[$"deviation.{name}"]));
            for (int fold = 1; fold <= 3; fold++) Assert.Equal(tests[fold - 1][name], shown[$"fold-{fold}.{name}"]);
        }
        for (int fold = 1; fold <= 3; fold++)
        {
            Assert.Contains($"href=\"fold-{fold}/report.html\"", html);
            RequireSafe(File.ReadAllText(_folder.At($"run/fold-{fold}/report.html")));
        }
        Assert.Contains("--folds 3", html);
    }

    [Fact]
    public void Images_have_a_report_with_their_worst_mistakes()
    {
        for (int i = 0; i < 60; i++) _folder.Write($"data/{(i % 2 == 0 ? "<i>odd" : "even")}/{i}.png", SampleImages.Png(8, 8, (byte)(i * 4)));
        TaskResult result = ImageClassification.Train(new ImageOptions { Data = _folder.At("data"), Quick = true, Epochs = 1, Run = _folder.At("run") }, _events.Add, TestContext.Current.CancellationToken);
        string html = File.ReadAllText(result.Report!);
        RequireSafe(html);
        Dictionary<string, double> shown = FiguresIn(html);
        foreach ((string name, Figure figure) in result.Test!.Figures) Assert.Equal(figure.Value, shown[name]);
        foreach (string part in (string[])["Accuracy by probability", "class=\"heat\"", "&lt;i&gt;odd", "the rarer class in training"]) Assert.Contains(part, html);
        Assert.Equal(result.Test.Worst.Count, Regex.Count(html, "src=\"data:image/png;base64,"));
        Assert.All(Regex.Matches(html, "base64,([^\"]*)\"").Select(m => Convert.FromBase64String(m.Groups[1].Value)), png => Assert.InRange(SkiaSharp.SKBitmap.Decode(png).Width, 1, 128));
    }

    [Theory, InlineData(30), InlineData(100), InlineData(20_000)]
    public void It_stays_small_whatever_the_data(int classes)
    {
        string evil = string.Concat(Enumerable.Repeat("\u202e\"&<", 5_000));
        string Name(int c) => $"{c} {evil}";
        var random = new Random(1);
        Sample Sample(int i)
        {
            if (i % 5 == 3) return new CurveSample(evil, [.. Enumerable.Range(0, 20).Select(c => new Curve(Name(c), [.. Enumerable.Range(0, 5_000).Select(t => t % 3 == 0 ? float.NaN : 1e30f * t)]))]);
            if (i % 5 == 4) return new SoundSample(evil, double.NaN, new ImageSample(new byte[40 * 5_000 * 3], 40, 5_000, 3));
            if (i % 5 == 0) return new TextSample(evil, evil);
            if (i % 5 == 1) return new RowSample(evil, [.. Enumerable.Range(0, 2_000).Select(c => KeyValuePair.Create(Name(c), evil))]);
            var noise = new byte[512 * 300 * 3];
            random.NextBytes(noise);
            return new ImageSample(noise, 300, 512, 3);
        }

        var figures = new Figures(Enumerable.Range(0, 500).Select(i => ($"r2.{Name(i)}", new Figure(1 / (i - 3.0), FigureKind.Score, new(double.NaN, 1)))));
        var test = new TestReport(figures, 1_000_000, [])
        {
            Baseline = new("always <the mean>", figures),
            Classes = [.. Enumerable.Range(0, classes).Select(c => new ClassReport(Name(c), c, double.NaN, 0.5, 0.5))],
            Confusion = new(classes > 100 ? null : [.. Enumerable.Range(0, classes).Select(_ => new long[classes])], [.. Enumerable.Range(0, 100).Select(c => new ConfusedPair(Name(c), evil, c))]),
            Calibration = new([.. Enumerable.Range(0, 10).Select(b => new CalibrationBin(double.NaN, double.NaN, 0))], double.NaN),
            Residuals = [.. Enumerable.Range(0, 8).Select(r => new Residuals(Name(r), evil, [.. Enumerable.Range(0, 2_000).Select(i => new ResidualPoint(Math.Pow(10, i % 600 - 300), i % 7 == 0 ? double.NaN : -1e300))]))],
            Worst = [.. Enumerable.Range(0, 24).Select(i => new WorstExample(evil, evil, 0.5, Sample(i)))],
        };
        var info = new RunInfo
        {
            Task = "tables", Version = "0", Created = default, DataHash = evil, Options = new Dictionary<string, JsonElement>(), Network = default, Preprocessing = default, Output = new NumberOutput(evil, 0, 1), Metric = "r2",
            Settings = new() { Epochs = 1, Batch = 1, LearningRate = 1, Optimizer = "sgd", Seed = 0 },
        };
        string html = new RunReport
        {
            Summary = "things", Run = info, Test = test, Command = evil, Settings = [.. Enumerable.Range(0, 500).Select(i => KeyValuePair.Create(Name(i), evil))],
            Data = new(evil, 1, 1, 1, info.Output, evil, [.. Enumerable.Repeat(evil, 1_000)]) { Facts = [.. Enumerable.Range(0, 1_000).Select(i => new Fact("a", evil, evil))] },
            Network = new(evil, new Summary([.. Enumerable.Range(0, 5_000).Select(i => new SummaryRow(Name(i), 1, evil, new Spec(DType.Float32, [1, 2]), new Spec(DType.Float32, [1, 2]), 1, 1, true))], 1, 1, 1, 1)),
            Finished = new(FinishReason.Completed, 1, 1, 1, 1),
            Epochs = [.. Enumerable.Range(1, 50_000).Select(e => new EpochScores(e, new Dictionary<string, double> { ["loss"] = e % 5 == 0 ? double.NaN : 1.0 / e, [evil] = e }, new Dictionary<string, double>()))],
        }.Html();
        RequireSafe(html);
        Assert.InRange(html.Length, 100_000, 3_000_000);
    }

    [Theory]
    [InlineData(0, 0), InlineData(5, 5), InlineData(-1e308, 1e308), InlineData(1e15, 1e15 + 1), InlineData(-0.5, -0.25), InlineData(1e-300, 2e-300), InlineData(0.02, 2.3), InlineData(1e-9, 1e9)]
    public void Axes_hold_their_values_and_few_ticks(double low, double high)
    {
        foreach (bool mayBeLog in (bool[])[false, true])
        {
            Axis axis = Axis.Of("x", [low, double.NaN, high], mayBeLog);
            Assert.InRange(axis.At(low), 0, 1);
            Assert.InRange(axis.At(high), 0, 1);
            Assert.InRange(axis.Ticks.Count, 0, 9);
            Assert.All(axis.Ticks, t => Assert.InRange(axis.At(t), -1e-9, 1 + 1e-9));
        }
        Assert.Equal([0.2, 0.4, 0.6, 0.8], Axis.Of("x", [0.1, 0.95]).Ticks.Select(t => Math.Round(t, 12)));
        Assert.Equal([1, 2, 3], (Axis.Of("x", [1, 3]) with { IsWhole = true }).Ticks.Select(t => Math.Round(t, 9)));
        Assert.Equal(["0.05", "0.1", "0.2", "0.5", "1", "2"], Axis.Of("x", [0.03, 2], mayBeLog: true).Ticks.Select(Axis.Text));
    }
}
