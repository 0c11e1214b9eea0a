using Lamina.Results;

namespace Lamina.Bench;

/// <summary>The program that measures the rows of docs/results.md.</summary>
public sealed class ResultsTests : IDisposable
{
    private readonly string _page = Path.Combine(Path.GetTempPath(), $"lamina-{Guid.NewGuid():N}.md");

    public void Dispose() => File.Delete(_page);

    [Fact]
    public void The_last_finished_event_is_read()
    {
        var events = new EventReader();
        Assert.True(events.Add("""{"event":"note","message":"fold 2 of 5"}"""));
        Assert.True(events.Add("""{"event":"epoch","epoch":7,"step":70,"train":{"loss":1.5}}"""));
        Assert.Equal("fold 2 of 5, epoch 7", events.Progress);
        Assert.Throws<ResultsException>(() => events.Test);
        Assert.True(events.Add("""{"event":"finished","test":{"accuracy":0.1}}"""));
        Assert.True(events.Add("""{"event":"finished","test":{"accuracy":0.95,"auc":null},"baseline":{"accuracy":0.5},"deviation":{"accuracy":0.02},"run":"a"}"""));
        Assert.Equal([KeyValuePair.Create("accuracy", 0.95)], events.Test);
        Assert.Equal(0.5, events.Baseline["accuracy"]);
        Assert.Equal(0.02, events.Deviation["accuracy"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a line for people")]
    [InlineData("""{"event":"finished","te""")]
    [InlineData("""{"event":"step","step":1}""")]
    [InlineData("""{"event":"note","message":"fold"}""")]
    [InlineData("""{"step":1}""")]
    public void Other_lines_change_nothing(string line)
    {
        var events = new EventReader();
        Assert.False(events.Add(line));
        Assert.Equal("", events.Progress);
        Assert.Throws<ResultsException>(() => events.Test);
    }

    [Fact]
    public void A_goal_is_met_at_its_bound_and_not_without_its_figure()
    {
        Assert.True(Goal.AtLeast("accuracy", 0.95).IsMet([new("f1", 0), new("accuracy", 0.95)]));
        Assert.False(Goal.AtLeast("accuracy", 0.95).IsMet([new("f1", 1), new("accuracy", 0.9499)]));
        Assert.True(Goal.AtMost("seconds", 2).IsMet([new("seconds", 2)]));
        Assert.False(Goal.AtMost("seconds", 2).IsMet([new("seconds", 2.001)]));
        Assert.False(Goal.AtLeast("accuracy", 0).IsMet([new("f1", 1)]));
        Assert.False(Goal.AtLeast("r2", 0).IsMet([new("r2", double.NaN)]));
    }

    [Fact]
    public void A_line_has_the_figures_with_deviation_and_whether_the_goals_are_met()
    {
        ResultRow row = Row("a", Goal.AtLeast("accuracy", 0.95));
        var measured = new Measured([new("accuracy", 0.96) { Deviation = 0.0144 }, new("rmse", 48_123.4)], [new("accuracy", 0.5)], 6.66) { IsOfFold = true };
        Assert.Equal("| a | some data | accuracy 0.9600 ± 0.0144, rmse 48,123 | accuracy 0.5000 | accuracy ≥ 0.95 | yes | 6.7 a fold | abc+ | 2026-11-29 | a machine | `lamina train a` |",
            row.Of(measured, "abc+", new(2026, 11, 29), "a machine"));
        Assert.Contains("| **no** |", row.Of(measured with { Figures = [new("accuracy", 0.94)] }, "", new(2026, 11, 29), ""));
    }

    [Fact]
    public void One_line_is_rewritten_and_the_others_stay()
    {
        ResultRow[] rows = [Row("a"), Row("ab"), Row("b")];
        string page = ResultsPage.Complete("", rows) + "\nwords after the table\n";
        string changed = ResultsPage.With(page, "a", "| a | other |");
        Assert.Equal(page.Replace(rows[0].Unmeasured, "| a | other |"), changed);
        Assert.NotEqual(page, changed);
        Assert.Throws<ResultsException>(() => ResultsPage.With(page, "c", ""));
    }

    [Fact]
    public void A_new_row_gets_its_place_and_measured_ones_stay()
    {
        string page = ResultsPage.With(ResultsPage.Complete("", [Row("a"), Row("c")]), "a", "| a | measured |");
        string completed = ResultsPage.Complete(page, [Row("a"), Row("b"), Row("c"), Row("d")]);
        Assert.Equal(["| a | measured |", Row("b").Unmeasured, Row("c").Unmeasured, Row("d").Unmeasured],
            completed.Split('\n').Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Skip(1));
        Assert.Equal(completed, ResultsPage.Complete(completed, [Row("a"), Row("b"), Row("c"), Row("d")]));
    }

    [Fact]
    public void A_row_without_its_data_is_skipped_and_its_line_left()
    {
        (int code, string output, _) = Run("--only", "away");
        Assert.Equal(0, code);
        Assert.StartsWith("away: skipped, ", output);
        Assert.Contains("no-such-data", output);
        Assert.Contains(new TrainingRow("away", "no-such-data", "", [], []).Unmeasured, File.ReadAllText(_page));
    }

    [Fact]
    public void A_measured_row_is_written_and_a_missed_goal_is_an_exit_code()
    {
        (int code, string output, _) = Run("--only", "good");
        Assert.Equal(0, code);
        Assert.Equal("good: accuracy 0.9000 (accuracy ≥ 0.9: met)\n", output);
        (code, output, string error) = Run("--only", "good,bad,broken");
        Assert.Equal(1, code);
        Assert.Contains("bad: accuracy 0.9000 (accuracy ≥ 0.91: missed)", output);
        Assert.Contains("error: broken: it broke", error);
        string[] lines = File.ReadAllLines(_page);
        Assert.Contains(lines, l => l.StartsWith("| good |", StringComparison.Ordinal) && l.Contains("| yes |"));
        Assert.Contains(lines, l => l.StartsWith("| bad |", StringComparison.Ordinal) && l.Contains("| **no** |"));
        Assert.Contains(lines, l => l.StartsWith("| broken |", StringComparison.Ordinal) && l.Contains("not measured yet"));
    }

    [Theory]
    [InlineData(new[] { "--only", "nothing" }, "good, bad, broken, away")]
    [InlineData(new[] { "--only" }, "needs a value")]
    [InlineData(new[] { "--csv-bytes", "0" }, "expected a whole number above 0")]
    [InlineData(new[] { "good" }, "--help")]
    public void A_wrong_command_line_is_answered_with_what_is_accepted(string[] args, string said)
    {
        (int code, _, string error) = Run(args);
        Assert.Equal(2, code);
        Assert.Contains(said, error);
    }

    [Fact]
    public void The_list_has_the_rows_and_measures_none()
    {
        Assert.Equal("good\nbad\nbroken\naway\n", Run("--list").Output);
        Assert.Equal("bad\n", Run("--list", "--only", "bad").Output);
        Assert.False(File.Exists(_page));
    }

    [Fact]
    public void The_page_has_every_row_and_synthetic_data_is_called_so()
    {
        string page = File.ReadAllText(Checkout.Page);
        Assert.Equal(page, ResultsPage.Complete(page, ResultTable.All));
        Assert.Equal(ResultTable.All.Count, ResultTable.All.Select(r => r.Name).Distinct().Count());
        Assert.All(ResultTable.All.Where(r => r.Needs.Count == 0), row => Assert.Matches("synthetic|drawn by the program", row.Data));
        // A line that was not measured has today's goals and command.
        Assert.All(page.Split('\n').Where(l => l.Contains("not measured yet")), line => Assert.Contains(line, ResultTable.All.Select(r => r.Unmeasured)));
    }

    [Fact]
    public void The_synthetic_table_has_twenty_columns_some_missing_and_the_same_bytes_again()
    {
        Assert.Equal(200, SyntheticCsv.Write(_page, long.MaxValue, 200));
        string[] lines = File.ReadAllLines(_page);
        Assert.Equal(201, lines.Length);
        Assert.All(lines, line => Assert.Equal(20, line.Split(',').Length));
        Assert.Contains(lines, line => line.Contains(",,"));
        Assert.All(lines.Skip(1), line => Assert.NotEqual("", line.Split(',')[^1]));
        long rows = SyntheticCsv.Write(_page, 20_000, long.MaxValue);
        Assert.InRange(new FileInfo(_page).Length, 20_000, 20_300);
        Assert.Equal(lines.Take(50), File.ReadLines(_page).Take(50));
        Assert.Equal(rows + 1, File.ReadLines(_page).Count());
    }

    private static FakeRow Row(string name, params Goal[] goals) => new(name, goals);

    private (int Code, string Output, string Error) Run(params string[] args)
    {
        ResultRow[] rows =
        [
            Row("good", Goal.AtLeast("accuracy", 0.9)), Row("bad", Goal.AtLeast("accuracy", 0.91)), new FakeRow("broken", []) { Fails = true },
            new TrainingRow("away", "no-such-data", "", [], []),
        ];
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        int code = ResultsApp.Run(args, rows, _page, output, error, CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }

    private sealed record FakeRow(string Name, IReadOnlyList<Goal> Goals) : ResultRow(Name, "some data", Goals)
    {
        public bool Fails { get; init; }

        public override string Command => $"lamina train {Name}";

        public override Measured Measure(Workbench bench)
        {
            Assert.Empty(Directory.EnumerateFileSystemEntries(bench.Folder));
            return Fails ? throw new ResultsException("it broke") : new([new("accuracy", 0.9)], [], 1);
        }
    }
}
