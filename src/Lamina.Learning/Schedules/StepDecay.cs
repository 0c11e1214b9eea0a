using Lamina.Learning.Layers;

namespace Lamina.Learning.Schedules;

/// <summary>The rate times <see cref="Factor"/> after every <see cref="Every"/> steps.</summary>
public sealed record StepDecay : Schedule
{
    /// <summary>A decay in steps.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="every"/> is less than 1, or the factor not above 0.</exception>
    public StepDecay(long every, double factor = 0.1)
    {
        Every = every >= 1 ? every : throw new ArgumentOutOfRangeException(nameof(every), every, "every must be 1 or more");
        Factor = Expect.Positive(factor);
    }

    /// <summary>Steps between two changes.</summary>
    public long Every { get; }

    /// <summary>Factor on the learning rate.</summary>
    public double Factor { get; }

    /// <inheritdoc/>
    public override double At(long step, long totalSteps) => Math.Pow(Factor, step / Every);
}
