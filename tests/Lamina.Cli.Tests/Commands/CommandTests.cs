using Lamina.Tasks.Spine;

namespace Lamina.Cli.Tests.Commands;

/// <summary>What the commands pass on, what they say and how they end when all is well.</summary>
public sealed class CommandTests
{
    private readonly Terminal _terminal = new();
    private readonly FakeJobs _jobs = new();

    [Fact]
    public void Alone_it_shows_where_to_start()
    {
        Assert.Equal(0, _terminal.Run(_jobs));
        Assert.Contains("Start here; there is nothing to set up:\n  lamina train ", _terminal.Output);
        Assert.All(Lines.Of(_terminal.Output), line => Assert.True(line.Length <= 80, line));
    }

    [Theory]
    [InlineData("--help", "lamina train --help")]
    [InlineData("train --help", "lamina train --quick")]
    [InlineData("train -h", "Optimiser: adam, adamw")]
    [InlineData("train --epochs 0 --help", "lamina train --resume RUN")]
    [InlineData("predict --help", "lamina predict RUN image.png")]
    [InlineData("summary --help", "lamina summary RUN")]
    [InlineData("profile --help", "lamina profile RUN --batch 256")]
    [InlineData("test --help", "lamina test RUN other-photos/")]
    public void Help_has_examples_and_defaults(string line, string part)
    {
        Assert.Equal(0, _terminal.Run(_jobs, line.Split(' ')));
        Assert.Contains(part, _terminal.Output);
        Assert.Contains("\nExamples:\n  lamina ", _terminal.Output);
        Assert.Contains("Usage:\n  lamina", _terminal.Output);
        Assert.All(Lines.Of(_terminal.Output), l => Assert.True(l.TrimEnd().Length <= 80, l));
        Assert.Equal("", _terminal.Error);
    }

    [Fact]
    public void Test_measures_on_other_images()
    {
        Assert.Equal(0, _terminal.Run(_jobs, "test", FakeJobs.Run, "images"));
        Assert.Contains("accuracy 97.85 %", _terminal.Output);
        Assert.Contains("4 taken for 9, 12 times", _terminal.Output);
    }

    [Fact]
    public void Version_is_a_line()
    {
        Assert.Equal(0, _terminal.Run(_jobs, "--version"));
        Assert.Matches(@"^lamina \d+\.\d+\.\d+\n$", _terminal.Output);
    }

    [Fact]
    public void Train_leaves_to_the_job_what_is_not_given()
    {
        Assert.Equal(0, _terminal.Run(_jobs, "train"));
        Assert.Null(_jobs.Options!.Data);
        Assert.Empty(_jobs.Options.Values);
        Assert.Equal("images", _jobs.Task!.Name);
        Assert.Null(_jobs.Threads);
    }

    [Fact]
    public void Train_passes_all_options_on()
    {
        Assert.Equal(0, _terminal.Run(_jobs, "train", "data", "--task", "images", "--epochs", "3", "--batch-size", "16", "--learning-rate", "1e-2",
            "--optimizer", "SGD", "--augment", "Light", "--seed", "-7", "--threads", "2", "--run", "my run", "--quick", "--overfit-batch"));
        Assert.Equal(("data", "my run", "images"), (_jobs.Options!.Data!.Path, _jobs.Options.Run, _jobs.Task!.Name));
        Assert.Equal(new Dictionary<string, object>
        {
            ["epochs"] = 3L, ["batch"] = 16L, ["learning-rate"] = 0.01, ["optimizer"] = "sgd", ["augment"] = "light", ["seed"] = -7L, ["quick"] = true, ["overfit-batch"] = true,
        }, _jobs.Options.Values);
        Assert.Equal(2, _jobs.Threads);
    }

