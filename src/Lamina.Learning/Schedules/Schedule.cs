using System.Text.Json.Serialization;

namespace Lamina.Learning.Schedules;

/// <summary>
/// How the learning rate changes over a run: a factor on the base rate that depends on the step alone, so that a resumed run
/// has the same rates. Only <see cref="OnPlateau"/> looks at scores, and its state is saved.
/// </summary>
public abstract record Schedule
{
    /// <summary>The factor on the base rate.</summary>
    /// <param name="step">Steps done before this one, from 0.</param>
    /// <param name="totalSteps">Steps of the whole run.</param>
    public abstract double At(long step, long totalSteps);

    /// <summary>Tells the score that an epoch ended with. Only schedules that depend on scores listen.</summary>
    public virtual void Observe(double score, bool higherIsBetter = false) { }

    /// <summary>What the scores so far have led to; the same again after <see cref="Restore"/>.</summary>
    [JsonIgnore]
    public virtual ScheduleState State => ScheduleState.Start;

    /// <summary>Takes up a state that was saved.</summary>
    public virtual void Restore(ScheduleState state) { }
}

/// <summary>State of a schedule that depends on scores.</summary>
/// <param name="Factor">The factor on the base rate.</param>
/// <param name="Best">The best score so far, or null before there is one.</param>
/// <param name="Waited">Scores in a row that were no better.</param>
/// <param name="Cooldown">Scores still to be let pass.</param>
public sealed record ScheduleState(double Factor, double? Best, int Waited, int Cooldown)
{
    /// <summary>Before the first score.</summary>
    public static ScheduleState Start { get; } = new(1, null, 0, 0);
}
