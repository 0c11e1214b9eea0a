using Lamina.Learning.Layers;

namespace Lamina.Learning.Schedules;

/// <summary>
/// A straight rise from <see cref="Start"/> to the full rate over the first steps (Goyal et al., 2017), then another schedule
/// over those that are left.
/// </summary>
public sealed record WarmUp : Schedule
{
    /// <summary>A warm-up before <paramref name="inner"/>.</summary>
    /// <param name="inner">What follows; it begins at its own step 0.</param>
    /// <param name="steps">Steps of the rise.</param>
    /// <param name="start">The factor at the first step.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no steps, or the start is not at least 0 and less than 1.</exception>
    public WarmUp(Schedule inner, long steps, double start = 0.01)
    {
        Inner = inner;
        Steps = steps >= 1 ? steps : throw new ArgumentOutOfRangeException(nameof(steps), steps, "steps must be 1 or more");
        Start = Expect.Between(0, 1, start);
    }

    /// <summary>Schedule that follows.</summary>
    public Schedule Inner { get; }

    /// <summary>Steps of the rise.</summary>
    public long Steps { get; }

    /// <summary>The factor at the first step.</summary>
    public double Start { get; }

    /// <inheritdoc/>
    public override double At(long step, long totalSteps) => step < Steps
        ? (Start + (1 - Start) * step / Steps) * Inner.At(0, Math.Max(1, totalSteps - Steps))
        : Inner.At(step - Steps, Math.Max(1, totalSteps - Steps));

    /// <inheritdoc/>
    public override void Observe(double score, bool higherIsBetter = false) => Inner.Observe(score, higherIsBetter);

    /// <inheritdoc/>
    public override ScheduleState State => Inner.State;

    /// <inheritdoc/>
    public override void Restore(ScheduleState state) => Inner.Restore(state);
}
