using Lamina.Learning.Generation;
using Xunit;

namespace Lamina.Learning.Tests.Generation;

public sealed class TokenSamplerTests
{
    private static readonly float[] s_logits = [0.5f, 2, -1, 1.5f, float.NegativeInfinity, 0];

    private static double[] Frequencies(SamplingOptions options, int[]? recent = null, int count = 60_000)
    {
        var sampler = new TokenSampler(options, s_logits.Length);
        var seen = new double[s_logits.Length];
        for (int i = 0; i < count; i++) seen[sampler.Next(s_logits, recent)] += 1.0 / count;
        return seen;
    }

    private static double[] Softmax(IEnumerable<double> logits)
    {
        double[] e = [.. logits.Select(Math.Exp)];
        return [.. e.Select(x => x / e.Sum())];
    }

    // The deviation of a frequency is at most √(0.25 / 60,000) = 0.002; five of them.
    private static void Close(double[] expected, double[] actual)
    {
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 0.0102);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.5)]
    [InlineData(2)]
    public void DrawsAsLogitsAndTemperatureSay(double temperature) =>
        Close(Softmax(s_logits.Select(x => x / temperature)), Frequencies(new() { Temperature = temperature, Seed = 3 }));

    [Fact]
    public void LeavesOutTheUnlikely()
    {
        // Probabilities: 0.11, 0.49, 0.02, 0.30, 0, 0.07.
        double[] none = [.. s_logits.Select(_ => double.NegativeInfinity)];
        double[] Only(params int[] kept) => Softmax(none.Select((x, i) => kept.Contains(i) ? s_logits[i] : x));
        Close(Only(1, 3), Frequencies(new() { TopK = 2 }));
        Close(Only(1, 3), Frequencies(new() { TopP = 0.7 }));
        Close(Only(1), Frequencies(new() { TopP = 1e-9 }));
        Close(Only(1, 3, 0), Frequencies(new() { TopP = 0.8 }));
        Close(Only(1, 3, 0), Frequencies(new() { MinP = 0.2 }));
        Close(Only(1), Frequencies(new() { MinP = 1 }));
        Close(Only(1, 3), Frequencies(new() { TopK = 4, TopP = 0.95, MinP = 0.3 }));
        Assert.Equal(0, Frequencies(new() { TopK = 100 })[4]);
    }

    [Fact]
    public void PenalizesRepetitionsOnce() =>
        Close(Softmax([0.5, 2 / 1.5, -1 * 1.5, 1.5, double.NegativeInfinity, 0]), Frequencies(new() { RepetitionPenalty = 1.5 }, [1, 2, 1, 1, 5]));

    [Fact]
    public void AtTemperatureZeroTakesTheFirstOfTheLikeliest()
    {
        var sampler = new TokenSampler(new() { Temperature = 0 }, 4);
        Assert.Equal(1, sampler.Next([0, 5, 5, -3]));
        Assert.Equal(1, new TokenSampler(new() { Temperature = 1e-300 }, 4).Next([0, 5, 4.9f, -3]));
    }

    [Fact]
    public void TheSameSeedGivesTheSameTokens()
    {
        int[] Draw(long seed)
        {
            var sampler = new TokenSampler(new() { Seed = seed }, 6);
            return [.. Enumerable.Range(0, 40).Select(_ => sampler.Next(s_logits))];
        }
        Assert.Equal(Draw(5), Draw(5));
        Assert.NotEqual(Draw(5), Draw(6));
    }

    [Fact]
    public void ExtremeLogitsAreNoProblem()
    {
        Assert.Equal(2, new TokenSampler(new(), 3).Next([-3e38f, 0, 3e38f]));
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(() => new TokenSampler(new(), 2).Next([0, float.NaN])).Message);
        Assert.Contains("no token can come", Assert.Throws<ArgumentException>(() =>
            new TokenSampler(new(), 2).Next([float.NegativeInfinity, float.NegativeInfinity])).Message);
        Assert.Contains("3 logits, and 2 tokens", Assert.Throws<ArgumentException>(() => new TokenSampler(new(), 2).Next([0, 0, 0])).Message);
    }

    [Fact]
    public void ChoosingAllocatesNothing()
    {
        var sampler = new TokenSampler(new() { TopP = 0.9, TopK = 4, RepetitionPenalty = 1.2 }, 6);
        int[] recent = [1, 3];
        for (int i = 0; i < 100; i++) sampler.Next(s_logits, recent);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) sampler.Next(s_logits, recent);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(-1.0, 0, 1.0, 0.0, 1.0)]
    [InlineData(double.NaN, 0, 1.0, 0.0, 1.0)]
    [InlineData(double.PositiveInfinity, 0, 1.0, 0.0, 1.0)]
    [InlineData(1.0, -1, 1.0, 0.0, 1.0)]
    [InlineData(1.0, 0, 0.0, 0.0, 1.0)]
    [InlineData(1.0, 0, 1.5, 0.0, 1.0)]
    [InlineData(1.0, 0, double.NaN, 0.0, 1.0)]
    [InlineData(1.0, 0, 1.0, -0.1, 1.0)]
    [InlineData(1.0, 0, 1.0, 0.0, 0.0)]
    public void OptionsOutOfRangeAreRefused(double temperature, int topK, double topP, double minP, double penalty) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenSampler(
            new() { Temperature = temperature, TopK = topK, TopP = topP, MinP = minP, RepetitionPenalty = penalty }, 5));
}
