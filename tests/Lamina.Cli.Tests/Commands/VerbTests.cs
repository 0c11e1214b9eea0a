using System.Text.Json;
using Lamina.Learning.Data;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Saving;
using Lamina.Tasks;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tensors.Shapes;

namespace Lamina.Cli.Tests.Commands;

/// <summary>Commands that are made of what only some tasks can do, and what is told by both the run's log and the command line.</summary>
[Collection("the shared pool")]
public sealed class VerbTests : IDisposable
{
    private readonly Terminal _terminal = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("lamina-verbs-").FullName;
    private readonly Lamina.Cli.Commands.Jobs _jobs = Lamina.Cli.Commands.Jobs.Of(new TaskRegistry(new ShoutingTask(), AllTasks.Registry.Find("tables")!));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private int Run(params string[] args) => CommandLineApp.Run(args, _jobs, _terminal.Plain, TestContext.Current.CancellationToken);

    private string Trained(string task)
    {
        string data = Path.Combine(_folder, "points.csv"), run = Path.Combine(_folder, task);
        File.WriteAllLines(data, [.. Enumerable.Range(0, 60).Select(i => $"{i * 37 % 101},{i}").Prepend("x,y")]);
        Assert.Equal(0, Run("train", data, "--task", task, "--quick", "--run", run, "--json"));
        return run;
    }

    [Fact]
    public void A_verb_is_a_command_with_its_options()
    {
        string run = Trained("shouting");
        _terminal.Take();
        Assert.Equal(0, Run("shout", run, "ab", "c", "--times", "2", "--loud"));
        Assert.Equal("AB!\nAB!\nC!\nC!\n", _terminal.Take());
        Assert.Equal(0, Run("shout", run, "a\e[2J", "--json"));
        Assert.Equal("""{"event":"result","verb":"shout","text":"a\u001B[2J, 1 in"}""" + "\n", _terminal.Take());
        Assert.Equal(0, Run("shout", run));
        Assert.Equal("", _terminal.Take());
        Assert.Equal("", _terminal.Error);
        Assert.Equal(0, Run("shout", "--help"));
        string help = _terminal.Take();
        Assert.Contains("Shouts its input (runs of shouting).", help);
        Assert.Contains("lamina shout RUN INPUT", help);
        Assert.Contains("How often, from 1 to 9", help);
        Assert.Equal(0, Run("--help"));
        Assert.Contains("shout <RUN> <INPUT>", _terminal.Output);
    }

    [Theory]
    [InlineData(2, "--times 10: expected a whole number from 1 to 9", "--times", "10")]
    [InlineData(2, "unknown option --time; did you mean --times?", "--time", "1")]
    [InlineData(2, "--loud=1: --loud takes no value", "--loud=1")]
    [InlineData(1, "there is no run no/such/run")]
    public void A_verb_refuses_what_makes_no_sense(int code, string said, params string[] more)
    {
        Assert.Equal(code, Run(["shout", "no/such/run", "a", .. more]));
        Assert.StartsWith($"error: {said}", _terminal.Error);
    }

    [Fact]
    public void A_run_of_another_task_has_no_such_verb()
    {
        string run = Trained("tables");
        Assert.Equal(1, Run("shout", run, "a"));
        Assert.Equal($"error: {run} is a run of the task tables, which has no shout\n  try predict, test\n", _terminal.Error);
    }

    [Fact]
    public void Results_come_one_by_one_and_an_interrupt_loses_none()
    {
        string run = Trained("shouting");
        _terminal.Take();
        using var stop = new CancellationTokenSource();
        ShoutingTask.AfterEach = count => { if (count == 2) stop.Cancel(); };
        Assert.Equal(130, CommandLineApp.Run(["shout", run, "a", "b", "c"], _jobs, _terminal.Plain, stop.Token));
        ShoutingTask.AfterEach = _ => { };
        Assert.Equal("a, 1 in\nb, 1 in\n", _terminal.Output);
        Assert.Equal("interrupted after 2 results\n", _terminal.Error);
    }

    [Fact]
    public void A_verb_can_t_be_called_as_a_command_is()
    {
        Lamina.Cli.Commands.Jobs jobs = _jobs with { Tasks = new TaskRegistry(new ShoutingTask("train")) };
        Assert.Equal(1, CommandLineApp.Run(["runs"], jobs, _terminal.Plain, TestContext.Current.CancellationToken));
        Assert.Contains("a task's verb is called train", _terminal.Error);
    }

    [Fact]
    public void The_log_of_a_run_and_the_command_line_tell_the_same()
    {
        string run = Trained("tables");
        string[] told = Lines.Of(_terminal.Output);
        string[] logged = File.ReadAllLines(Path.Combine(run, "events.jsonl"));
        string[] names = [.. logged.Select(l => JsonDocument.Parse(l).RootElement.GetProperty("event").GetString()!).Distinct()];
        Assert.Equal(["checkpoint", "epoch", "started", "step", "tested", "trained"], names.Order());
        foreach (string line in logged.Where(l => !l.Contains("\"event\":\"step\"") && !l.Contains("\"event\":\"trained\"")))
            Assert.Contains("{" + line[(line.IndexOf(',') + 1)..], told);
    }

    /// <summary>The task tables under another name, with a verb.</summary>
    private sealed class ShoutingTask(string verb = "shout") : LearningTask
    {
        private readonly LearningTask _tables = AllTasks.Registry.Find("tables")!;

        public static Action<int> AfterEach { get; set; } = _ => { };

        public override string Name => "shouting";
        public override string Summary => "numbers";
        public override string DataHelp => _tables.DataHelp;
        public override IReadOnlyList<TaskOption> Options => _tables.Options;
        public override IReadOnlyList<TaskVerb> Verbs =>
        [
            new(verb, "Shouts its input.", [new("times", OptionKind.Whole, "How often, from 1 to 9 (default: 1).") { Most = 9 }, new("loud", OptionKind.Flag, "Louder.")], Shout),
        ];

        public override IReadOnlyList<Metric> CreateMetrics(RunInfo run) => _tables.CreateMetrics(run);
        public override Recognition Recognize(DataSource data) => Recognition.None;
        public override TaskPlan Plan(TaskRequest request, TaskContext context) => _tables.Plan(request, context);
        public override TaskData Read(RunInfo run, TaskContext context) => _tables.Read(run, context);
        public override Dataset ReadTest(RunInfo run, DataSource data, TaskContext context) => _tables.ReadTest(run, data, context);
        public override Network Build(JsonElement network) => _tables.Build(network);
        public override Specs Inputs(RunInfo run) => _tables.Inputs(run);
        public override Objective CreateObjective(Network network, RunInfo run) => _tables.CreateObjective(network, run);
        public override ModelInfo Describe(RunInfo run) => _tables.Describe(run);
        public override void Check(RunInfo run) => _tables.Check(run);
        public override PredictionList Predict(TaskModel model, IReadOnlyList<string> inputs, int top, TaskContext context) => _tables.Predict(model, inputs, top, context);

        private static IEnumerable<string> Shout(TaskModel model, IReadOnlyList<string> inputs, IReadOnlyDictionary<string, object> values, TaskContext context)
        {
            int count = 0;
            foreach (string input in inputs)
                for (long i = 0; i < (values.TryGetValue("times", out object? times) ? (long)times : 1); i++)
                {
                    context.Cancel.ThrowIfCancellationRequested();
                    yield return values.ContainsKey("loud") ? input.ToUpperInvariant() + "!" : $"{input}, {model.Network.InputNames.Count} in";
                    AfterEach(++count);
                }
        }
    }
}
