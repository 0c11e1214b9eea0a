using Lamina.Learning.Sounds;
using Xunit;

namespace Lamina.Learning.Tests.Sounds;

/// <summary>The fast transform against its definition.</summary>
public sealed class FourierTransformTests
{
    [Theory, InlineData(4), InlineData(8), InlineData(64), InlineData(512), InlineData(2_048)]
    public void It_is_what_its_definition_says(int length)
    {
        var random = new Random(length);
        float[] x = [.. Enumerable.Range(0, length).Select(_ => (float)(2 * random.NextDouble() - 1))], power = new float[length / 2 + 1];
        new FourierTransform(length).Power(x, new float[length], power);
        for (int k = 0; k <= length / 2; k += Math.Max(1, length / 64))
        {
            double re = 0, im = 0;
            for (int n = 0; n < length; n++) (re, im) = (re + x[n] * Math.Cos(2 * Math.PI * k * n / length),
                im - x[n] * Math.Sin(2 * Math.PI * k * n / length));
            // Rounding grows with the logarithm of the length, against a mean power of length / 3.
            Assert.Equal(re * re + im * im, power[k], 1e-5 * length);
        }
    }

    [Theory, InlineData(0), InlineData(2), InlineData(12), InlineData(-8)]
    public void The_length_is_a_power_of_two(int length) => Assert.Throws<ArgumentOutOfRangeException>(() => new FourierTransform(length));
}
