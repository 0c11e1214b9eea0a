using Lamina.Learning.Training;
using Lamina.Tasks;

namespace Lamina.Cli.Rendering;

/// <summary>For files, pipes and simple terminals: lines without escape codes, of progress one every few seconds.</summary>
internal sealed class PlainView(Screen screen) : TextView(screen)
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(3);

    private long? _lastLine;

    public override void Tick()
    {
        // Tables are padded to their width, which a file needn't hold.
        if (!Canvas.IsEmpty) Screen.Write(string.Join('\n', Canvas.Take().Split('\n').Select(line => line.TrimEnd(' '))));
    }

    public override void Close() => Tick();

    protected override void OnPreparing(Preparing x)
    {
        if (IsDue()) Canvas.Line($"          {Canvas.Safe(x.What)}, {(x.Total > 0 ? $"{Words.Count(x.Done)} of {Words.Count(x.Total)}" : Words.Count(x.Done))}");
    }

    protected override void OnStep(StepDone x)
    {
        if (!IsDue()) return;
        string speed = Progress.Speed > 0 ? $", {Words.Count((long)Progress.Speed)} examples/s" : "";
        string left = Progress.TimeLeft is { } time ? $", {Words.Duration(time)} left" : "";
        Canvas.Line($"          step {Words.Count(x.Step)}/{Words.Count(Progress.TotalSteps)}, loss {Words.Loss(x.Loss)}, learning rate {Words.Rate(x.LearningRate)}{speed}{left}");
    }

    // The first lines come at once, so that one sees that something happens.
    private bool IsDue()
    {
        if (_lastLine is { } last && Screen.Clock.GetElapsedTime(last) < BetweenLines) return false;
        _lastLine = Screen.Clock.GetTimestamp();
        return true;
    }
}
