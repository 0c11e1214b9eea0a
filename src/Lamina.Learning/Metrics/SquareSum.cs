namespace Lamina.Learning.Metrics;

/// <summary>
/// A sum of squares that neither overflows nor underflows (Blue, 1978): <c>Sum · Scale²</c>, the scale a power of two near the
/// largest distance so far, so that scaling rounds nothing.
/// </summary>
internal struct SquareSum
{
    // Squares of distances between these are exact enough in double precision as they are.
    private const double Least = 1e-140, Largest = 1e140;

    public double Scale { get; set; }

    public double Sum { get; set; }

    /// <summary>√(Sum · Scale² / count).</summary>
    public readonly double RootOfMean(long count) => Scale * Math.Sqrt(Sum / count);

    /// <summary>With a product more of two distances of about one size; a square, for instance.</summary>
    public void Add(double x, double y)
    {
        double largest = Math.Max(Math.Abs(x), Math.Abs(y));
        if (largest == 0) return;
        if (!double.IsFinite(largest)) Scale = Math.Max(Scale, 1);
        else if (largest > Scale) Rescale(largest is > Least and < Largest ? 1 : Math.ScaleB(1, Math.ILogB(largest)));
        Sum += x / Scale * (y / Scale);
    }

    /// <summary>The quotient of two sums.</summary>
    public static double Ratio(SquareSum a, SquareSum b)
    {
        double scale = a.Scale / b.Scale;
        return a.Sum / b.Sum * scale * scale;
    }

    private void Rescale(double scale)
    {
        if (scale <= Scale) return;
        double ratio = Scale / scale;
        Sum *= ratio * ratio;
        Scale = scale;
    }
}
