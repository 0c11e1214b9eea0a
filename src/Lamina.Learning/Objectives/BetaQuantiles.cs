namespace Lamina.Learning.Objectives;

/// <summary>
/// Quantiles of the symmetric beta distribution, by the continued fraction of the incomplete beta function (Abramowitz and Stegun, 1964, 26.5.8) and
/// bisection. Tables of them turn even draws into draws of the distribution without the rejections that a recorded step couldn't repeat.
/// </summary>
internal static class BetaQuantiles
{
    /// <summary>The quantiles at 0, 1/n, 2/n, …, 1 of Beta(alpha, alpha).</summary>
    public static float[] Table(double alpha, int intervals)
    {
        var table = new float[intervals + 1];
        double half = Log(alpha, 0.5);
        for (int i = 0; 2 * i <= intervals; i++)
        {
            double quantile = 2 * i == intervals ? 0.5 : At(alpha, (double)i / intervals, half);
            (table[i], table[intervals - i]) = ((float)quantile, (float)(1 - quantile));
        }
        return table;
    }

    // Below one half: the distribution is symmetric.
    private static double At(double alpha, double probability, double half)
    {
        const int Halvings = 60;
        if (probability <= 0) return 0;
        double low = 0, high = 0.5, target = Math.Log(2 * probability);
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2;
            if (Log(alpha, middle) - half < target) low = middle;
            else high = middle;
        }
        return high;
    }

    // The logarithm of the probability of a smaller value than x, up to a constant, which is gone in the difference to one half's.
    private static double Log(double alpha, double x) => alpha * (Math.Log(x) + Math.Log(1 - x)) + Math.Log(Fraction(alpha, x));

    // Lentz's method (1976); it converges fast for x up to one half.
    private static double Fraction(double alpha, double x)
    {
        const double Tiny = 1e-300;
        const int MostTerms = 10_000;
        double d = 1 - 2 * alpha * x / (alpha + 1), c = 1;
        d = 1 / (Math.Abs(d) < Tiny ? Tiny : d);
        double value = d;
        for (int m = 1; m < MostTerms; m++)
        {
            double even = m * (alpha - m) * x / ((alpha + 2 * m - 1) * (alpha + 2 * m));
            double odd = -(alpha + m) * (2 * alpha + m) * x / ((alpha + 2 * m) * (alpha + 2 * m + 1));
            Step(even, ref c, ref d, ref value);
            double before = value;
            Step(odd, ref c, ref d, ref value);
            if (Math.Abs(value / before - 1) < 1e-15) break;
        }
        return value;

        static void Step(double term, ref double c, ref double d, ref double value)
        {
            d = 1 + term * d;
            d = 1 / (Math.Abs(d) < Tiny ? Tiny : d);
            c = 1 + term / c;
            if (Math.Abs(c) < Tiny) c = Tiny;
            value *= d * c;
        }
    }
}
