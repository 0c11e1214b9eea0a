using Lamina.Cli.Rendering;
using Lamina.Learning.Training;
using Lamina.Tasks;
using Spectre.Console;

namespace Lamina.Cli.Tests.Rendering;

public sealed class TerminalViewTests
{
    private readonly Terminal _terminal = new();

    private static TrainingProgress Begin { get; } = new(new Started(2, 100, 64, 0, 10));

    private static TrainingProgress Step(long step) => new(new StepDone(step, 1 + (int)((step - 1) / 100), 1 + (int)((step - 1) % 100), 0.5, 0.001, 1, 64));

    private string Show(TerminalView view, params TaskEvent[] events)
    {
        foreach (TaskEvent e in events) view.Show(e);
        view.Tick();
        return _terminal.Take();
    }

    [Fact]
    public void The_bar_is_drawn_below_and_drawn_over()
    {
        var view = new TerminalView(_terminal.Interactive());
        string bar = new('─', 56);
        Assert.Equal($"training  2 epochs of 100 steps of 64 examples\nepoch 1/2  {new string('─', 53)}  getting ready", Show(view, Begin));
        Assert.Equal($"\r\e[Jepoch 1/2  {bar}  step 1/100\n  loss 0.5000 · learning rate 0.001", Show(view, Step(1)));
        _terminal.Clock.Advance(2);
        Assert.Equal(
            $"\r\e[1A\e[Jepoch 1/2  {new string('━', 14)}{new string('─', 41)}  step 51/100\n  loss 0.5000 · 0:05 left · 1,600 examples/s · learning rate 0.001",
            Show(view, Step(51)));
    }

    [Fact]
    public void Nothing_is_written_while_nothing_changes()
    {
        var view = new TerminalView(_terminal.Interactive());
        Show(view, Begin, Step(1));
        view.Tick();
        Assert.Equal("", _terminal.Take());
    }

    [Fact]
    public void Lines_that_stay_go_above_the_bar()
    {
        var view = new TerminalView(_terminal.Interactive());
        Show(view, Begin, Step(1));
        string output = Show(view, new Warned("careful"));
        Assert.StartsWith("\r\e[1A\e[Jwarning   careful\nepoch 1/2  ", output);
    }

    [Fact]
    public void At_the_end_the_bar_is_gone()
    {
        var view = new TerminalView(_terminal.Interactive());
        Show(view, Begin, Step(200));
        Assert.EndsWith("\ntesting …", "\n" + Show(view, new TrainingProgress(new Finished(FinishReason.Completed, 2, 200, 2, 5))).Split("\e[J")[^1]);
        string tested = Show(view, new Tested(FakeJobs.Report));
        Assert.StartsWith("\r\e[J\nmost confused\n", tested);
        Assert.EndsWith("\n\ntest      accuracy 97.85 %, loss 0.0712, 4,000 examples\n", tested);
        view.Close();
        Assert.Equal("", _terminal.Take());
    }

    [Fact]
    public void A_failure_leaves_the_screen_to_the_message()
    {
        var view = new TerminalView(_terminal.Interactive());
        Show(view, Begin, Step(1));
        view.Close();
        view.Tick();
        Assert.Equal("\r\e[1A\e[J", _terminal.Take());
    }

    [Fact]
    public void A_terminal_made_narrower_is_cleared_as_far_up_as_its_broken_lines_reach()
    {
        var region = new LiveRegion();
        region.Draw("", [("a", 79), ("b", 30)], 80);
        Assert.Equal("\r\e[2A\e[Jc", region.Draw("", [("c", 1)], 40));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(120)]
    public void No_line_is_wider_than_the_terminal(int width)
    {
        Screen screen = _terminal.Interactive(width);
        Assert.Equal(0, CommandLineApp.Run(["train"], new FakeJobs { AfterStep = () => Thread.Sleep(5), Steps = 30 }.Jobs, screen, TestContext.Current.CancellationToken));
        // Lines of text that is to be copied may be broken by the terminal; what is drawn over and tables may not.
        IEnumerable<string> drawn = Lines.Of(_terminal.Output).SelectMany(l => l.Split("\e[J")).Select(l => l.Split('\r')[0]).Where(l => l.Contains('━') || l.Contains('─') || l.Contains('│') || l.Contains('·') || l.Contains('@'));
        Assert.NotEmpty(drawn);
        Assert.All(drawn, line => Assert.InRange(line.Length, 0, width));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    public void Narrow_terminals_get_lines_that_fit_but_for_what_is_copied(int width)
    {
        var view = new TerminalView(_terminal.Interactive(width));
        DataReady data = FakeJobs.Data with { Facts = [new Fact("augmentation", "augment", "light (shifted, not mirrored); mirroring confuses classes: mirrored, 'left' is taken for 'right'")], Notes = ["90 of 1,000 training images are kept for validation"] };
        string text = Show(view, data, FakeJobs.Network, new TrainingProgress(new EpochDone(1, 9, FakeJobs.Scores(0.5, 0.8), FakeJobs.Scores(0.4, 0.9), true, 4.25)), new Tested(FakeJobs.Report));
        Assert.Contains("    1   0.5000    0.4000    90.00 %  ★\n", text);
        Assert.Contains("accuracy 97.85 %", text);
        Assert.All(Lines.Of(text), line => Assert.InRange(line.Length, 0, width));
        Assert.Contains("mirrored, 'left' is taken for 'right'", System.Text.RegularExpressions.Regex.Replace(text, @"\s+", " "));
        view.Trained(new TaskResult("images", 1, 2, FakeJobs.Report, FakeJobs.Run, FakeJobs.Model, false));
        view.Tick();
        Assert.EndsWith($"lamina predict {FakeJobs.Run} FILE\n{(width == 40 ? "" : "          ")}lamina summary {FakeJobs.Run}\n", _terminal.Take());
    }

    [Fact]
    public void Without_colours_nothing_but_the_cursor_is_moved()
    {
        Assert.Equal(0, CommandLineApp.Run(["train"], new FakeJobs().Jobs, _terminal.Interactive(), TestContext.Current.CancellationToken));
        Assert.DoesNotMatch("\e\\[[0-9;]*m", _terminal.Output);
        Assert.DoesNotContain('▀', _terminal.Output);
    }

    [Fact]
    public void With_colours_images_are_half_blocks_in_24_bits()
    {
        Assert.Equal(0, CommandLineApp.Run(["train"], new FakeJobs().Jobs, _terminal.Interactive(colors: ColorSystem.TrueColor), TestContext.Current.CancellationToken));
        Assert.Contains("\e[38;2;255;255;255;48;2;255;255;255m▀", _terminal.Output);
    }

    [Fact]
    public void Without_Unicode_the_table_is_ASCII()
    {
        Assert.Equal(0, CommandLineApp.Run(["summary", "runs/a"], new FakeJobs().Jobs, _terminal.Interactive(unicode: false), TestContext.Current.CancellationToken));
        Assert.True(System.Text.Ascii.IsValid(_terminal.Output), _terminal.Output);
        Assert.DoesNotContain('?', _terminal.Output);
        Assert.Single(Lines.Of(_terminal.Output).Where(l => l.StartsWith('|') || l.StartsWith('+')).Select(l => l.Length).Distinct());
    }
}
