using System.Text;
using System.Text.Json;
using Lamina.Learning.Modules;
using Lamina.Learning.Training;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Tests.Images;

namespace Lamina.Tasks.Tests.Runs;

/// <summary>Events as JSON, in files and on the command line.</summary>
public sealed class EventJsonTests : IDisposable
{
    private static readonly Scores s_scores = new(0.5, new Dictionary<string, double> { ["accuracy"] = 0.75 });
    private static readonly TestReport s_report = new(
        new Figures(("r2", new Figure(0.5, FigureKind.Score, new Interval(0.25, 0.75))), ("mae", new Figure(double.NaN, FigureKind.Error, new Interval(double.NaN, 1)))), 4, [new("1", "2", 1, [])])
    {
        Baseline = new("always the mean", new Figures(("r2", new Figure(0, FigureKind.Score)))),
    };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Text(JsonEvent? e)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("event", e!.Name);
            e.Write(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    [Fact]
    public void Events_have_these_fields()
    {
        Assert.Equal("""{"event":"started","epochs":2,"stepsPerEpoch":10,"batch":64,"step":3,"parameters":99}""", Text(EventJson.Of(new Started(2, 10, 64, 3, 99))));
        Assert.Equal("""{"event":"step","step":1,"epoch":1,"stepInEpoch":1,"loss":null,"learningRate":0.5,"gradientNorm":null}""",
            Text(EventJson.Of(new StepDone(1, 1, 1, double.NaN, 0.5, double.PositiveInfinity, 64))));
        Assert.Equal("""{"event":"step","step":1,"epoch":1,"stepInEpoch":1,"loss":3,"learningRate":0.5,"gradientNorm":4,"parts":{"discriminator loss":1,"generator loss":2}}""",
            Text(EventJson.Of(new StepDone(1, 1, 1, 3, 0.5, 4, 64) { Parts = [new("discriminator loss", 1), new("generator loss", 2)] })));
        Assert.Equal("""{"event":"epoch","epoch":1,"step":10,"train":{"loss":0.5,"accuracy":0.75},"best":true,"seconds":1.235}""", Text(EventJson.Of(new EpochDone(1, 10, s_scores, null, true, 1.23456))));
        Assert.Equal("""{"event":"checkpoint","step":10,"folder":"a"}""", Text(EventJson.Of(new CheckpointSaved(10, "a"))));
        Assert.Equal("""{"event":"noted","message":"m"}""", Text(EventJson.Of(new Noted("m"))));
        Assert.Equal("""{"event":"trained","reason":"Completed","epochs":1,"steps":10,"bestEpoch":1,"seconds":2}""", Text(EventJson.Of(new Finished(FinishReason.Completed, 1, 10, 1, 2))));
        Assert.Equal("""{"event":"diverged","step":12,"origin":"head: matmul"}""", Text(EventJson.Of(new DivergedException(12, double.NaN, "head: matmul"))));
        Assert.Equal("""{"event":"tested","r2":0.5,"mae":null,"count":4,"interval":{"r2":[0.25,0.75]},"baseline":{"r2":0},"mistakes":[{"actual":"1","predicted":"2","count":1}]}""", Text(EventJson.Of(s_report)));
        Assert.Equal(Text(EventJson.Of(s_report)), Text(EventJson.Of(new Tested(s_report))));
        Assert.StartsWith("""{"event":"overfit","learned":true,"r2":0.5,"mae":null,"count":4,""", Text(EventJson.Of(new Overfitted(s_report, true))));
        Assert.Equal("""{"event":"folds","folds":3,"mean":{"r2":0.5,"mae":null},"deviation":{"r2":0.125}}""", Text(EventJson.Of(new FoldsDone(s_report.Figures, new Dictionary<string, double> { ["r2"] = 0.125 }, 3))));
        Assert.EndsWith(""","each":{"speaker ann":{"r2":0.5,"mae":null}}}""", Text(EventJson.Of(new FoldsDone(s_report.Figures, new Dictionary<string, double>(), 1)
            { Each = [KeyValuePair.Create("speaker ann", s_report.Figures)] })));
        Assert.Contains(""","count":4,"part":"speaker ann",""", Text(EventJson.Of(s_report with { Part = "speaker ann" })));
        Assert.Equal("""{"event":"interrupted","run":"a","epochs":1,"step":56}""", Text(EventJson.Of(new TaskResult("curve", 1, 2, null, "a", null, true) { Step = 56 })));
    }

    [Fact]
    public void Every_kind_of_event_has_a_name()
    {
        TaskEvent[] all =
        [
            new TaskChosen("a", "b"), new DataReady("a", 1, 2, 3, new NumberOutput("y", 0, 1), "b", []), new TestReady("a", "b", 1, "row", "c", []), new NetworkReady("a", new Summary([], 0, 0, 0, 0)),
            new TrainingProgress(new Noted("a")), new Illustrated(1, new TextSample("", "b")), new Remarked("a"), new Warned("a"), new Tested(s_report), new FoldsDone(s_report.Figures, new Dictionary<string, double>(), 2), new Overfitted(s_report, false),
        ];
        Type[] kinds = [.. typeof(TaskEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(TaskEvent)) && t != typeof(Preparing))];
        Assert.Equal(kinds.Select(t => t.Name).Order(), all.Select(e => e.GetType().Name).Order());
        Assert.All(all, e => Assert.NotEmpty(JsonDocument.Parse(Text(EventJson.Of(e))).RootElement.GetProperty("event").GetString()!));
        Assert.Null(EventJson.Of(new Preparing("a", 1, 2)));
    }

    [Fact]
    public void The_log_holds_the_same_fields_and_the_time()
    {
        string file = _folder.At("events.jsonl");
        using (var log = new EventLog(file))
        {
            log.Write(new StepDone(7, 1, 7, 1, 0.5, 1, 64), 100); // between the tenths of an epoch
            log.Write(new EpochDone(1, 10, s_scores, s_scores, false, 1), 100);
            log.Write(s_report);
        }
        string[] lines = File.ReadAllLines(file);
        Assert.Equal(2, lines.Length);
        string Without(string line) => "{" + line[(line.IndexOf(',') + 1)..];
        Assert.StartsWith("{\"time\":", lines[0]);
        Assert.Equal(Text(EventJson.Of(new EpochDone(1, 10, s_scores, s_scores, false, 1))), Without(lines[0]));
        Assert.Equal(Text(EventJson.Of(s_report)), Without(lines[1]));
    }
}
