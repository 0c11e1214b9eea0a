using System.Text;
using Lamina.Learning.Texts;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;
using Lamina.Tasks.Writing;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Tests.Writing;

/// <summary>Writing on the spine: learned, measured beside its baseline, resumed, and written on.</summary>
[Collection("the shared pool")]
public sealed class WritingTaskTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TaskRunner _runner = new(AllTasks.Registry);
    private readonly LearningTask _task = AllTasks.Registry.Find("writing")!;
    private readonly List<TaskEvent> _events = [];

    private TaskContext Context => new(_events.Add, TestContext.Current.CancellationToken);

    public void Dispose() => _folder.Dispose();

    private static readonly (string, object)[] s_small = [("epochs", 1L), ("layers", 1L), ("width", 32L), ("heads", 2L), ("context", 16L)];

    private static readonly string[] s_animals = ["cat", "dog", "hen"], s_places = ["mat", "log", "nest", "sun"];

    private string Book(int lines = 400) => _folder.Write("book.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, lines).Select(i =>
        $"the {s_animals[i * i % 3]} sat on the {s_places[i * 7 % 4]}.\n"))));

    private TaskResult Train(string? data, string run = "run", params (string Name, object Value)[] values)
    {
        var all = s_small.ToDictionary(v => v.Item1, v => v.Item2);
        foreach ((string name, object value) in values) all[name] = value;
        return _runner.Train(_task, new() { Data = data is null ? null : new DataSource(data), Run = _folder.At(run), Values = all }, Context);
    }

    private string Generate(string run, string prompt = "", params (string, object)[] values) =>
        string.Concat(_runner.Do(_folder.At(run), "generate", prompt.Length > 0 ? [prompt] : [], values.ToDictionary(v => v.Item1, v => v.Item2), Context));

    [Theory]
    [InlineData("gpt")]
    [InlineData("llama")]
    [InlineData("lstm")]
    [InlineData("gru")]
    public void Learns_a_text_and_writes_on(string model)
    {
        TaskResult result;
        if (model is "gpt" or "llama") result = Train(Book(), values: ("model", model));
        else result = _runner.Train(_task, new()
        {
            Data = new DataSource(Book()), Run = _folder.At("run"),
            Values = new Dictionary<string, object> { ["epochs"] = 1L, ["layers"] = 1L, ["width"] = 32L, ["context"] = 16L, ["model"] = model },
        }, Context);
        // The trigrams know nothing of which animal sits where, but they spell; the network does better than single letters by far.
        Assert.InRange(result.Test!["loss"], 0.1, 1.0);
        Assert.Contains("a trigram model", result.Test.Baseline!.Name);
        Assert.InRange(result.Test.Baseline.Figures["loss"], 0.1, 1.2);
        Assert.Equal(Math.Exp(result.Test["loss"]), result.Test["perplexity"], 1e-9);
        Assert.Single(_events.OfType<Illustrated>());
        string report = File.ReadAllText(result.Report!);
        Assert.Contains("What it makes, epoch by epoch", report);

        string text = Generate("run", "the ", ("length", 200L), ("seed", 1L));
        Assert.StartsWith("the ", text);
        Assert.Equal(204, text.Length);
        Assert.Equal(text, Generate("run", "the ", ("length", 200L), ("seed", 1L)));
        Assert.NotEqual(text, Generate("run", "the ", ("length", 200L), ("seed", 2L)));
        Assert.Equal(Generate("run", "the ", ("temperature", 0.0), ("seed", 1L)), Generate("run", "the ", ("temperature", 0.0), ("seed", 2L)));
        Assert.Equal(3, Generate("run", "", ("count", 3L)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        // A line that the length cuts has its loss too.
        Assert.Matches("\t[0-9.]+$", Generate("run", "the ", ("length", 7L), ("loss", true)));
    }

    // French in Windows-1252, source code, a file without an ending, verse with a comma in each line.
    [Fact]
    public void Any_text_is_taken_for_one_where_nothing_else_takes_it()
    {
        string story = string.Concat(Enumerable.Repeat("Le café était fermé à l'été; l'élève a été étonné par la forêt enchantée.\n", 40));
        (string Name, byte[] Bytes)[] files =
        [
            ("latin.txt", Encoding.Latin1.GetBytes(story)), ("code.cs", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("public static int Next(int value)\n{\n    return value + One;\n}\n", 40)))),
            ("noending", Encoding.UTF8.GetBytes(story)), ("verse.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 80).Select(i => $"Roses are red, {s_animals[i % 3]}s are blue{(i % 2 == 0 ? "." : "!")}\n")))),
        ];
        foreach ((string name, byte[] bytes) in files) Assert.Equal("writing", AllTasks.Registry.Recognize(new DataSource(_folder.Write(name, bytes))).Task.Name);
        Assert.Equal("tables", AllTasks.Registry.Recognize(new DataSource(_folder.Write("two.csv", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 80).Select(i => $"{i},{i * i}\n")))))).Task.Name);
    }

    // Of letters in no order three before tell less than none.
    [Fact]
    public void The_baseline_is_the_better_of_two()
    {
        var random = new Random(3);
        string noise = _folder.Write("noise.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 6_000).Select(_ => (char)(0x4E00 + random.Next(60))))));
        TaskResult result = Train(noise);
        Assert.StartsWith("a unigram model", result.Test!.Baseline!.Name);
        Assert.InRange(result.Test.Baseline.Figures["loss"], 4.0, 4.2); // ln 60 = 4.09
    }

    [Fact]
    public void A_list_is_recognised_and_writes_items()
    {
        // Of 720 possible names two thirds are in the list.
        string[] known = [.. Enumerable.Range(0, 720).Where(i => i * 7 % 3 != i / 9 % 3).Select(i =>
            $"{"bdklmnrst"[i % 9]}{"aeiou"[i / 9 % 5]}{"lmnr"[i / 45 % 4]}{"aeio"[i / 180 % 4]}")];
        string names = _folder.Write("names.txt", Encoding.UTF8.GetBytes(string.Concat(known.Concat(known[..400]).Select(name => name + '\n'))));
        Assert.Equal("writing", AllTasks.Registry.Recognize(new DataSource(names)).Task.Name);
        TaskResult result = Train(names);
        Assert.Contains(_events.OfType<DataReady>().Single().Facts, f => f.Text.StartsWith("a list", StringComparison.Ordinal));
        Assert.InRange(result.Test!["loss"], 0.5, 2);
        string[] written = Generate("run").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(20, written.Length);
        Assert.Equal(20, written.Distinct().Count());
        Assert.Empty(written.Intersect(known));
        string[] repeats = Generate("run", "", ("count", 100L), ("repeats", true)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(100, repeats.Length);
        Assert.NotEmpty(repeats.Intersect(known));
        Assert.Equal(3, Generate("run", "ka", ("count", 3L), ("repeats", true)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        // An item that the length cuts is none.
        Assert.All(Generate("run", "ka", ("length", 50L)).Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.DoesNotContain(line, known));
        // Each line begins with the prompt.
        Assert.All(Generate("run", "ka", ("count", 3L)).Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("ka", line));
        _events.Clear();
        Assert.Equal("", Generate("run", "", ("length", 2L)));
        Assert.Contains("--count says how many", _events.OfType<Warned>().Single().Message);
        // The likeliest lines come once and no second time.
        _events.Clear();
        Generate("run", "", ("count", 1_000L), ("temperature", 0.0));
        Assert.Contains("--repeats", _events.OfType<Warned>().Single().Message);
        File.Move(names, names + ".moved");
        _events.Clear();
        Generate("run", "", ("count", 1L));
        Assert.Contains("which lines are new can't be told", _events.OfType<Warned>().Single().Message);
        File.Move(names + ".moved", names);
        Assert.Equal($"generate {ShellPath.Quote(_folder.At("run"))}", result.Next);

        // The loss behind a name is the mean of −ln p over its letters and the line's end.
        string[] line = Generate("run", "", ("count", 1L), ("loss", true), ("repeats", true)).TrimEnd('\n').Split('\t');
        Lamina.Learning.Saving.Predictor model = Lamina.Learning.Saving.Predictor.Load(_folder.At("run/model.safetensors"));
        var tokenizer = (CharacterTokenizer)model.Info.Inputs[0].Preprocessing[0];
        int[] tokens = tokenizer.Encode($"\n{line[0]}\n");
        Lamina.Tensors.Tensor logits = model.PredictTexts($"\n{line[0]}\n".PadRight(16, 'a'));
        double loss = Enumerable.Range(1, tokens.Length - 1).Average(i =>
        {
            float[] row = logits.Read<float>().Slice((i - 1) * tokenizer.Size, tokenizer.Size).ToArray();
            return Math.Log(row.Sum(x => Math.Exp(x))) - row[tokens[i]];
        });
        // Half of the last digit shown, and the rounding of float32.
        Assert.Equal(loss, double.Parse(line[1], System.Globalization.CultureInfo.InvariantCulture), 0.0006);
    }

    [Fact]
    public void An_empty_text_is_taken_for_a_text()
    {
        Assert.Equal("writing", AllTasks.Registry.Recognize(new DataSource(_folder.Write("empty.txt", []))).Task.Name);
    }

    [Fact]
    public void Bytes_and_parts_of_words_are_tokens_too()
    {
        Train(Book(), "bytes", ("tokenizer", "bytes"));
        Assert.Contains("256 different bytes", _events.OfType<DataReady>().Single().Facts[0].Text);
        _events.Clear();
        TaskResult result = Train(Book(), "bpe", ("tokenizer", "bpe"), ("vocabulary", 300L));
        Assert.Contains(" different tokens, 3", _events.OfType<DataReady>().Single().Facts[0].Text);
        Assert.True(result.Test!["bitsPerCharacter"] < result.Test["loss"]);
        Assert.Contains("sat", Generate("bpe", "the cat", ("length", 60L)));
    }

    [Fact]
    public void A_run_that_was_interrupted_goes_on_to_the_same_bits()
    {
        TaskResult whole = Train(Book(), "whole", ("epochs", 2L));
        using var stop = new CancellationTokenSource();
        var context = new TaskContext(e =>
        {
            if (e is TrainingProgress { Event: Lamina.Learning.Training.EpochDone { Epoch: 1 } }) stop.Cancel();
        }, stop.Token);
        Assert.True(_runner.Train(_task, new() { Data = new DataSource(Book()), Run = _folder.At("half"), Values = new Dictionary<string, object>(s_small.ToDictionary(v => v.Item1, v => v.Item2)) { ["epochs"] = 2L } }, context).WasInterrupted);
        TaskResult resumed = _runner.Resume(_folder.At("half"), Context);
        Assert.Equal(whole.Test!["loss"], resumed.Test!["loss"]);
    }

    [Fact]
    public void Prompts_and_options_that_make_no_sense_are_named()
    {
        Train(Book(), values: ("epochs", 1L));
        Assert.Contains("no character of the prompt", Assert.Throws<TaskException>(() => Generate("run", "ЖЩ")).Message);
        _events.Clear();
        Assert.StartsWith("the cat", Generate("run", "the ЖЩcat", ("length", 5L)));
        Assert.Contains("ЖЩ", _events.OfType<Warned>().Single().Message);
        _events.Clear();
        Generate("run", "the cat sat on the mat. the cat", ("length", 5L));
        Assert.Contains("looks back on 16 tokens", _events.OfType<Warned>().Single().Message);
        Assert.Contains("top-p", Assert.Throws<TaskException>(() => Generate("run", "the", ("top-p", 1.5))).Message);
        Assert.Contains("top-p", Assert.Throws<TaskException>(() => Generate("run", "the", ("top-p", 0.0))).Message);
        Assert.Contains("temperature", Assert.Throws<TaskException>(() => Generate("run", "the", ("temperature", -1.0))).Message);
        Assert.Contains("temperature", Assert.Throws<TaskException>(() => Generate("run", "the", ("temperature", double.NaN))).Message);
        Assert.Contains("0.01 to 100", Assert.Throws<TaskException>(() => Generate("run", "the", ("repetition-penalty", 1e-310))).Message);
        Assert.Contains("--class is for runs of drawing; this is a run of writing", Assert.Throws<TaskException>(() => Generate("run", "the", ("class", "7"))).Message);
        Assert.Contains("learned a list", Assert.Throws<TaskException>(() => Generate("run", "the", ("repeats", true))).Message);
        Assert.Contains("one prompt", Assert.Throws<TaskException>(() => _runner.Do(_folder.At("run"), "generate", ["a", "b"], new Dictionary<string, object>(), Context).ToList()).Message);
        // Ten million characters come as they are asked for.
        Assert.Equal(300, string.Concat(_runner.Do(_folder.At("run"), "generate", [], new Dictionary<string, object> { ["length"] = 10_000_000L }, Context).Take(300)).Length);
    }

    [Fact]
    public void Texts_that_can_not_be_learned_are_refused()
    {
        string Write(string text) => _folder.Write("odd.txt", Encoding.UTF8.GetBytes(text));
        Assert.Contains("is empty", Assert.Throws<DataException>(() => Train(Write(""))).Message);
        Assert.Contains("one character again and again", Assert.Throws<DataException>(() => Train(Write(new string('a', 9_000)))).Message);
        Assert.Contains("too few", Assert.Throws<DataException>(() => Train(Write("one line alone"))).Message);
        Assert.Contains("even multiple", Assert.Throws<TaskException>(() => Train(Book(), values: ("width", 33L))).Message);
        Assert.Contains("no attention", Assert.Throws<TaskException>(() => Train(Book(), values: ("model", "gru"))).Message);
        Assert.Contains("--vocabulary is for --tokenizer bpe", Assert.Throws<TaskException>(() => Train(Book(), values: ("vocabulary", 300L))).Message);
    }

    [Fact]
    public void Equal_lines_stay_on_one_side_and_what_is_left_out_is_told()
    {
        string[] names = [.. Enumerable.Range(0, 300).Select(i => $"{"bdklm"[i % 5]}{"aeiou"[i / 5 % 5]}{"lmnr"[i / 25 % 4]}{"aeio"[i / 100 % 4]}")];
        // One name is a third of the list: wherever the cut falls, it isn't within that one.
        string list = _folder.Write("many.txt", Encoding.UTF8.GetBytes(string.Join('\n', names.Concat(Enumerable.Repeat("zoe", 150)).Append(new string('x', 300)))));
        for (long seed = 0; seed < 12; seed++)
        {
            WritingData data = WritingData.Open(new DataSource(list), _ => new ByteTokenizer(), true, seed, Context);
            Assert.Contains(data.Notes, n => n.StartsWith("1 line of 451 with more than 200", StringComparison.Ordinal));
            TaskData sets = data.Assemble(8, 50, data.Counts(), []);
            string Text(Lamina.Learning.Data.Dataset set) => new ByteTokenizer().Decode(Enumerable.Range(0, set.Count).SelectMany(i => ((TextWindows)set).Tokens(i).SkipLast(1)));
            (bool validation, bool test) = (Text(sets.Validation!).Contains("zoe\n"), Text(sets.Test).Contains("zoe\n"));
            Assert.False(validation && test);
        }
        // Another run's tokens don't know some letters.
        Train(Book());
        _events.Clear();
        string umlauts = _folder.Write("umlauts.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("the cat sät on the möt.\n", 400))));
        Train(umlauts, "more", ("from", _folder.At("run")));
        Assert.Contains(_events.OfType<DataReady>().Single().Notes, n => n.Contains("characters that the tokens don't know are left out: äö"));
        Assert.Contains("no --tokenizer", Assert.Throws<TaskException>(() => Train(umlauts, "no", ("from", _folder.At("run")), ("tokenizer", "bytes"))).Message);
    }

    [Fact]
    public void Another_runs_sizes_are_taken_over()
    {
        Train(Book(), values: ("model", "llama"));
        var few = new Dictionary<string, object> { ["epochs"] = 1L, ["from"] = _folder.At("run") };
        _runner.Train(_task, new() { Data = new DataSource(Book()), Run = _folder.At("more"), Values = few }, Context);
        Assert.Equal(32, WritingTask.RecipeOf(Lamina.Tasks.Runs.RunFolder.Open(_folder.At("more")).Info).Context * 2);
        Assert.Equal("llama", Lamina.Tasks.Runs.RunFolder.Open(_folder.At("more")).Info.Option("model"));
    }

    [Fact]
    public void Verses_without_blanks_between_words_are_no_list_and_files_of_a_folder_begin_new_lines()
    {
        string poem = _folder.Write("poem.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 400).Select(i => $"床前明月光{"疑是地上霜举头望"[i % 8]}{(char)(0x4E00 + i)}\n"))));
        Train(poem, "poem", ("context", 8L));
        Assert.DoesNotContain(_events.OfType<DataReady>().Single().Facts, f => f.Text.StartsWith("a list", StringComparison.Ordinal));
        _folder.Write("books/a.txt", Encoding.UTF8.GetBytes("Zoe"));
        _folder.Write("books/b.txt", Encoding.UTF8.GetBytes("Aaron"));
        var text = new StringBuilder();
        BookReader.Read(BookReader.Files(_folder.At("books")), piece => text.Append(piece), null, TestContext.Current.CancellationToken);
        Assert.Equal("Zoe\nAaron", text.ToString());
        Assert.Contains("tiny.txt", Assert.Throws<DataException>(() => _runner.Train(_task, new()
        {
            Data = new DataSource(Book()) { Test = _folder.Write("tiny.txt", Encoding.UTF8.GetBytes("the cat")) }, Run = _folder.At("tiny"),
            Values = s_small.ToDictionary(v => v.Item1, v => v.Item2),
        }, Context)).Message);
    }

    [Fact]
    public void Other_texts_can_be_tested_and_the_model_opens_without_the_run()
    {
        Train(Book());
        string other = _folder.Write("other.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("the hen sat on the log.\n", 20))));
        TestReport report = _runner.Test(_folder.At("run"), new DataSource(other), Context);
        Assert.InRange(report["loss"], 0.01, 2);
        Assert.Contains("as often as in the training text", report.Baseline!.Name);
        Lamina.Learning.Saving.Predictor model = Lamina.Learning.Saving.Predictor.Load(_folder.At("run/model.safetensors"));
        Assert.IsType<CharacterTokenizer>(model.Info.Inputs[0].Preprocessing[0]);
        Assert.Equal(new Shape(1, 16, ((CharacterTokenizer)model.Info.Inputs[0].Preprocessing[0]).Size), model.PredictTexts("the cat sat on t").Shape);
    }

    [Fact]
    public void The_built_in_verses_are_the_same_every_time_and_of_some_length()
    {
        Assert.Equal(Rhymes.Text(), Rhymes.Text());
        Assert.InRange(Rhymes.Text().Length, 300_000, 1_000_000);
    }
}
