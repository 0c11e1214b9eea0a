using Lamina.Learning.Diffusion;
using Lamina.Learning.Generation;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Learning.Tests.Diffusion;

/// <summary>Samplers draw the distribution whose noise is known exactly: pixels that are normal with a mean and a deviation.</summary>
public class SamplerTests
{
    private const int Count = 400; // of 16 pixels: the mean is known to about 0.002
    private const float Mean = 0.3f;
    private const double Deviation = 0.15;

    private static (double Mean, double Deviation) Moments(Tensor drawn)
    {
        float[] values = drawn.ToArray<float>();
        double mean = values.Average(v => (double)v);
        return (mean, Math.Sqrt(values.Average(v => (v - mean) * (v - mean))));
    }

    private static void AssertNormal(IImageGenerator sampler, double tolerance)
    {
        (double mean, double deviation) = Moments(sampler.Draw(Count, new() { Seed = 3 }));
        Assert.InRange(mean, Mean - 0.01, Mean + 0.01);
        Assert.InRange(deviation, Deviation * (1 - tolerance), Deviation * (1 + tolerance));
    }

    [Theory]
    [InlineData(FlowMethod.Euler, 200, 0.04)]
    [InlineData(FlowMethod.Heun, 40, 0.04)]
    public void AFlowLeadsToTheDistribution(FlowMethod method, int steps, double tolerance) =>
        AssertNormal(new FlowSampler(GaussianDenoiser.Flow([Mean], Deviation), steps, method), tolerance);

    [Fact]
    public void AFlowKeepsTheOrderOfNoiseAndHeunFollowsItMoreCloselyThanEuler()
    {
        // Between normal distributions the way is known: noise z ends at m + s z.
        const double Wide = 0.4;
        double Off(FlowMethod method, int steps)
        {
            float[] drawn = new FlowSampler(GaussianDenoiser.Flow([Mean], Wide), steps, method).Draw(Count, new() { Seed = 2 }).ToArray<float>();
            RandomStream[] noise = [.. Enumerable.Range(0, Count).Select(new DrawOptions { Seed = 2 }.Stream)];
            return drawn.Select((x, i) => Math.Abs(x - Math.Clamp(Mean + Wide * noise[i / 16].NextNormal(), -1, 1))).Average();
        }

        // About as many calls of the network. By hand for one pixel: 0.016 and 0.0026.
        double euler = Off(FlowMethod.Euler, 39), heun = Off(FlowMethod.Heun, 20);
        Assert.InRange(euler, 0.008, 0.03);
        Assert.InRange(heun, 0, 0.004);
    }

    [Theory]
    [InlineData(DenoisingTarget.Noise, 0, 200)]
    [InlineData(DenoisingTarget.Velocity, 0, 200)]
    [InlineData(DenoisingTarget.Noise, 1, 1000)]
    [InlineData(DenoisingTarget.Velocity, 1, 1000)]
    [InlineData(DenoisingTarget.Velocity, 0.5, 500)]
    public void DiffusionLeadsToTheDistribution(DenoisingTarget target, double eta, int steps)
    {
        NoiseSchedule schedule = new CosineNoise();
        AssertNormal(new DiffusionSampler(GaussianDenoiser.Of(schedule, target, [Mean], Deviation), schedule, target, steps, eta), 0.04);
    }

    [Fact]
    public void AncestralSamplingOfEvenNoiseToo()
    {
        NoiseSchedule schedule = new LinearNoise(250, 4e-4, 0.08); // a quarter of the steps, each of four times the noise
        AssertNormal(new DiffusionSampler(GaussianDenoiser.Of(schedule, DenoisingTarget.Noise, [Mean], Deviation), schedule, DenoisingTarget.Noise, 250, eta: 1), 0.06);
    }

    [Fact]
    public void AClassIsDrawnAsAskedAndGuidanceDrawsItOut()
    {
        GaussianDenoiser network = GaussianDenoiser.Flow([-0.4f, 0.4f, 0], Deviation);
        double Drawn(double guidance, int? kind) => Moments(new FlowSampler(network, 50, guidance: guidance).Draw(Count, new() { Classes = kind is { } k ? [.. Enumerable.Repeat(k, Count)] : null })).Mean;
        Assert.Equal(-0.4, Drawn(1, 0), 0.02);
        Assert.Equal(0.4, Drawn(1, 1), 0.02);
        Assert.Equal(0, Drawn(1, null), 0.02);
        Assert.Equal(0, Drawn(0, 1), 0.02);
        // Twice the difference from no class: of these distributions, twice the mean.
        Assert.InRange(Drawn(2, 1), 0.7, 0.85);
    }

    [Fact]
    public void AnImageDependsOnSeedAndNumberAlone()
    {
        var sampler = new FlowSampler(GaussianDenoiser.Flow([Mean], Deviation), 8);
        Tensor all = sampler.Draw(250, new() { Seed = 5 });
        Assert.Equal(new Shape(250, 4, 4, 1), all.Shape);
        Assert.Equal(all.ToArray<float>(), sampler.Draw(250, new() { Seed = 5 }).ToArray<float>());
        // In parts, and one by itself; to the bit, since these kernels don't know the batch.
        Assert.Equal(all[17..20].ToArray<float>(), sampler.Draw(3, new() { Seed = 5, First = 17 }).ToArray<float>());
        Assert.NotEqual(all[..3].ToArray<float>(), sampler.Draw(3, new() { Seed = 6 }).ToArray<float>());
        var shares = new List<double>();
        sampler.Draw(250, new() { Progress = shares.Add });
        Assert.Equal(3 * 8, shares.Count);
        Assert.Equal(shares.Order(), shares);
        Assert.Equal(1, shares[^1], 1e-9);
    }

    [Fact]
    public void WhatCannotBeDrawnIsNamed()
    {
        var plain = new FlowSampler(GaussianDenoiser.Flow([Mean], Deviation));
        var classed = new FlowSampler(GaussianDenoiser.Flow([-0.4f, 0.4f, 0], Deviation));
        Assert.Throws<ArgumentOutOfRangeException>(() => plain.Draw(0));
        Assert.Contains("without classes", Assert.Throws<ArgumentException>(() => plain.Draw(1, new() { Classes = [0] })).Message);
        Assert.Contains("one class for each", Assert.Throws<ArgumentException>(() => classed.Draw(2, new() { Classes = [0] })).Message);
        Assert.Contains("there are 2 classes", Assert.Throws<ArgumentException>(() => classed.Draw(1, new() { Classes = [2] })).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlowSampler(GaussianDenoiser.Flow([0], 1), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlowSampler(GaussianDenoiser.Flow([0], 1), guidance: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DiffusionSampler(GaussianDenoiser.Flow([0], 1), new CosineNoise(10), steps: 11));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DiffusionSampler(GaussianDenoiser.Flow([0], 1), eta: 2));
        Assert.Contains("isn't an IDenoiser", Assert.Throws<ArgumentException>(() => new FlowSampler(new Lamina.Learning.Layers.Linear(3))).Message);
        using var stop = new CancellationTokenSource();
        int calls = 0;
        Assert.Throws<OperationCanceledException>(() => plain.Draw(3, new() { Cancel = stop.Token, Progress = _ => { if (++calls == 2) stop.Cancel(); } }));
        Assert.Equal(2, calls);
    }
}
