using System.Globalization;
using Lamina.Learning.Data;
using Lamina.Learning.Saving;
using Lamina.Models;
using Lamina.Tasks.Fraud;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Tables;
using Lamina.Tests;

namespace Lamina.Tasks.Tests.Fraud;

/// <summary>A rare class from the first look at a table to predictions by its threshold.</summary>
public sealed class FraudTests : IDisposable
{
    private readonly TableFiles _files = new();

    private static LearningTask Fraud => AllTasks.Registry.Find("fraud")!;

    public void Dispose() => _files.Dispose();

    private TaskResult Train(string? data, params (string, object)[] values) => Train("run", data, values);

    private TaskResult Train(string run, string? data, params (string, object)[] values)
    {
        _files.Events.Clear();
        return _files.Runner.Train(Fraud, _files.Request(data, run, values), _files.Context);
    }

    // Two numbers and a kind; what is rare has both numbers of one sign and a kind, which no sum can say.
    private string Table(string name, int rows = 3_000, int every = 50) => _files.Rows(name, "a,b,kind,is_fraud", rows, i =>
    {
        var random = new Random(i);
        bool isRare = i % every == 0;
        double a = random.NextDouble() * 2 - 1, b = random.NextDouble() * 2 - 1;
        if (isRare && a * b < 0 || !isRare && a * b > 0 && random.Next(8) > 0) b = -b;
        return string.Create(CultureInfo.InvariantCulture,
            $"{a:F4},{b:F4},{(isRare ? "x" : random.Next(3) == 0 ? "x" : "y")},{(isRare ? "yes" : "no")}");
    });

    private string Refused(string data, params (string, object)[] values)
    {
        Exception error = Record.Exception(() => Train(data, values)) ?? throw new InvalidOperationException("it was not refused");
        Assert.True(error is DataException or TaskException, error.ToString());
        Assert.Contains("\n  try ", error.Message);
        Assert.False(Directory.Exists(_files.At("run")), "a folder was left");
        return error.Message;
    }

    [Fact]
    public void Finds_what_a_sum_of_evidence_can_not_and_says_both_figures()
    {
        TaskResult result = Train(Table("rare.csv"), ("epochs", 25L));
        TestReport test = result.Test!;
        Assert.Equal("prAuc", test.Figures[0].Key);
        Assert.True(test["prAuc"] >= 3 * 0.02, $"{test.Figures}");
        Assert.True(test["prAuc"] > test.Baseline!.Figures["prAuc"], $"{test.Figures} / {test.Baseline.Figures}");
        Assert.Contains("logistic regression", test.Baseline.Name);
        Assert.Equal("yes", test.PositiveClass);
        // The costs add up, by the confusion that the threshold makes.
        IReadOnlyList<IReadOnlyList<long>> matrix = test.Confusion!.Matrix!;
        long missed = matrix[1][0], alarms = matrix[0][1], positives = matrix[1].Sum();
        Assert.Equal(1000.0 * (20 * missed + alarms) / test.Count, test.Cost!.Cost, 9);
        Assert.Equal(test.Cost.Cost, test["costPer1000"], 9);
        Assert.Equal(1000.0 * 20 * positives / test.Count, test.Cost.Nothing, 9);
        Assert.Equal(1000.0 * (test.Count - positives) / test.Count, test.Cost.All, 9);
        Assert.Equal(1000.0 * (alarms + matrix[1][1]) / test.Count, test["alertsPer1000"], 9);
        string report = File.ReadAllText(result.Report!);
        Assert.Contains("blocking nothing", report);
        Assert.Contains("a logistic regression on the same columns", report);
        Assert.Contains("\"nothingPer1000\"", File.ReadAllText(_files.At("run/events.jsonl")));
    }

