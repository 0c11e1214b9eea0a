using Lamina.Tasks;
using Lamina.Tasks.Runs;

namespace Lamina.Cli.Tests.Commands;

/// <summary><c>lamina runs</c> and <c>lamina help</c>.</summary>
public sealed class RunsTests
{
    private static readonly DateTimeOffset s_noon = new(2026, 1, 2, 12, 0, 0, TimeZoneInfo.Local.GetUtcOffset(new DateTime(2026, 1, 2, 12, 0, 0)));

    private static readonly RunEntry[] s_runs =
    [
        new("runs/a", RunState.Finished, s_noon, "images", "built-in digits", 8, 8, "accuracy", new Figure(0.9917, FigureKind.Share), true, null),
        new("runs/my own", RunState.Stopped, s_noon, "tables", "/data/photos", 3, 20, "r2", new Figure(0.75, FigureKind.Score), false, null),
        new("runs/c", RunState.Broken, null, null, null, 0, null, null, null, false, "runs/c/run.json can't be read: it is empty"),
    ];

    private readonly Terminal _terminal = new();

    [Fact]
    public void Lists_runs_with_what_they_reached()
    {
        string? asked = "not asked";
        Assert.Equal(0, CommandLineApp.Run(["runs"], new FakeJobs().Jobs with { List = folder => { asked = folder; return s_runs; } }, _terminal.Plain, TestContext.Current.CancellationToken));
        Assert.Null(asked);
        Assert.Equal(
            """
            state                score  epochs  began       data             run
            finished  accuracy 99.17 %     8/8  2026-01-02  built-in digits  runs/a
            stopped         ~r2 0.7500    3/20  2026-01-02  photos           'runs/my own'
            broken                                                           runs/c
              runs/c/run.json can't be read: it is empty
            ~ the best on the validation set so far, not on the test set

            """.ReplaceLineEndings("\n"), _terminal.Output);
    }

    [Theory, InlineData(40), InlineData(60), InlineData(72), InlineData(80)]
    public void Fits_the_width(int width)
    {
        CommandLineApp.Run(["runs", "there"], new FakeJobs().Jobs with { List = _ => s_runs[..2] }, _terminal.Interactive(width), TestContext.Current.CancellationToken);
        string[] lines = Lines.Of(_terminal.Output);
        Assert.All(lines[..3], line => Assert.True(line.TrimEnd().Length <= width, line));
        Assert.EndsWith("'runs/my own'", lines[2].TrimEnd());
    }

    [Fact]
    public void Prints_json_lines()
    {
        CommandLineApp.Run(["runs", "--json"], new FakeJobs().Jobs with { List = _ => s_runs }, _terminal.Plain, TestContext.Current.CancellationToken);
        string[] lines = Lines.Of(_terminal.Output);
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("""{"event":"run","run":"runs/a","state":"finished","created":"2026-01-02T12:00:00""", lines[0]);
        Assert.EndsWith(""","task":"images","data":"built-in digits","epochsDone":8,"epochs":8,"test":{"accuracy":0.9917}}""", lines[0]);
        Assert.EndsWith(""","task":"tables","data":"/data/photos","epochsDone":3,"epochs":20,"validation":{"r2":0.75}}""", lines[1]);
        Assert.Equal("""{"event":"run","run":"runs/c","state":"broken","problem":"runs/c/run.json can\u0027t be read: it is empty"}""", lines[2]);
    }

    [Fact]
    public void Says_where_there_are_none()
    {
        Assert.Equal(0, CommandLineApp.Run(["runs"], new FakeJobs().Jobs with { List = _ => [] }, _terminal.Plain, TestContext.Current.CancellationToken));
        Assert.Equal("no runs yet; lamina train makes one\n", _terminal.Output);
    }

    [Theory]
    [InlineData("help", "--help")]
    [InlineData("help train", "train --help")]
    [InlineData("help runs", "runs --help")]
    public void Help_is_the_page_of_the_command(string line, string same)
    {
        Assert.Equal(0, _terminal.Run(new FakeJobs(), line.Split(' ')));
        string page = _terminal.Take();
        Assert.Equal(0, _terminal.Run(new FakeJobs(), same.Split(' ')));
        Assert.Equal(_terminal.Output, page);
        Assert.Contains("Usage:\n  lamina", page);
    }

    [Fact]
    public void Help_for_what_is_no_command_names_the_commands()
    {
        Assert.Equal(2, _terminal.Run(new FakeJobs(), "help", "tran"));
        Assert.Equal("error: unknown command tran; did you mean train?\n  the commands are train, predict, test, summary, profile, data, lr-find, batch-find, runs, compare, tasks, help, scores, recommend, similar, generate, translate\n  see lamina --help\n", _terminal.Error);
    }

    [Theory]
    [InlineData("train --lr 0.1", "unknown option --lr; did you mean --learning-rate?")]
    [InlineData("train --lr=0.1", "unknown option --lr; did you mean --learning-rate?")]
    [InlineData("train --bs 3", "unknown option --bs; did you mean --batch?")]
    [InlineData("train --batch_size 3", "unknown option --batch_size; did you mean --batch?")]
    [InlineData("train --num-epochs 3", "unknown option --num-epochs; did you mean --epochs?")]
    [InlineData("train --max_epochs 3", "unknown option --max_epochs; did you mean --epochs?")]
    [InlineData("train --learning_rate 3", "unknown option --learning_rate; did you mean --learning-rate?")]
    [InlineData("train --optim sgd", "unknown option --optim; did you mean --optimizer?")]
    [InlineData("train --workers 3", "unknown option --workers; did you mean --threads?")]
    [InlineData("train --output-dir x", "unknown option --output-dir; did you mean --run?")]
    [InlineData("train --checkpoint x", "unknown option --checkpoint; did you mean --resume?")]
    [InlineData("train --random-state 1", "unknown option --random-state; did you mean --seed?")]
    [InlineData("train --data photos", "unknown option --data; DATA is given by itself, without an option before it")]
    [InlineData("predict a --topk 3", "unknown option --topk; did you mean --top?")]
    [InlineData("predict --model a b.png", "unknown option --model; RUN is given by itself, without an option before it")]
    public void Names_from_elsewhere_are_answered_with_ours(string line, string message)
    {
        Assert.Equal(2, _terminal.Run(new FakeJobs(), line.Split(' ')));
        Assert.StartsWith($"error: {message}\n", _terminal.Error);
    }

    [Theory]
    [InlineData("fit", "train")]
    [InlineData("evaluate", "test")]
    [InlineData("classify", "predict")]
    [InlineData("list", "runs")]
    [InlineData("info", "summary")]
    [InlineData("resume", "train --resume")]
    public void So_are_commands(string typed, string ours)
    {
        Assert.Equal(2, _terminal.Run(new FakeJobs(), typed));
        Assert.StartsWith($"error: unknown command {typed}; did you mean {ours}?\n", _terminal.Error);
    }

    [Fact]
    public void More_threads_than_cores_are_not_used_and_that_is_said()
    {
        var jobs = new FakeJobs();
        CommandLineApp.Run(["train", "--threads", "16"], jobs.Jobs with { Cores = 2 }, _terminal.Plain, TestContext.Current.CancellationToken);
        Assert.Contains("note      --threads 16: there are 2 cores here, and no more threads are used; the results are the same\n", _terminal.Take());
        CommandLineApp.Run(["train", "--threads", "2"], jobs.Jobs with { Cores = 2 }, _terminal.Plain, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("note", _terminal.Output);
    }
}
