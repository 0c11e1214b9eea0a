using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lamina.Tensors.Engines.Cpu.Vectors;

/// <summary>
/// Philox 4x32-10, a counter-based generator (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2,
/// 3", 2011): a counter of four words and a key of two give four random words. There is no state, so any draw can be
/// made anywhere, in any order.
/// </summary>
internal static unsafe class Philox
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57, Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>Words in a block.</summary>
    public const int Words = 4;

    /// <summary>The four words of a counter under a key.</summary>
    public static void Block(uint c0, uint c1, uint c2, uint c3, ulong key, Span<uint> to)
    {
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++, k0 += Weyl0, k1 += Weyl1)
        {
            ulong p0 = (ulong)Multiplier0 * c0, p1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
        }
        (to[0], to[1], to[2], to[3]) = (c0, c1, c2, c3);
    }

    /// <summary>
    /// The words of blocks <paramref name="first"/>, first + 1, … in the counter's first word, eight blocks at a time:
    /// <paramref name="to"/> has room for 32 words times <paramref name="eights"/>.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    public static void Fill(uint first, uint c1, ulong c23, ulong key, uint* to, int eights)
    {
        // A word sits in the lower half of a 64-bit lane, so that a product is a single multiplication.
        Vector512<ulong> low = Vector512.Create(0xFFFFFFFFUL), m0 = Vector512.Create((ulong)Multiplier0), m1 = Vector512.Create((ulong)Multiplier1);
        for (int i = 0; i < eights; i++, to += 32)
        {
            Vector512<ulong> a = (Vector512.Create((ulong)first) + Vector512.Create(0UL, 1, 2, 3, 4, 5, 6, 7) + Vector512.Create(8UL * (ulong)i)) & low;
            Vector512<ulong> b = Vector512.Create((ulong)c1), c = Vector512.Create(c23 & 0xFFFFFFFF), d = Vector512.Create(c23 >> 32);
            uint k0 = (uint)key, k1 = (uint)(key >> 32);
            for (int round = 0; round < Rounds; round++, k0 += Weyl0, k1 += Weyl1)
            {
                Vector512<ulong> p0 = Product(a, m0), p1 = Product(c, m1);
                a = (p1 >>> 32) ^ b ^ Vector512.Create((ulong)k0);
                b = p1 & low;
                c = (p0 >>> 32) ^ d ^ Vector512.Create((ulong)k1);
                d = p0 & low;
            }
            Interleave(a | b << 32, c | d << 32, (ulong*)to);
        }
    }

    // Both factors are below 2³².
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Product(Vector512<ulong> a, Vector512<ulong> b) =>
        Avx512F.IsSupported ? Avx512F.Multiply(a.AsUInt32(), b.AsUInt32()) : a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interleave(Vector512<ulong> ab, Vector512<ulong> cd, ulong* to)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.PermuteVar8x64x2(ab, Vector512.Create(0UL, 8, 1, 9, 2, 10, 3, 11), cd).Store(to);
            Avx512F.PermuteVar8x64x2(ab, Vector512.Create(4UL, 12, 5, 13, 6, 14, 7, 15), cd).Store(to + 8);
            return;
        }
        for (int lane = 0; lane < 8; lane++)
        {
            to[2 * lane] = ab[lane];
            to[2 * lane + 1] = cd[lane];
        }
    }

    /// <summary>A word as a float32 in [0, 1), by its upper 24 bits.</summary>
    public static float Unit(uint word) => (word >> 8) * (1f / (1 << 24));
}
