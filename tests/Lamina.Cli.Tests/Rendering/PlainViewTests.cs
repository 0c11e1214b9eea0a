using Lamina.Cli.Rendering;
using Lamina.Learning.Training;
using Lamina.Tasks;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Tests.Rendering;

public sealed class PlainViewTests
{
    private readonly Terminal _terminal = new();

    private string Show(PlainView view, params TaskEvent[] events)
    {
        foreach (TaskEvent e in events) view.Show(e);
        view.Tick();
        return _terminal.Take();
    }

    private static TrainingProgress Step(long step, int epoch = 1) => new(new StepDone(step, epoch, (int)step, 0.51234, 0.00123456, 1, 64));

    private static TrainingProgress Begin(long step = 0) => new(new Started(2, 100, 64, step, 10));

    [Fact]
    public void A_whole_run_reads_from_top_to_bottom()
    {
        Assert.Equal(0, _terminal.Run(new FakeJobs(), "train"));
        string[] lines = [.. Lines.Of(_terminal.Output).Where(line => !line.Contains("examples/s") && !line.Contains("step "))];
        Assert.Equal("          drawing digits, 13,000 of 26,000", lines[0]);
        Assert.Equal("data      built-in digits, 28×28 grey, 10 classes", lines[1]);
        Assert.Equal("          20,000 to learn from, 2,000 to validate, 4,000 to test", lines[2]);
        Assert.Equal("classes   0, 1, 2, 3, 4, 5, 6, 7, 8, 9", lines[3]);
        Assert.Contains("epoch   train loss  accuracy   validation loss  accuracy   seconds", lines);
        Assert.Contains("    1       0.5000   80.00 %            0.4000   90.00 %       4.2  ★ best", lines);
        Assert.Contains("    2       0.2500   90.00 %            0.2000   95.00 %       4.2", lines);
        Assert.Contains("test      accuracy 97.85 %, loss 0.0712, 4,000 examples", lines);
        Assert.Contains("  4 taken for 9, 12 times", lines);
        Assert.Contains("  7 taken for 1, once", lines);
        Assert.Equal($"run       {FakeJobs.Run}, 2 epochs in 8.5 s", lines[^4]);
        Assert.Equal($"model     {FakeJobs.Model}", lines[^3]);
        Assert.Equal($"next      lamina predict {FakeJobs.Run} FILE", lines[^2]);
        Assert.Equal($"          lamina summary {FakeJobs.Run}", lines[^1]);
    }

    [Fact]
    public void What_is_written_keeps_its_tabs_and_line_ends_and_steers_no_terminal()
    {
        var view = new PlainView(_terminal.Plain);
        view.Wrote("generate", "emma\t1.5\nrose\u001b[2J");
        view.Tick();
        Assert.Equal("emma\t1.5\nrose\\u001b[2J", _terminal.Take(), ignoreCase: true);
    }

    [Fact]
    public void The_figures_come_after_the_images_and_the_next_command_last()
    {
        Assert.Equal(0, _terminal.Run(new FakeJobs(), "train"));
        string[] lines = [.. Lines.Of(_terminal.Output).TakeLast(6)];
        Assert.Equal("", lines[0]);
        Assert.Equal("test      accuracy 97.85 %, loss 0.0712, 4,000 examples", lines[1]);
        Assert.StartsWith("next      lamina predict ", lines[4]);
    }

    [Fact]
    public void A_test_says_what_it_took()
    {
        var view = new PlainView(_terminal.Plain);
        Assert.Equal(
            "data      photos: its test part, test/\n          1 image of 1 class, 28×28 grey\nnote      no images of 'b'\n",
            Show(view, new TestReady("photos", "its test part, test/", 1, "image", "28×28 grey", ["no images of 'b'"]) { Classes = 1 }));
    }

    [Fact]
    public void Rare_classes_have_figures_of_their_own_and_no_line_is_too_long()
    {
        string text = Show(new PlainView(_terminal.Plain), new Tested(FakeJobs.Imbalanced));
        Assert.Equal(
            """

            test      accuracy 90.00 %, f1 0.7500, auc 0.9375, 1,000 examples
                      95 % sure: accuracy 80.00 to 95.00 %, f1 0.7000 to 0.8000,
                                 auc 0.9000 to 0.9600
            classes   ham   precision 100.00 %, recall 87.50 %, f1 0.9333
                      spam  precision 60.00 %, recall 100.00 %, f1 0.7500
            baseline  accuracy 85.00 %, f1 0.0000, auc NaN: always the most frequent class

            """.ReplaceLineEndings("\n"), text);
        var baseline = new BaselineReport("always the most frequent class", new Figures(FakeJobs.Imbalanced.Baseline!.Figures.Select(f => (f.Key, f.Value with { Value = 0.5 }))));
        Assert.EndsWith("baseline  accuracy 50.00 %, f1 0.5000,\n          auc 0.5000: always the most frequent class\n", Show(new PlainView(_terminal.Plain), new Tested(FakeJobs.Imbalanced with { Baseline = baseline })));
        Assert.DoesNotContain("classes", Show(new PlainView(_terminal.Plain), new Tested(FakeJobs.Imbalanced with { Classes = [new("a", 50, 1, 1, 1), new("b", 50, 1, 1, 1)] })));
    }

