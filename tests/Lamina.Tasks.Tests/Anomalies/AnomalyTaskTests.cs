using System.Globalization;
using System.Text;
using Lamina.Tasks.Detection;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;

namespace Lamina.Tasks.Tests.Anomalies;

/// <summary>Anomalies on the spine: what is found, saved and told, and what can't be used.</summary>
[Collection("the shared pool")]
public sealed class AnomalyTaskTests : IDisposable
{
    private const int Steps = 1_200;

    private readonly TempFolder _folder = new();
    private readonly TaskRunner _runner = new(AllTasks.Registry);
    private readonly LearningTask _task = AllTasks.Registry.Find("anomalies")!;
    private readonly List<TaskEvent> _events = [];

    private TaskContext Context => new(_events.Add, TestContext.Current.CancellationToken);

    public void Dispose() => _folder.Dispose();

    private static string Time(int i) => new DateTime(2024, 1, 1).AddHours(i).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    // Two columns of one daily course with noise; faults at known places of the first.
    private static (string A, string B, string Fault) Row(int i)
    {
        double Noise(int seed) => 0.2 * (new Random(i * 7 + seed).NextDouble() - 0.5);
        double course = Math.Sin(2 * Math.PI * i / 24), a = course + Noise(1), b = 2 * course + Noise(2);
        string fault = "";
        if (i is 300 or 301) (a, fault) = (a + 6, "spike");
        if (i is >= 500 and < 620) (a, fault) = (a + 3 * (i - 499) / 120.0, "drift");
        if (i is >= 800 and < 840) (a, fault) = (0.123, "frozen");
        if (i is >= 1000 and < 1020) return ("", $"{b}", "missing");
        return (a.ToString(CultureInfo.InvariantCulture), b.ToString(CultureInfo.InvariantCulture), fault);
    }

    private string Csv(string name = "sensors.csv", int rows = Steps, Func<int, string>? row = null, string header = "time,a,b,fault\n")
    {
        row ??= i => Row(i) is var (a, b, fault) ? string.Create(CultureInfo.InvariantCulture, $"{Time(i)},{a},{b},{fault}") : "";
        var text = new StringBuilder(header);
        for (int i = 0; i < rows; i++) text.Append(row(i)).Append('\n');
        return _folder.Write(name, Encoding.UTF8.GetBytes(text.ToString()));
    }

    private TaskRequest Request(string? data, string run = "run", params (string, object)[] values) =>
        new() { Data = data is null ? null : new DataSource(data), Run = _folder.At(run), Values = values.ToDictionary(v => v.Item1, v => v.Item2) };

    private TaskResult Train(string? data, params (string, object)[] values)
    {
        (string, object)[] brief = values.Any(v => v.Item1 == "epochs") ? [] : [("epochs", 6L)];
        return _runner.Train(_task, Request(data, values: [.. brief, .. values]), Context);
    }

    private static AnomalyReport Oddest(TestReport report, AnomalyKind kind) => report.Anomalies!.First(a => a.Kind == kind);

    [Theory]
    [InlineData("dense")]
    [InlineData("conv")]
    public void Each_kind_is_found_where_it_was_planted(string model)
    {
        TaskResult result = Train(Csv(), ("label", "fault"), ("model", model));
        TestReport report = result.Test!;
        Assert.InRange(report["auc"], 0.95, 1);
        Assert.True(report["auc"] > report.Baseline!.Figures["auc"]);
        Assert.Equal(Steps, report.Count);
        void Found(AnomalyKind kind, int from, int to)
        {
            AnomalyReport one = Oddest(report, kind);
            if (kind != AnomalyKind.Drift) Assert.Equal("a", one.Columns[0]); // of two that part each is off by the other
            Assert.True(string.CompareOrdinal(one.Start, Time(to)) <= 0 && string.CompareOrdinal(one.End, Time(from)) >= 0, one.ToString());
            Assert.InRange(one.Sureness, 0.9, 1);
        }

        Found(AnomalyKind.Spike, 300, 301);
        Found(AnomalyKind.Drift, 500, 660);
        Found(AnomalyKind.Frozen, 800, 839);
        Found(AnomalyKind.Missing, 1000, 1019);
        Assert.Equal((Time(1000), Time(1019)), (Oddest(report, AnomalyKind.Missing).Start, Oddest(report, AnomalyKind.Missing).End));
        string page = File.ReadAllText(result.Report!);
        Assert.Contains("<h2>Anomalies</h2>", page);
        Assert.Contains("frozen", page);
    }

    [Fact]
    public void Without_labels_the_same_is_found_and_predicted()
    {
        string data = Csv();
        TestReport report = Train(data, ("drop", "fault")).Test!;
        Assert.Null(report.Figures.Find("auc"));
        Assert.Null(report.Baseline);
        Assert.InRange(report["flagged"], 0.02, 0.2);
        PredictionList list = _runner.Predict(_folder.At("run"), [data], 5, Context);
        Prediction[] found = [.. list.Items];
        Assert.Equal(report.Anomalies!.Count, found.Length);
        Assert.Equal(["drift", "frozen", "missing", "spike"], found.Select(p => p.Top[0].Class).Distinct().Order());
        Assert.Equal(found.Length, _runner.Predict(_folder.At("run"), [], 5, Context).Items.Count()); // the run's own data
        var table = new PredictionTable(list.Output!);
        Assert.Equal(["source", "series", "number", "start", "end", "kind", "sure", "score", "note"], table.Columns);
        var text = new StringWriter();
        RowWriter rows = RowWriter.Create(text, table.Columns);
        foreach (Prediction one in found) table.Write(rows, one);
        Assert.Contains($",{Time(1000)},{Time(1019)},missing,1,", text.ToString());
    }

