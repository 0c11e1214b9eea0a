using Lamina.Formats.Sounds;

namespace Lamina.Learning.Sounds;

/// <summary>
/// Changes the rate of a recording by a windowed sinc (Smith, 2002: "Digital audio resampling"): frequencies that the new rate can't hold are taken
/// out
/// first, so that none of them comes back as another.
/// </summary>
public static class Resampler
{
    private const int Crossings = 16, MostPhases = 1_024;
    private const double RollOff = 0.95;

    /// <summary>The recording at another rate; itself where it has that rate.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rate is below 1.</exception>
    public static Waveform ToRate(Waveform waveform, int rate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rate, 1);
        if (waveform.Rate == rate || waveform.Samples.IsEmpty) return new(waveform.Samples, rate);
        ReadOnlySpan<float> from = waveform.Samples.Span;
        double step = (double)waveform.Rate / rate; // in samples of the old rate
        var to = new float[Math.Max(1, (int)Math.Min(Array.MaxLength, from.Length / step))];
        // In cycles per old sample, twice: the least of both rates' halves, and a little lower, where the filter falls.
        double cut = RollOff * Math.Min(1, 1 / step);
        int reach = (int)Math.Ceiling(Crossings / cut), taps = 2 * reach;
        float[][] filters = Filters(cut, reach, rate / Gcd(waveform.Rate, rate));
        for (int i = 0; i < to.Length; i++)
        {
            double place = i * step;
            int whole = (int)place;
            float[] filter = filters[(int)((place - whole) * filters.Length + 0.5) % filters.Length];
            // A phase that rounds up to 1 is phase 0 of the next sample.
            if ((int)((place - whole) * filters.Length + 0.5) == filters.Length) whole++;
            int first = whole - reach + 1, begin = Math.Max(0, -first), end = Math.Min(taps, from.Length - first);
            float sum = 0;
            for (int tap = begin; tap < end; tap++) sum += filter[tap] * from[first + tap];
            to[i] = sum;
        }
        return new(to, rate);
    }

    // For each place between two samples the weights of those around it; their sum is 1.
    private static float[][] Filters(double cut, int reach, int places)
    {
        var filters = new float[Math.Min(places, MostPhases)][];
        for (int phase = 0; phase < filters.Length; phase++)
        {
            var filter = new double[2 * reach];
            for (int tap = 0; tap < filter.Length; tap++)
            {
                double t = tap - reach + 1 - (double)phase / filters.Length, x = Math.PI * t * cut;
                // A window of Hann over the reach.
                double window = Math.Abs(t) >= reach ? 0 : 0.5 + 0.5 * Math.Cos(Math.PI * t / reach);
                filter[tap] = (x == 0 ? 1 : Math.Sin(x) / x) * window;
            }
            double sum = filter.Sum();
            filters[phase] = [.. filter.Select(f => (float)(f / sum))];
        }
        return filters;
    }

    private static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);
}
