using System.Text.Json;
using Lamina.Cli.Rendering;
using Lamina.Learning.Training;
using Lamina.Tasks;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Tests.Rendering;

public sealed class JsonViewTests
{
    private readonly Terminal _terminal = new();

    private static TrainingProgress Step(long step, double loss) => new(new StepDone(step, 1, (int)step, loss, 0.001, 1.5, 64));

    [Fact]
    public void Every_line_of_a_run_is_an_object_with_an_event()
    {
        Assert.Equal(0, _terminal.Run(new FakeJobs(), "train", "--json"));
        string[] names = [.. Lines.Of(_terminal.Output).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString()!)];
        Assert.Equal(
            ["data", "network", "started", "epoch", "checkpoint", "epoch", "checkpoint", "tested", "finished"], names.Where(n => n != "step"));
        Assert.Equal("", _terminal.Error);
        Assert.True(System.Text.Ascii.IsValid(_terminal.Output));
    }

    [Fact]
    public void The_last_line_is_the_result()
    {
        Assert.Equal(0, _terminal.Run(new FakeJobs(), "train", "--json"));
        Assert.Equal(
            $$$"""{"event":"finished","task":"images","epochs":2,"seconds":8.5,"test":{"accuracy":0.9785,"loss":0.0712},"run":"{{{FakeJobs.Run}}}","model":"{{{FakeJobs.Model}}}"}""",
            Lines.Of(_terminal.Output)[^1]);
    }

    [Fact]
    public void Events_have_these_fields()
    {
        var view = new JsonView(_terminal.Plain);
        view.Show(FakeJobs.Data with { Output = new ClassOutput(["a", "b"]), Notes = ["resized"] });
        view.Show(new TrainingProgress(new Started(2, 10, 64, 0, 31_530)));
        view.Show(Step(1, 2.5));
        view.Show(new TrainingProgress(new EpochDone(1, 10, FakeJobs.Scores(0.5, 0.75), FakeJobs.Scores(0.25, 0.875), true, 1.23456)));
        view.Show(new TrainingProgress(new CheckpointSaved(10, "runs/a/checkpoints/10")));
        view.Show(new Warned("careful"));
        view.Show(new Tested(new TestReport(Figures.OfClasses(0.5, 0.25), 4, [new Mistake("a", "b", 2, [])])));
        Assert.Equal(
            """
            {"event":"data","source":"built-in digits","training":20000,"validation":2000,"test":4000,"classes":["a","b"],"input":"28\u00D728 grey","notes":["resized"]}
            {"event":"started","epochs":2,"stepsPerEpoch":10,"batch":64,"step":0,"parameters":31530}
            {"event":"step","step":1,"epoch":1,"stepInEpoch":1,"loss":2.5,"learningRate":0.001,"gradientNorm":1.5}
            {"event":"epoch","epoch":1,"step":10,"train":{"loss":0.5,"accuracy":0.75},"validation":{"loss":0.25,"accuracy":0.875},"best":true,"seconds":1.235}
            {"event":"checkpoint","step":10,"folder":"runs/a/checkpoints/10"}
            {"event":"warning","message":"careful"}
            {"event":"tested","accuracy":0.5,"loss":0.25,"count":4,"mistakes":[{"actual":"a","predicted":"b","count":2}]}

            """.ReplaceLineEndings("\n"), _terminal.Output);
    }

    [Fact]
    public void A_test_has_all_figures_and_those_of_the_classes()
    {
        var view = new JsonView(_terminal.Plain);
        view.Show(new Tested(FakeJobs.Imbalanced));
        Assert.Equal(
            """
            {"event":"tested","accuracy":0.9,"f1":0.75,"auc":0.9375,"prAuc":0.8,"precision":0.6,"recall":1,"loss":0.25,"count":1000,"interval":{"accuracy":[0.8,0.95],"f1":[0.7,0.8],"auc":[0.9,0.96]},"baseline":{"accuracy":0.85,"f1":0,"auc":null,"loss":0.5},"mistakes":[],"positive":"spam","classes":[{"class":"ham","count":850,"precision":1,"recall":0.875,"f1":0.9333},{"class":"spam","count":150,"precision":0.6,"recall":1,"f1":0.75}],"calibration":{"error":0.03125}}

            """.ReplaceLineEndings("\n"), _terminal.Output);
    }

    [Fact]
    public void The_intervals_that_hold_are_told_by_name()
    {
        var view = new JsonView(_terminal.Plain);
        view.Show(new Tested(new TestReport(Figures.OfClasses(1, 0), 4, []) { Residuals = [new("price", "€", []) { Interval = 2, Within = 0.875 }, new("size", null, [])] }));
        Assert.Contains("\"withinInterval\":{\"price\":0.875}", _terminal.Output);
    }

    [Fact]
    public void The_result_of_folds_has_deviations()
    {
        var view = new JsonView(_terminal.Plain);
        view.Trained(new TaskResult("images", 6, 8.5, FakeJobs.Report, "runs/a", null, WasInterrupted: false) { Deviation = new Dictionary<string, double> { ["accuracy"] = 0.0125, ["loss"] = double.NaN }, Report = "runs/a/report.html" });
        Assert.Equal(
            """
            {"event":"finished","task":"images","epochs":6,"seconds":8.5,"test":{"accuracy":0.9785,"loss":0.0712},"deviation":{"accuracy":0.0125,"loss":null},"run":"runs/a","model":null,"report":"runs/a/report.html"}

            """.ReplaceLineEndings("\n"), _terminal.Output);
    }

    [Fact]
    public void The_network_event_lists_the_layers()
    {
        var view = new JsonView(_terminal.Plain);
        view.Show(FakeJobs.Network);
        JsonElement json = JsonDocument.Parse(_terminal.Output).RootElement;
        Assert.Equal("ConvNet", json.GetProperty("name").GetString());
        JsonElement head = json.GetProperty("layers").EnumerateArray().Last();
        Assert.Equal("""{"path":"head","layer":"Linear(3136 \u2192 10)","output":[1,10],"parameters":31370,"multiplyAdds":31360,"leaf":true}""", head.GetRawText());
    }

    [Fact]
    public void Steps_come_twice_a_second()
    {
        var view = new JsonView(_terminal.Plain);
        for (int step = 1; step <= 100; step++)
        {
            view.Show(Step(step, 1));
            _terminal.Clock.Advance(0.05);
        }
        Assert.Equal(10, Lines.Of(_terminal.Output).Length);
    }

    [Fact]
    public void What_is_no_number_is_null()
    {
        var view = new JsonView(_terminal.Plain);
        view.Show(Step(1, double.NaN));
        Assert.Contains("\"loss\":null", _terminal.Output);
    }

    [Fact]
    public void Stopping_is_told_to_people_only()
    {
        var view = new JsonView(_terminal.Plain);
        view.Stopping();
        Assert.Equal("", _terminal.Output);
        Assert.Equal("stopping\n", _terminal.Error); // nothing is saved yet
        view.Show(new TrainingProgress(new CheckpointSaved(10, "runs/a/checkpoints/10")));
        view.Stopping();
        Assert.Equal("stopping\nstopping after this step; the run is saved\n", _terminal.Error);
    }
}
