using Lamina.Learning.Diffusion;
using Xunit;

namespace Lamina.Learning.Tests.Diffusion;

public class NoiseScheduleTests
{
    [Fact]
    public void EvenNoiseIsThatOfThePaper()
    {
        var schedule = new LinearNoise();
        Assert.Equal(1000, schedule.Steps);
        Assert.Equal(1e-4, schedule.Beta(1), 1e-12);
        Assert.Equal(0.02, schedule.Beta(1000), 1e-12);
        Assert.Equal(1, schedule.Alpha[0]);
        Assert.Equal(0, schedule.Sigma[0]);
        Assert.Equal(Math.Sqrt(1 - 1e-4), schedule.Alpha[1], 1e-7);
        // ᾱ of the last step is 4.0e-5 (Ho et al., 2020, of 1,000 steps).
        Assert.Equal(4.0e-5, (double)schedule.Alpha[1000] * schedule.Alpha[1000], 0.05e-5);
    }

    [Fact]
    public void ACosineKeepsImagesForLonger()
    {
        var schedule = new CosineNoise();
        // By hand: f(500) = cos²(0.508/1.008 · π/2) = 0.49384, f(0) = cos²(0.008/1.008 · π/2) = 0.99984.
        Assert.Equal(0.49384 / 0.99984, (double)schedule.Alpha[500] * schedule.Alpha[500], 1e-4);
        Assert.Equal(0.999, schedule.Beta(1000), 1e-9);
        Assert.True(schedule.Alpha[500] > new LinearNoise().Alpha[500]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ImageAndNoiseHaveAVarianceOfOneTogether(bool isCosine)
    {
        NoiseSchedule schedule = isCosine ? new CosineNoise(50) : new LinearNoise(50);
        double kept = 1;
        for (int step = 1; step <= 50; step++)
        {
            kept *= 1 - schedule.Beta(step);
            Assert.Equal(Math.Sqrt(kept), schedule.Alpha[step], 1e-6);
            Assert.Equal(1, (double)schedule.Alpha[step] * schedule.Alpha[step] + (double)schedule.Sigma[step] * schedule.Sigma[step], 1e-6);
            Assert.True(schedule.Alpha[step] < schedule.Alpha[step - 1]);
        }
    }

    [Fact]
    public void WhatMakesNoSenseIsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineNoise(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineNoise(offset: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearNoise(1_000_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearNoise(last: double.NaN));
    }
}
