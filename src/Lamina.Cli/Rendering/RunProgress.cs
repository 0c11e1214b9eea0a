using Lamina.Learning.Training;

namespace Lamina.Cli.Rendering;

/// <summary>How far training is, how fast it goes and how long it will take.</summary>
internal sealed class RunProgress(TimeProvider clock)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(4);

    // Moments of the last few seconds, in this epoch: the pauses for validation are no steps.
    private readonly Queue<(long Time, long Step)> _moments = new();
    private long _begin;
    private long _done;
    private int _epoch;
    private double _speed;

    public Started? Plan { get; private set; }

    public StepDone? Last { get; private set; }

    /// <summary>Whether the run is past its last step.</summary>
    public Finished? End { get; private set; }

    public long TotalSteps => Plan is null ? 0 : (long)Plan.Epochs * Plan.StepsPerEpoch;

    /// <summary>0 to 1.</summary>
    public double Share => TotalSteps == 0 ? 0 : Math.Clamp((double)_done / TotalSteps, 0, 1);

    /// <summary>Examples a second over the last few seconds; 0 where it isn't known yet.</summary>
    public double Speed => _speed;

    /// <summary>Whether all steps of the epoch are done: the validation set has its turn.</summary>
    public bool IsValidating => Last is not null && Last.StepInEpoch == Plan?.StepsPerEpoch;

    /// <summary>By the pace since this program began, validation included; null at the beginning.</summary>
    public TimeSpan? TimeLeft
    {
        get
        {
            long steps = _done - (Plan?.Step ?? 0);
            return Plan is null || steps < 2 ? null : clock.GetElapsedTime(_begin) / steps * Math.Max(0, TotalSteps - _done);
        }
    }

    public void Take(TrainingEvent e)
    {
        switch (e)
        {
            case Started started:
                (Plan, _done, _begin) = (started, started.Step, clock.GetTimestamp());
                break;
            case StepDone step:
                Take(step);
                break;
            case Finished finished:
                End = finished;
                break;
        }
    }

    private void Take(StepDone step)
    {
        long now = clock.GetTimestamp();
        if (step.Epoch != _epoch) _moments.Clear();
        (Last, _done, _epoch) = (step, step.Step, step.Epoch);
        _moments.Enqueue((now, step.Step));
        while (_moments.Count > 2 && clock.GetElapsedTime(_moments.Peek().Time, now) > Window) _moments.Dequeue();
        (long time, long first) = _moments.Peek();
        double seconds = clock.GetElapsedTime(time, now).TotalSeconds;
        if (seconds > 0) _speed = (step.Step - first) * (double)(Plan?.BatchSize ?? step.Examples) / seconds;
    }
}
