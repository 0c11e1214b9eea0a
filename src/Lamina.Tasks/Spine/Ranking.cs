namespace Lamina.Tasks.Spine;

/// <summary>How well scores rank positive examples above negative ones; equal scores count as what they are, undecided.</summary>
/// <param name="Auc">The area under the ROC curve: the chance that a positive example has a higher score than a negative one, ties by half (Mann
/// and Whitney, 1947). NaN where either is missing.</param>
/// <param name="PrAuc">The average precision: precision at each score, weighted by the recall gained there. NaN where no example is positive.</param>
internal sealed record Ranking(Figure Auc, Figure PrAuc)
{
    /// <summary>Ranks examples; both arrays are sorted in place.</summary>
    /// <param name="scores">The score of each example, finite.</param>
    /// <param name="isPositive">Whether each is positive.</param>
    public static Ranking Of(float[] scores, bool[] isPositive)
    {
        Array.Sort(scores, isPositive);
        long positives = isPositive.LongCount(p => p), negatives = scores.Length - positives;
        double precision = 0;
        // Sums and sums of squares of each positive's share of negatives below it, and each negative's share of positives above it.
        double above = 0, aboveSquares = 0, below = 0, belowSquares = 0;
        long found = 0, seen = 0;
        for (int end = scores.Length; end > 0;)
        {
            int start = end;
            long p = 0;
            for (; start > 0 && scores[start - 1] == scores[end - 1]; start--) p += isPositive[start - 1] ? 1 : 0;
            long q = end - start - p, negativesBelow = negatives - (seen - found) - q;
            double a = (negativesBelow + q / 2.0) / negatives, b = (found + p / 2.0) / positives;
            above += p * a;
            aboveSquares += p * a * a;
            below += q * b;
            belowSquares += q * b * b;
            found += p;
            seen += end - start;
            precision += (double)p / positives * found / seen;
            end = start;
        }
        return new(Area(above, aboveSquares, below, belowSquares, positives, negatives), AveragePrecision(positives == 0 ? double.NaN : precision, positives));
    }

    // The variance of DeLong, DeLong and Clarke-Pearson (1988), on the scale of logits.
    private static Figure Area(double above, double aboveSquares, double below, double belowSquares, long positives, long negatives)
    {
        if (positives == 0 || negatives == 0) return new(double.NaN, FigureKind.Score);
        double area = above / positives;
        double Variance(double sum, double squares, long n) => n < 2 ? double.NaN : Math.Max(0, (squares - sum * sum / n) / (n - 1)) / n;
        double variance = Variance(above, aboveSquares, positives) + Variance(below, belowSquares, negatives);
        return new(area, FigureKind.Score, Statistics.Logit(area, Math.Sqrt(variance)));
    }

    // The logit interval of Boyd, Eng and Page (2013).
    private static Figure AveragePrecision(double precision, long positives) =>
        new(precision, FigureKind.Score, positives < 2 ? null : Statistics.Logit(precision, Math.Sqrt(precision * (1 - precision) / positives)));
}
