using System.Text;
using Lamina.Learning.Saving;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;

namespace Lamina.Tasks.Tests.Texts;

/// <summary>Texts on the spine: which columns are taken, what is learned, saved and predicted, and what can't be used.</summary>
[Collection("the shared pool")]
public sealed class TextTaskTests : IDisposable
{
    private static readonly string[] s_good = ["great", "lovely", "wonderful", "excellent"], s_bad = ["awful", "boring", "terrible", "dull"], s_things = ["film", "book", "meal", "trip", "song", "game"];

    private readonly TempFolder _folder = new();
    private readonly TaskRunner _runner = new(AllTasks.Registry);
    private readonly LearningTask _text = AllTasks.Registry.Find("text")!;
    private readonly List<TaskEvent> _events = [];

    private TaskContext Context => new(_events.Add, TestContext.Current.CancellationToken);

    public void Dispose() => _folder.Dispose();

    private static (string Text, string Label) Review(int i)
    {
        bool isGood = i % 2 == 0;
        string[] words = isGood ? s_good : s_bad;
        return ($"The {s_things[i % 6]} number {i} was {words[i / 2 % 4]}, really {words[i / 3 % 4]}", isGood ? "good" : "bad");
    }

    private string Csv(string name, int rows = 200, string header = "id,review,mood\n", Func<int, string>? row = null, Encoding? encoding = null)
    {
        row ??= i => $"{i},\"{Review(i).Text}\",{Review(i).Label}";
        string text = header + string.Concat(Enumerable.Range(0, rows).Select(i => row(i) + "\n"));
        encoding ??= new UTF8Encoding(false);
        return _folder.Write(name, [.. encoding.GetPreamble(), .. encoding.GetBytes(text)]);
    }

    private TaskRequest Request(string? data, string run = "run", params (string, object)[] values) =>
        new() { Data = data is null ? null : new DataSource(data), Run = _folder.At(run), Values = values.ToDictionary(v => v.Item1, v => v.Item2) };

    private TaskResult Train(string? data, params (string, object)[] values) => _runner.Train(_text, Request(data, values: [("epochs", 2L), .. values]), Context);

    private string Columns => _events.OfType<DataReady>().Single().Facts.Single(f => f.Name == "columns").Text;

    private IReadOnlyList<string> Notes => _events.OfType<DataReady>().Single().Notes;

    private List<Prediction> Predict(params string[] texts) =>
        [.. _runner.Predict(_folder.At("run"), new PredictInput([]) { Values = [.. texts.Select(t => KeyValuePair.Create("text", t))] }, 5, Context).Items];

    [Fact]
    public void A_run_that_starts_from_another_has_its_tokens()
    {
        Train(Csv("reviews.csv"));
        float[] first = Predictor.Load(_folder.At("run/model.safetensors")).PredictTexts("A lovely film", "a dull one").ToArray<float>();
        // Other words come first here, so that tokens of its own would be numbered otherwise; and hardly anything is learned.
        string other = Csv("other.csv", row: i => $"{i},\"zebra yonder xylophone {Review(i).Text}\",{Review(i).Label}");
        _runner.Train(_text, Request(other, "tuned", ("epochs", 1L), ("learning-rate", 1e-12), ("from", _folder.At("run"))), Context);
        float[] tuned = Predictor.Load(_folder.At("tuned/model.safetensors")).PredictTexts("A lovely film", "a dull one").ToArray<float>();
        for (int i = 0; i < first.Length; i++) Assert.Equal(first[i], tuned[i], 1e-5);
    }

    [Fact]
    public void Learns_which_words_are_good_and_opens_without_the_run()
    {
        TaskResult result = Train(Csv("reviews.csv"));
        Assert.Equal(1, result.Test!["accuracy"]);
        Assert.InRange(result.Test.Baseline!.Figures["accuracy"], 0.4, 0.6);
        Assert.StartsWith("texts are in 'review', with ", Columns);
        Assert.Contains("labels in 'mood', with 2 different values", Columns);

        List<Prediction> found = Predict("A lovely film", "what a dull evening", "", "?!");
        Assert.Equal(["good", "bad"], found.Take(2).Select(p => p.Top[0].Class));
        Assert.Equal("A lovely film", found[0].Source);
        foreach (Prediction empty in found.Skip(2))
        {
            Assert.InRange(empty.Top[0].Probability, 0.45, 0.6); // the classes are equal
            Assert.Contains("no word that is known", empty.Note);
        }

        Predictor predictor = Predictor.Load(result.Model!);
        Assert.Equal(["bad", "good"], predictor.Classes);
        float[] alone = predictor.PredictTexts("A lovely film").ToArray<float>();
        Assert.Equal(found[0].Top.Single(c => c.Class == "good").Probability, alone[1], 1e-6);
    }

