using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Ops;
using Xunit;

namespace Lamina.Tensors.Tests.Engines.Cpu.Vectors;

public class PhiloxTests
{
    /// <summary>The known answers of Random123 1.09, file <c>kat_vectors</c>, lines <c>philox4x32 10</c>.</summary>
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627E8D5u, 0xE169C58Du, 0xBC57AC4Cu, 0x9B00DBD8u)]
    [InlineData(0xFFFFFFFFu, 0xFFFFFFFFu, 0xFFFFFFFFu, 0xFFFFFFFFu, 0xFFFFFFFFu, 0xFFFFFFFFu, 0x408F276Du, 0x41C83B0Eu, 0xA20BC7C6u, 0x6D5451FDu)]
    [InlineData(0x243F6A88u, 0x85A308D3u, 0x13198A2Eu, 0x03707344u, 0xA4093822u, 0x299F31D0u, 0xD16CFE09u, 0x94FDCCEBu, 0x5001E420u, 0x24126EA1u)]
    public unsafe void Block_GivesTheKnownAnswers(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint r0, uint r1, uint r2, uint r3)
    {
        var words = new uint[4];
        ulong key = k0 | (ulong)k1 << 32;
        Philox.Block(c0, c1, c2, c3, key, words);
        Assert.Equal([r0, r1, r2, r3], words);

        uint* eight = stackalloc uint[32];
        Philox.Fill(c0, c1, c2 | (ulong)c3 << 32, key, eight, 1);
        Assert.Equal([r0, r1, r2, r3], new ReadOnlySpan<uint>(eight, 4).ToArray());
    }

    [Fact]
    public void Stream_GoesOnFromASavedPosition()
    {
        var stream = new RandomStream(7, 3);
        for (int i = 0; i < 13; i++) stream.NextUInt32();
        var resumed = new RandomStream(7, 3) { Position = stream.Position };
        Assert.Equal(13UL, resumed.Position);
        for (int i = 0; i < 9; i++) Assert.Equal(stream.NextUInt32(), resumed.NextUInt32());
        Assert.Equal(stream.NextNormal(), resumed.NextNormal());
    }

    [Fact]
    public void Stream_DrawsIntegersAndPermutationsInRange()
    {
        var stream = new RandomStream(1);
        var counts = new int[6];
        for (int i = 0; i < 6000; i++) counts[stream.NextInt(6)]++;
        Assert.All(counts, count => Assert.InRange(count, 880, 1120));
        Assert.Equal(Enumerable.Range(0, 100), stream.Permutation(100).Order());
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.NextInt(0));
    }

    [Fact]
    public void RandomOps_AreAPrefixOfALongerDraw_AndDifferByStepAndStream()
    {
        Tensor key = Tensor.From(3L, 9L);
        float[] longer = Tensor.RandomUniform([5000], key, 2).ToArray<float>();
        Assert.Equal(longer[..77], Tensor.RandomUniform([77], key, 2).ToArray<float>());
        Assert.NotEqual(longer, Tensor.RandomUniform([5000], key, 1).ToArray<float>());
        Assert.NotEqual(longer, Tensor.RandomUniform([5000], Tensor.From(3L, 10L), 2).ToArray<float>());
        Assert.All(longer, value => Assert.InRange(value, 0f, 0.99999997f));
    }

    [Fact]
    public void Dropout_KeepsTheExpectedValue()
    {
        float[] kept = Tensor.Ones([100_000]).Dropout(0.25, Tensor.From(1L, 0L), 0).ToArray<float>();
        Assert.All(kept, value => Assert.True(value == 0 || Math.Abs(value - 4f / 3) < 1e-6));
        Assert.InRange(kept.Average(), 0.99f, 1.01f);
    }
}
