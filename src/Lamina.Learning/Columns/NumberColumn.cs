using Lamina.Learning.Saving;

namespace Lamina.Learning.Columns;

/// <summary>
/// Numbers in standard units, (value − mean) / deviation, or, where the column has far outliers, by their quantile as a normal score. A missing number
/// is 0; where the training rows missed some, a second slot says so by 1.
/// </summary>
public sealed partial record NumberColumn : ColumnEncoding
{
    // What lies further out says no more than that it does.
    private const double Farthest = 8;

    /// <summary>An encoding of numbers.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="mean">The mean over the training rows.</param>
    /// <param name="deviation">The standard deviation, above 0.</param>
    /// <param name="hasMissing">Whether training rows missed it.</param>
    /// <param name="mark">The decimal mark.</param>
    /// <param name="knots">Values at equal steps of the quantile, ascending; none: standard units.</param>
    public NumberColumn(string name, double mean, double deviation, bool hasMissing = false, DecimalMark mark = DecimalMark.Point,
        IReadOnlyList<double>? knots = null)
    {
        Require(double.IsFinite(mean) && double.IsFinite(deviation) && deviation > 0, $"column {name}: mean or deviation is no usable number");
        knots ??= [];
        Require(knots.Count is 0 or >= 2 and <= 10_000 && knots.All(double.IsFinite), $"column {name}: there are no or 2 to 10,000 knots");
        for (int i = 1; i < knots.Count; i++) Require(knots[i] >= knots[i - 1], $"column {name}: knots don't ascend");
        (Name, Mean, Deviation, HasMissing, Mark, Knots) = (name, mean, deviation, hasMissing, mark, knots);
        _knots = [.. knots];
    }

    private readonly double[] _knots;

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>The mean over the training rows.</summary>
    public double Mean { get; }

    /// <summary>The standard deviation over the training rows.</summary>
    public double Deviation { get; }

    /// <summary>Whether training rows missed it.</summary>
    public bool HasMissing { get; }

    /// <summary>The decimal mark.</summary>
    public DecimalMark Mark { get; }

    /// <summary>Values at equal steps of the quantile; none: standard units.</summary>
    public IReadOnlyList<double> Knots { get; }

    /// <inheritdoc/>
    public override SlotKind Kind => SlotKind.Number;

    /// <inheritdoc/>
    public override int Slots => HasMissing ? 2 : 1;

    /// <inheritdoc/>
    public override bool Encode(ReadOnlySpan<char> cell, Span<float> slots)
    {
        bool isNumber = Cell.TryNumber(cell, Mark, out double value);
        slots[0] = isNumber ? (float)Scaled(value) : 0;
        if (HasMissing) slots[1] = isNumber ? 0 : 1;
        return isNumber || Cell.IsMissing(cell);
    }

    /// <summary>A value in the network's units.</summary>
    public double Scaled(double value)
    {
        if (_knots.Length == 0) return Math.Clamp((value - Mean) / Deviation, -Farthest, Farthest);
        int last = _knots.Length - 1, at = Array.BinarySearch(_knots, value);
        double place;
        if (at >= 0)
        {
            // Equal values are one place: the middle of theirs.
            int low = at, high = at;
            while (low > 0 && _knots[low - 1] == value) low--;
            while (high < last && _knots[high + 1] == value) high++;
            place = (low + high) / 2.0;
        }
        else
        {
            at = ~at;
            place = at == 0 ? 0 : at > last ? last : at - 1 + (value - _knots[at - 1]) / (_knots[at] - _knots[at - 1]);
        }
        return NormalScore((place + 0.5) / (last + 1));
    }

    // The inverse of the normal distribution function, after Acklam (2003): 1.15e-9 relative error.
    private static double NormalScore(double p)
    {
        const double Tail = 0.02425;
        if (p > 0.5) return -NormalScore(1 - p);
        if (p < Tail)
        {
            double q = Math.Sqrt(-2 * Math.Log(p));
            return (((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838) * q - 2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783)
                / ((((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1);
        }
        double r = p - 0.5, s = r * r;
        return (((((-3.969683028665376e+01 * s + 2.209460984245205e+02) * s - 2.759285104469687e+02) * s + 1.383577518672690e+02) * s - 3.066479806614716e+01) * s + 2.506628277459239) * r
            / (((((-5.447609879822406e+01 * s + 1.615858368580409e+02) * s - 1.556989798598866e+02) * s + 6.680131188771972e+01) * s - 1.328068155288572e+01) * s + 1);
    }
}
