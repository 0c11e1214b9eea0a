using System.Data;
using Lamina.Learning.Saving;
using Lamina.Learning.Training;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tables;
using Lamina.Tasks.Tests.Images;
using Lamina.Tensors;

namespace Lamina.Tasks.Tests.Tables;

/// <summary>Tables from code: objects and readers of databases.</summary>
[Collection("the shared pool")]
public sealed class TableLearningTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<TaskEvent> _events = [];

    public void Dispose() => _folder.Dispose();

    private sealed record Item(double Size, string Kind, bool IsNew, double Worth);

    // worth = 10 size, twice that of one kind
    private static Item[] Items(int count) => [.. Enumerable.Range(0, count).Select(i =>
    {
        double size = i * 37 % 101 / 10.0;
        return new Item(size, i % 3 == 0 ? "gold" : "tin", i % 5 == 0, 10 * size * (i % 3 == 0 ? 2 : 1));
    })];

    private TableOptions Options => new() { Target = "Worth", Run = _folder.At("run"), Epochs = 2 };

    private TaskResult Train(RowSource rows, TableOptions options) => TableLearning.Train(rows, options, _events.Add, TestContext.Current.CancellationToken);

    [Fact]
    public void Objects_are_learned_and_their_model_predicts_in_any_program()
    {
        TaskResult result = Train(RowSources.Of(Items(400)), Options with { Epochs = 40 });
        Assert.InRange(result.Test!["r2"], 0.9, 1);
        Assert.Equal(RunInfo.RowsFromCode, _events.OfType<DataReady>().Single().Source);
        RunInfo run = RunFolder.Open(result.Run).Info;
        Assert.Equal((null, RunInfo.RowsFromCode), (run.Data, run.BuiltIn));
        Tensor answers = Predictor.Load(result.Model!).PredictRows([["5", "gold", "false"], ["5", "tin", "false"]]);
        Assert.InRange(answers.ToArray<float>()[0], 80, 120);
        Assert.InRange(answers.ToArray<float>()[1], 35, 65);
        Assert.Contains("lamina train FILE --task tables", System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(result.Report!), "<[^>]*>", ""));
    }

    [Fact]
    public void The_rows_of_a_database_are_learned()
    {
        using var table = new DataTable();
        foreach ((string name, Type type) in new[] { ("size", typeof(double)), ("kind", typeof(string)),
            ("good", typeof(bool)) }) table.Columns.Add(name, type);
        foreach (Item item in Items(200)) table.Rows.Add(item.Size, item.Size < 1 ? DBNull.Value : item.Kind, item.Size > 5);
        using DataTableReader reader = table.CreateDataReader();
        TaskResult result = Train(RowSources.Of(reader), Options with { Target = "good", Epochs = 20 });
        Assert.InRange(result.Test!["accuracy"], 0.9, 1);
    }

    [Fact]
    public void A_file_is_learned_as_by_the_command()
    {
        string file = _folder.Write("items.csv",
            System.Text.Encoding.UTF8.GetBytes("Size,Kind,Worth\n"
                + string.Concat(Items(100).Select(i => FormattableString.Invariant($"{i.Size},{i.Kind},{i.Worth}\n")))));
        TaskResult result = TableLearning.Train(file, Options with { Quick = true }, _events.Add, TestContext.Current.CancellationToken);
        RunInfo run = RunFolder.Open(result.Run).Info;
        Assert.Equal((file, null), (run.Data, run.BuiltIn));
        Assert.Equal(3, TableLearning.Predict(result.Run, [_folder.Write("new.csv", "Size,Kind\n1,tin\n2,gold\n3,tin\n"u8.ToArray())],
            cancel: TestContext.Current.CancellationToken).Count());
        Assert.Contains("not on rows from code",
            Assert.Throws<TaskException>(() => TableLearning.Resume(result.Run, RowSources.Of(Items(100)), _ => { },
                TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public void A_run_on_rows_from_code_is_resumed_with_the_same_rows_alone()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        TaskResult result = Train(RowSources.Of(Items(100)), Options);
        var error = Assert.Throws<TaskException>(() => new TaskRunner(AllTasks.Registry).Resume(result.Run, new(_ => { }, cancel)));
        Assert.Contains("was trained on rows from code", error.Message);
        Assert.Contains("TableLearning.Resume", error.Message);
        Assert.Contains("are not those",
            Assert.Throws<TaskException>(() => TableLearning.Resume(result.Run, RowSources.Of(Items(99)), _ => { }, cancel)).Message);
        Assert.Equal(result.Test!["r2"], TableLearning.Resume(result.Run, RowSources.Of(Items(100)), _ => { }, cancel).Test!["r2"]);
    }

    [Fact]
    public void An_interrupted_run_on_rows_from_code_resumes_to_the_same_figures()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        TaskResult whole = Train(RowSources.Of(Items(100)), Options with { Epochs = 4 });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        TaskResult half = TableLearning.Train(RowSources.Of(Items(100)), Options with { Epochs = 4, Run = _folder.At("half") }, e =>
        {
            if (e is TrainingProgress { Event: EpochDone { Epoch: 2 } }) stop.Cancel();
        }, stop.Token);
        Assert.True(half.WasInterrupted);
        Assert.Equal(whole.Test!["r2"], TableLearning.Resume(half.Run, RowSources.Of(Items(100)), _ => { }, cancel).Test!["r2"]);
    }

    [Fact]
    public void A_cross_validation_on_rows_from_code_is_resumed_with_the_same_rows_alone()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        TaskResult result = Train(RowSources.Of(Items(100)), Options with { Folds = 2, Dropout = 0.25 });
        Assert.Contains("was trained on rows from code",
            Assert.Throws<TaskException>(() => new TaskRunner(AllTasks.Registry).Resume(result.Run, new(_ => { }, cancel))).Message);
        Assert.Equal(result.Test!["r2"], TableLearning.Resume(result.Run, RowSources.Of(Items(100)), _ => { }, cancel).Test!["r2"]);
    }

    [Fact]
    public void Options_are_those_of_the_command()
    {
        var options = new TableOptions
        {
            Target = "a", TargetKind = TargetKind.Classes, Drop = ["b", "c"], Hidden = [8, 4], Dropout = 0.2, Epochs = 3, Batch = 5,
            LearningRate = 0.1, Optimizer = "sgd", Patience = 2,
            Minutes = 1.5, Group = "g", Folds = 4, Seed = 9, Quick = true, NoSamples = true,
        };
        var expected = new Dictionary<string, object>
        {
            ["target"] = "a", ["classes"] = true, ["drop"] = "b,c", ["hidden"] = "8,4", ["dropout"] = 0.2, ["epochs"] = 3L, ["batch"] = 5L,
            ["learning-rate"] = 0.1, ["optimizer"] = "sgd",
            ["patience"] = 2L, ["minutes"] = 1.5, ["group"] = "g", ["folds"] = 4L, ["seed"] = 9L, ["quick"] = true, ["no-samples"] = true,
        };
        TaskRequest request = options.RequestFor(null);
        Assert.Equal(expected.OrderBy(v => v.Key), request.Values.OrderBy(v => v.Key));
        OptionCheck.Require(new TableTask(), request);
        request = new TableOptions { TargetKind = TargetKind.Numbers, Time = "t" }.RequestFor(new("file"));
        Assert.Equal(["regression", "seed", "time"], request.Values.Keys.Order());
        OptionCheck.Require(new TableTask(), request);
    }
}