    [Fact]
    public void The_threshold_is_saved_and_decides_in_predictions_of_the_run_and_of_the_file()
    {
        string data = Table("rare.csv");
        TaskResult result = Train(data, ("epochs", 4L), ("cost", "200:1"));
        RunInfo info = RunFolder.Open(result.Run).Info;
        RareDecision decision = ((ClassOutput)info.Output).Decision!;
        Assert.True(decision.IsChosen);
        Assert.Equal((200, 1), (decision.MissedCost, decision.FalseCost));
        Assert.True(decision.Threshold < 0.5, $"{decision.Threshold}");
        List<Prediction> said = [.. _files.Runner.Predict(result.Run, [data], 2, _files.Context).Items];
        var opened = Predictor.Load(result.Model!);
        var meaning = (RareClass)opened.Info.Outputs[0].Meaning!;
        Assert.Equal((float)decision.Threshold, meaning.Threshold);
        Assert.Equal(["no", "yes"], opened.Classes);
        string[][] rows = [.. File.ReadLines(data).Skip(1).Select(line => line.Split(',')[..3])];
        Lamina.Tensors.Tensor answers = opened.PredictRows(rows);
        bool below = false;
        for (int i = 0; i < rows.Length; i++)
        {
            float yes = answers[i][1].Item() is var p ? (float)p : 0;
            Assert.Equal(yes >= (float)decision.Threshold ? "yes" : "no", said[i].Top[0].Class);
            below |= said[i].Top[0] is { Class: "yes", Probability: < 0.5 };
        }
        Assert.True(below, "nothing is said with a probability below one half, though a missed one is dear");
        // The file alone decides alike.
        Lamina.Tensors.Tensor encoded = ((RowPreprocessing)opened.Info.Inputs[0].Preprocessing[0]).Encode(rows);
        Assert.Equal(said.Select(s => s.Top[0].Class), opened.Classify(encoded).Select(c => c[0].Name));
        // The table of predictions too.
        Assert.Equal(["source", "row", "prediction", "probability", "probability no", "probability yes", "note"],
            new PredictionTable(info.Output).Columns);
    }

    [Fact]
    public void Resumes_to_the_same_bits()
    {
        string data = Table("rare.csv", 600);
        (string, object)[] values = [("quick", true), ("seed", 4L)];
        byte[] straight = File.ReadAllBytes(Train("straight", data, values).Model!);
        using var stop = new CancellationTokenSource();
        TaskResult stopped = _files.Runner.Train(Fraud, _files.Request(data, "stopped", values), new(e =>
        {
            if (e is TrainingProgress { Event: Learning.Training.StepDone { Step: 3 } }) stop.Cancel();
        }, stop.Token));
        Assert.True(stopped.WasInterrupted);
        Assert.Equal(straight, File.ReadAllBytes(_files.Runner.Resume(stopped.Run, _files.Context).Model!));
    }

    [Fact]
    public void Starts_from_another_run_and_tests_on_other_data()
    {
        string data = Table("rare.csv", 600);
        TaskResult first = Train("first", data, ("quick", true));
        Train("second", data, ("quick", true), ("from", first.Run));
        Assert.Contains(_files.Events.OfType<Remarked>(), r => r.Message.StartsWith("starts from the weights"));
        TestReport report = _files.Runner.Test(first.Run, new DataSource(Table("other.csv", 900)), _files.Context);
        Assert.Equal(900, report.Count);
        Assert.NotNull(report.Baseline);
    }

    [Fact]
    public void Built_in_payments_are_always_the_same_and_one_in_a_hundred_is_a_fraud()
    {
        var texts = new List<string>();
        for (int time = 0; time < 2; time++)
        {
            using RowReader rows = Payments.Rows().Open();
            int frauds = 0, count = 0;
            var text = new System.Text.StringBuilder();
            while (rows.Read())
            {
                count++;
                if (rows[9] is "yes") frauds++;
                if (count <= 1_000) text.Append(rows[0]).Append(rows[7]).Append('\n');
            }
            Assert.InRange((double)frauds / count, 0.008, 0.012);
            texts.Add(text.ToString());
        }
        Assert.Equal(texts[0], texts[1]);
        Assert.NotNull(Train(null, ("quick", true)).Test);
        Assert.Equal(Payments.Name, RunFolder.Open(_files.At("run")).Info.BuiltIn);
    }

    // Nine positives say little, so the network must not do worse than the logistic regression that it begins with.
    [Fact]
    public void Breast_cancer_thinned_to_a_fiftieth_is_no_worse_than_a_logistic_regression()
    {
        string[] rows = File.ReadAllLines(RealData.Require("tables/breast-cancer-wisconsin.csv"));
        string data = _files.Write("thin.csv", string.Join('\n', ThinnedTable.Of(rows, ",4", 0.02)));
        TaskResult result = Train(data, ("folds", 3L), ("epochs", 8L));
        Assert.True(result.Test!["prAuc"] >= 3 * 0.02);
        Assert.True(result.Test["prAuc"] >= result.Test.Baseline!.Figures["prAuc"], $"{result.Test.Figures} / {result.Test.Baseline.Figures}");
    }

    [Fact]
    public void Costs_and_classes_that_make_no_sense_are_refused()
    {
        string data = Table("rare.csv", 300);
        foreach (string cost in new[] { "20", "20:0", "a:b", "1:2:3", "-1:1", "inf:1", "1e300:1e-300" })
            Assert.StartsWith("--cost", Refused(data, ("cost", cost)));
        Assert.Contains("'maybe'", Refused(data, ("positive", "maybe")));
        Assert.Equal("no", RunFolder.Open(Train(data, ("quick", true), ("positive", "no")).Run).Info.Option("positive"));
    }

