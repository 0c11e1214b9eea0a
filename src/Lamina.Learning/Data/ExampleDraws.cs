using System.Runtime.Intrinsics;

namespace Lamina.Learning.Data;

/// <summary>
/// Random numbers of one example in one epoch, by their number, in any order: Philox 4×32-10 (Salmon and others, "Parallel
/// random numbers: as easy as 1, 2, 3", 2011) keyed by the random seed. Nothing is allocated and no state is kept.
/// </summary>
internal readonly struct ExampleDraws(long seed, int epoch, int example)
{
    // The counter of RandomStream: stream (0xDA7A << 32) + epoch of the seed, from block example << 32 on. No other stream
    // of the seed has that number, so these draws are apart from the order's, the split's and the weights'.
    private const uint Room = 0xDA7A;

    /// <summary>Four words of 32 random bits.</summary>
    public Vector128<uint> Bits(int block) =>
        Philox(Vector128.Create((uint)block, (uint)example, (uint)epoch, Room), (uint)seed, (uint)(seed >> 32));

    /// <summary>The generator itself: ten rounds over a counter.</summary>
    internal static Vector128<uint> Philox(Vector128<uint> counter, uint k0, uint k1)
    {
        uint c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = 0xD2511F53UL * c0, p1 = 0xCD9E8D57UL * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        return Vector128.Create(c0, c1, c2, c3);
    }

    /// <summary>Four numbers, uniform in [0, 1).</summary>
    public Vector128<float> Uniform(int block) =>
        Vector128.ConvertToSingle((Bits(block) >>> 8).AsInt32()) * (1f / (1 << 24));
}