    [Fact]
    public void Resumes_to_the_same_bits_and_is_the_same_for_the_same_seed()
    {
        string data = Csv("reviews.csv");
        Train(data);
        byte[] first = File.ReadAllBytes(_folder.At("run/model.safetensors"));
        _runner.Train(_text, Request(data, "again", ("epochs", 2L)), Context);
        Assert.Equal(first, File.ReadAllBytes(_folder.At("again/model.safetensors")));
        _runner.Resume(_folder.At("run"), Context);
        Assert.Equal(first, File.ReadAllBytes(_folder.At("run/model.safetensors")));
        Assert.Equal(1, _runner.Test(_folder.At("run"), new DataSource(data), Context)["accuracy"]);
    }

    [Theory]
    [InlineData("id,review,mood\n", null, null, "'review'", "'mood'")]
    [InlineData("id,review,mood\n", "MOOD", null, "'review'", "'mood'")]
    [InlineData("id,review,mood\n", "3", "2", "'review'", "'mood'")]
    [InlineData("", null, null, "column 2", "column 3")]
    public void Columns_are_found_or_named(string header, string? target, string? text, string textColumn, string labelColumn)
    {
        (string, object)[] values = [.. target is null ? [] : new (string, object)[] { ("target", target) }, .. text is null ? [] : new (string, object)[] { ("text", text) }];
        Train(Csv("reviews.csv", header: header), values);
        Assert.StartsWith($"texts are in {textColumn}", Columns);
        Assert.Contains($"labels in {labelColumn}", Columns);
    }

    [Theory]
    [InlineData("none", 0)]
    [InlineData("8", 1)]
    [InlineData("8, 4", 2)]
    public void Hidden_layers_can_be_asked_for(string hidden, int layers)
    {
        Assert.True(Train(Csv("reviews.csv"), ("hidden", hidden)).Test!["accuracy"] > 0.9);
        Assert.Equal(layers, RunFolder.Open(_folder.At("run")).Info.Network.GetProperty("hidden").GetArrayLength());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("8,x")]
    [InlineData("some")]
    public void Other_hidden_layers_are_refused(string hidden) => Assert.Contains($"--hidden {hidden}: expected", Assert.Throws<TaskException>(() => Train(Csv("reviews.csv"), ("hidden", hidden))).Message);

    [Fact]
    public void Tokens_that_are_dropped_can_be_asked_for()
    {
        Train(Csv("reviews.csv"), ("dropout", 0.0));
        Assert.Equal(0, RunFolder.Open(_folder.At("run")).Info.Network.GetProperty("tokenDropout").GetDouble());
    }

    [Fact]
    public void A_table_with_a_text_among_other_columns_is_a_table()
    {
        string data = Csv("items.csv", header: "price,colour,size,review,mood\n", row: i => $"{i * 7 % 13},{(i % 3 == 0 ? "red" : "blue")},{i % 5},\"{Review(i).Text}\",{Review(i).Label}");
        Assert.Equal("tables", AllTasks.Registry.Recognize(new DataSource(data)).Task.Name);
    }

    [Fact]
    public void Folds_and_groups_split_as_elsewhere()
    {
        TaskResult result = Train(Csv("reviews.csv", header: "shop,review,mood\n", row: i => $"{i / 20},\"{Review(i).Text}\",{Review(i).Label}"), ("folds", 2L), ("group", "shop"), ("target", "mood"));
        Assert.Equal(200, result.Test!.Count);
        Assert.Contains(_events.OfType<DataReady>().First().Notes, n => n.Contains("whole groups of shop"));
    }