    [Fact]
    public void The_report_is_named_among_the_last_lines()
    {
        var view = new PlainView(_terminal.Plain);
        view.Trained(new TaskResult("images", 2, 8.5, FakeJobs.Report, "runs/a", "runs/a/model.safetensors", WasInterrupted: false) { Report = "runs/a/report.html" });
        view.Close();
        Assert.Contains("\nreport    runs/a/report.html\n", _terminal.Output);
    }

    [Fact]
    public void A_single_batch_is_said_to_be_learned_or_not()
    {
        var view = new PlainView(_terminal.Plain);
        Assert.Contains("one batch of 16 examples, again and again; nothing else is measured\n", Show(view, FakeJobs.Data with { Training = 16, Validation = 0, Test = 0 }));
        Assert.Equal("\nbatch     learned by heart: accuracy 100.00 %, loss 0.0012, on its 16 examples\n", Show(view, new Overfitted(new TestReport(Figures.OfClasses(1, 0.0012), 16, []), true)));
        Assert.StartsWith("\nbatch     not learned by heart: accuracy 50.00 %", Show(view, new Overfitted(new TestReport(Figures.OfClasses(0.5, 1.2), 16, []), false)));
    }

    [Fact]
    public void No_line_has_an_escape_code_or_more_than_80_columns()
    {
        Assert.Equal(0, _terminal.Run(new FakeJobs(), "train"));
        Assert.DoesNotContain('\e', _terminal.Output);
        Assert.DoesNotContain('\r', _terminal.Output);
        Assert.All(Lines.Of(_terminal.Output), line => Assert.InRange(line.Length, 0, 80));
        Assert.All(Lines.Of(_terminal.Output), line => Assert.Equal(line.TrimEnd(), line));
    }

    [Fact]
    public void Layers_stand_below_what_holds_them()
    {
        Assert.Equal(0, _terminal.Run(new FakeJobs(), "summary", "runs/a"));
        Assert.Equal(
            """
            run       runs/a
            network   ConvNet

              layer         what it is                     output   parameters   mult-adds
            ────────────────────────────────────────────────────────────────────────────────
              stages[0]     Sequential                   14×14×16
                layers[0]   Conv2d(1 → 16, 3×3,          28×28×16          160     112,896
                            padding 1)
                layers[1]   MaxPool2d(2)                 14×14×16
              flatten       Flatten                          3136
              head          Linear(3136 → 10)                  10       31,370      31,360

            in all    31,530 parameters, 123 KiB
                      144,256 multiply-adds and 73.5 KiB of activations per example

            """.ReplaceLineEndings("\n"), _terminal.Output);
    }

    [Fact]
    public void Progress_is_a_line_every_few_seconds()
    {
        var view = new PlainView(_terminal.Plain);
        Assert.Equal("training  2 epochs of 100 steps of 64 examples\n", Show(view, Begin()));
        Assert.Equal("          step 1/200, loss 0.5123, learning rate 0.00123\n", Show(view, Step(1)));
        _terminal.Clock.Advance(2);
        Assert.Equal("", Show(view, Step(21)));
        _terminal.Clock.Advance(2);
        // 40 steps of 64 in 4 s; 159 steps are left at 41 in 4 s.
        Assert.Equal("          step 41/200, loss 0.5123, learning rate 0.00123, 640 examples/s, 0:15 left\n", Show(view, Step(41)));
    }

    [Fact]
    public void A_resumed_run_counts_on_and_judges_its_pace_by_itself()
    {
        var view = new PlainView(_terminal.Plain);
        Assert.Equal("training  2 epochs of 100 steps of 64 examples, going on after step 100\n", Show(view, Begin(100)));
        Show(view, Step(101, 2));
        _terminal.Clock.Advance(10);
        Assert.EndsWith(", 0:40 left\n", Show(view, Step(120, 2)));
    }

    [Fact]
    public void Notes_and_warnings_are_told()
    {
        var view = new PlainView(_terminal.Plain);
        Assert.EndsWith("note      skipped 1 unreadable file: a[b].png\n", Show(view, FakeJobs.Data with { Notes = ["skipped 1 unreadable file: a[b].png"] }));
        Assert.Equal("warning   passed over a damaged checkpoint\n            try a copy\n", Show(view, new Warned("passed over a damaged checkpoint\n  try a copy")));
    }

    [Fact]
    public void Many_classes_are_cut_and_counted()
    {
        var view = new PlainView(_terminal.Plain);
        string line = Lines.Of(Show(view, FakeJobs.Data with { Output = new ClassOutput([.. Enumerable.Range(0, 1000).Select(i => $"class {i}")]) }))[^1];
        Assert.Equal("classes   class 0, class 1, class 2, class 3, class 4, class 5 and 994 more", line);
    }

