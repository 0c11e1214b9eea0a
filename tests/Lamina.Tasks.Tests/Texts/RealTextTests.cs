using Lamina.Tasks.Registry;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;

namespace Lamina.Tasks.Tests.Texts;

/// <summary>Real texts, by defaults: a fold of SMS spam, and sentences of film reviews.</summary>
[Collection("the shared pool")]
public sealed class RealTextTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TaskRunner _runner = new(AllTasks.Registry);

    public void Dispose() => _folder.Dispose();

    private TaskResult Train(string data, params (string, object)[] values)
    {
        var source = new DataSource(data);
        (LearningTask task, _) = AllTasks.Registry.Recognize(source);
        Assert.Equal("text", task.Name);
        return _runner.Train(task, new() { Data = source, Run = _folder.At("run"), Values = values.ToDictionary(v => v.Item1, v => v.Item2) }, new(_ => { }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Sms_spam() => Assert.InRange(Train(RealData.Require("text/sms-spam.tsv"), ("folds", 2L), ("epochs", 6L)).Test!["accuracy"], 0.975, 1);

    [Fact]
    public void Film_reviews()
    {
        TestReport report = Train(RealData.Require("text/sst2-train.tsv"), ("epochs", 4L)).Test!; // sst2-dev validates, sst2-test tests
        Assert.Equal(1_821, report.Count);
        Assert.InRange(report["accuracy"], 0.79, 1);
    }
}
