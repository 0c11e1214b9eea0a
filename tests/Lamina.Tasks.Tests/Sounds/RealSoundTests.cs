using Lamina.Tasks.Registry;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;

namespace Lamina.Tasks.Tests.Sounds;

/// <summary>Spoken digits, for a few epochs.</summary>
[Collection("the shared pool")]
public sealed class RealSoundTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Spoken_digits()
    {
        var source = new DataSource(RealData.Require("audio/spoken-digits.zip"));
        (LearningTask task, _) = AllTasks.Registry.Recognize(source);
        Assert.Equal("sound", task.Name);
        var events = new List<TaskEvent>();
        TaskResult result = new TaskRunner(AllTasks.Registry).Train(task,
            new() { Data = source, Run = _folder.At("run"), Values = new Dictionary<string,
                object> { ["epochs"] = 3L, ["augment"] = "none", ["group"] = "speaker" } },
            new(e => { lock (events) events.Add(e); }, TestContext.Current.CancellationToken));
        Assert.InRange(result.Test!["accuracy"], 0.5, 1);
        Assert.Equal(500, result.Test.Count);
        Assert.Contains("'0', '1', '2'", events.OfType<DataReady>().Single().Facts.Single(f => f.Name == "label").Text);
    }
}
