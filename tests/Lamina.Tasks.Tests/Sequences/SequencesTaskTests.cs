using System.Text;
using Lamina.Learning.Saving;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;

namespace Lamina.Tasks.Tests.Sequences;

/// <summary>Labels per position on the spine: which lines are taken, what is learned, saved and predicted, and what can't be used.</summary>
[Collection("the shared pool")]
public sealed class SequencesTaskTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TaskRunner _runner = new(AllTasks.Registry);
    private readonly LearningTask _task = AllTasks.Registry.Find("sequences")!;
    private readonly List<TaskEvent> _events = [];

    private TaskContext Context => new(_events.Add, TestContext.Current.CancellationToken);

    public void Dispose() => _folder.Dispose();

    // A letter is "y" where an x stands before it, whatever it is itself: only the surroundings tell.
    private static (char Symbol, char Label)[] Sequence(int i)
    {
        var random = new Random(i);
        char[] letters = [.. Enumerable.Range(0, 12 + i % 9).Select(_ => "abcx"[random.Next(4)])];
        return [.. letters.Select((c, s) => (c, s > 0 && letters[s - 1] == 'x' ? 'y' : 'n'))];
    }

    private string File(string name, Func<int, string> sequence, int count = 60, string start = "", Encoding? encoding = null) =>
        _folder.Write(name, (encoding ?? new UTF8Encoding(false)).GetBytes(start + string.Concat(Enumerable.Range(0, count).Select(sequence))));

    private static string Lines(int i, string between = " ", string end = "\n") =>
        string.Concat(Sequence(i).Select(p => $"{p.Symbol}{between}{p.Label}\n")) + end;

    private string Usual(string name = "letters.txt") => File(name, i => Lines(i));

    private TaskResult Train(string? data, params (string, object)[] values) => _runner.Train(_task, new()
    {
        Data = data is null ? null : new DataSource(data), Run = _folder.At("run"),
        Values = values.Concat([("epochs", 12L), ("members", 1L), ("hidden", "16"), ("dropout", 0.1)]).DistinctBy(v => v.Item1)
            .ToDictionary(v => v.Item1, v => v.Item2),
    }, Context);

    private DataReady Data => _events.OfType<DataReady>().Single();

    private List<Prediction> Predict(params string[] texts) =>
        [.. _runner.Predict(_folder.At("run"), new PredictInput([]) { Values = [.. texts.Select(t => KeyValuePair.Create("text", t))] }, 1, Context)
            .Items];

    private static string Labels(Prediction prediction) => string.Concat(prediction.Positions.Select(l => l.Label));

    [Fact]
    public void Learns_what_surroundings_say_and_opens_without_the_run()
    {
        TaskResult result = Train(Usual());
        Assert.InRange(result.Test!["accuracy"], 0.97, 1);
        Assert.InRange(result.Test["sequenceAccuracy"], 0.97, 1);
        Assert.Equal("the most frequent label of each symbol", result.Test.Baseline!.Name);
        Assert.InRange(result.Test.Baseline.Figures["accuracy"], 0.6, 0.9);
        Assert.Equal(["y", "n"], result.Test.Classes.OrderBy(c => c.Count).Select(c => c.Name));
        Assert.Contains(result.Test.OtherBaselines, b => b.Name == "always the most frequent class");

        List<Prediction> found = Predict("axbxxc", "x", "a z b");
        Assert.Equal("nnynyy", Labels(found[0]));
        Assert.Equal("n", Labels(found[1]));
        Assert.Equal("nnn", Labels(found[2]));
        Assert.Equal("unknown symbols: 'z'", found[2].Note);
        Assert.All(found[0].Positions, l => Assert.InRange(l.Probability, 0.5, 1));

        Predictor predictor = Predictor.Load(result.Model!);
        float[] alone = predictor.PredictTexts("axbxxc").ToArray<float>();
        Assert.Equal(6 * 2, alone.Length);
        Assert.Equal(found[0].Positions[2].Probability, alone[2 * 2 + 1], 1e-4);
    }

    [Fact]
    public void Padding_and_other_sequences_change_nothing()
    {
        Train(Usual(), ("epochs", 3L));
        double[] alone = [.. Predict("axbxxc")[0].Positions.Select(l => l.Probability)];
        double[] beside = [.. Predict(new string('a', 300), "axbxxc")[1].Positions.Select(l => l.Probability)];
        for (int i = 0; i < alone.Length; i++) Assert.Equal(alone[i], beside[i], 1e-5);
    }

    [Fact]
    public void Resumes_to_the_same_bits_and_is_the_same_for_the_same_seed()
    {
        string data = Usual();
        Train(data, ("epochs", 3L));
        byte[] first = System.IO.File.ReadAllBytes(_folder.At("run/model.safetensors"));
        _runner.Train(_task, new() { Data = new DataSource(data), Run = _folder.At("again"), Values = new Dictionary<string,
            object> { ["epochs"] = 3L, ["members"] = 1L, ["hidden"] = "16", ["dropout"] = 0.1 } }, Context);
        Assert.Equal(first, System.IO.File.ReadAllBytes(_folder.At("again/model.safetensors")));
        _runner.Resume(_folder.At("run"), Context);
        Assert.Equal(first, System.IO.File.ReadAllBytes(_folder.At("run/model.safetensors")));
        Assert.InRange(_runner.Test(_folder.At("run"), new DataSource(data), Context)["accuracy"], 0.5, 1);
    }

    [Theory]
    [InlineData("blank lines")]
    [InlineData("marks")]
    [InlineData("tabs and a header")]
    [InlineData("an index")]
    [InlineData("whole lines")]
    [InlineData("windows")]
    [InlineData("commas")]
    public void Lines_are_understood(string kind)
    {
        string data = kind switch
        {
            "marks" => File("letters.train", i => "<>\n" + Lines(i, end: i % 2 == 0 ? "end\n" : "<end>\n")),
            "tabs and a header" => File("letters.tsv", i => Lines(i, "\t"), start: "token\tlabel\n"),
            "commas" => File("letters.csv", i => Lines(i, ",")),
            "an index" => File("letters.conll", i => "# sent\n" + string.Concat(Sequence(i)
                .Select((p, s) => $"{s + 1}\t{p.Symbol}\t_\t{p.Label}\n")) + "\n"),
            "whole lines" => File("letters.txt", i =>
                $"{string.Concat(Sequence(i).Select(p => p.Symbol))} {string.Concat(Sequence(i).Select(p => p.Label))}\n"),
            "windows" => File("letters.txt", i => Lines(i).Replace("\n", "\r\n", StringComparison.Ordinal), encoding: Encoding.Unicode),
            _ => Usual(),
        };
        if (kind == "windows") data = _folder.Write("marked.txt", [0xFF, 0xFE, .. System.IO.File.ReadAllBytes(data)]);
        Assert.Equal("sequences", AllTasks.Registry.Recognize(new DataSource(data)).Task.Name);
        Train(data, ("epochs", 1L));
        Assert.Equal(60, Data.Training + Data.Validation + Data.Test);
        Assert.Equal(["n", "y"], Assert.IsType<PositionsOutput>(Data.Output).Names);
        Assert.Contains("4 different symbols", Data.Facts.Single(f => f.Name == "symbols").Text);
    }

    [Fact]
    public void A_test_part_beside_the_training_part_is_taken()
    {
        File("letters.test", i => Lines(100 + i), 10);
        Train(File("letters.train", i => Lines(i)), ("epochs", 1L));
        Assert.Equal(10, Data.Test);
    }

    [Fact]
    public void Words_that_are_new_are_labelled_by_their_endings()
    {
        string[] stems = [.. Enumerable.Range(0, 400).Select(i => $"{(char)('a' + i % 26)}{(char)('a' + i / 26)}o")];
        string Word(int i) => stems[i * 7 % 400] + (i % 2 == 0 ? "ing" : "ness");
        TaskResult result = Train(File("words.conll", i => string.Concat(Enumerable.Range(0, 8)
            .Select(w => $"{Word(i * 8 + w)} {(w % 2 == 0 ? "VERB" : "NOUN")}\n")) + "\n", 50));
        Assert.InRange(result.Test!["accuracy"], 0.95, 1);
        Assert.Equal(["VERB", "NOUN", "VERB"], Predict("quorling quorlness zebraing")[0].Positions.Select(l => l.Label));
        Assert.Contains("beginnings, endings and capitals", Data.Facts.Single(f => f.Name == "symbols").Text);
    }

    [Fact]
    public void Missing_and_new_labels_are_told_and_not_measured()
    {
        string test = File("test.txt", i => i == 0 ? "a n\nb q\nc n\n\n" : Lines(i), 5);
        string data = File("letters.txt", i => i == 3 ? "a n\nb\nc n\n\n" : Lines(i));
        var source = new DataSource(data) { Test = test };
        TaskResult result = _runner.Train(_task, new() { Data = source, Run = _folder.At("run"), Values = new Dictionary<string,
            object> { ["epochs"] = 1L, ["members"] = 1L } }, Context);
        Assert.Contains(Data.Notes, n => n.StartsWith("1 positions of ", StringComparison.Ordinal)
            && n.EndsWith("are not measured: 'q'", StringComparison.Ordinal));
        Assert.Contains(Data.Notes, n => n.Contains("have no label, such as that in line", StringComparison.Ordinal));
        Assert.Equal(2 + Enumerable.Range(1, 4).Sum(i => Sequence(i).Length), result.Test!.Count);
    }

    [Fact]
    public void A_very_long_sequence_is_cut_and_an_empty_one_named()
    {
        Train(File("letters.txt", i => i == 0 ? string.Concat(Enumerable.Range(0, 3_000)
            .Select(s => $"{"abcx"[s * 7 % 4]} {(s % 2 == 0 ? 'n' : 'y')}\n")) + "\n" : Lines(i)), ("epochs", 1L));
        Assert.Contains(Data.Notes, n => n.StartsWith("cut 1 sequence of ", StringComparison.Ordinal)
            && n.EndsWith("that has more than 512 positions into pieces", StringComparison.Ordinal));
        List<Prediction> found = Predict("", new string('a', 100_000));
        Assert.Equal("there is no symbol in it", found[0].Error);
        Assert.Equal(100_000, found[1].Positions.Count);
    }

    [Theory]
    [InlineData("has one label alone, 'n'", "a n\nb n\n\nc n\na n\n\nb n\n\n")]
    [InlineData("has symbols alone", "a\nb\n\nc\na\n\nb\n\n")]
    [InlineData("has 1 sequence alone", "a n\nb y\nc n\n")]
    [InlineData("is no text with lines", "")]
    public void What_can_not_be_learned_is_refused(string problem, string lines)
    {
        string data = _folder.Write("bad.txt", Encoding.UTF8.GetBytes(lines));
        Assert.Contains(problem, Assert.Throws<DataException>(() => Train(data)).Message);
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        Assert.Contains("--window 4: a window has a middle", Assert.Throws<TaskException>(() => Train(Usual(), ("window", 4L))).Message);
        Assert.Contains("--hidden many: expected a whole number", Assert.Throws<TaskException>(() => Train(Usual(), ("hidden", "many"))).Message);
        Assert.Contains("sequences have no columns to split by", Assert.Throws<TaskException>(() => Train(Usual(), ("time", "x"))).Message);
        Assert.Contains("has no column '7' for labels", Assert.Throws<DataException>(() => Train(Usual(), ("label", "7"))).Message);
    }

    [Fact]
    public void Tables_and_texts_are_left_to_their_tasks()
    {
        string table = File("table.csv", i => $"{i},{i * 7 % 13},{i % 2}\n", 100, "a,b,c\n"),
            spaced = File("spaced.txt", i => $"{i} {i * 7 % 13} {i % 2}\n", 100);
        foreach (string data in (string[])[table, spaced]) Assert.Equal(0, _task.Recognize(new DataSource(data)).Score);
    }

    [Fact]
    public void Predictions_are_a_row_for_each_position()
    {
        string data = Usual();
        Train(data, ("epochs", 1L));
        PredictionList list = _runner.Predict(_folder.At("run"), [data], 1, Context);
        var table = new PredictionTable(list.Output!);
        Assert.Equal(["source", "row", "position", "symbol", "label", "probability", "note"], table.Columns);
        Prediction[] all = [.. list.Items];
        Assert.Equal(60, all.Length);
        Assert.Equal(string.Concat(Sequence(4).Select(p => p.Symbol)), string.Concat(all[4].Positions.Select(l => l.Symbol)));
        string file = _folder.At("out.csv");
        RowWriter.Save(file, table.Columns, rows =>
        {
            foreach (Prediction one in all) table.Write(rows, one);
        });
        Assert.Equal(1 + Enumerable.Range(0, 60).Sum(i => Sequence(i).Length), System.IO.File.ReadAllLines(file).Length);
    }

    [Fact]
    public void The_built_in_states_are_guessed_nearly_as_well_as_can_be()
    {
        TaskResult result = Train(null, ("epochs", 8L), ("hidden", "32"));
        BaselineReport best = result.Test!.OtherBaselines.Single(b => b.Name.Contains("forward-backward", StringComparison.Ordinal));
        Assert.True(result.Test["accuracy"] > result.Test.Baseline!.Figures["accuracy"] + 0.1);
        Assert.InRange(best.Figures["accuracy"] - result.Test["accuracy"], -0.02, 0.08);
        Assert.True(System.IO.File.Exists(result.Report));
    }
}
