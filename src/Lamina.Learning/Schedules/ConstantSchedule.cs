namespace Lamina.Learning.Schedules;

/// <summary>The base rate at every step.</summary>
public sealed record ConstantSchedule : Schedule
{
    /// <inheritdoc/>
    public override double At(long step, long totalSteps) => 1;
}
