using System.Numerics;
using Lamina.Formats.Sounds;
using Lamina.Learning.Saving;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Sounds;

/// <summary>
/// Recordings of any rate and length as log-mel spectrograms, float32 (recordings, frames, bands, channels): brought to one rate, silence at both
/// ends cut off,
/// the power of short frames in bands as the ear has them (Davis and Mermelstein, 1980), its logarithm, less the mean of the recording or of each
/// band, divided by the deviation. Frames behind the end of a short recording are zeros; of a long one the middle is taken. A silent recording is
/// all zeros. It encodes on any number of
/// threads at once.
/// </summary>
public sealed partial record MelSpectrogram : SoundPreprocessing
{
    private readonly FourierTransform _transform;
    private readonly MelFilters _filters;
    private readonly float[] _window;

    /// <summary>Spectrograms of these options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public MelSpectrogram(MelOptions options)
    {
        Check(options);
        Options = options;
        int length = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(options.WindowSamples, 512));
        _transform = new(length);
        _filters = new(options.Bands, options.Low, options.Rate / 2.0, options.Rate, length);
        // A window of Hann.
        _window = [.. Enumerable.Range(0, options.WindowSamples).Select(i =>
            (float)(0.5 - 0.5 * Math.Cos(2 * Math.PI * (i + 0.5) / options.WindowSamples)))];
    }

    /// <summary>The options.</summary>
    public MelOptions Options { get; }

    /// <summary>The shape of a spectrogram: (frames, bands, channels).</summary>
    public Shape Shape => (Options.Frames, Options.Bands, Options.Channels);

    /// <inheritdoc/>
    public override Tensor Encode(IReadOnlyList<Waveform> sounds) => Tensor.Create<float>(Shape.Insert(0, sounds.Count), values =>
    {
        for (int i = 0; i < sounds.Count; i++) Place(Analyze(sounds[i]), values.Slice(i * Shape.Count, Shape.Count));
    });

    /// <summary>The logarithm of each frame's power in each band, (frames of the recording, bands) without silence at its ends; empty where all is
    /// silent.</summary>
    public float[] Analyze(Waveform sound)
    {
        const float Silent = 1e-10f; // mean power of −100 dB of full scale
        ReadOnlySpan<float> samples = Resampler.ToRate(sound, Options.Rate).Samples.Span;
        int size = Options.WindowSamples, hop = Options.HopSamples, bands = Options.Bands;
        int frames = 1 + Math.Max(0, samples.Length - size + hop / 2) / hop;
        var powers = new float[checked(frames * bands)];
        var energies = new double[frames];
        float[] x = new float[_transform.Length], scratch = new float[_transform.Length], power = new float[_transform.Length / 2 + 1];
        for (int frame = 0; frame < frames; frame++)
        {
            ReadOnlySpan<float> part = samples[Math.Min(samples.Length, frame * hop)..];
            part = part[..Math.Min(part.Length, size)];
            float mean = 0; // a constant offset is no sound
            foreach (float sample in part) mean += sample / Math.Max(1, part.Length);
            x.AsSpan().Clear();
            for (int i = 0; i < part.Length; i++)
            {
                float sample = part[i] - mean;
                energies[frame] += (double)sample * sample / size;
                x[i] = sample * _window[i];
            }
            _transform.Power(x, scratch, power);
            _filters.Apply(power, powers.AsSpan(frame * bands, bands));
        }
        double loudest = energies.Max();
        if (!(loudest > Silent)) return [];
        (int first, int last) = Sounding(energies, loudest);
        return Logarithms(powers.AsSpan(first * bands, (last - first + 1) * bands));
    }

    /// <summary>Writes a spectrogram from what <see cref="Analyze"/> gave: cropped or padded, normalised.</summary>
    /// <param name="logs">(frames of the recording, bands).</param>
    /// <param name="to">Takes (frames, bands, channels).</param>
    public void Place(ReadOnlySpan<float> logs, Span<float> to)
    {
        int bands = Options.Bands, have = logs.Length / bands, taken = Math.Min(have, Options.Frames);
        Write(logs.Slice((have - taken) / 2 * bands, taken * bands), to, 0);
    }

    /// <summary>Writes frames, at most as many as a spectrogram has, from a frame on, normalised, and zeros around them.</summary>
    internal void Write(ReadOnlySpan<float> logs, Span<float> to, int at)
    {
        int bands = Options.Bands, channels = Options.Channels, frames = logs.Length / bands;
        to.Clear();
        if (frames == 0) return;
        to = to[(at * bands * channels)..];
        int channel = 0;
        if (Options.Normalization != SoundNormalization.Bands) Normalize(logs, to, channel++, byBand: false);
        if (Options.Normalization != SoundNormalization.Loudness) Normalize(logs, to, channel, byBand: true);
    }

    private void Normalize(ReadOnlySpan<float> logs, Span<float> to, int channel, bool byBand)
    {
        const double Least = 0.5; // natural logarithms: what varies less isn't blown up
        int bands = Options.Bands, channels = Options.Channels, frames = logs.Length / bands;
        Span<double> means = stackalloc double[bands];
        means.Clear();
        for (int i = 0; i < logs.Length; i++) means[i % bands] += logs[i];
        double all = 0;
        for (int band = 0; band < bands; band++) all += (means[band] /= frames) / bands;
        if (!byBand) means.Fill(all);
        double squares = 0;
        for (int i = 0; i < logs.Length; i++) squares += (logs[i] - means[i % bands]) * (logs[i] - means[i % bands]);
        float scale = (float)(1 / Math.Max(Least, Math.Sqrt(squares / logs.Length)));
        for (int i = 0; i < logs.Length; i++) to[i * channels + channel] = (float)(logs[i] - means[i % bands]) * scale;
    }

    // First and last frame that are loud enough, and a little around them, where a consonant may be.
    private (int First, int Last) Sounding(double[] energies, double loudest)
    {
        const int Around = 3;
        if (Options.Silence == 0) return (0, energies.Length - 1);
        double least = loudest * Math.Pow(10, -Options.Silence / 10);
        return (Math.Max(0, Array.FindIndex(energies, e => e >= least) - Around), Math.Min(energies.Length - 1,
            Array.FindLastIndex(energies, e => e >= least) + Around));
    }

    private float[] Logarithms(ReadOnlySpan<float> powers)
    {
        float floor = 0;
        foreach (float power in powers) floor = Math.Max(floor, power);
        floor *= MathF.Pow(10, -(float)Options.Range / 10);
        floor = Math.Max(floor, 1e-30f);
        var logs = new float[powers.Length];
        for (int i = 0; i < logs.Length; i++) logs[i] = MathF.Log(powers[i] + floor);
        return logs;
    }

    // Options may come from a file.
    private static void Check(MelOptions o)
    {
        if (o.Rate is < 1_000 or > 192_000) throw new ArgumentOutOfRangeException(nameof(o.Rate), o.Rate,
            "a rate is 1,000 to 192,000 samples in a second");
        if (o.Frames is < 1 or > 100_000) throw new ArgumentOutOfRangeException(nameof(o.Frames), o.Frames, "a spectrogram has 1 to 100,000 frames");
        if (o.Bands is < 4 or > 512) throw new ArgumentOutOfRangeException(nameof(o.Bands), o.Bands, "a spectrogram has 4 to 512 bands");
        if (!(o.Window is >= 0.002 and <= 1)) throw new ArgumentOutOfRangeException(nameof(o.Window), o.Window,
            "a frame looks at 0.002 to 1 seconds");
        if (!(o.Hop is >= 0.001 and <= 1)) throw new ArgumentOutOfRangeException(nameof(o.Hop), o.Hop, "frames are 0.001 to 1 seconds apart");
        if (!(o.Low >= 0 && o.Low < o.Rate / 2.0)) throw new ArgumentOutOfRangeException(nameof(o.Low), o.Low,
            "the lowest frequency is from 0 to below half the rate");
        if (!(o.Silence is >= 0 and <= 200)) throw new ArgumentOutOfRangeException(nameof(o.Silence), o.Silence,
            "silence is 0 to 200 decibels below the loudest frame");
        if (!(o.Range is >= 10 and <= 200)) throw new ArgumentOutOfRangeException(nameof(o.Range), o.Range, "the range is 10 to 200 decibels");
        if (!Enum.IsDefined(o.Normalization)) throw new ArgumentOutOfRangeException(nameof(o.Normalization), o.Normalization,
            "there is no such normalisation");
    }

    /// <inheritdoc/>
    public override string ToString() => $"MelSpectrogram({Options.Rate} Hz, {Options.Frames} frames, {Options.Bands} bands)";
}
