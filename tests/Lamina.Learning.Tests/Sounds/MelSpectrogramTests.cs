using Lamina.Formats.Sounds;
using Lamina.Learning.Saving;
using Lamina.Learning.Sounds;
using Lamina.Tensors;
using Xunit;

namespace Lamina.Learning.Tests.Sounds;

/// <summary>Recordings of any length, rate and loudness as spectrograms.</summary>
public sealed class MelSpectrogramTests
{
    private static readonly MelOptions s_options = new() { Rate = 8_000, Frames = 32, Normalization = SoundNormalization.Loudness };

    private static readonly MelSpectrogram s_spectrogram = new(s_options);

    private static Waveform Sine(double hertz, int rate = 8_000, double seconds = 0.3, double size = 0.5, int silent = 0) =>
        new((float[])[.. new float[silent], .. Enumerable.Range(0, (int)(seconds * rate)).Select(i =>
            (float)(size * Math.Sin(2 * Math.PI * hertz * i / rate))), .. new float[silent]], rate);

    private static int Loudest(float[] logs) => Array.IndexOf(logs[..40], logs[..40].Max());

    [Theory, InlineData(300), InlineData(1_000), InlineData(3_000)]
    public void A_tone_is_in_the_band_of_its_frequency(double hertz)
    {
        double low = MelFilters.ToMel(40), step = (MelFilters.ToMel(4_000) - low) / 41;
        Assert.InRange(Loudest(s_spectrogram.Analyze(Sine(hertz))) - ((MelFilters.ToMel(hertz) - low) / step - 1), -1, 1);
        // The same at another rate.
        Assert.Equal(Loudest(s_spectrogram.Analyze(Sine(hertz))), Loudest(s_spectrogram.Analyze(Sine(hertz, 44_100))));
    }

    [Fact]
    public void Silence_at_the_ends_makes_no_difference()
    {
        int with = s_spectrogram.Analyze(Sine(500, silent: 2_400)).Length, without = s_spectrogram.Analyze(Sine(500)).Length;
        Assert.InRange(with - without, 0, 10 * 40); // a few frames around it are kept
        Assert.Equal(without + 60 * 40, new MelSpectrogram(s_options with { Silence = 0 }).Analyze(Sine(500, silent: 2_400)).Length);
    }

    [Fact]
    public void Loudness_makes_no_difference()
    {
        float[] loud = s_spectrogram.Encode([Sine(700)]).ToArray<float>(), soft = s_spectrogram.Encode([Sine(700, size: 0.005)]).ToArray<float>();
        Assert.All(loud.Zip(soft), x => Assert.Equal(x.First, x.Second, 1e-3));
    }

    [Fact]
    public void Bands_have_mean_zero_where_asked_for()
    {
        float[] values = new MelSpectrogram(s_options with { Normalization = SoundNormalization.Bands }).Encode([Sine(700,
            seconds: 0.5)]).ToArray<float>();
        for (int band = 0; band < 40; band++) Assert.Equal(0, Enumerable.Range(0, 32).Average(t => values[t * 40 + band]), 1e-4);
    }

    [Fact]
    public void Both_normalisations_are_two_channels()
    {
        MelSpectrogram both = new(s_options with { Normalization = SoundNormalization.Both }), bands =
            new(s_options with { Normalization = SoundNormalization.Bands });
        Waveform[] sounds = [Sine(700), Sine(200, seconds: 1)];
        Tensor x = both.Encode(sounds);
        Assert.Equal("(2, 32, 40, 2)", x.Shape.ToString());
        Assert.Equal(s_spectrogram.Encode(sounds).ToArray<float>(), x.ToArray<float>().Where((_, i) => i % 2 == 0));
        Assert.Equal(bands.Encode(sounds).ToArray<float>(), x.ToArray<float>().Where((_, i) => i % 2 == 1));
    }

    [Fact]
    public void Silent_empty_and_very_short_recordings_have_spectrograms_too()
    {
        float[] none = s_spectrogram.Encode([new(new float[8_000], 8_000), new(ReadOnlyMemory<float>.Empty, 8_000),
            new(new float[] { 0.1f }, 8_000)]).ToArray<float>();
        Assert.All(none, x => Assert.Equal(0, x)); // one sample is a constant
        Assert.Contains(s_spectrogram.Encode([new(new float[] { 0.1f, -0.1f, 0.3f }, 8_000)]).ToArray<float>(), x => x != 0);
        Assert.Contains(s_spectrogram.Encode([Sine(500, seconds: 20)]).ToArray<float>(), x => x != 0);
    }

    [Fact]
    public void Short_recordings_are_followed_by_zeros()
    {
        float[] values = s_spectrogram.Encode([Sine(500, seconds: 0.1)]).ToArray<float>();
        Assert.All(values[(10 * 40)..], x => Assert.Equal(0, x));
        Assert.DoesNotContain(0, values[..(8 * 40)]);
    }

    [Fact]
    public void It_is_saved_and_opened()
    {
        MelOptions options = s_options with { Hop = 0.02, Normalization = SoundNormalization.Both };
        string file = Path.GetTempFileName();
        Model.Save(file, new Learning.Layers.GlobalAveragePool(), ModelInfo.Of([new MelSpectrogram(options)]));
        Assert.Equal(options, Assert.IsType<MelSpectrogram>(Predictor.Load(file).Info.Inputs[0].Preprocessing[0]).Options);
        Assert.Equal("(1, 2)", Predictor.Load(file).PredictSounds(Sine(500)).Shape.ToString());
        File.Delete(file);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        foreach (MelOptions bad in (MelOptions[])[s_options with { Rate = 10 }, s_options with { Frames = 0 }, s_options with { Bands = 1 },
            s_options with { Window = double.NaN }, s_options with { Hop = 0 },
            s_options with { Low = 4_000 }, s_options with { Silence = -1 }, s_options with { Range = 0 },
                s_options with { Normalization = (SoundNormalization)9 }])
            Assert.Throws<ArgumentOutOfRangeException>(() => new MelSpectrogram(bad));
    }
}
