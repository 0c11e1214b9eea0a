using Lamina.Learning.Layers;

namespace Lamina.Learning.Schedules;

/// <summary>
/// From the base rate down to <see cref="Minimum"/> of it along half a cosine, over the whole run (Loshchilov and Hutter, 2016:
/// "SGDR: stochastic gradient descent with warm restarts"). Beyond the end it stays at the minimum.
/// </summary>
public sealed record Cosine : Schedule
{
    /// <summary>A cosine.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The minimum is not at least 0 and less than 1.</exception>
    public Cosine(double minimum = 0) => Minimum = Expect.Between(0, 1, minimum);

    /// <summary>The factor at the end.</summary>
    public double Minimum { get; }

    /// <inheritdoc/>
    public override double At(long step, long totalSteps)
    {
        double done = Math.Clamp(step / (double)Math.Max(1, totalSteps), 0, 1);
        return Minimum + (1 - Minimum) * (1 + Math.Cos(Math.PI * done)) / 2;
    }
}