    [Fact]
    public void Names_cannot_steer_the_terminal()
    {
        var view = new PlainView(_terminal.Plain);
        Assert.DoesNotContain('\e', Show(view, FakeJobs.Data with { Source = "\e[2J[red]", Output = new ClassOutput(["\e]0;x\a", "b"]) }));
    }

    [Fact]
    public void A_run_may_do_without_validation_and_have_other_metrics()
    {
        var view = new PlainView(_terminal.Plain);
        var scores = new Scores(1.5, new Dictionary<string, double> { ["rmse"] = 2.25 });
        Assert.Equal(
            "\nepoch   train loss      rmse   seconds\n    3       1.5000    2.2500       1.0\n",
            Show(view, new TrainingProgress(new EpochDone(3, 9, scores, null, false, 1))));
    }

    [Fact]
    public void A_run_with_a_space_in_its_name_can_be_copied_into_a_shell()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "other shells, other quotes");
        var view = new PlainView(_terminal.Plain);
        view.Trained(new TaskResult("images", 1, 2, null, "my run's", null, true));
        view.Tick();
        Assert.EndsWith("lamina train --resume 'my run'\\''s'\n", _terminal.Take());
    }

    [Theory]
    [InlineData(999_999, "999,999", "977 KiB")]
    [InlineData(1_023_600, "1.02 million", "1,000 KiB")]
    [InlineData(12_345_678, "12.3 million", "11.8 MiB")]
    [InlineData(999_600_000, "1,000 million", "953 MiB")]
    [InlineData(1_048_200_000, "1.05 billion", "1,000 MiB")]
    [InlineData(1_234_567_890_123, "1,235 billion", "1,150 GiB")]
    public void Large_numbers_have_no_powers_of_ten(long number, string count, string bytes)
    {
        Assert.Equal(count, Words.Large(number));
        Assert.Equal(bytes, Words.Bytes(number));
    }

    [Fact]
    public void A_run_that_was_stopped_says_where()
    {
        var view = new PlainView(_terminal.Plain);
        var stopped = new TaskResult("images", 2, 9, null, "runs/a", null, true) { Step = 1234 };
        view.Trained(stopped);
        view.Tick();
        Assert.Contains("stopped   in epoch 3, at step 1,234; the run is saved in runs/a\n", _terminal.Take());
        view.Trained(stopped with { Model = "runs/a/model.safetensors" });
        view.Tick();
        Assert.Contains("stopped   in the test, after 2 epochs; the run is saved in runs/a\n", _terminal.Take());
    }

    [Fact]
    public void The_error_of_a_number_is_no_confusion()
    {
        var view = new PlainView(_terminal.Plain);
        Mistake Of(params Sample[] samples) => new("18", "250.79", 1, samples) { IsNumber = true };
        var report = new TestReport(new Figures(("mae", new Figure(3, FigureKind.Error))), 40,
            [Of(new RowSample("row 17", [KeyValuePair.Create("x", "3.7"), KeyValuePair.Create("z", "5")])), Of()]) { MistakesTitle = "largest errors" };
        Assert.Equal("\nlargest errors\n  row 17: 18, predicted 250.79\n    x 3.7, z 5\n  18, predicted 250.79\n\ntest      mae 3.0000, 40 examples\n", Show(view, new Tested(report)));
    }

    [Fact]
    public void Sounds_and_curves_are_drawn()
    {
        var view = new PlainView(_terminal.Plain);
        var sound = new SoundSample("7_ann_1.wav", 0.5, new ImageSample([0, 0, 0, 255, 255, 255], 1, 2, 3));
        var curve = new CurveSample("row 3", [new Curve("value", [0, 1, 2, 3, float.NaN, 8])]);
        var report = new TestReport(new Figures(("accuracy", new Figure(1, FigureKind.Share))), 40, [new("7", "9", 1, [sound]), new("up", "down", 2, [curve])]);
        string shown = Show(view, new Tested(report));
        Assert.Contains("    7_ann_1.wav\n", shown);
        Assert.Contains("    row 3: ▁▂▃▄ █\n", shown);
    }

    [Fact]
    public void Folds_say_what_each_was_tested_on()
    {
        var figures = new Figures(("accuracy", new Figure(0.875, FigureKind.Share)));
        Assert.Contains("speaker ann: accuracy 87.50 %", Show(new PlainView(_terminal.Plain),
            new FoldsDone(figures, new Dictionary<string, double> { ["accuracy"] = 0 }, 1) { Each = [KeyValuePair.Create("speaker ann", figures)] }));
    }

    [Fact]
    public void Without_Unicode_the_columns_stay_aligned()
    {
        Screen screen = _terminal.Plain with { IsUnicode = false };
        Assert.Equal(0, CommandLineApp.Run(["train"], new FakeJobs().Jobs, screen, TestContext.Current.CancellationToken));
        Assert.True(System.Text.Ascii.IsValid(_terminal.Output), _terminal.Output);
        Assert.Contains("28x28 grey", _terminal.Output);
        Assert.DoesNotContain('?', _terminal.Output);
    }
}
