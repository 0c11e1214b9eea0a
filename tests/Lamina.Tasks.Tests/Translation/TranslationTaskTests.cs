using System.IO.Compression;
using System.Text;
using Lamina.Learning.Saving;
using Lamina.Learning.Texts;
using Lamina.Models;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;
using Lamina.Tasks.Translation;
using Lamina.Tests;

namespace Lamina.Tasks.Tests.Translation;

/// <summary>Translation on the spine: learned from pairs of sentences, measured by BLEU beside word for word, resumed, and used.</summary>
[Collection("the shared pool")]
public sealed class TranslationTaskTests : IDisposable
{
    private static readonly (string, object)[] s_small = [("epochs", 1L), ("layers", 1L), ("width", 32L), ("heads", 2L)];

    private readonly TempFolder _folder = new();
    private readonly TaskRunner _runner = new(AllTasks.Registry);
    private readonly LearningTask _task = AllTasks.Registry.Find("translate")!;
    private readonly List<TaskEvent> _events = [];

    private TaskContext Context => new(_events.Add, TestContext.Current.CancellationToken);

    public void Dispose() => _folder.Dispose();

    private string Write(string name, params IEnumerable<string> lines) =>
        _folder.Write(name, Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n"))));

    // Two files, train.en and train.eo; the first is given.
    private string Pairs(int count = 300, string stem = "train", int skip = 0)
    {
        (string Source, string Target)[] pairs = [.. SmallLanguages.Pairs().Skip(skip).Take(count)];
        Write($"{stem}.eo", pairs.Select(p => p.Target));
        return Write($"{stem}.en", pairs.Select(p => p.Source));
    }

    private TaskResult Train(string? data, string run = "run", params (string Name, object Value)[] values) =>
        Train(data is null ? null : new DataSource(data), run, values);

    private TaskResult Train(DataSource? data, string run = "run", params (string Name, object Value)[] values)
    {
        var all = s_small.ToDictionary(v => v.Item1, v => v.Item2);
        foreach ((string name, object value) in values) all[name] = value;
        return _runner.Train(_task, new() { Data = data, Run = _folder.At(run), Values = all }, Context);
    }

    private string[] Translate(string[] sentences, params (string, object)[] values) =>
        [.. _runner.Do(_folder.At("run"), "translate", sentences, values.ToDictionary(v => v.Item1, v => v.Item2), Context)];

    [Fact]
    public void Learns_pairs_and_translates_better_than_word_for_word()
    {
        TaskResult result = Train(Pairs(1_200), values: [("epochs", 24L), ("width", 64L), ("batch", 16L), ("learning-rate", 5e-3), ("dropout", 0.0)]);
        TestReport test = result.Test!;
        Assert.Equal(120, test.Count);
        Assert.InRange(test["bleu"], 60, 100);
        Assert.Equal(Math.Exp(test["loss"]), test["perplexity"], 1e-9);
        Assert.Equal("bleu", test.Figures[0].Key);
        Assert.True(test.Figures.Find("bleu")!.Value.HigherIsBetter);
        Assert.NotNull(test.Figures.Find("bleu")!.Value.Interval);
        Assert.Contains("word for word", test.Baseline!.Name);
        Assert.InRange(test.Baseline.Figures["bleu"], 1, 50);
        Assert.True(test.Baseline.Figures["loss"] > test["loss"]);
        Assert.Equal(24, _events.OfType<Illustrated>().Count());
        string last = ((TextSample)_events.OfType<Illustrated>().Last().Sample).Text;
        Assert.Equal(3, last.Split("\n\n").Length);
        Assert.Contains("What it makes, epoch by epoch", File.ReadAllText(result.Report!));
        Assert.Contains("(right: ", ((TextSample)test.Worst[0].Sample!).Text);
        Assert.Contains(_events.OfType<DataReady>().Single().Facts, f =>
            f.Text.StartsWith("en (train.en) into eo (train.eo)", StringComparison.Ordinal));

        // Capitals don't matter, and order is that of the sentences.
        string[] both = Translate(["The King sees the bird today.", "yesterday"]), one = Translate(["the king sees the bird today."]);
        Assert.Equal(2, both.Length);
        Assert.Equal("Odi garo la pitum la videz.", both[0]);
        Assert.Equal(both[0], one[0]);
        Assert.Equal(both[0], Translate(["the king sees the bird today."], ("beam", 8L))[0]);
        Assert.True(Translate(["the king sees the bird today."], ("length", 2L))[0].Length < both[0].Length);
        // Blanks around a sentence are none of it, a line of blanks stays blank, and a sentence is translated as if it were alone.
        string lines = Write("lines.txt", "  the king sees the bird today. ", "   ", "yesterday", string.Join(' ', Enumerable.Repeat("the king sees the bird today.", 6)));
        string[] translated = Translate([lines]);
        Assert.Equal([both[0], "", Translate(["yesterday"])[0]], translated[..3]);
        Assert.Equal(4, translated.Length);
    }

    [Fact]
    public void A_run_that_was_interrupted_goes_on_to_the_same_bits()
    {
        string data = Pairs();
        TaskResult whole = Train(data, "whole", ("epochs", 2L));
        using var stop = new CancellationTokenSource();
        var context = new TaskContext(e =>
        {
            if (e is TrainingProgress { Event: Lamina.Learning.Training.EpochDone { Epoch: 1 } }) stop.Cancel();
        }, stop.Token);
        Assert.True(_runner.Train(_task, new() { Data = new(data), Run = _folder.At("half"), Values = new Dictionary<string,
            object>(s_small.ToDictionary(v => v.Item1, v => v.Item2)) { ["epochs"] = 2L } }, context).WasInterrupted);
        TaskResult resumed = _runner.Resume(_folder.At("half"), Context);
        Assert.Equal(whole.Test!["loss"], resumed.Test!["loss"]);
        Assert.Equal(whole.Test["bleu"], resumed.Test["bleu"]);
    }

    [Fact]
    public void Files_are_found_however_they_are_named()
    {
        string en = Pairs(40), folder = Path.GetDirectoryName(en)!, eo = _folder.At("train.eo");
        Pairs(30, "val", 40);
        foreach (string path in (string[])[en, $"{en},{eo}", _folder.At("train"), folder, $"{en},train.eo"])
        {
            (string data, string? into) = path == en ? (path, "eo") : (path, null);
            PairFiles files = PairFiles.Of(data, into);
            Assert.Equal((Path.GetFullPath(en), Path.GetFullPath(eo)), (Path.GetFullPath(files.Source), Path.GetFullPath(files.Target!)));
            Assert.Equal("translate", AllTasks.Registry.Recognize(new(data)).Task.Name);
        }
        Assert.Equal(("eo", "en"), PairFiles.Of(eo, null).Names);
        Assert.Equal(("eo", "en"), PairFiles.Of(folder, "en").Names);
        Assert.Equal(("eo", "en"), PairFiles.Of($"{eo},{en}", null).Names);
        // A third language: it has to be said which.
        Write("train.fr", Enumerable.Repeat("une phrase", 40));
        Assert.Contains("--into eo", Assert.Throws<DataException>(() => PairFiles.Of(en, null)).Message);
        Assert.Equal(("en", "fr"), PairFiles.Of(folder, "fr").Names);
        Assert.Contains("holds 'en', 'eo', 'fr'", Assert.Throws<DataException>(() => PairFiles.Of(folder, null)).Message);
        // The other parts lie where the first do, and are named as those are.
        Assert.Equal(_folder.At("val.eo"), PairFiles.Of(_folder.At("val.en"), null, new(en, eo)).Target);
        Assert.Contains("no translations beside it", Assert.Throws<DataException>(() => PairFiles.Of(Write("alone.en", "a"), null, new(en, eo)))
            .Message);
        string source = Write("source/part1.txt", "a"), target = Write("target/part1.txt", "b"), other = Write("source/part2.txt", "a");
        Write("target/part2.txt", "b");
        Assert.Equal(_folder.At("target/part2.txt"), PairFiles.Of(other, null, PairFiles.Of(source, target)).Target);
    }

    [Fact]
    public void Parts_beside_the_training_are_found_and_read_in_gzip()
    {
        string en = Pairs(60), eo = _folder.At("train.eo");
        foreach (string path in (string[])[en, eo])
        {
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(File.ReadAllBytes(path));
            _folder.Write(Path.GetFileName(path) + ".gz", packed.ToArray());
            File.Delete(path);
        }
        Pairs(20, "val", 60);
        string test = Pairs(25, "test", 80);
        foreach (string name in (string[])["val.en", "val.eo"]) File.Move(_folder.At(name), _folder.At(name + ".gz.plain"));
        foreach (string name in (string[])["val.en", "val.eo"])
        {
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(File.ReadAllBytes(_folder.At(name + ".gz.plain")));
            _folder.Write(name + ".gz", packed.ToArray());
        }
        TaskResult result = Train(_folder.At("train.en.gz"));
        DataReady data = _events.OfType<DataReady>().Single();
        Assert.Equal((54, 20, 6), (data.Training, data.Validation, data.Test));
        _events.Clear();
        // What is tested on doesn't validate.
        Train(new DataSource($"{_folder.At("train.en.gz")},{_folder.At("train.eo.gz")}") { Test = _folder.At("val.en.gz") }, "other");
        data = _events.OfType<DataReady>().Single();
        Assert.Equal((54, 6, 20), (data.Training, data.Validation, data.Test));
        TestReport report = _runner.Test(_folder.At("run"), new(test), Context);
        Assert.Equal(25, report.Count);
        Assert.Null(report.Baseline);
        Assert.Equal(result.Test!.Figures.Count, report.Figures.Count);
    }

    [Fact]
    public void A_table_of_two_columns_is_taken_too()
    {
        (string Source, string Target)[] pairs = [.. SmallLanguages.Pairs().Take(80)];
        string table = Write("pairs.tsv", ["id\ten\teo\tlicence", .. pairs.Select((p, i) => $"{i}\t{p.Source}\t{p.Target}\tCC-BY")]);
        Assert.Equal("translate", AllTasks.Registry.Recognize(new(table)).Task.Name);
        Train(table);
        Assert.Contains(_events.OfType<DataReady>().Single().Facts, f => f.Text.StartsWith("en into eo", StringComparison.Ordinal));
        _events.Clear();
        Train(table, "back", ("source", "eo"), ("into", "en"));
        Assert.Contains(_events.OfType<DataReady>().Single().Facts, f => f.Text.StartsWith("eo into en", StringComparison.Ordinal));
        Assert.Equal(80, _runner.Test(_folder.At("back"), new(table), Context).Count);
        Assert.Contains("has no column 'de'", Assert.Throws<DataException>(() => Train(table, "no", ("into", "de"))).Message);
        Assert.Contains("in one column", Assert.Throws<DataException>(() => Train(table, "no", ("into", "en"), ("source", "en"))).Message);
        // Texts with labels, and numbers, are other tasks'.
        string reviews = Write("reviews.tsv", ["text\tlabel", .. pairs.Select((p, i) => $"{p.Source}\t{(i % 2 == 0 ? "good" : "bad")}")]);
        Assert.Equal("text", AllTasks.Registry.Recognize(new(reviews)).Task.Name);
        string titles = Write("titles.csv", ["title,body", .. pairs.Select((p, i) =>
            $"Item {i} of {pairs.Length * 7},{string.Join(' ', Enumerable.Repeat(p.Target.TrimEnd('.'), 1 + i * 7 % 5))}")]);
        Assert.NotEqual("translate", AllTasks.Registry.Recognize(new(titles)).Task.Name);
    }

    [Fact]
    public void Pairs_that_can_not_be_learned_are_refused()
    {
        string en = Pairs(60), eo = _folder.At("train.eo");
        string Problem(string data) => Assert.Throws<DataException>(() => Train(data, "bad")).Message;
        string[] lines = File.ReadAllLines(en), others = File.ReadAllLines(eo);
        string fewer = Write("fewer.eo", others[..59]);
        Assert.Contains("has 60 lines, and", Problem($"{en},{fewer}"));
        Assert.Contains("has 59 lines, and", Problem($"{fewer},{en}"));
        Assert.Contains("fewer.eo has 59", Problem($"{en},{fewer}"));
        Assert.Contains("is empty", Problem($"{en},{_folder.Write("empty.eo", [])}"));
        Assert.Contains("one is empty in all 60", Problem($"{en},{Write("blank.eo", Enumerable.Repeat("  ", 60))}"));
        Assert.Contains("is one language twice: both sides are equal in 60 of 60 pairs", Problem($"{en},{Write("copy.eo", lines)}"));
        Assert.Contains("not a text", Problem($"{en},{_folder.Write("noise.eo", [.. Enumerable.Range(0, 5_000).Select(i => (byte)(i * 7 % 256))])}"));
        Assert.Contains("too few", Problem($"{Write("few.en", lines[..5])},{Write("few.eo", others[..5])}"));
        Assert.Contains("there's no such file", Problem(_folder.At("nowhere")));
        Assert.Contains("has no file of the same name in another language", Problem(Write("alone.en", lines)));
        Assert.Contains("no training pairs of at most 2 tokens", Assert.Throws<DataException>(() => Train(en, "bad", ("longest", 2L))).Message);
        Assert.Contains("no multiple of 3 heads", Assert.Throws<TaskException>(() => Train(en, "bad", ("heads", 3L))).Message);
        Assert.Contains("have no columns", Assert.Throws<TaskException>(() => Train(en, "bad", ("source", "en"))).Message);
        Assert.Contains("nothing to choose", Assert.Throws<TaskException>(() => Train((string?)null, "bad", ("into", "de"))).Message);
        Assert.False(Directory.Exists(_folder.At("bad")));

        // A few empty sides and a long sentence are left out, and told.
        lines[3] = "";
        lines[10] = string.Join(' ', Enumerable.Repeat("the old fox", 60));
        TaskResult result = Train($"{Write("some.en", lines)},{Write("some.eo", others)}");
        IReadOnlyList<string> notes = _events.OfType<DataReady>().Single().Notes;
        Assert.Contains(notes, n => n.Contains("1 pair of") && n.Contains("with an empty side left out, the first in line 4"));
        Assert.Contains(notes, n => n.Contains("more than 64 tokens, and are left out") || n.Contains("the first 64 tokens are translated"));
        Assert.NotNull(result.Test);
    }

    [Fact]
    public void Sentences_that_make_no_sense_are_named()
    {
        Train(Pairs(60));
        Assert.Contains("the sentence is empty", Assert.Throws<TaskException>(() => Translate([" "])).Message);
        Assert.Contains("sentence 2 is empty", Assert.Throws<TaskException>(() => Translate(["the king", ""])).Message);
        Assert.Contains("no letter of the sentence", Assert.Throws<TaskException>(() => Translate(["Привет, мир"])).Message);
        Assert.Contains("no letter of sentence 2", Assert.Throws<TaskException>(() => Translate(["the king", "日本語"])).Message);
        Assert.Contains("no such file", Assert.Throws<DataException>(() => Translate(["missing.txt"])).Message);
        Assert.Contains("no such file", Assert.Throws<DataException>(() => Translate([_folder.At("train.en"), "missing.en"])).Message);
        Assert.Empty(_events.OfType<Warned>());
        Translate(["the king Ж sees 日"]);
        Assert.Contains("ж日", _events.OfType<Warned>().Single().Message);
        _events.Clear();
        Translate([string.Join(' ', Enumerable.Repeat("the old king", 100))]);
        Assert.Contains("the run learned from at most 64", _events.OfType<Warned>().Single().Message);
        // A file stays aligned line by line.
        string[] translations = Translate([Write("new.txt", "the king sees the bird today.", "", "a fox")]);
        Assert.Equal(3, translations.Length);
        Assert.Equal("", translations[1]);
        Assert.Contains("is empty", Assert.Throws<DataException>(() => Translate([_folder.Write("nothing.txt", [])])).Message);
        Assert.Contains("--beam 0", Assert.Throws<TaskException>(() => Translate(["the king"], ("beam", 0L))).Message);
        Assert.Contains("translates rather than predicts", Assert.Throws<TaskException>(() =>
            _runner.Predict(_folder.At("run"), ["x"], 1, Context)).Message);
    }

    [Fact]
    public void Files_in_three_languages_are_recognised_and_it_is_asked_which()
    {
        string en = Pairs(60);
        Write("train.fr", File.ReadLines(_folder.At("train.eo")).Select(l => l.ToUpperInvariant()));
        string folder = Path.GetDirectoryName(en)!;
        foreach (string path in (string[])[folder, _folder.At("train")])
        {
            Assert.Equal("translate", AllTasks.Registry.Recognize(new(path)).Task.Name);
            Assert.Contains("--into eo", Assert.Throws<DataException>(() => Train(path, "open")).Message);
        }
        Train(folder, "run", ("into", "fr"));
        Assert.Equal(("en", "fr"), (TranslationRecipe.Of(Lamina.Tasks.Runs.RunFolder.Open(_folder.At("run")).Info).Source, TranslationRecipe.Of(Lamina.Tasks.Runs.RunFolder.Open(_folder.At("run")).Info).Target));
    }

    // In two forms of Unicode a word is one word: macOS and texts out of PDFs have letters and marks apart.
    [Fact]
    public void Composed_and_decomposed_letters_are_the_same()
    {
        (string Source, string Target)[] pairs = [.. SmallLanguages.Pairs().Take(60).Select(p => ("é" + p.Source, p.Target.Replace("o", "ö")))];
        Write("apart.eo", pairs.Select(p => p.Target.Replace("ö", "o\u0308")));
        SentencePairs read = SentencePairs.Read(PairFiles.Of(Write("apart.en", pairs.Select(p => p.Source.Replace("é", "e\u0301"))), null), null, true, TestContext.Current.CancellationToken);
        Assert.Equal(pairs[0], (read.Sources[0], read.Targets[0]));
        Write("together.eo", pairs.Select(p => p.Target));
        Train(Write("together.en", pairs.Select(p => p.Source)));
        Assert.Equal(Translate([pairs[0].Source]), Translate([pairs[0].Source.Replace("é", "e\u0301")]));
    }

    [Fact]
    public void A_run_of_another_task_translates_nothing()
    {
        string book = Write("book.txt", Enumerable.Repeat("the cat sat on the mat.", 200));
        _runner.Train(AllTasks.Registry.Find("writing")!, new() { Data = new(book), Run = _folder.At("run"), Values = new Dictionary<string,
            object> { ["epochs"] = 1L, ["layers"] = 1L, ["width"] = 8L, ["heads"] = 1L, ["quick"] = true } }, Context);
        Assert.Contains("which has no translate", Assert.Throws<TaskException>(() => Translate(["the king"])).Message);
    }

    [Fact]
    public void The_model_opens_without_the_run_and_starts_another()
    {
        Train(Pairs(60));
        SavedNetwork saved = Model.Open(_folder.At("run/model.safetensors"));
        var tokenizer = Assert.IsType<BpeTokenizer>(saved.Info.Inputs[0].Preprocessing[0]);
        Assert.Equal("source", saved.Info.Notes["lowerCase"]);
        Assert.Equal(Translate(["the king sees the bird today."]), new Translator((TransformerTranslator)saved.Network, tokenizer)
            .Translate(["the king sees the bird today."], longest: 64, cancel: TestContext.Current.CancellationToken));
        _events.Clear();
        Train(Pairs(60, "more", 60), "more", ("from", _folder.At("run")));
        Assert.Contains(_events.OfType<Remarked>(), r => r.Message.StartsWith("starts from the weights of", StringComparison.Ordinal));
        Assert.NotNull(_runner.Profile(_folder.At("run"), Context));
        Assert.Contains("TransformerTranslator(1 + 1 × 32", _runner.Summarize(_folder.At("run")).Name);
    }

    [Fact]
    public void Everything_is_tried_in_brief_and_folds_are_cut()
    {
        Assert.NotNull(Train(Pairs(120), "quick", ("quick", true)).Test);
        TaskResult folds = Train(Pairs(60), "folds", ("folds", 2L));
        Assert.Contains("bleu", folds.Deviation!.Keys);
        Assert.NotNull(Train(Pairs(60), "one", ("overfit-batch", true)).Test);
        Assert.Contains("split by a column", Assert.Throws<TaskException>(() => Train(Pairs(60), "no", ("group", "x"))).Message);
        Assert.DoesNotContain(SmallLanguages.Pairs().First().Source, File.ReadAllText(Train(Pairs(60), "hidden", ("no-samples", true)).Report!));
    }

    [Fact]
    public void The_built_in_sentences_are_the_same_every_time_and_of_two_languages()
    {
        Assert.Equal(SmallLanguages.Pairs(), SmallLanguages.Pairs());
        (string source, string target)[] pairs = [.. SmallLanguages.Pairs()];
        Assert.True(pairs.Distinct().Count() > 0.9 * pairs.Length);
        Assert.DoesNotContain(pairs, p => p.source.Split(' ').Intersect(p.target.Split(' ')).Any(w => w.Length > 3));
        Assert.DoesNotContain(pairs, p => p.source.Contains(" a apple") || p.source.Contains(" a old"));
    }

    [Fact]
    public void Multi30k_is_recognised_and_its_baseline_is_low()
    {
        string train = RealData.Require("translation/multi30k-train.en.gz");
        Assert.Equal("translate", AllTasks.Registry.Recognize(new(train)).Task.Name);
        var files = PairFiles.Of(train, "de");
        SentencePairs pairs = SentencePairs.Read(files, null, true, TestContext.Current.CancellationToken);
        Assert.Equal(29_000, pairs.Count);
        SentencePairs validation = SentencePairs.Read(PairFiles.Of(RealData.Require("translation/multi30k-val.en.gz"), null, files), null, false,
            TestContext.Current.CancellationToken);
        var words = new WordTable(pairs.Sources.Zip(pairs.Targets).Take(5_000), TestContext.Current.CancellationToken);
        var bleu = new Bleu(lowerCase: true);
        for (int i = 0; i < validation.Count; i++) bleu.Add(words.Translate(validation.Sources[i]), validation.Targets[i]);
        Assert.InRange(bleu.Score, 1, 15);
    }
}
