using System.Globalization;
using System.Text;
using Lamina.Learning.Saving;
using Lamina.Tasks.Forecasting;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;
using Lamina.Tensors;

namespace Lamina.Tasks.Tests.Forecasting;

/// <summary>Forecasts on the spine: what is decided, learned, saved and predicted, and what can't be used.</summary>
[Collection("the shared pool")]
public sealed class ForecastTaskTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TaskRunner _runner = new(AllTasks.Registry);
    private readonly LearningTask _task = AllTasks.Registry.Find("forecast")!;
    private readonly List<TaskEvent> _events = [];

    private TaskContext Context => new(_events.Add, TestContext.Current.CancellationToken);

    public void Dispose() => _folder.Dispose();

    private static DateTime Hour(int i) => new DateTime(2024, 1, 1).AddHours(i);

    // A daily course around a level that drifts, with noise.
    private static double Value(int i, int seed = 0) => 20 + 5 * Math.Sin(2 * Math.PI * i / 24) + 0.01 * i + new Random(i * 31 + seed).NextDouble();

    private string Csv(string name = "load.csv", int rows = 400, string header = "time,load,wind\n", Func<int, string?>? row = null)
    {
        row ??= i => string.Create(CultureInfo.InvariantCulture, $"{Hour(i):yyyy-MM-dd HH:mm},{Value(i)},{Value(i + 7, 1) * 3}");
        var text = new StringBuilder(header);
        for (int i = 0; i < rows; i++)
            if (row(i) is { } line) text.Append(line).Append('\n');
        return _folder.Write(name, Encoding.UTF8.GetBytes(text.ToString()));
    }

    private TaskRequest Request(string? data, string run = "run", params (string, object)[] values) =>
        new() { Data = data is null ? null : new DataSource(data), Run = _folder.At(run), Values = values.ToDictionary(v => v.Item1, v => v.Item2) };

    private TaskResult Train(string? data, params (string, object)[] values) =>
        _runner.Train(_task, Request(data, values: [("epochs", 2L), ("horizon", 12L), ("window", 48L), .. values]), Context);

    private DataReady Ready => _events.OfType<DataReady>().Single();

    private string Notes => string.Join("\n", Ready.Notes);

    private string Fact(string name) => Ready.Facts.Single(f => f.Name == name).Text;

    private List<Prediction> Predict(params string[] files) => [.. _runner.Predict(_folder.At("run"), files, 5, Context).Items];

    [Fact]
    public void Learns_the_course_and_goes_on_behind_the_end()
    {
        string data = Csv();
        TaskResult result = Train(data);
        Assert.Equal(["mse", "mae", "mase", "coverage", "loss", "mae.load", "mae.wind"], result.Test!.Figures.Select(f => f.Key));
        Assert.InRange(result.Test["mase"], 0, 0.95);
        Assert.InRange(result.Test["coverage"], 0.5, 1);
        Assert.True(result.Test["mse"] < result.Test.Baseline!.Figures["mse"]);
        Assert.Equal(["the last value repeated", "a linear map of the window"], result.Test.OtherBaselines.Select(b => b.Name));
        Assert.Equal(80 - 12 + 1, result.Test.Count);
        Assert.Equal(12, result.Test.ErrorsByStep.Count);
        Assert.Contains("a season of 24 steps", Fact("window"));
        Assert.Equal("the first 280 steps for training, the next 40 for validation, then 80 for the test", Fact("parts"));
        Assert.Contains("<polygon class=\"band\"", File.ReadAllText(result.Report!));

        List<Prediction> next = Predict(data);
        Assert.Equal(next.Select(p => p.Numbers[0].Value), Predict().Select(p => p.Numbers[0].Value)); // the run's own data
        Assert.Equal(Enumerable.Range(400, 12).Select(i => $"{Hour(i):yyyy-MM-dd HH:mm}"), next.Select(p => p.Time));
        for (int h = 0; h < 12; h++)
        {
            Assert.Equal(Value(400 + h), next[h].Numbers[0].Value, 2.0);
            Interval range = next[h].Intervals[0].Value;
            Assert.InRange(next[h].Numbers[0].Value, range.Low, range.High);
        }
    }

    [Fact]
    public void The_model_opens_without_the_run_and_takes_values_in_their_units()
    {
        string data = Csv();
        TaskResult result = Train(data);
        float[] window = [.. Enumerable.Range(400 - 48, 48).SelectMany(i => new[] { (float)Value(i), (float)(Value(i + 7, 1) * 3) })];
        float[] alone = Predictor.Load(result.Model!).Predict(Tensor.From(window, [1, 48, 2])).ToArray<float>();
        List<Prediction> next = Predict(data);
        for (int i = 0; i < alone.Length; i++) Assert.Equal(next[i / 2].Numbers[i % 2].Value, alone[i], 1e-3);
    }

    [Fact]
    public void Resumes_to_the_same_bits_and_tests_on_other_data()
    {
        string data = Csv();
        Train(data);
        byte[] first = File.ReadAllBytes(_folder.At("run/model.safetensors"));
        _runner.Train(_task, Request(data, "again", ("epochs", 2L), ("horizon", 12L), ("window", 48L)), Context);
        Assert.Equal(first, File.ReadAllBytes(_folder.At("again/model.safetensors")));
        _runner.Resume(_folder.At("run"), Context);
        Assert.Equal(first, File.ReadAllBytes(_folder.At("run/model.safetensors")));
        TestReport other = _runner.Test(_folder.At("run"), new DataSource(Csv("other.csv", 100)), Context);
        Assert.Equal(100 - 48 - 12 + 1, other.Count);
    }

    [Theory]
    [InlineData("dlinear")]
    [InlineData("patchtst")]
    [InlineData("tcn")]
    public void Each_network_with_covariates_a_known_future_and_missing_values(string model)
    {
        string Line(int i, bool isKnown) => string.Create(CultureInfo.InvariantCulture,
            $"{Hour(i):yyyy-MM-dd HH:mm},{(!isKnown ? "" : i % 29 == 0 ? "" : $"{Value(i)}")},{(isKnown ? $"{Value(i + 7, 1)}" : "")},{i % 3}");
        string data = Csv(header: "time,load,wind,price\n", row: i => i == 77 ? null : Line(i, true));
        TaskResult result = Train(data, ("target", "load"), ("known", "price"), ("model", model));
        Assert.True(double.IsFinite(result.Test!["mse"]));
        Assert.Contains("'load' to forecast, 'wind' to look at too, 'price' known ahead", Fact("columns"));
        Assert.Contains("1 step is missing", Notes);
        // Without the prices of the next steps nothing can be said.
        Assert.Contains("'price' of 12", Assert.Throws<DataException>(() => Predict(data)).Message);
        string ahead = Csv("ahead.csv", 412, "time,load,wind,price\n", i => Line(i, i < 400));
        List<Prediction> next = Predict(ahead);
        Assert.Equal((12, $"{Hour(400):yyyy-MM-dd HH:mm}"), (next.Count, next[0].Time));
        Assert.Equal(next[0].Numbers[0].Value, next[0].Numbers[0].Value, 10);
        Assert.Contains("missing values", next[0].Note);
    }

    [Fact]
    public void Series_below_each_other_are_forecast_each()
    {
        string data = Csv(header: "time,place,load\n", row: i => string.Create(CultureInfo.InvariantCulture,
            $"{Hour(i):yyyy-MM-dd HH:mm},north,{Value(i)}\n{Hour(i):yyyy-MM-dd HH:mm},south,{Value(i + 9, 1)}"));
        TaskResult result = Train(data);
        Assert.Equal(2 * (80 - 12 + 1), result.Test!.Count);
        List<Prediction> next = Predict(data);
        Assert.Equal(24, next.Count);
        Assert.Equal(["north", "south"], next.Select(p => p.Series!).Distinct());
    }

    [Fact]
    public void Growing_swings_are_learned_as_logarithms()
    {
        string data = Csv(header: "month,sales\n", rows: 150, row: i => string.Create(CultureInfo.InvariantCulture,
            $"{new DateTime(2010, 1, 1).AddMonths(i):yyyy-MM},{100 * Math.Exp(0.015 * i + 0.2 * Math.Sin(2 * Math.PI * i / 12))}"));
        _runner.Train(_task, Request(data, values: ("epochs", 1L)), Context);
        Assert.StartsWith("'sales': swings grow with the level", Fact("logarithm"));
        List<Prediction> next = Predict(data);
        Assert.Equal(12, next.Count);
        for (int h = 0; h < 12; h++)
        {
            double right = 100 * Math.Exp(0.015 * (150 + h) + 0.2 * Math.Sin(2 * Math.PI * (150 + h) / 12));
            Assert.InRange(next[h].Numbers[0].Value, right * 0.97, right * 1.03);
        }
    }

    [Theory]
    [InlineData("constant", "has constant columns alone")]
    [InlineData("constant target", "has the same value of 'load'")]
    [InlineData("short", "try --horizon")]
    [InlineData("parts", "--parts asks for")]
    [InlineData("text", "which is no number")]
    [InlineData("unknown target", "has no column 'lode'")]
    public void What_can_t_be_forecast_is_refused_with_a_way_out(string kind, string reason)
    {
        string Line(int i, string load) => $"{Hour(i):yyyy-MM-dd HH:mm},{load},{i % 5}";
        (string data, (string, object)[] values) = kind switch
        {
            "constant" => (Csv(header: "time,load\n", row: i => $"{Hour(i):yyyy-MM-dd HH:mm},7"), Array.Empty<(string, object)>()),
            "constant target" => (Csv(row: i => Line(i, "7")), [("target", "load")]),
            "short" => (Csv(rows: 60), []),
            "parts" => (Csv(), [("parts", "300,100,50")]),
            "text" => (Csv(row: i => Line(i, i % 2 == 0 ? "warm" : "cold")), [("target", "load")]),
            _ => (Csv(), new (string, object)[] { ("target", "lode") }),
        };
        Exception e = Assert.ThrowsAny<Exception>(() => Train(data, values));
        Assert.True(e is DataException or TaskException, e.ToString());
        Assert.Contains(reason, e.Message);
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    [Fact]
    public void What_the_message_about_short_series_says_would_do_does()
    {
        string data = Csv(rows: 60);
        string way = Assert.Throws<DataException>(() => Train(data)).Remedy;
        int[] numbers = [.. System.Text.RegularExpressions.Regex.Matches(way, @"\d+").Select(m => int.Parse(m.Value, CultureInfo.InvariantCulture))];
        _runner.Train(_task, Request(data, values: [("epochs", 1L), ("horizon", (long)numbers[0]), ("window", (long)numbers[1])]), Context);
    }

    [Fact]
    public void A_file_shorter_than_the_window_is_refused()
    {
        Train(Csv());
        Assert.Contains("looks back on 48", Assert.Throws<DataException>(() => Predict(Csv("short.csv", 30))).Message);
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        string data = Csv();
        foreach ((string, object)[] values in ((string, object)[][])[[("folds", 3L)], [("group", "load")], [("parts", "1,2")],
            [("parts", "0.5,0.5,0.5")], [("target", "load"), ("known", "load")]])
            Assert.Throws<TaskException>(() => Train(data, values));
    }

    [Fact]
    public void Series_are_recognised_and_other_tables_are_not()
    {
        string Choose(string path) => AllTasks.Registry.Recognize(new DataSource(path)).Task.Name;
        Assert.Equal("forecast", Choose(Csv()));
        // A date in a table is no series: rows aren't evenly spaced, or there are words.
        Assert.Equal("tables", Choose(Csv("sales.csv", row: i => $"{Hour(i * i):yyyy-MM-dd HH:mm},{i % 7},{i % 5}")));
        Assert.Equal("tables", Choose(Csv("words.csv", row: i => $"{Hour(i):yyyy-MM-dd HH:mm},{i % 7},{(i % 2 == 0 ? "wet" : "dry")}")));
        Assert.Equal("tables", Choose(Csv("few.csv", 5)));
    }

    [Fact]
    public void From_code_with_rows_of_objects()
    {
        var rows = RowSources.Of(Enumerable.Range(0, 300).Select(i => new { Time = Hour(i), Load = Value(i) }).ToList());
        TaskResult result = ForecastLearning.Train(rows, new() { Target = ["Load"], Horizon = 6, Window = 48, Epochs = 1, Run = _folder.At("run") },
            _ => { }, TestContext.Current.CancellationToken);
        Assert.InRange(result.Test!["mase"], 0, 0.95);
        Prediction[] next = [.. ForecastLearning.Predict(result.Run, rows, TestContext.Current.CancellationToken)];
        Assert.Equal(6, next.Length);
        Assert.Equal("2024-01-13 12:00", next[0].Time);
        ForecastLearning.Resume(result.Run, rows, _ => { }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_damaged_run_says_what_is_wrong()
    {
        Train(Csv());
        string file = _folder.At("run/run.json"), text = File.ReadAllText(file);
        foreach ((string from, string to) in ((string, string)[])[("\"horizon\": 12", "\"horizon\": 13"), ("\"season\": 24", "\"season\": 0"),
            ("\"ends\"", "\"ands\"")])
        {
            Assert.Contains(from, text);
            File.WriteAllText(file, text.Replace(from, to, StringComparison.Ordinal));
            Assert.Contains("run.json", Assert.ThrowsAny<TaskException>(() => Predict(Csv())).Message);
        }
    }

    [Fact]
    public void Predictions_go_to_a_table_with_times_and_ranges()
    {
        string data = Csv();
        Train(data);
        PredictionList list = _runner.Predict(_folder.At("run"), [data], 5, Context);
        var table = new PredictionTable(list.Output!);
        Assert.Equal(["source", "series", "step", "time", "load", "load low", "load high", "wind", "wind low", "wind high", "note"], table.Columns);
        var text = new StringWriter();
        RowWriter rows = RowWriter.Create(text, table.Columns);
        foreach (Prediction one in list.Items) table.Write(rows, one);
        string[] lines = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(13, lines.Length);
        Assert.StartsWith($"{data},,1,{Hour(400):yyyy-MM-dd HH:mm},", lines[1]);
    }
}
