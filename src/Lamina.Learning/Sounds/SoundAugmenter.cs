using System.Runtime.Intrinsics;
using Lamina.Learning.Data;

namespace Lamina.Learning.Sounds;

/// <summary>Varies spectrograms at random, before and after they are normalised.</summary>
internal sealed class SoundAugmenter(MelSpectrogram spectrogram, SoundAugmentation options)
{
    private const double Decibel = 0.230258509; // in natural logarithms of power
    private const int Knots = 5;

    private readonly MelOptions _mel = spectrogram.Options;

    /// <summary>Which of several recordings an example is blended with; −1 where it isn't.</summary>
    public int Partner(int count, in ExampleDraws draws)
    {
        Vector128<float> draw = draws.Uniform(7);
        return draw[0] < options.Blend ? Math.Min((int)(draw[1] * count), count - 1) : -1;
    }

    /// <summary>Writes a varied spectrogram of (frames of the recording, bands) of logarithms.</summary>
    /// <param name="logs">The recording.</param>
    /// <param name="other">What it is blended with; empty: nothing.</param>
    /// <param name="draws">The example's draws.</param>
    /// <param name="to">Takes the spectrogram.</param>
    public void Write(ReadOnlySpan<float> logs, ReadOnlySpan<float> other, in ExampleDraws draws, Span<float> to)
    {
        int bands = _mel.Bands, frames = logs.Length / bands;
        Vector128<float> a = draws.Uniform(0), b = draws.Uniform(1);
        int length = frames == 0 ? 0 : Math.Max(1, (int)Math.Round(frames * Factor(a[0], options.Stretch)));
        int taken = Math.Min(length, _mel.Frames), first = (int)(a[1] * (length - taken + 1)), at = options.Shift
            ? (int)(a[2] * (_mel.Frames - taken + 1)) : 0;
        var part = new float[taken * bands];
        if (taken > 0) Sample(logs, frames, (double)frames / length, first, Factor(a[3], options.Warp), part);
        if (taken > 0 && other.Length > 0)
        {
            float share = b[2] / 2;
            var second = new float[part.Length];
            Sample(other, other.Length / bands, (double)(other.Length / bands) / length, first, Factor(b[3], options.Warp), second);
            for (int i = 0; i < part.Length; i++) part[i] += share * (second[i] - part[i]);
        }
        Color(part, b, draws);
        spectrogram.Write(part, to, at);
        Mask(to, at, taken, draws);
    }

    private static double Factor(float uniform, double share) => Math.Pow(1 + share, 2 * uniform - 1);

    // Linear between neighbouring frames and bands.
    private void Sample(ReadOnlySpan<float> logs, int frames, double step, int first, double warp, Span<float> part)
    {
        int bands = _mel.Bands;
        Span<int> band = stackalloc int[bands];
        Span<float> above = stackalloc float[bands];
        Bands(warp, band, above);
        for (int t = 0; t < part.Length / bands; t++)
        {
            double place = Math.Clamp((t + first + 0.5) * step - 0.5, 0, frames - 1);
            int whole = Math.Min((int)place, Math.Max(0, frames - 2));
            float later = (float)(place - whole);
            ReadOnlySpan<float> one = logs.Slice(whole * bands, bands), two = frames > 1 ? logs.Slice((whole + 1) * bands, bands) : one;
            Span<float> to = part.Slice(t * bands, bands);
            for (int i = 0; i < bands; i++)
            {
                int k = band[i];
                float x = one[k] + above[i] * (one[k + 1] - one[k]), y = two[k] + above[i] * (two[k + 1] - two[k]);
                to[i] = x + later * (y - x);
            }
        }
    }

    // For each band the one below the frequency that is moved there, and how far above it that lies.
    private void Bands(double warp, Span<int> band, Span<float> above)
    {
        double half = _mel.Rate / 2.0, border = 0.8 * half * Math.Min(warp, 1);
        double from = MelFilters.ToMel(_mel.Low), step = (MelFilters.ToMel(half) - from) / (band.Length + 1);
        for (int i = 0; i < band.Length; i++)
        {
            double hertz = MelFilters.ToHertz(from + (i + 1) * step);
            // Above the border it is brought back, so that the highest frequency stays.
            double moved = hertz <= border / warp ? hertz * warp : half - (half - border) / (half - border / warp) * (half - hertz);
            double place = Math.Clamp((MelFilters.ToMel(Math.Max(0, moved)) - from) / step - 1, 0, band.Length - 1);
            band[i] = Math.Min((int)place, band.Length - 2);
            above[i] = (float)(place - band[i]);
        }
    }

    // A smooth curve over the bands, and noise.
    private void Color(Span<float> part, Vector128<float> draw, in ExampleDraws draws)
    {
        int bands = _mel.Bands;
        if (options.Equalizer > 0)
        {
            Span<float> curve = stackalloc float[bands];
            Curve(curve, options.Equalizer * Decibel, draws, 2);
            for (int i = 0; i < part.Length; i++) part[i] += curve[i % bands];
        }
        if (!(draw[0] < options.Noise) || part.IsEmpty) return;
        float loudest = float.MinValue;
        foreach (float x in part) loudest = Math.Max(loudest, x);
        Span<float> noise = stackalloc float[bands];
        Curve(noise, 10 * Decibel, draws, 4);
        for (int i = 0; i < bands; i++) noise[i] = MathF.Exp(loudest + noise[i] - (float)((10 + 40 * draw[1]) * Decibel));
        uint state = draws.Bits(6)[0] | 1;
        for (int i = 0; i < part.Length; i++)
        {
            state ^= state << 13; // Marsaglia, 2003
            state ^= state >> 17;
            state ^= state << 5;
            part[i] = MathF.Log(MathF.Exp(part[i]) + noise[i % bands] * (0.4f + 1.2f * (state >> 8) / (1 << 24)));
        }
    }

    private static void Curve(Span<float> curve, double size, in ExampleDraws draws, int block)
    {
        Vector128<float> low = draws.Uniform(block), high = draws.Uniform(block + 1);
        Span<float> knots = [low[0], low[1], low[2], low[3], high[0]];
        for (int i = 0; i < curve.Length; i++)
        {
            float place = (float)i / Math.Max(1, curve.Length - 1) * (Knots - 1);
            int k = Math.Min((int)place, Knots - 2);
            curve[i] = (float)size * (2 * (knots[k] + (place - k) * (knots[k + 1] - knots[k])) - 1);
        }
    }

    // Zeros, which are the mean.
    private void Mask(Span<float> to, int at, int taken, in ExampleDraws draws)
    {
        int bands = _mel.Bands, channels = _mel.Channels;
        for (int mask = 0; mask < options.Masks; mask++)
        {
            Vector128<float> draw = draws.Uniform(8 + mask);
            int wide = (int)(draw[0] * (options.MaskShare * taken + 1)), first = at + (int)(draw[1] * (taken - wide + 1));
            to.Slice(first * bands * channels, wide * bands * channels).Clear();
            int high = (int)(draw[2] * (options.MaskShare * bands + 1)), lowest = (int)(draw[3] * (bands - high + 1));
            for (int t = at; t < at + taken; t++) to.Slice((t * bands + lowest) * channels, high * channels).Clear();
        }
    }
}