    [Fact]
    public void Too_few_of_the_class_are_refused()
    {
        string Rare(int count) => _files.Rows($"rare{count}.csv", "x,y,fraud", 200, i => $"{i % 17},{i * 7 % 23},{(i * 3 % 200 < count ? 1 : 0)}");
        Assert.Contains("one value in all rows", Refused(Rare(0)));
        Assert.Contains("1 row of '1'", Refused(Rare(1)));
        Assert.Contains("2 rows of '1'", Refused(Rare(2)));
        string three = _files.Rows("kinds.csv", "x,fraud", 100, i => $"{i},{(i % 50 == 0 ? "red" : i % 49 == 0 ? "blue" : "none")}");
        Assert.Contains("3 classes", Refused(three));
        string numbers = _files.Rows("numbers.csv", "x,fraud", 100, i => $"{i % 7},{i * 0.37}");
        Assert.Contains("rare class", Refused(numbers, ("target", "fraud")));
    }

    [Fact]
    public void All_of_the_class_in_one_part_is_refused_and_said()
    {
        string early = _files.Rows("early.csv", "day,x,fraud", 300, i => $"{i},{i * 7 % 23},{(i is 5 or 9 or 30 or 31 ? 1 : 0)}");
        string message = Refused(early, ("time", "day"));
        Assert.Contains("validation part has no row of '1' (4 in training)", message);
        Assert.Contains("fewer folds than 20", Refused(_files.Rows("few.csv", "x,z,fraud", 300, i =>
            $"{i % 91},{i * 7 % 23},{(i % 75 == 3 ? 1 : 0)}"), ("folds", 20L)));
        string test = _files.Rows("later.csv", "day,x,fraud", 60, i => $"{i},{i * 7 % 23},0");
        string some = _files.Rows("some.csv", "day,x,fraud", 300, i => $"{i},{i * 7 % 23},{(i % 60 == 3 ? 1 : 0)}");
        DataException error = Assert.Throws<DataException>(() => _files.Runner.Train(Fraud,
            _files.Request(some, "run") with { Data = new DataSource(some) { Test = test } }, _files.Context));
        Assert.Contains("the test part has no row", error.Message);
    }

    [Fact]
    public void A_column_that_gives_the_class_away_is_warned_of()
    {
        string data = _files.Rows("leak.csv", "x,z,charged_back,fraud", 500, i =>
            $"{i % 83},{i * 7 % 23},{(i % 40 == 0 ? "y" : "n")},{(i % 40 == 0 ? 1 : 0)}");
        Train(data, ("quick", true));
        Assert.Contains(_files.Warnings, w => w.Contains("'charged_back' says 'fraud' outright"));
    }

    [Fact]
    public void A_table_with_a_rare_class_is_recognised_and_others_are_not()
    {
        string NameOf(string path) => AllTasks.Registry.Recognize(new DataSource(path)).Task.Name;
        Assert.Equal("fraud", NameOf(Table("rare.csv", 2_000, 60)));
        Assert.Contains("1.7 % of the 2,000 rows", AllTasks.Registry.Recognize(new DataSource(_files.At("rare.csv"))).Recognition.Reason);
        Assert.Equal("tables", NameOf(Table("often.csv", 2_000, 20)));
        Assert.Equal("tables", NameOf(_files.Rows("three.csv", "x,class", 500, i => $"{i * 0.7},{(i % 100 == 0 ? "a" : i % 2 == 0 ? "b" : "c")}")));
        Assert.Equal("tables", NameOf(_files.Rows("number.csv", "flag,price", 500, i => $"{(i % 100 == 0 ? 1 : 0)},{i * 1.7}")));
        // All of them come late in the file.
        Assert.Equal("fraud", NameOf(_files.Rows("late.csv", "x,z,is_fraud", 4_000, i => $"{i % 83},{i * 7 % 23},{(i >= 3_960 ? 1 : 0)}")));
    }

    [Fact]
    public void Equal_rows_stay_on_one_side()
    {
        string data = _files.Rows("double.csv", "x,z,fraud", 600, i => $"{i / 2 % 150 * 3 + i / 300},{i / 2 % 29},{(i / 2 % 60 == 7 ? 1 : 0)}");
        Train(data, ("quick", true));
        TaskData parts = Fraud.Read(RunFolder.Open(_files.At("run")).Info, _files.Context);
        string[] Of(Dataset set) => [.. Enumerable.Range(0, set.Count).Select(i => string.Join(' ', set.Take([i]).Input.ToArray<float>()))];
        Assert.Empty(Of(parts.Training).Intersect(Of(parts.Test)));
        Assert.Contains(_files.Notes, n => n.Contains("exact duplicates"));
    }
}