    [Fact]
    public void An_unknown_group_is_refused() => Refused("has no column 'mod', only", Csv("reviews.csv"), ("group", "mod"));

    [Fact]
    public void Json_lines_are_rows()
    {
        string data = Csv("reviews.jsonl", header: "", row: i => $$"""{"id": {{i}}, "review": "{{Review(i).Text}} \u00e9\n\"so\"", "mood": "{{Review(i).Label}}"}""");
        Assert.Equal("text", AllTasks.Registry.Recognize(new DataSource(data)).Task.Name);
        Assert.Equal(1, Train(data).Test!["accuracy"]);
        Assert.StartsWith("texts are in 'review'", Columns);
        string more = Csv("more.jsonl", 3, "", i => $$"""{"review": "{{Review(i).Text}}"}""");
        Assert.Equal(["good", "bad", "good"], _runner.Predict(_folder.At("run"), [more], 1, Context).Items.Select(p => p.Top[0].Class));
    }

    [Fact]
    public void Takes_the_column_that_is_called_a_label_before_another()
    {
        Train(Csv("reviews.csv", header: "label,review,shop\n", row: i => $"{Review(i).Label},{Review(i).Text.Replace(",", "")},{(i % 3 == 0 ? "north" : "south")}"));
        Assert.Contains("labels in 'label', with 2 different values and by its name; --target chooses another, such as 'shop'", Columns);
    }

    [Fact]
    public void Data_is_recognised_before_the_other_tasks()
    {
        (LearningTask task, Recognition fit) = AllTasks.Registry.Recognize(new DataSource(Csv("reviews.csv")));
        Assert.Equal("text", task.Name);
        Assert.Contains("texts in 'review'", fit.Reason);
        Assert.Equal("text", AllTasks.Registry.Recognize(new DataSource(Csv("tabs.tsv", header: "", row: i => $"{Review(i).Label}\t{Review(i).Text}\t\t"))).Task.Name);
        string numbers = Csv("numbers.csv", header: "a,b,c\n", row: i => $"{i},{i * 7 % 13},{i % 2}");
        Assert.Equal("tables", AllTasks.Registry.Recognize(new DataSource(numbers)).Task.Name);
        Folder("reviews");
        Assert.Equal("text", AllTasks.Registry.Recognize(new DataSource(_folder.At("reviews"))).Task.Name);
    }