    [Fact]
    public void Another_file_is_held_against_what_was_learned()
    {
        Train(Csv("usual.csv", 600, i => Row(i % 24 + 24) is var (a, b, _) ? $"{Time(i)},{a},{b}" : "", "time,a,b\n"));
        string odd = Csv("odd.csv", 200, i => Row(i % 24 + 24) is var (a, b, _) ? $"{Time(i)},{(i == 100 ? "9" : a)},{b}" : "", "time,a,b\n");
        Prediction first = _runner.Predict(_folder.At("run"), [odd], 5, Context).Items.First(p => p.Top[0].Class == "spike");
        Assert.Equal(Time(100), first.Time);
    }

    [Fact]
    public void Resumes_to_the_same_bits()
    {
        string data = Csv();
        Train(data, ("label", "fault"));
        byte[] first = File.ReadAllBytes(_folder.At("run/model.safetensors"));
        _runner.Resume(_folder.At("run"), Context);
        Assert.Equal(first, File.ReadAllBytes(_folder.At("run/model.safetensors")));
        Assert.InRange(_runner.Test(_folder.At("run"), new DataSource(data), Context)["auc"], 0.95, 1);
    }

    [Fact]
    public void One_column_and_rows_without_times()
    {
        TestReport report = Train(Csv("one.csv", row: i => $"{Row(i).A},{Row(i).B}", header: "a,b\n"), ("target", "a")).Test!;
        Assert.Equal("row 1001", Oddest(report, AnomalyKind.Missing).Start);
        Assert.Contains(report.Anomalies!, a => a.Kind == AnomalyKind.Spike && a.Start is "row 301" or "row 302");
        Assert.Contains(report.Anomalies!, a => a.Kind == AnomalyKind.Frozen);
    }

    [Fact]
    public void Rows_that_don_t_depend_on_each_other_are_windows_of_one_step()
    {
        var random = new Random(3);
        string data = Csv("rows.csv", 500, i => (random.NextDouble(), random.NextDouble()) is var (x, y)
            ? string.Create(CultureInfo.InvariantCulture, $"{x},{y},{(i == 333 ? 9 : x + y)}") : "", "x,y,sum\n");
        TestReport report = Train(data, ("window", 1L)).Test!;
        Assert.Contains(report.Anomalies!, a => a.Kind == AnomalyKind.Spike && a.Start == "row 334");
    }

    [Theory]
    [InlineData("constant", "has the same value in all steps")]
    [InlineData("short", "too few to say what is usual")]
    [InlineData("window", "--window")]
    [InlineData("empty", "has names of columns")]
    [InlineData("missing", "has no column of numbers")]
    [InlineData("label", "has no column 'lable'")]
    [InlineData("text", "which is no number")]
    public void What_can_t_be_used_is_refused_with_a_way_out(string kind, string reason)
    {
        (string data, (string, object)[] values) = kind switch
        {
            "constant" => (Csv(row: i => $"{Time(i)},5,7,"), [("drop", "fault")]),
            "short" => (Csv(rows: 10), [("label", "fault")]),
            "window" => (Csv(rows: 100), [("window", 60L), ("label", "fault")]),
            "empty" => (Csv(rows: 0), Array.Empty<(string, object)>()),
            "missing" => (Csv(row: i => $"{Time(i)},,NA,"), []),
            "label" => (Csv(), [("label", "lable")]),
            _ => (Csv(row: i => $"{Time(i)},{(i % 2 == 0 ? "on" : "off")},{i % 5},"), new (string, object)[] { ("target", "a") }),
        };
        Exception e = Assert.ThrowsAny<Exception>(() => Train(data, values));
        Assert.True(e is DataException or TaskException, e.ToString());
        Assert.Contains(reason, e.Message);
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    [Fact]
    public void Signals_say_what_they_are_said_to()
    {
        float[] values = [1, 1, 1, 9, 1, float.NaN, 1, 1, 2, 2, 2, 2];
        float[] spike = Signals.Spike(values), run = Signals.Run(values);
        Assert.Equal((8, 0), (spike[3], spike[5]));
        Assert.Equal([3, 3, 3, 1, 1, 0, 2, 2, 4, 4, 4, 4], run);
        float[] drift = [.. Enumerable.Range(0, 400).Select(i => i is >= 200 and < 260 ? 2f : 0)];
        float[] level = Signals.Level(drift, 24), shift = Signals.Shift(drift, 24, 24);
        Assert.Equal((2, 0), (level[230], level[100]));
        Assert.Equal((2, 0), (shift[230], shift[100]));
        Assert.Equal([2f, 3, 3, 3, 3, 3, 1, 1], Signals.Widest([1, 2, 1, 3, 0, 1, 0, 0], 2));
    }

    [Fact]
    public void Real_series_with_planted_faults()
    {
        string data = _folder.At("faults.csv");
        PlantedFaults.Write(RealData.Require("series/ETTh1.csv"), data, 1);
        TestReport report = Train(data, ("label", PlantedFaults.Column), ("epochs", 3L)).Test!;
        Assert.InRange(report["auc"], 0.9, 1);
        foreach (AnomalyKind kind in Enum.GetValues<AnomalyKind>()) Assert.Contains(report.Anomalies!, a => a.Kind == kind);
    }
}
