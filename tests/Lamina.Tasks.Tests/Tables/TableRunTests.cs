using System.Globalization;
using Lamina.Learning.Columns;
using Lamina.Learning.Training;
using Lamina.Models;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;

namespace Lamina.Tasks.Tests.Tables;

/// <summary>The task tables on the spine: what it gets for nothing.</summary>
[Collection("the shared pool")]
public sealed class TableRunTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TaskRunner _runner = new(AllTasks.Registry);
    private readonly LearningTask _tables = AllTasks.Registry.Find("tables")!;
    private readonly List<TaskEvent> _events = [];

    private TaskContext Context => new(_events.Add, TestContext.Current.CancellationToken);

    public void Dispose() => _folder.Dispose();

    // y = 3x − 2z + 50, and a little that can't be known.
    private string Csv(string name, int rows, int first = 0, Func<int, string>? more = null, string header = "x,z,y")
    {
        var text = new System.Text.StringBuilder(header + "\n");
        for (int i = first; i < first + rows; i++)
        {
            double x = i * 37 % 101 / 10.0, z = i * 53 % 89 / 10.0, y = 3 * x - 2 * z + 50 + i % 7 * 0.01;
            text.Append(CultureInfo.InvariantCulture, $"{(more is null ? "" : more(i) + ",")}{x},{z},{y}\n");
        }
        return _folder.Write(name, System.Text.Encoding.UTF8.GetBytes(text.ToString()));
    }

    private TaskRequest Request(string data, string run = "run", params (string, object)[] values) =>
        new() { Data = new DataSource(data), Run = _folder.At(run), Values = values.ToDictionary(v => v.Item1, v => v.Item2) };

    private TaskResult Train(TaskRequest request) => _runner.Train(_tables, request, Context);

    [Fact]
    public void Learns_a_plane_and_says_how_sure_it_is()
    {
        TaskResult result = Train(Request(Csv("points.csv", 400), values: [("epochs", 40L)]));
        TestReport report = result.Test!;
        Assert.Equal(40, report.Count);
        Assert.InRange(report["r2"], 0.97, 1);
        Assert.InRange(report["rmse"], 0, 2); // of a deviation of about 10
        foreach (string name in (string[])["r2", "mae", "rmse"])
        {
            Figure figure = report.Figures.Find(name)!.Value;
            Assert.InRange(figure.Value, figure.Interval!.Value.Low, figure.Interval.Value.High);
            Assert.True(figure.Interval.Value.Low < figure.Interval.Value.High);
        }
        Assert.InRange(report.Baseline!.Figures["r2"], -0.5, 0.01);
        Assert.True(report.Baseline.Figures["rmse"] > 3 * report["rmse"]);
        Assert.Equal(3, report.Mistakes.Count);
        Assert.Equal(["x", "z"], Assert.IsType<RowSample>(report.Mistakes[0].Samples.Single()).Cells.Select(c => c.Key));
        DataReady data = _events.OfType<DataReady>().Single();
        Assert.Equal((320, 40, 40), (data.Training, data.Validation, data.Test));
        Assert.Equal("y", Assert.IsType<NumberOutput>(data.Output).Name);

        Prediction[] said = [.. _runner.Predict(result.Run, [Csv("new.csv", 5, 1000)], 5, Context).Items];
        Assert.Equal([1, 2, 3, 4, 5], said.Select(p => p.Row!.Value));
        Assert.Equal("y", said[0].Numbers.Single().Key);
        Assert.InRange(said[0].Numbers.Single().Value, 3 * (37000 % 101 / 10.0) - 2 * (53000 % 89 / 10.0) + 44, 3 * (37000 % 101 / 10.0) - 2 * (53000 % 89 / 10.0) + 56);
        Assert.Equal(5, _runner.Test(result.Run, new DataSource(_folder.At("new.csv")), Context).Count);
        Assert.StartsWith("TabularNet(2-128-128-1", _runner.Summarize(result.Run).Name);
        RunEntry entry = Assert.Single(RunList.Of(result.Run));
        Assert.Equal(("tables", "r2", true), (entry.Task, entry.Metric, entry.IsTested));
        Assert.Equal(report["r2"], entry.Score!.Value.Value, 9);
    }

    [Theory, InlineData(1), InlineData(5)]
    public void Resumes_to_the_same_bits(int steps)
    {
        string data = Csv("points.csv", 100);
        byte[] straight = File.ReadAllBytes(Train(Request(data, "straight", ("quick", true), ("seed", 4L))).Model!);
        using var stop = new CancellationTokenSource();
        TaskResult stopped = _runner.Train(_tables, Request(data, "stopped", ("quick", true), ("seed", 4L)), new(e =>
        {
            if (e is TrainingProgress { Event: StepDone step } && step.Step == steps) stop.Cancel();
        }, stop.Token));
        Assert.True(stopped.WasInterrupted);
        Assert.Equal(straight, File.ReadAllBytes(_runner.Resume(stopped.Run, Context).Model!));
        File.AppendAllText(data, "1,2,3\n");
        Assert.Contains("not those", Assert.Throws<TaskException>(() => _runner.Resume(stopped.Run, Context)).Message);
    }

    [Fact]
    public void A_run_that_stopped_early_is_finished()
    {
        string data = Csv("points.csv", 100);
        TaskResult first = Train(Request(data, values: [("epochs", 50L), ("patience", 0L), ("learning-rate", 0.3)]));
        Assert.InRange(first.Epochs, 1, 49);
        byte[] weights = File.ReadAllBytes(first.Model!);
        TaskResult again = _runner.Resume(first.Run, Context);
        Assert.Equal(first.Epochs, again.Epochs);
        Assert.Equal(weights, File.ReadAllBytes(again.Model!));
        Assert.Contains(_events.OfType<Remarked>(), r => r.Message.StartsWith("this run is finished"));
        File.Delete(first.Model!);
        Assert.Equal(weights, File.ReadAllBytes(_runner.Resume(first.Run, Context).Model!)); // as after a kill at the very end
    }

    [Fact]
    public void Minutes_end_a_run()
    {
        TaskResult result = Train(Request(Csv("points.csv", 100), values: [("epochs", 100_000L), ("minutes", 0.005)]));
        Assert.InRange(result.Epochs, 0, 99_999);
        Assert.NotNull(result.Test);
        Assert.Equal(result.Epochs, _runner.Resume(result.Run, Context).Epochs);
    }

    [Fact]
    public void Groups_stay_on_one_side_and_do_not_go_in()
    {
        string data = Csv("points.csv", 200, more: i => $"house {i / 10}", header: "house,x,z,y");
        TaskResult result = Train(Request(data, values: [("group", "house"), ("quick", true)]));
        Assert.Equal(["x", "z"], Columns(result));
        TaskData parts = _tables.Read(RunFolder.Open(result.Run).Info, Context);
        string[][] houses = [.. new[] { parts.Training, parts.Validation, parts.Test }.Select(set => Houses(set, data))];
        Assert.All(houses, Assert.NotEmpty);
        Assert.Equal(houses.Sum(h => h.Length), houses.SelectMany(h => h).Distinct().Count());
    }

    [Fact]
    public void By_time_the_latest_are_the_test()
    {
        string data = Csv("points.csv", 100, more: i => new DateTime(2026, 1, 1).AddDays(i * 37 % 100).ToString("yyyy-MM-dd"), header: "day,x,z,y");
        TaskResult result = Train(Request(data, values: [("time", "day"), ("quick", true)]));
        TaskData parts = _tables.Read(RunFolder.Open(result.Run).Info, Context);
        string[] days = [.. File.ReadLines(data).Skip(1).Select(line => line.Split(',')[0])];
        string[] Of(Learning.Data.Dataset set) => [.. Rows(set).Select(row => days[row - 1])];
        Assert.True(Of(parts.Training).Max(StringComparer.Ordinal)!.CompareTo(Of(parts.Validation).Min(StringComparer.Ordinal)) < 0);
        Assert.True(Of(parts.Validation).Max(StringComparer.Ordinal)!.CompareTo(Of(parts.Test).Min(StringComparer.Ordinal)) < 0);
        Assert.Equal((80, 10, 10), (parts.Training.Count, parts.Validation.Count, parts.Test.Count));
    }

    [Fact]
    public void Exact_duplicates_stay_on_one_side()
    {
        string data = Csv("points.csv", 50);
        File.AppendAllLines(data, [.. File.ReadLines(data).Skip(1), .. File.ReadLines(data).Skip(1)]);
        TaskResult result = Train(Request(data, values: [("quick", true)]));
        TaskData parts = _tables.Read(RunFolder.Open(result.Run).Info, Context);
        int[][] originals = [.. new[] { parts.Training, parts.Validation, parts.Test }.Select(set => Rows(set).Select(r => (r - 1) % 50).Distinct().ToArray())];
        Assert.Equal(50, originals.Sum(o => o.Length));
        Assert.Contains(_events.OfType<DataReady>().First().Notes, n => n.StartsWith("100 of 150 rows are exact duplicates"));
    }

    [Fact]
    public void Files_beside_the_training_part_are_its_other_parts()
    {
        string data = Csv("p-train.csv", 100);
        Csv("p-dev.csv", 20, 200);
        Csv("p-test.csv", 30, 300);
        TaskResult result = Train(Request(data, values: [("quick", true)]));
        DataReady ready = _events.OfType<DataReady>().Single();
        Assert.Equal((100, 20, 30), (ready.Training, ready.Validation, ready.Test));
        Assert.Contains(_events.OfType<Remarked>(), r => r.Message.Contains("p-dev.csv") && r.Message.Contains("p-test.csv"));
        Assert.Equal(_folder.At("p-test.csv"), RunFolder.Open(result.Run).Info.TestData);
        // What is given goes before what lies there; rows that are in both are named.
        string other = Csv("other.csv", 10, 95);
        _events.Clear();
        Train(Request(data, "second", ("quick", true)) with { Data = new DataSource(data) { Test = other } });
        ready = _events.OfType<DataReady>().Single();
        Assert.Equal((100, 20, 10), (ready.Training, ready.Validation, ready.Test));
        Assert.Contains(ready.Notes, n => n.StartsWith("5 rows of") && n.Contains("in the training data too"));
    }

    [Fact]
    public void Folds_test_every_row_once()
    {
        TaskResult result = Train(Request(Csv("points.csv", 90), values: [("folds", 3L), ("quick", true)]));
        Assert.Equal(90, result.Test!.Count);
        Assert.Null(result.Model);
        FoldsDone done = _events.OfType<FoldsDone>().Single();
        double[] r2 = [.. _events.OfType<Tested>().Select(t => t.Report["r2"])];
        Assert.Equal(3, r2.Length);
        Assert.Equal(r2.Average(), done.Mean["r2"], 9);
        Assert.Equal(Math.Sqrt(r2.Sum(x => Math.Pow(x - r2.Average(), 2)) / 2), done.Deviation["r2"], 9);
        int[] tested = [.. Enumerable.Range(1, 3).SelectMany(k => Rows(_tables.Read(RunFolder.Open(_folder.At($"run/fold-{k}")).Info, Context).Test))];
        Assert.Equal(Enumerable.Range(1, 90), tested.Order());
    }

    // The first fold is done, the second is stopped in its third step, or before its data is read; the third was never begun.
    [Theory, InlineData(3), InlineData(0)]
    public void A_cross_validation_resumes_to_the_same_figures(int steps)
    {
        string data = Csv("points.csv", 90);
        (string, object)[] values = [("folds", 3L), ("quick", true), ("seed", 7L), ("learning-rate", 0.004), ("hidden", "8")];
        TaskResult straight = Train(Request(data, "straight", values));
        FoldsDone expected = _events.OfType<FoldsDone>().Single();
        using var stop = new CancellationTokenSource();
        bool isSecond = false;
        void Watch(TaskEvent e)
        {
            if (e is Remarked { Message: "fold 2 of 3" }) isSecond = true;
            if (isSecond && (steps == 0 ? e is DataReady : e is TrainingProgress { Event: StepDone step } && step.Step == steps)) stop.Cancel();
        }

        TaskResult stopped = _runner.Train(_tables, Request(data, "stopped", values), new(Watch, stop.Token));
        Assert.True(stopped.WasInterrupted);
        Assert.Equal(_folder.At("stopped"), stopped.Run);
        Assert.Equal(steps, stopped.Step);
        byte[] first = File.ReadAllBytes(_folder.At("stopped/fold-1/model.safetensors"));
        Assert.False(Directory.Exists(_folder.At("stopped/fold-3")));
        Assert.Contains("a cross-validation", Assert.Throws<TaskException>(() => _runner.Summarize(stopped.Run)).Message);
        Assert.Contains("trained alike", Assert.Throws<TaskException>(() => _runner.Resume(stopped.Run, Context, 1e-4)).Message);
        Assert.Contains("holds a cross-validation already", Assert.Throws<TaskException>(() => Train(Request(data, "stopped", values))).Message);

        _events.Clear();
        TaskResult resumed = _runner.Resume(stopped.Run, Context);
        FoldsDone done = _events.OfType<FoldsDone>().Single();
        Assert.False(resumed.WasInterrupted);
        Assert.Equal(expected.Mean.Select(f => (f.Key, f.Value.Value)), done.Mean.Select(f => (f.Key, f.Value.Value)));
        Assert.Equal(expected.Deviation.OrderBy(d => d.Key), done.Deviation.OrderBy(d => d.Key));
        Assert.Equal(straight.Test!.Count, resumed.Test!.Count);
        Assert.Equal(straight.Test.Baseline!.Figures.Select(f => f.Value.Value), resumed.Test.Baseline!.Figures.Select(f => f.Value.Value));
        Assert.Equal(first, File.ReadAllBytes(_folder.At("stopped/fold-1/model.safetensors")));
        for (int fold = 1; fold <= 3; fold++)
            Assert.Equal(File.ReadAllBytes(_folder.At($"straight/fold-{fold}/model.safetensors")), File.ReadAllBytes(_folder.At($"stopped/fold-{fold}/model.safetensors")));
        // Nothing is left to do; the figures are the same.
        _events.Clear();
        _runner.Resume(stopped.Run, Context);
        Assert.Equal(expected.Mean["r2"], _events.OfType<FoldsDone>().Single().Mean["r2"]);
        File.AppendAllText(data, "1,2,3\n");
        Assert.Contains("not those", Assert.Throws<TaskException>(() => _runner.Resume(stopped.Run, Context)).Message);
    }

    [Fact]
    public void A_cross_validation_that_fails_at_once_leaves_nothing()
    {
        Assert.Throws<DataException>(() => Train(Request(_folder.At("missing.csv"), values: [("folds", 3L)])));
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    [Theory]
    [InlineData("{", "can't be read")]
    [InlineData("[]", "can't be read")]
    [InlineData("{\"format\":2}", "format version 2; this Lamina reads up to 1")]
    [InlineData("{\"format\":1,\"task\":\"weather\"}", "there is no task weather")]
    [InlineData("{\"format\":1,\"task\":\"tables\",\"data\":\"x.csv\",\"values\":{\"foldz\":3}}", "has no option foldz")]
    [InlineData("{\"format\":1,\"task\":\"tables\",\"data\":\"x.csv\",\"values\":{\"folds\":\"3\"}}", "can't be read")]
    [InlineData("{\"format\":1,\"task\":\"tables\",\"data\":\"x.csv\",\"values\":{\"folds\":2000000000}}", "expected a whole number from 2")]
    [InlineData("{\"format\":1,\"task\":\"tables\",\"data\":\"x.csv\",\"values\":{}}", "no number of folds")]
    public void A_folds_file_is_not_trusted(string text, string said)
    {
        _folder.Write("run/folds.json", System.Text.Encoding.UTF8.GetBytes(text));
        Assert.Contains(said, Assert.Throws<TaskException>(() => _runner.Resume(_folder.At("run"), Context)).Message);
    }

    [Fact]
    public void A_run_is_profiled_even_when_its_data_is_gone()
    {
        string data = Csv("points.csv", 100);
        TaskResult run = Train(Request(data, values: [("quick", true), ("hidden", "16,8"), ("batch", 10L)]));
        File.Delete(data);
        File.Delete(run.Model!);
        _events.Clear();
        RunProfile profile = _runner.Profile(run.Run, Context);
        int members = ((TabularNet)_tables.Build(RunFolder.Open(run.Run).Info.Network)).Options.Members;
        Assert.Equal($"TabularNet(2-16-8-1, {members} members)", profile.Network);
        Assert.Equal(10, profile.Batch);
        Assert.Equal(4 * (2 * members + 2 * 16 + 16 + 16 * 8 + 8 + members * (8 + 1)), profile.Step.Memory.Parameters);
        Assert.Equal(4 * 10 * (2 + 1), profile.Step.Memory.Batch);
        Assert.Equal(["forward", "gradient", "update"], profile.Step.ByPhase.Select(p => p.Name).Order());
        Assert.Equal(10 * members * (2 * 16 + 16 * 8 + 8), profile.Step.Calls.Where(c => c.Phase == Lamina.Tensors.Phase.Forward).Sum(c => c.MultiplyAdds));
        Assert.Equal(30, _runner.Profile(run.Run, Context, 30).Batch);
        Assert.Equal(4 * 30 * (2 + 1), _runner.Profile(run.Run, Context, 30).Step.Memory.Batch);
        Assert.Empty(_events); // it takes no two seconds
        Assert.Contains("a batch of 0 examples", Assert.Throws<TaskException>(() => _runner.Profile(run.Run, Context, 0)).Message);
        Assert.Contains("no run", Assert.Throws<TaskException>(() => _runner.Profile(_folder.Root, Context)).Message);
        Assert.Throws<OperationCanceledException>(() => _runner.Profile(run.Run, new(_ => { }, new CancellationToken(canceled: true))));
    }

    [Fact]
    public void Starts_from_the_weights_of_a_run()
    {
        string data = Csv("points.csv", 200);
        TaskResult first = Train(Request(data, "first", ("epochs", 20L)));
        TaskResult second = Train(Request(data, "second", ("epochs", 1L), ("from", first.Run), ("learning-rate", 1e-6)));
        TaskResult alone = Train(Request(data, "alone", ("epochs", 1L), ("learning-rate", 1e-6)));
        Assert.True(second.Test!["rmse"] < 0.5 * alone.Test!["rmse"]);
        Assert.Equal(first.Run, RunFolder.Open(second.Run).Info.From);
        Assert.Contains(_events.OfType<Remarked>(), r => r.Message == $"starts from the weights of {first.Run}");
        Train(Request(data, "third", ("quick", true), ("from", first.Run), ("hidden", "8,8,8")));
        Assert.Contains(_events.OfType<Remarked>(), r => r.Message.StartsWith($"starts from the weights of {first.Run}; drawn anew: 'hidden.0.weight'"));
        string other = Csv("other.csv", 60, more: i => $"{i * 29 % 83}", header: "w,x,z,y");
        Assert.Contains("no weights", Assert.Throws<TaskException>(() => Train(Request(other, "fourth", ("from", first.Run), ("hidden", "8,8,8")))).Message);
        Assert.False(Directory.Exists(_folder.At("fourth")));
    }

    [Theory]
    [InlineData("group", "hause", "has no column 'hause'")]
    [InlineData("target", "w", "has no column 'w'")]
    [InlineData("hidden", "8,x", "--hidden 8,x: expected")]
    [InlineData("augment", "none", "the task tables has no option --augment")]
    public void Refuses_what_it_cannot_do(string option, string value, string said)
    {
        Exception error = Record.Exception(() => Train(Request(Csv("points.csv", 40), values: [(option, value)])))!;
        Assert.Contains(said, error.Message);
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    [Theory]
    [InlineData("x,y\n1,2\n2,a\n", "2 rows can't be split")]
    [InlineData("y\n1\n", "has one row alone")]
    [InlineData("", "")]
    [InlineData("x,y\n", "")]
    [InlineData("x,y\n1,2\n", "")]
    [InlineData("x,y\n1,2\n1\n", "the first is line 3 with 1")]
    public void Refuses_files_that_are_no_table_of_numbers(string text, string said)
    {
        string file = _folder.Write("bad.csv", System.Text.Encoding.UTF8.GetBytes(text));
        Exception error = Record.Exception(() => Train(Request(file)))!;
        Assert.True(error is DataException or TaskException, error.ToString());
        Assert.Contains(said, error.Message);
    }

    [Fact]
    public void Data_is_recognised_and_the_reason_said()
    {
        (LearningTask task, Recognition fit) = AllTasks.Registry.Recognize(new DataSource(Csv("points.csv", 10)));
        Assert.Equal("tables", task.Name);
        Assert.Contains("points.csv is a table of 3 columns", fit.Reason);
        _folder.Write("pics/a/1.png", [1]);
        Assert.Equal("images", AllTasks.Registry.Recognize(new DataSource(_folder.At("pics"))).Task.Name);
        Assert.Equal("images", AllTasks.Registry.Recognize(null).Task.Name);
        foreach ((string name, string text, string said) in (ReadOnlySpan<(string, string, string)>)
            [("none.csv", "", "is empty"), ("HEADER.CSV", "x,y\n", "has names of columns and no rows"),
                ("header.tsv", "x\ty", "has names of columns and no rows"), ("mark.csv", "\uFEFF", "is empty"),
                ("open.csv", "x,y\n3,4\n1,\"2\n", "is never closed")])
        {
            string file = _folder.Write(name, System.Text.Encoding.UTF8.GetBytes(text));
            Assert.Equal("tables", AllTasks.Registry.Recognize(new DataSource(file)).Task.Name);
            Assert.Contains(said, Assert.Throws<DataException>(() => Train(Request(file))).Message);
        }
        Assert.Equal("", AllTasks.Registry.Recognize(new DataSource(_folder.At("missing.csv"))).Recognition.Reason);
    }

    [Fact]
    public void Runs_are_compared()
    {
        string data = Csv("points.csv", 100);
        Train(Request(data, "a", ("quick", true)));
        Train(Request(data, "b", ("quick", true), ("optimizer", "sgd")));
        RunComparison both = RunComparison.Of(_folder.At("a"), _folder.At("b"));
        Assert.Null(both.Problem);
        Assert.Equal(["r2", "mae", "rmse", "medianError", "loss"], both.Figures.Select(f => f.Name));
        Assert.Equal(("optimizer", "adamw", "sgd"), both.Settings.Where(s => s.Name == "optimizer").Select(s => (s.Name, s.Left, s.Right)).Single());
        Assert.DoesNotContain(both.Settings, s => s.Name is "epochs" or "data" or "task");
        ComparedFigure rmse = both.Figures[2], r2 = both.Figures[0];
        Assert.Equal(rmse.Right!.Value.Value < rmse.Left!.Value.Value, rmse.RightIsBetter);
        Assert.Equal(r2.Right!.Value.Value > r2.Left!.Value.Value, r2.RightIsBetter);
    }

    private static int[] Rows(Learning.Data.Dataset set) => [.. Enumerable.Range(0, set.Count).Select(i => int.Parse(((RowSample)((SampledDataset)set).Show(i)).Place["row ".Length..], CultureInfo.InvariantCulture))];

    private static string[] Houses(Learning.Data.Dataset set, string data)
    {
        string[] houses = [.. File.ReadLines(data).Skip(1).Select(line => line.Split(',')[0])];
        return [.. Rows(set).Select(row => houses[row - 1]).Distinct()];
    }

    private static string[] Columns(TaskResult result) =>
        [.. ((TableColumns)AllTasks.Registry.Find("tables")!.Describe(RunFolder.Open(result.Run).Info).Inputs[0].Preprocessing[0]).Columns.Select(c => c.Name)];
}