    [Fact]
    public void Two_files_that_belong_together_are_one_path()
    {
        string folder = Directory.CreateTempSubdirectory("lamina-pairs-").FullName, one = Path.Combine(folder, "train.en"), other = Path.Combine(folder, "train.de");
        try
        {
            foreach (string file in (string[])[one, other]) File.WriteAllText(file, "a\n");
            Assert.Equal(0, _terminal.Run(_jobs, "train", one, other, "--test", "x.en"));
            Assert.Equal(("translate", $"{one},{other}", "x.en"), (_jobs.Task!.Name, _jobs.Options!.Data!.Path, _jobs.Options.Data.Test));
            Assert.Equal(2, new Terminal().Run(_jobs, "train", one, other, "--task", "text"));
            Assert.Equal(2, new Terminal().Run(_jobs, "train", one, other, one));
            Assert.NotEqual(0, _terminal.Run(_jobs, "train", one, other + ".missing"));
            Assert.Contains("train.de.missing: there's no such file", _terminal.Error);
            Assert.Equal(0, _terminal.Run(_jobs, "train", "no.en", "no.de", "--task", "translate"));
            Assert.Equal("no.en,no.de", _jobs.Options.Data.Path);
            Assert.Equal(0, _terminal.Run(_jobs, "test", FakeJobs.Run, one, other));
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    [Fact]
    public void Train_resumes()
    {
        Assert.Equal(0, _terminal.Run(_jobs, "train", "--resume", "runs/a", "--threads", "3", "--json"));
        Assert.Equal("runs/a", _jobs.Resumed);
        Assert.Equal(3, _jobs.Threads);
        Assert.Null(_jobs.Options);
        Assert.Null(_jobs.LowerRate);
    }

    [Fact]
    public void Train_resumes_a_diverged_run_at_a_lower_rate()
    {
        Assert.Equal(0, _terminal.Run(_jobs, "train", "--resume", "runs/a", "--learning-rate", "1e-4"));
        Assert.Equal(("runs/a", 1e-4), (_jobs.Resumed, _jobs.LowerRate));
    }

    [Fact]
    public void Names_may_look_like_options_after_two_dashes()
    {
        Assert.Equal(0, _terminal.Run(_jobs, "predict", "runs/a", "--", "--json", "@b.png"));
        Assert.Equal(["--json", "@b.png"], _jobs.Asked!.Value.Files);
        Assert.DoesNotContain("{", _terminal.Output);
    }

    [Fact]
    public void Predict_asks_for_five_classes_or_as_many_as_wanted()
    {
        Assert.Equal(0, _terminal.Run(_jobs, "predict", "runs/a", "@a.png", "b.png"));
        Assert.Equal(5, _jobs.Asked!.Value.Top);
        Assert.Equal(["@a.png", "b.png"], _jobs.Asked!.Value.Files);
        Assert.Equal(0, _terminal.Run(_jobs, "predict", "runs/a", "a.png", "--top", "2"));
        Assert.Equal(2, _jobs.Asked!.Value.Top);
    }

    [Fact]
    public void Predict_names_unreadable_files_and_goes_on()
    {
        var jobs = new FakeJobs { Predictions = [new("bad.png", [], "no image"), new("b.png", [new("cat", 0.75), new("horse", 0.25)], null)] };
        Assert.Equal(1, _terminal.Run(jobs, "predict", "runs/a", "bad.png", "b.png"));
        Assert.Equal("error: bad.png: no image\n", _terminal.Error);
        Assert.Equal("b.png: cat, 75.00 %\n  cat     75.00 %  ███████████████\n  horse   25.00 %  █████\n", _terminal.Output);
    }

    [Fact]
    public void Predict_says_what_it_did_to_an_image()
    {
        var jobs = new FakeJobs { Predictions = [new("b.png", [new("7", 1)], null) { Note = "inverted" }] };
        Assert.Equal(0, _terminal.Run(jobs, "predict", "runs/a", "b.png"));
        Assert.StartsWith("b.png: 7, 100.00 %  inverted\n", _terminal.Output);
        _terminal.Take();
        Assert.Equal(0, _terminal.Run(jobs, "predict", "runs/a", "b.png", "--json"));
        Assert.EndsWith(""","note":"inverted"}""" + "\n", _terminal.Output);
    }

    [Fact]
    public void Predict_shows_all_labels_of_an_image_and_says_where_there_is_none()
    {
        Prediction Of(string file, double red, params string[] labels) => new(file, [new("red", red), new("green", 0.25)], null) { Labels = labels };
        var jobs = new FakeJobs { Predictions = [Of("a.png", 0.75, "red", "green"), Of("b.png", 0.5)] };
        Assert.Equal(0, _terminal.Run(jobs, "predict", "runs/a", "a.png", "b.png"));
        Assert.Equal(["a.png: red, green", "b.png: no label"], Lines.Of(_terminal.Output).Where(line => !line.StartsWith(' ')));
        _terminal.Take();
        Assert.Equal(0, _terminal.Run(jobs, "predict", "runs/a", "a.png", "--json"));
        Assert.Contains("""{"event":"prediction","file":"a.png","labels":["red","green"],"top":[{"class":"red","probability":0.75},""",
            _terminal.Output);
    }

    [Fact]
    public void Predict_takes_texts_in_place_of_files()
    {
        Assert.Equal(0, _terminal.Run(_jobs, "predict", "runs/a", "--text", "win a prize", "--text=--top", "--text", ""));
        Assert.Equal([("text", "win a prize"), ("text", "--top"), ("text", "")], _jobs.Given.Select(v => (v.Key, v.Value)));
        Assert.Empty(_jobs.Asked!.Value.Files);
        Assert.Equal(0, _terminal.Run(_jobs, "predict", "runs/a", "a.txt", "--text", "and this", "b.txt"));
        Assert.Equal(["a.txt", "b.txt"], _jobs.Asked!.Value.Files);
        Assert.Single(_jobs.Given);
        Assert.Equal(2, _terminal.Run(_jobs, "predict", "runs/a", "--text"));
        Assert.Equal(2, _terminal.Run(_jobs, "predict", "runs/a", "--top", "1", "--top", "2", "--text", "x"));
    }

    [Fact]
    public void Predict_shows_results_as_they_come_and_loses_none_at_an_interrupt()
    {
        using var stop = new CancellationTokenSource();
        IEnumerable<Prediction> Few(IReadOnlyList<string> files)
        {
            foreach (string file in files.Take(3)) yield return new(file, [new("7", 1)], null);
            stop.Cancel();
            stop.Token.ThrowIfCancellationRequested();
        }

        Lamina.Cli.Commands.Jobs jobs = _jobs.Jobs with { Predict = (_, input, _, _) => new PredictionList(input.Files.Count, "image", Few(input.Files)) };
        string[] names = [.. Enumerable.Range(0, 100).Select(i => $"{i}.png")];
        Assert.Equal(130, CommandLineApp.Run(["predict", "runs/a", .. names], jobs, _terminal.Plain with { IsErrorInteractive = true }, stop.Token));
        Assert.Equal(["0.png: 7, 100.00 %", "1.png: 7, 100.00 %", "2.png: 7, 100.00 %"], Lines.Of(_terminal.Output).Where(line => !line.StartsWith(' ')));
        Assert.Equal("\r\e[K0 of 100 images, 0 %\r\e[Kinterrupted after 3 of 100 images\n", _terminal.Error);
    }

    [Fact]
    public void Predict_prints_json_lines()
    {
        var jobs = new FakeJobs { Predictions = [new("bad.png", [], "no image"), new("b.png", [new("cat", 0.75), new("dog", 0.25)], null)] };
        Assert.Equal(1, _terminal.Run(jobs, "predict", "runs/a", "bad.png", "b.png", "--json"));
        Assert.Equal(
            """
            {"event":"prediction","file":"bad.png","error":"no image"}
            {"event":"prediction","file":"b.png","top":[{"class":"cat","probability":0.75},{"class":"dog","probability":0.25}]}

            """.ReplaceLineEndings("\n"), _terminal.Output);
    }

    [Fact]
    public void Summary_is_one_json_object()
    {
        Assert.Equal(0, _terminal.Run(_jobs, "summary", "runs/a", "--json"));
        string line = Assert.Single(Lines.Of(_terminal.Output));
        Assert.StartsWith("""{"event":"summary","run":"runs/a","name":"ConvNet","parameters":31530,"parameterBytes":126120,"activationBytes":75304,"multiplyAdds":144256,"layers":[{"path":"","layer":""", line);
    }

    [Fact]
    public void Summary_shows_layers_and_totals()
    {
        Assert.Equal(0, _terminal.Run(_jobs, "summary", "runs/a"));
        Assert.Contains("head ", _terminal.Output);
        Assert.Contains("31,530 parameters, 123 KiB", _terminal.Output);
        Assert.All(Lines.Of(_terminal.Output), line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public void Profile_shows_time_by_module_and_op_and_memory()
    {
        Assert.Equal(0, _terminal.Run(_jobs, "profile", "runs/a"));
        Assert.Equal(("runs/a", null), (_jobs.Profiled, _jobs.ProfiledBatch));
        Assert.Equal(
            """
            run       runs/a
            network   ConvNet
            step      10.000 ms for a batch of 64 examples
                      gradient 6.000 ms (60.0 %), forward 3.000 ms (30.0 %), update 1.000 ms (10.0 %)
            peak      1,000 billion multiply-adds a second, in a large matrix product

              module                 forward  gradient  update     ms   share  of peak
              stages[0].convolution    2.000     4.000   0.500  6.500  65.0 %   23.1 %
              head                     1.000     2.000   0.000  3.000  30.0 %    1.0 %
              (outside of modules)     0.000     0.000   0.500  0.500   5.0 %

              op                forward  gradient  update     ms   share  of peak
              conv2d_gradients    0.000     4.000   0.000  4.000  40.0 %   25.0 %
              matmul              1.000     2.000   0.000  3.000  30.0 %    1.0 %
              conv2d              2.000     0.000   0.000  2.000  20.0 %   25.0 %
              mul                 0.000     0.000   0.500  0.500   5.0 %
              add                 0.000     0.000   0.500  0.500   5.0 %

            memory    parameters           1 KiB
                      optimiser state      2 KiB
                      intermediates        4 MiB
                      batch                512 B
                      in all               4 MiB

            """.ReplaceLineEndings("\n"), _terminal.Take());
        Assert.Equal(0, _terminal.Run(_jobs, "profile", "runs/a", "--top", "1", "--batch", "7"));
        Assert.Equal(7, _jobs.ProfiledBatch);
        string text = _terminal.Output;
        Assert.Contains("for a batch of 7 examples\n", text);
        Assert.Contains("\n  2 more                   1.000     2.000   0.500  3.500  35.0 %\n", text);
        Assert.Contains("\n  4 more", text);
        Assert.DoesNotContain("matmul", text);
    }

    [Fact]
    public void Profile_fits_a_narrow_terminal()
    {
        foreach (int width in (int[])[40, 56, 80])
        {
            Assert.Equal(0, CommandLineApp.Run(["profile", "runs/a"], _jobs.Jobs, _terminal.Interactive(width), TestContext.Current.CancellationToken));
            string text = _terminal.Take();
            Assert.All(Lines.Of(text).Where(l => l.StartsWith("  ") && !l.StartsWith("   ")), line => Assert.InRange(line.Length, 1, width));
            Assert.Equal(width == 80, text.Contains("of peak\n") && text.Contains("gradient  update"));
            Assert.Contains("65.0 %", text);
        }
    }

    [Fact]
    public void Profile_is_one_json_object()
    {
        Assert.Equal(0, _terminal.Run(_jobs, "profile", "runs/a", "--json"));
        string line = Assert.Single(Lines.Of(_terminal.Take()));
        Assert.StartsWith("""{"event":"profile","run":"runs/a","network":"ConvNet","batch":64,"microseconds":10000,"peakRate":1000000000000,"phases":[{"name":"gradient","microseconds":6000,"share":0.6,"multiplyAdds":1020000000,"shareOfPeak":0.17},""", line);
        Assert.Contains("""modules":[{"name":"stages[0].convolution","microseconds":6500,"forward":2000,"gradient":4000,"update":500,"share":0.65,"multiplyAdds":1500000000,"shareOfPeak":0.230769},""", line);
        Assert.Contains("""{"name":"mul","microseconds":500,"forward":0,"gradient":0,"update":500,"share":0.05,"multiplyAdds":0,"shareOfPeak":0}""", line);
        Assert.EndsWith("""memory":{"parameters":1024,"optimizerState":2048,"intermediates":4194304,"batch":512,"total":4197888}}""", line);
        Assert.Equal(0, _terminal.Run(_jobs, "profile", "runs/a", "--json", "--top", "1"));
        Assert.DoesNotContain("matmul", _terminal.Output);
    }

    [Theory]
    [InlineData("profile", "RUN is missing: lamina profile RUN")]
    [InlineData("profile runs/a --batch 0", "--batch 0: expected a whole number from 1")]
    [InlineData("profile runs/a --batch many", "--batch many: expected a whole number from 1")]
    [InlineData("profile runs/a --top -1", "--top -1: expected a whole number from 1")]
    [InlineData("profile runs/a runs/b", "unexpected argument runs/b: the form is lamina profile RUN")]
    [InlineData("profile runs/a --batchsize 3", "unknown option --batchsize; did you mean --batch?")]
    [InlineData("benchmark runs/a", "unknown command benchmark; did you mean profile?")]
    public void Profile_refuses_what_makes_no_sense(string line, string said)
    {
        Assert.Equal(2, _terminal.Run(_jobs, line.Split(' ')));
        Assert.StartsWith($"error: {said}", _terminal.Error);
        Assert.Null(_jobs.Profiled);
    }

    [Fact]
    public void Profile_tells_of_a_folder_that_is_no_run_and_of_an_interrupt()
    {
        Assert.Equal(1, CommandLineApp.Run(["profile", "no/such/run"], Lamina.Cli.Commands.Jobs.Real, _terminal.Plain, TestContext.Current.CancellationToken));
        Assert.StartsWith("error: there is no run no/such/run\n", _terminal.Error);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Equal(130, CommandLineApp.Run(["profile", "runs/a"], _jobs.Jobs, _terminal.Plain, stop.Token));
        Assert.Equal("", _terminal.Output);
    }

    [Fact]
    public void Tasks_are_listed_with_their_data()
    {
        Assert.Equal(0, _terminal.Run(_jobs, "tasks"));
        Assert.Contains("images    images to classes", _terminal.Output);
        Assert.Contains("tables    rows of a table to a class or a number", _terminal.Output);
        Assert.All(Lines.Of(_terminal.Take()), line => Assert.True(line.Length <= 80, line));
        Assert.Equal(0, _terminal.Run(_jobs, "tasks", "--json"));
        Assert.StartsWith("""{"event":"task","name":"images","summary":""", Lines.Of(_terminal.Output)[0]);
    }

    [Fact]
    public void Help_of_a_task_shows_its_options_and_no_others()
    {
        Assert.Equal(0, _terminal.Run(_jobs, "train", "--task", "tables", "--help"));
        Assert.Contains("--target", _terminal.Output);
        Assert.DoesNotContain("--augment", _terminal.Output);
        Assert.Contains("--group", _terminal.Take());
        Assert.Equal(0, _terminal.Run(_jobs, "train", "--task=images", "--help"));
        Assert.Contains("--augment", _terminal.Output);
        Assert.DoesNotContain("--drop", _terminal.Output);
        Assert.DoesNotContain("--time", _terminal.Output);
    }

    [Theory]
    [InlineData("train --task tables --targt y", "unknown option --targt; did you mean --target?")]
    [InlineData("train --task images --augmnt none", "unknown option --augmnt; did you mean --augment?")]
    [InlineData("train --drop y", "the task images has no option --drop")]
    [InlineData("train --task writing --target y", "the task writing has no option --target")]
    [InlineData("train --validation x.csv", "--validation needs DATA to train on")]
    [InlineData("train --folds 1", "--folds 1: expected a whole number from 2 to 100")]
    [InlineData("train --minutes 0", "--minutes 0: expected a number above 0, such as 10")]
    public void Options_of_another_task_are_refused(string line, string said)
    {
        Assert.Equal(2, _terminal.Run(_jobs, line.Split(' ')));
        Assert.StartsWith($"error: {said}", _terminal.Error);
        Assert.Null(_jobs.Options);
    }

    [Fact]
    public void The_kind_of_data_is_recognised_and_a_task_that_is_named_overrides()
    {
        string folder = Directory.CreateTempSubdirectory("lamina-kind-").FullName;
        try
        {
            string file = Path.Combine(folder, "points.csv");
            File.WriteAllText(file, "x,y\n1,2\n3,4\n");
            Assert.Equal(0, _terminal.Run(_jobs, "train", file, "--target", "x"));
            Assert.Equal("tables", _jobs.Task!.Name);
            Assert.Contains($"task      tables: {file} is a table of 2 columns\n", _terminal.Take());
            // Several tasks have an option of a name, each with its own values: those of the recognised one count.
            string book = Path.Combine(folder, "book.txt");
            File.WriteAllText(book, "The cat sat on the mat, and then it slept.\n");
            Assert.Equal(0, _terminal.Run(_jobs, "train", book, "--model", "LSTM"));
            Assert.Equal(("writing", "lstm"), (_jobs.Task!.Name, _jobs.Options!.Text("model")));
            Assert.Equal(2, _terminal.Run(_jobs, "train", "--model", "lstm"));
            Assert.StartsWith("error: --model lstm: unknown model", _terminal.Error);
            _terminal.Take();
            Assert.Equal(0, _terminal.Run(_jobs, "train", file, "--task", "images", "--json"));
            Assert.Equal("images", _jobs.Task!.Name);
            Assert.DoesNotContain("\"event\":\"task\"", _terminal.Output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
