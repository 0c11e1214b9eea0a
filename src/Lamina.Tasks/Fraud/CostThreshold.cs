namespace Lamina.Tasks.Fraud;

/// <summary>Chooses where a rare class is said, so that mistakes on validation examples cost least.</summary>
internal static class CostThreshold
{
    /// <summary>Above every probability: the class is never said.</summary>
    public const double Never = 2;

    /// <summary>The threshold on the probability of the rare class.</summary>
    /// <param name="odds">The log-odds of the rare class for each validation example; sorted in place.</param>
    /// <param name="isPositive">Whether each is of the class; sorted with them.</param>
    /// <param name="missed">What a missed one costs.</param>
    /// <param name="wrong">What a false alarm costs.</param>
    /// <remarks>
    /// Between two neighbouring scores every threshold costs the same, and with few examples of the class that may be a wide range. Of the ranges
    /// that cost least the one nearest to the threshold that follows from the costs alone is taken, and in it the place nearest to that.
    /// </remarks>
    public static double Of(float[] odds, bool[] isPositive, double missed, double wrong)
    {
        Array.Sort(odds, isPositive);
        double goal = Math.Log(wrong / missed), best = double.PositiveInfinity, chosen = goal, distance = double.PositiveInfinity;
        double cost = isPositive.Count(p => !p) * wrong; // everything is said to be of the class
        for (int i = 0; ; i++)
        {
            double low = i == 0 ? double.NegativeInfinity : odds[i - 1], high = i == odds.Length ? double.PositiveInfinity : odds[i];
            if (low < high)
            {
                double place = goal > low && goal <= high ? goal : Nearest(low, high, goal);
                if (cost < best * (1 - 1e-12) || cost <= best * (1 + 1e-12) && Math.Abs(place - goal) < distance)
                    (best, chosen, distance) = (cost, place, Math.Abs(place - goal));
            }
            if (i == odds.Length) break;
            cost += isPositive[i] ? missed : -wrong;
        }
        return chosen >= 30 ? Never : 1 / (1 + Math.Exp(-chosen));
    }

    // The middle of the range; of one without an end a little beyond the other.
    private static double Nearest(double low, double high, double goal)
    {
        const double Beyond = 0.5;
        return goal <= low ? double.IsPositiveInfinity(high) ? low + Beyond : low + (high - low) / 2
            : double.IsNegativeInfinity(low) ? high - Beyond : low + (high - low) / 2;
    }
}