    [Theory]
    [InlineData("target", "moood", "has no column 'moood'", "try 'mood'")]
    [InlineData("text", "reviw", "has no column 'reviw'", "try 'review'")]
    [InlineData("target", "9", "has no column '9'", "try one of these")]
    [InlineData("target", "id", "different labels in 'id'", "--target")]
    public void An_unknown_or_senseless_column_is_named(string option, string value, string problem, string remedy)
    {
        string message = Assert.Throws<DataException>(() => Train(Csv("reviews.csv"), (option, value))).Message;
        Assert.Contains(problem, message);
        Assert.Contains(remedy, message);
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    [Fact]
    public void One_class_no_label_and_no_text_are_refused()
    {
        Refused("one class alone in 'mood', 'good'", Csv("one.csv", row: i => $"{i},{Review(2 * i).Text.Replace(",", "")},good"), ("target", "mood"));
        Refused("no label in any row: the column 'mood' is empty", Csv("none.csv", row: i => $"{i},{Review(i).Text.Replace(",", "")},"), ("target", "mood"));
        Refused("no row with both a text", Csv("no-text.csv", row: i => $"{i},,{Review(i).Label}"), ("text", "review"), ("target", "mood"));
        Refused("has no column of labels besides", Csv("alone.csv", header: "review\n", row: i => $"\"{Review(i).Text}\""));
        Refused("has no column of texts", Csv("numbers.csv", header: "a,b\n", row: i => $"{i},{i % 2}"));
    }

    private void Refused(string problem, string data, params (string, object)[] values) => Assert.Contains(problem, Assert.Throws<DataException>(() => Train(data, values)).Message);

    [Fact]
    public void Rows_without_text_or_label_are_passed_over_and_a_class_seen_once_is_named()
    {
        Train(Csv("reviews.csv", row: i => i == 7 ? "7,,bad" : i == 9 ? $"9,{Review(9).Text.Replace(",", "")}," : i == 11 ? "11,The one of its kind was odd,mixed" : $"{i},\"{Review(i).Text}\",{Review(i).Label}"));
        Assert.Contains("passed over 1 row without text in 'review'", Notes);
        Assert.Contains("passed over 1 row without a label in 'mood'", Notes);
        Assert.Contains("seen once, so that nothing tells how well it is recognised: 'mixed'", Notes);
        Assert.Equal(["bad", "good", "mixed"], Assert.IsType<ClassOutput>(_events.OfType<DataReady>().Single().Output).Names);
    }

    [Fact]
    public void Equal_texts_stay_on_one_side_and_all_equal_ones_are_said()
    {
        Train(Csv("reviews.csv", row: i => $"{i},\"{Review(i / 2 * 2).Text}\",{(i / 2 % 2 == 0 ? "a" : "b")}"));
        Assert.Contains(Notes, n => n.Contains("are exact duplicates of others"));
        _events.Clear();
        _runner.Train(_text, Request(Csv("equal.csv", header: "review,mood\n", row: i => $"the same words again,{(i % 2 == 0 ? "a" : "b")}"), "equal", ("text", "review"), ("target", "mood"), ("epochs", 1L)), Context);
        Assert.Contains(Notes, n => n.Contains("too few differ"));
    }

    [Fact]
    public void Strange_texts_are_texts()
    {
        string[] strange = ["\0 a NUL byte in it", "😀👍🏽 🇩🇪 only emoji", "!!! ... ???", "日本語のテキストです", "שלום עולם טוב", "𝐅𝐑𝐄𝐄 stuff here", new('x', 1_000_000), string.Concat(Enumerable.Repeat("many words ", 90_000)), "e\u0301\u0301\u0301 zalgo", "a"];
        string data = Csv("strange.csv", 200, row: i => i < 20 ? $"{i},\"{strange[i / 2]}\",{(i % 2 == 0 ? "good" : "bad")}" : $"{i},\"{Review(i).Text}\",{Review(i).Label}");
        Assert.True(Train(data).Test!["accuracy"] > 0.7);
        Assert.All(Predict(strange), p => Assert.Equal(1, p.Top.Sum(c => c.Probability), 1e-5));
        // Bounded: texts that are much longer than others don't make all of them long.
        Assert.InRange(Predictor.Load(_folder.At("run/model.safetensors")).Info.Inputs[0].Shape!.Value[0], 5, 1024);
    }

    [Fact]
    public void Encodings_are_recognised()
    {
        string Text(int i) => $"{i},{Review(i).Text.Replace(",", "")} tüchtig,{Review(i).Label}";
        string? first = null;
        foreach (Encoding encoding in new[] { new UTF8Encoding(false), new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.Latin1 })
        {
            _events.Clear();
            string run = $"run-{encoding.WebName}-{encoding.GetPreamble().Length}";
            _runner.Train(_text, Request(Csv($"{run}.csv", row: Text, encoding: encoding), run, ("epochs", 1L)), Context);
            string words = RunFolder.Open(_folder.At(run)).Info.Preprocessing.GetProperty("words").GetString()!;
            Assert.Contains("tüchtig", words.Split('\n'));
            Assert.Equal(first ??= words, words);
        }
    }

    private void Folder(string name, string part = "", int count = 40)
    {
        for (int i = 0; i < count; i++) _folder.Write($"{name}/{part}{Review(i).Label}/{i}.txt", Encoding.UTF8.GetBytes(Review(i).Text));
    }

    [Fact]
    public void Folders_are_classes()
    {
        Folder("reviews", "train/", 80);
        Folder("reviews", "test/", 20);
        _folder.Write("reviews/train/good/empty.txt", []);
        _folder.Write("reviews/train/good/binary.txt", [.. Enumerable.Range(0, 4000).Select(i => (byte)(i * i % 251))]);
        _folder.Write("reviews/train/bad/wide.txt", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("an awful, dull piece")]);
        _folder.Write("reviews/train/bad/old.txt", Encoding.Latin1.GetBytes("schrecklich öde and awful"));
        TaskResult result = Train(_folder.At("reviews"));
        Assert.Equal(1, result.Test!["accuracy"]);
        Assert.Equal(20, result.Test.Count);
        Assert.Contains("passed over good/empty.txt: it is empty", Notes);
        Assert.Contains(Notes, n => n.StartsWith("passed over good/binary.txt: it is no text", StringComparison.Ordinal));
        Assert.Equal(82, _events.OfType<DataReady>().Single().Training + _events.OfType<DataReady>().Single().Validation);
        List<Prediction> files = [.. _runner.Predict(_folder.At("run"), [_folder.At("reviews/test/good/0.txt"), _folder.At("reviews/train/good/empty.txt"), _folder.At("reviews/train/good/binary.txt"), _folder.At("reviews/test/bad")], 1, Context).Items];
        Assert.Equal(13, files.Count);
        Assert.Equal("good", files[0].Top[0].Class);
        Assert.NotNull(files[1].Note);
        Assert.Contains("no text", files[2].Error);
        Assert.All(files.Skip(3), f => Assert.Equal("bad", f.Top[0].Class));
    }

