using Lamina.Cli.Rendering;
using Lamina.Learning.Training;
using Lamina.Tasks;
using Lamina.Tasks.Spine;

namespace Lamina.Cli.Tests.Rendering;

public sealed class EventPumpTests
{
    [Fact]
    public void Keeps_the_order_and_of_steps_in_a_row_the_last()
    {
        var view = new Recorder();
        using (var pump = new EventPump(view))
        {
            for (int i = 1; i <= 3; i++) pump.Tell(Step(i));
            pump.Tell(new Warned("a"));
            pump.Tell(Step(4));
            pump.Tell(Step(5));
            pump.Complete(_ => { });
        }
        // The pump may have looked in between; the last step before each other event is always there.
        Assert.Equal(["3", "a", "5", "closed"], view.Seen.Where(s => s is not ("1" or "2" or "4")));
    }

    [Fact]
    public void Telling_does_not_wait_for_the_view()
    {
        using var gate = new ManualResetEventSlim();
        var view = new Recorder { OnShow = () => gate.Wait(TimeSpan.FromSeconds(30)) };
        using var pump = new EventPump(view);
        pump.Tell(new Warned("slow"));
        for (int i = 0; i < 100_000; i++) pump.Tell(Step(i)); // would never end if each waited
        gate.Set();
        pump.Complete(_ => { });
        Assert.Contains("99999", view.Seen);
    }

    [Fact]
    public void A_view_that_fails_is_reported_at_the_end()
    {
        using var pump = new EventPump(new Recorder { OnShow = () => throw new IOException("the disk is full") });
        pump.Tell(new Warned("a"));
        Assert.Throws<IOException>(() => pump.Complete(_ => { }));
    }

    private static TrainingProgress Step(long step) => new(new StepDone(step, 1, 1, 1, 1, 1, 1));

    private sealed class Recorder : ITaskView
    {
        public List<string> Seen { get; } = [];

        public Action OnShow { get; init; } = () => { };

        public void Show(TaskEvent e)
        {
            OnShow();
            Seen.Add(e switch { Warned w => w.Message, TrainingProgress { Event: StepDone s } => $"{s.Step}", _ => "?" });
        }

        public void Stopping() => Seen.Add("stopping");

        public void Trained(TaskResult result)
        {
        }

        public void Predicted(Prediction prediction)
        {
        }

        public void Summarized(string run, NetworkReady network)
        {
        }

        public void Tick()
        {
        }

        public void Close() => Seen.Add("closed");
    }
}
