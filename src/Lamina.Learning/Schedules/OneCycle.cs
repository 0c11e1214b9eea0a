using Lamina.Learning.Layers;

namespace Lamina.Learning.Schedules;

/// <summary>
/// Up from the base rate / <see cref="Division"/> to the base rate, then down to a small fraction, over the whole run (Smith and
/// Topin, 2017: "Super-convergence"). The base rate is the peak. The numbers are PyTorch's.
/// </summary>
public sealed record OneCycle : Schedule
{
    /// <summary>A cycle.</summary>
    /// <param name="upShare">The share of the run in which the rate rises.</param>
    /// <param name="division">The first rate is the base rate divided by this.</param>
    /// <param name="finalDivision">The last rate is the first divided by this.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not at least 0 and less than 1, or a division not above 0.</exception>
    public OneCycle(double upShare = 0.3, double division = 25, double finalDivision = 1e4)
    {
        UpShare = Expect.Between(0, 1, upShare);
        Division = Expect.Positive(division);
        FinalDivision = Expect.Positive(finalDivision);
    }

    /// <summary>The share of the run in which the rate rises.</summary>
    public double UpShare { get; }

    /// <summary>The first rate is the base rate divided by this.</summary>
    public double Division { get; }

    /// <summary>The last rate is the first divided by this.</summary>
    public double FinalDivision { get; }

    /// <summary>Whether it rises and falls straight; along half a cosine otherwise.</summary>
    public bool IsStraight { get; init; }

    /// <inheritdoc/>
    public override double At(long step, long totalSteps)
    {
        double top = UpShare * totalSteps - 1, end = Math.Max(totalSteps - 1, top + 1), first = 1 / Division;
        return step < top ? Between(first, 1, step / top) : Between(1, first / FinalDivision, Math.Min(1, (step - top) / (end - top)));
    }

    private double Between(double from, double to, double done) =>
        IsStraight ? from + (to - from) * done : to + (from - to) * (1 + Math.Cos(Math.PI * done)) / 2;
}
