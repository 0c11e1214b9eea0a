using Lamina.Formats.Sounds;
using Lamina.Learning.Data;
using Lamina.Learning.Sounds;
using Xunit;

namespace Lamina.Learning.Tests.Sounds;

/// <summary>Recordings as examples: as they are, or varied by seed and epoch alone.</summary>
public sealed class SoundDatasetTests
{
    private static readonly MelSpectrogram s_spectrogram = new(new() { Rate = 8_000, Frames = 64, Normalization = SoundNormalization.Both });

    private static readonly Waveform[] s_sounds = [.. Enumerable.Range(1, 6).Select(Sweep), new(new float[500], 8_000)];

    private static readonly float[][] s_logs = [.. s_sounds.Select(s_spectrogram.Analyze)];

    private static readonly int[] s_all = [.. Enumerable.Range(0, 7)];

    // 0.1 to 0.6 seconds.
    private static Waveform Sweep(int k) => new((float[])[.. Enumerable.Range(0, 800 * k).Select(i =>
        (float)Math.Sin(0.1 * i + 1e-5 * k * i * i))], 8_000);

    private static float[] Read(SoundDataset set, long seed = 1, int epoch = 0) => set.Take(s_all, seed, epoch).Input.ToArray<float>();

    private static SoundDataset Varied(SoundAugmentation? augmentation) => new(s_spectrogram, s_logs, s_all, augmentation);

    [Fact]
    public void Without_variation_they_are_what_the_spectrogram_gives()
    {
        Batch batch = Varied(null).Take(s_all);
        Assert.Equal(s_spectrogram.Encode(s_sounds).ToArray<float>(), batch.Input.ToArray<float>());
        Assert.Equal(s_all, batch.Target.ToArray<int>());
        Assert.Equal(Read(Varied(null)), Read(Varied(SoundAugmentation.None)));
    }

    [Fact]
    public void Variation_depends_on_seed_and_epoch_alone()
    {
        float[] first = Read(Varied(SoundAugmentation.Usual));
        Assert.Equal(first, Read(Varied(SoundAugmentation.Usual)));
        Assert.NotEqual(first, Read(Varied(SoundAugmentation.Usual), epoch: 1));
        Assert.NotEqual(first, Read(Varied(SoundAugmentation.Usual), seed: 2));
        Assert.All(first, x => Assert.True(float.IsFinite(x)));
    }

    [Fact]
    public void Each_part_of_the_variation_changes_something()
    {
        float[] plain = Read(Varied(null));
        foreach (SoundAugmentation one in (SoundAugmentation[])[SoundAugmentation.None with { Stretch = 0.3 },
            SoundAugmentation.None with { Warp = 0.2 }, SoundAugmentation.None with { Equalizer = 10 },
            SoundAugmentation.None with { Noise = 1 }, SoundAugmentation.None with { Masks = 2 }, SoundAugmentation.None with { Shift = true }])
            Assert.NotEqual(plain, Read(Varied(one)));
    }

    [Fact]
    public void Recordings_of_one_class_are_blended()
    {
        SoundDataset Of(double blend, params int[] labels) =>
            new(s_spectrogram, [s_logs[0], s_logs[4]], labels, SoundAugmentation.None with { Blend = blend });
        float[] Read(SoundDataset set) => set.Take([0, 1], 1, 3).Input.ToArray<float>();
        float[] plain = Read(Of(0, 1, 1));
        // Alone in its class a recording is blended with itself.
        // Places between bands are computed through hertz, which rounds.
        Assert.All(plain.Zip(Read(Of(0.999, 0, 1))), x => Assert.Equal(x.First, x.Second, 1e-3));
        Assert.NotEqual(plain, Enumerable.Range(0, 20).Select(epoch => Of(0.999, 1, 1).Take([0, 1], 1, epoch).Input.ToArray<float>())
            .First(values => values.Zip(plain).Any(x => Math.Abs(x.First - x.Second) > 0.01)));
    }

    [Fact]
    public void The_tone_of_a_microphone_is_gone_where_bands_are_normalised()
    {
        var spectrogram = new MelSpectrogram(s_spectrogram.Options with { Normalization = SoundNormalization.Bands });
        SoundDataset plain = new(spectrogram, s_logs, s_all), varied = new(spectrogram, s_logs, s_all,
            SoundAugmentation.None with { Equalizer = 10 });
        Assert.All(Read(plain).Zip(Read(varied)), x => Assert.Equal(x.First, x.Second, 1e-4));
    }

    [Fact]
    public void Labels_and_logarithms_are_checked()
    {
        Assert.Throws<ArgumentException>(() => new SoundDataset(s_spectrogram, s_logs, [1]));
        Assert.Throws<ArgumentException>(() => new SoundDataset(s_spectrogram, [new float[41]], [1]));
    }
}