    [Fact]
    public void Empty_folders_say_so()
    {
        _folder.Write("empty/a/1.txt", []);
        _folder.Write("empty/b/1.txt", "  \n"u8.ToArray());
        Refused("has no .txt file with a text in it", _folder.At("empty"));
        Directory.CreateDirectory(_folder.At("nothing"));
        Refused("has no .txt files in folders of classes", _folder.At("nothing"));
    }

    [Fact]
    public void Predicts_rows_by_the_trainings_column_and_suggests_the_nearest()
    {
        Train(Csv("reviews.csv"));
        string more = Csv("more.csv", 10, "number,review\n", i => $"{i},\"{Review(i).Text}\"");
        List<Prediction> rows = [.. _runner.Predict(_folder.At("run"), [more], 1, Context).Items];
        Assert.Equal(Enumerable.Range(1, 10), rows.Select(r => r.Row!.Value));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => Review(i).Label), rows.Select(r => r.Top[0].Class));
        string other = Csv("other.csv", 10, "number,revieww\n", i => $"{i},\"{Review(i).Text}\"");
        string message = Assert.Throws<DataException>(() => _runner.Predict(_folder.At("run"), [other], 1, Context)).Message;
        Assert.Contains("has no column 'review'", message);
        Assert.Contains("try 'revieww'", message);
        Assert.Contains("'colour' can't be given", Assert.Throws<TaskException>(() => _runner.Predict(_folder.At("run"), new PredictInput([]) { Values = [new("colour", "red")] }, 1, Context)).Message);
    }

    [Fact]
    public void A_task_of_files_alone_refuses_texts()
    {
        _folder.WithCatsAndDogs("data/");
        _runner.Train(AllTasks.Registry.Find("images")!, Request(_folder.At("data"), values: [("epochs", 1L)]), Context);
        Assert.Contains("predicts from files", Assert.Throws<TaskException>(() => Predict("a text")).Message);
    }

    [Fact]
    public void Built_in_messages_are_called_synthetic_and_are_not_trivial()
    {
        TaskResult result = Train(null);
        DataReady data = _events.OfType<DataReady>().Single();
        Assert.Contains("synthetic", data.Source);
        Assert.Contains(data.Notes, n => n.Contains("synthetic"));
        Assert.Equal(5_000, data.Training + data.Validation + data.Test);
        Assert.InRange(result.Test!["accuracy"], 0.95, 0.9999);
        Assert.IsType<TextSample>(result.Test.Mistakes[0].Samples[0]);
        Assert.Equal(["spam"], Predict("URGENT! You have WON a £900 prize! Call 0900100200 NOW").Select(p => p.Top[0].Class));
    }

    [Fact]
    public void A_run_whose_vocabulary_was_edited_is_refused()
    {
        Train(Csv("reviews.csv"));
        string info = _folder.At("run/run.json");
        File.WriteAllText(info, File.ReadAllText(info).Replace("\"pieces\": 4096", "\"pieces\": 4095"));
        Assert.Contains("the vocabulary has", Assert.Throws<TaskException>(() => Predict("a")).Message);
    }
}
