namespace Lamina.Learning.Sounds;

/// <summary>
/// Triangular filters that are evenly spaced on the mel scale, 2595 · log10(1 + f / 700) (O'Shaughnessy, 1987), each 1 at its middle and 0 at the
/// middles of its
/// neighbours (Davis and Mermelstein, 1980).
/// </summary>
internal sealed class MelFilters
{
    private readonly int[] _first;
    private readonly float[][] _weights;

    /// <param name="bands">Number of filters.</param>
    /// <param name="low">The lower end of the first one, Hz.</param>
    /// <param name="high">The upper end of the last one, Hz.</param>
    /// <param name="rate">Samples in a second.</param>
    /// <param name="length">Length of the Fourier transform.</param>
    public MelFilters(int bands, double low, double high, int rate, int length)
    {
        (_first, _weights) = (new int[bands], new float[bands][]);
        double from = ToMel(low), step = (ToMel(high) - from) / (bands + 1), width = (double)rate / length;
        for (int band = 0; band < bands; band++)
        {
            double left = ToHertz(from + band * step), middle = ToHertz(from + (band + 1) * step), right = ToHertz(from + (band + 2) * step);
            // A filter between two lines of the spectrum takes the nearest one.
            int first = (int)Math.Ceiling(left / width), last = Math.Min((int)Math.Floor(right / width), length / 2);
            var weights = new List<float>();
            for (int k = first; k <= last; k++)
                weights.Add((float)Math.Max(0, Math.Min((k * width - left) / (middle - left), (right - k * width) / (right - middle))));
            if (weights.Sum() <= 0) (first, weights) = (Math.Min((int)Math.Round(middle / width), length / 2), [1]);
            (_first[band], _weights[band]) = (first, [.. weights]);
        }
    }

    /// <summary>The sum of the power below each filter.</summary>
    public void Apply(ReadOnlySpan<float> power, Span<float> bands)
    {
        for (int band = 0; band < _weights.Length; band++)
        {
            ReadOnlySpan<float> weights = _weights[band], under = power.Slice(_first[band], weights.Length);
            float sum = 0;
            for (int i = 0; i < weights.Length; i++) sum += weights[i] * under[i];
            bands[band] = sum;
        }
    }

    /// <summary>Hertz to mel.</summary>
    public static double ToMel(double hertz) => 2_595 * Math.Log10(1 + hertz / 700);

    /// <summary>Mel to hertz.</summary>
    public static double ToHertz(double mel) => 700 * (Math.Pow(10, mel / 2_595) - 1);
}
