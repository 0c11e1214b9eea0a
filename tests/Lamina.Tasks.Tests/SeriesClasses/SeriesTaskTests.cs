using System.Globalization;
using System.Text;
using Lamina.Learning.Saving;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;

namespace Lamina.Tasks.Tests.SeriesClasses;

/// <summary>Series on the spine: rows, steps and files, what is learned, saved and predicted, and what can't be used.</summary>
[Collection("the shared pool")]
public sealed class SeriesTaskTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TaskRunner _runner = new(AllTasks.Registry);
    private readonly LearningTask _series = AllTasks.Registry.Find("series")!;
    private readonly List<TaskEvent> _events = [];

    private TaskContext Context => new(e => { lock (_events) _events.Add(e); }, TestContext.Current.CancellationToken);

    private DataReady Data => _events.OfType<DataReady>().Single();

    private string Notes => string.Join('\n', Data.Notes);

    public void Dispose() => _folder.Dispose();

    // A fast wave or a slow one, anywhere in its cycle.
    private static float[] Wave(int i, int steps = 32) => [.. Enumerable.Range(0, steps).Select(t =>
        (float)(Math.Sin((i % 2 == 0 ? 0.3 : 0.9) * t + i) + 0.1 * Math.Sin(37.0 * i + 11 * t)))];

    private static string Label(int i) => i % 2 == 0 ? "slow" : "fast";

    private static string Row(int i, int steps = 32, char between = ',') =>
        string.Join(between, Wave(i, steps).Select(x => x.ToString(CultureInfo.InvariantCulture)));

    private string Write(string name, string text) => _folder.Write(name, Encoding.UTF8.GetBytes(text));

    private string Named(string name = "waves.csv", int count = 60) =>
        Write(name, $"{string.Join(',', Enumerable.Range(0, 32).Select(t => $"t{t}"))},kind\n"
            + string.Concat(Enumerable.Range(0, count).Select(i => $"{Row(i)},{Label(i)}\n")));

    private string InSteps(string name = "steps.csv", int count = 40) => Write(name, "id,time,x,y,label\n"
        + string.Concat(Enumerable.Range(0, count).SelectMany(i =>
        Wave(i, 20 + i % 7).Select((x, t) => string.Create(CultureInfo.InvariantCulture, $"s{i},{t},{x},{-x},{Label(i)}\n")))));

    private string InFiles(int count = 24)
    {
        for (int i = 0; i < count; i++)
            Write($"files/{Label(i)}/{i}.csv", "time,x,y\n" + string.Concat(Wave(i, 20 + i % 5).Select((x, t) =>
                string.Create(CultureInfo.InvariantCulture, $"{t},{x},{2 * x}\n"))));
        return _folder.At("files");
    }

    private TaskResult Train(string? data, params (string, object)[] values) => TrainIn("run", data, values);

    private TaskResult TrainIn(string run, string? data, params (string, object)[] values) => _runner.Train(_series,
        new() { Data = data is null ? null : new DataSource(data), Run = _folder.At(run), Values =
            values.Append(("epochs", 2L)).DistinctBy(v => v.Item1).ToDictionary(v => v.Item1, v => v.Item2) },
        Context);

    private List<Prediction> Predict(params string[] files) => [.. _runner.Predict(_folder.At("run"), files, 5, Context).Items];

    [Theory, InlineData("conv"), InlineData("gru"), InlineData("lstm")]
    public void Waves_are_told_apart_and_predicted_from_the_saved_file(string model)
    {
        TaskResult result = Train(Named(), ("epochs", 25L), ("model", model));
        Assert.InRange(result.Test!["accuracy"], 0.8, 1);
        Assert.Contains("t0", Data.Facts.Single().Text);
        Predictor predictor = Predictor.Load(_folder.At("run/model.safetensors"));
        Assert.Equal(["fast", "slow"], predictor.Classes);
        float[] answers = predictor.PredictSeries(Wave(101), Wave(102, 20)).ToArray<float>();
        Assert.True(answers[0] > answers[1] && answers[3] > answers[2]);
        List<Prediction> found =
            Predict(Write("new.csv", $"{string.Join(',', Enumerable.Range(0, 32).Select(t => $"t{t}"))}\n{Row(101)}\n{Row(102)}\n"));
        Assert.Equal(["fast", "slow"], found.Select(p => p.Top[0].Class));
        Assert.Equal([1, 2], found.Select(p => p.Row!.Value));
        Assert.Equal(answers[0], (float)found[0].Top[0].Probability, 1e-5);
    }

    [Fact]
    public void As_the_UCR_archive_has_them()
    {
        string Rows(int from, int count) => string.Concat(Enumerable.Range(from, count).Select(i =>
            $"{(i % 2 == 0 ? 1 : 2)}\t{Row(i, 32 - i % 3, '\t')}{string.Concat(Enumerable.Repeat("\tNaN", i % 3))}\n"));
        string data = Write("Waves_TRAIN.tsv", Rows(0, 50));
        Write("Waves_TEST.tsv", Rows(50, 20));
        Train(data);
        Assert.Equal(["1", "2"], ((ClassOutput)Data.Output).Names);
        Assert.Equal(20, Data.Test);
        Assert.Contains("30 to 32 steps", Notes);
    }

    [Fact]
    public void Steps_in_rows_are_gathered_by_series()
    {
        Train(InSteps());
        Assert.Contains("'id', in the order of 'time'", Data.Facts.Single().Text);
        Assert.Contains("'x', 'y'", Data.Facts.Single().Text);
        Assert.Equal(40, Data.Training + Data.Validation + Data.Test);
        Assert.Contains("20 to 26 steps", Notes);
        Prediction found = Predict(Write("new.csv", "id,time,x,y\n"
            + string.Concat(Wave(101).Select((x, t) => string.Create(CultureInfo.InvariantCulture, $"a,{t},{x},{-x}\n"))))).Single();
        Assert.Equal("a", found.Note);
    }

    [Fact]
    public void Files_in_folders_are_series()
    {
        Train(InFiles(), ("model", "gru"));
        Assert.Equal(24, Data.Training + Data.Validation + Data.Test);
        Assert.Contains("2 channels", Data.Input); // without the time
        Assert.Equal("series", AllTasks.Registry.Recognize(new(_folder.At("files"))).Task.Name);
        Assert.Single(Predict(_folder.At("files/fast/1.csv")));
        Assert.Equal(24, Predict(_folder.At("files")).Count);
    }

    [Fact]
    public void Recordings_are_taken_by_their_envelopes()
    {
        for (int i = 0; i < 24; i++)
            _folder.Write($"sounds/{Label(i)}_{i}.wav", Formats.Sounds.WaveFile.Bytes(new((float[])[.. Wave(i, 3_000).Select((x, t) =>
                x * 0.3f * t / 3_000)], 8_000)));
        Train(_folder.At("sounds"));
        Assert.Contains("envelopes", Notes);
        Assert.Contains("8 channels", Data.Input);
        Assert.NotEmpty(Predict(_folder.At("sounds/fast_1.wav")).Single().Top);
        Assert.Contains("expected a WAV file", Predict(Write("x.wav", "text")).Single().Error);
    }

    [Fact]
    public void A_resumed_run_ends_in_the_same_bits_and_folds_say_what_they_tested()
    {
        string data = InSteps();
        Train(data, ("epochs", 3L), ("model", "gru"));
        byte[] whole = File.ReadAllBytes(_folder.At("run/model.safetensors"));
        using var stop = new CancellationTokenSource();
        var values = new Dictionary<string, object> { ["epochs"] = 3L, ["model"] = "gru" };
        Assert.True(_runner.Train(_series, new() { Data = new DataSource(data), Run = _folder.At("stopped"), Values = values },
            new(e => { if (e is TrainingProgress { Event: Learning.Training.StepDone { Step: 9 } }) stop.Cancel(); }, stop.Token)).WasInterrupted);
        _runner.Resume(_folder.At("stopped"), Context);
        Assert.Equal(whole, File.ReadAllBytes(_folder.At("stopped/model.safetensors")));
        string grouped = Write("grouped.csv", "person," + File.ReadAllLines(Named())[0] + "\n"
            + string.Concat(File.ReadAllLines(Named()).Skip(1).Select((line, i) => $"{"abc"[i % 3]},{line}\n")));
        TrainIn("folds", grouped, ("folds", 3L), ("group", "person"), ("target", "kind"));
        Assert.Equal(["person a", "person b", "person c"], _events.OfType<FoldsDone>().Single().Each.Select(e => e.Key).Order());
    }

    [Fact]
    public void Gaps_constants_and_empty_series_are_named()
    {
        string header = $"{string.Join(',', Enumerable.Range(0, 32).Select(t => $"t{t}"))},kind\n";
        string rows = string.Concat(Enumerable.Range(0, 40).Select(i => $"{Row(i)},{Label(i)}\n"));
        Train(Write("gaps.csv",
            $"{header}{rows}{new string(',', 31)},fast\n{string.Join(',', Enumerable.Repeat("5", 32))},slow\n"
            + $"1,,3{new string(',', 29)},fast\n{Row(1)},\n"));
        Assert.Contains("passed over 1 series of length 0: row 41", Notes);
        Assert.Contains("passed over 1 row without a label", Notes);
        Assert.Contains("1 series have missing values", Notes);
        Assert.Contains("3 to 32 steps", Notes);
        Assert.Equal(42, Data.Training + Data.Validation + Data.Test);
    }

    [Fact]
    public void Steps_out_of_order_and_channels_that_lack_are_named()
    {
        string[] lines = File.ReadAllLines(InSteps());
        (lines[3], lines[4], lines[10]) = (lines[4], lines[3], lines[9]); // all of s0
        Train(Write("odd.csv", string.Join('\n', lines.Append("s1,99,1,2,slow").Append("s2,,1,2,slow"))));
        Assert.Contains("out of order", Notes);
        Assert.Contains("had the time of the one before", Notes);
        Assert.Contains("of several labels: s1", Notes);
        Assert.Contains("1 step without a time", Notes);
        InFiles();
        Write("files/fast/lacks.csv", "time,x\n" + string.Concat(Enumerable.Range(0, 20).Select(t => $"{t},{t}\n")));
        Write("files/fast/words.csv", "time,x,y\n0,a,b\n1,2,3\n");
        Write("files/fast/empty.csv", "");
        _events.Clear();
        TrainIn("other", _folder.At("files"));
        Assert.Contains("1 file lack one of the channels", Notes);
        Assert.Contains("fast/words.csv", Notes);
        Assert.Contains("fast/empty.csv", Notes);
    }

    [Fact]
    public void A_very_long_series_is_shortened()
    {
        string Long(int i) => string.Join(',', Enumerable.Range(0, 10_000).Select(t => Math.Sin((i % 2 == 0 ? 0.001 : 0.003) * t
            + i).ToString("F3", CultureInfo.InvariantCulture)));
        Train(Write("long.csv", string.Concat(Enumerable.Range(0, 12).Select(i => $"{Label(i)},{Long(i)}\n"))), ("epochs", 1L));
        Assert.Contains("each step is the mean of 20", Notes);
        Assert.Contains("up to 500 steps", Data.Input);
    }

    [Fact]
    public void What_cannot_be_used_is_refused_with_a_way_out()
    {
        Assert.Contains("--target", Assert.Throws<DataException>(() =>
            Train(Write("none.csv", "a,b,c,d\n1.5,2.5,3.5,4.5\n2.5,3.5,4.5,5.5\n1.25,3,4,5\n"))).Message);
        Assert.Contains("no column 'nothing'", Assert.Throws<DataException>(() => Train(Named(), ("target", "nothing"))).Message);
        Assert.Contains("one class alone", Assert.Throws<DataException>(() =>
            Train(Write("one.csv", "label,t0,t1,t2\na,1,2,3.5\na,2,3,4\na,2,3,1\n"), ("target", "label"))).Message);
        Assert.Throws<DataException>(() => Train(_folder.At("nowhere.csv")));
        Directory.CreateDirectory(_folder.At("hollow"));
        Assert.Throws<DataException>(() => Train(_folder.At("hollow")));
        Assert.Throws<TaskException>(() => Train(null, ("target", "x")));
    }

    [Fact]
    public void Built_in_charts_run_in_brief()
    {
        Train(null, ("quick", true));
        Assert.Equal(6, ((ClassOutput)Data.Output).Names.Count);
        Assert.Equal(2, Predict(Write("rows.csv", $"{Row(1, 60)}\n{Row(2, 60)}\n")).Count);
    }

    [Fact]
    public void Recognised_by_evidence_that_other_tables_do_not_have()
    {
        string Task(string path) => AllTasks.Registry.Recognize(new(path)).Task.Name;
        Assert.Equal("series", Task(Named()));
        Assert.Equal("series", Task(InSteps()));
        Assert.Equal("series", Task(Write("ucr.tsv", string.Concat(Enumerable.Range(0, 60).Select(i =>
            $"{1 + i % 2}\t{string.Join('\t', Wave(2 * i).Select((x, t) => (x / 5 + i % 3).ToString(CultureInfo.InvariantCulture)))}\n")))));
        var random = new Random(1);
        // Many numeric columns that have nothing to do with each other, and a class: a table.
        string Table(string header) => header + string.Concat(Enumerable.Range(0, 60).Select(i =>
            string.Join(',', Enumerable.Range(0, 30).Select(_ => random.NextDouble().ToString("F3", CultureInfo.InvariantCulture)))
            + $",{Label(i)}\n"));
        Assert.Equal("tables", Task(Write("table.csv", Table(""))));
        Assert.Equal("tables", Task(Write("named.csv", Table(string.Join(',', Enumerable.Range(0, 30).Select(i => $"feature{i}")) + ",kind\n"))));
        Assert.Equal("tables", Task(Write("customers.csv", "id,age,income,city\n"
            + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i},{20 + i % 50},{1000.5 + i},{"abc"[i % 3]}\n")))));
    }
}
