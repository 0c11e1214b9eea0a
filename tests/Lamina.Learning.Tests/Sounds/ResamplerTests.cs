using Lamina.Formats.Sounds;
using Lamina.Learning.Sounds;
using Xunit;

namespace Lamina.Learning.Tests.Sounds;

/// <summary>Recordings at another rate: what both can hold stays, what the new one can't hold goes.</summary>
public sealed class ResamplerTests
{
    private static Waveform Sine(double hertz, int rate, double seconds = 0.5) =>
        new((float[])[.. Enumerable.Range(0, (int)(seconds * rate)).Select(i => (float)Math.Sin(2 * Math.PI * hertz * i / rate))], rate);

    [Theory, InlineData(44_100, 16_000), InlineData(48_000, 16_000), InlineData(8_000, 16_000), InlineData(11_025, 8_000),
        InlineData(22_050, 16_000), InlineData(44_101, 16_000)]
    public void A_tone_stays(int from, int to)
    {
        float[] got = Resampler.ToRate(Sine(1_000, from), to).Samples.ToArray(), expected = Sine(1_000, to).Samples.ToArray();
        Assert.InRange(got.Length, expected.Length - 1, expected.Length + 1);
        // Not at the ends, where there is nothing around.
        for (int i = 400; i < expected.Length - 400; i++) Assert.Equal(expected[i], got[i], 0.01);
    }

    [Theory, InlineData(44_100, 8_000, 6_000), InlineData(48_000, 16_000, 12_000)]
    public void A_tone_above_the_new_rate_does_not_come_back_as_another(int from, int to, double hertz)
    {
        float[] got = Resampler.ToRate(Sine(hertz, from), to).Samples.ToArray();
        Assert.InRange(got[400..^400].Max(Math.Abs), 0, 0.01);
    }

    [Fact]
    public void The_same_rate_is_the_same_recording()
    {
        Waveform sound = Sine(300, 8_000);
        Assert.True(sound.Samples.Equals(Resampler.ToRate(sound, 8_000).Samples));
        Assert.Equal(0, Resampler.ToRate(new(ReadOnlyMemory<float>.Empty, 8_000), 16_000).Samples.Length);
        Assert.Equal(1, Resampler.ToRate(new(new float[] { 1 }, 48_000), 8_000).Samples.Length);
    }
}
