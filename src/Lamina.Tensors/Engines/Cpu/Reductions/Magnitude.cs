using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Reductions;

/// <summary>Sizes of floats as the integers that their bits are without the sign: they are ordered like the numbers, ∞ above those, NaN above all.</summary>
internal static unsafe class Magnitude
{
    public const int One = 0x3F80_0000, Infinity = 0x7F80_0000;

    /// <summary>A factor of two, which is added.</summary>
    public const int Two = 1 << 23;

    /// <summary>The largest of some floats.</summary>
    [MethodImpl(Jit.Kernel)]
    public static int Largest(float* from, nint count)
    {
        Vector256<int> mask = Vector256.Create(int.MaxValue), a = default, b = default;
        int* p = (int*)from;
        nint i = 0;
        if (Vector512.IsHardwareAccelerated && count >= 32)
        {
            Vector512<int> wide = Vector512.Create(int.MaxValue), c = default, d = default;
            for (; i + 32 <= count; i += 32)
            {
                c = Vector512.Max(c, Vector512.Load(p + i) & wide);
                d = Vector512.Max(d, Vector512.Load(p + i + 16) & wide);
            }
            c = Vector512.Max(c, d);
            (a, b) = (c.GetLower(), c.GetUpper());
        }
        for (; i + 16 <= count; i += 16)
        {
            a = Vector256.Max(a, Vector256.Load(p + i) & mask);
            b = Vector256.Max(b, Vector256.Load(p + i + 8) & mask);
        }
        a = Vector256.Max(a, b);
        Vector128<int> half = Vector128.Max(a.GetLower(), a.GetUpper());
        int largest = Math.Max(Math.Max(half.GetElement(0), half.GetElement(1)), Math.Max(half.GetElement(2), half.GetElement(3)));
        for (; i < count; i++) largest = Math.Max(largest, p[i] & int.MaxValue);
        return largest;
    }

    /// <summary>Whether all are numbers.</summary>
    public static bool AreFinite(CpuPool pool, float* from, nint count)
    {
        int found = 0;
        var search = new Search(from, count, &found);
        pool.For(search.Units, 4, ref search);
        return found == 0;
    }

    /// <summary>Looks for what isn't a number. A unit is a run of floats.</summary>
    private readonly struct Search(float* from, nint count, int* found) : IRegion
    {
        private const int UnitLength = 16_384;

        public int Units => (int)((count + UnitLength - 1) / UnitLength);

        public void Run(int begin, int end)
        {
            nint first = (nint)begin * UnitLength;
            if (Largest(from + first, Math.Min(count, (nint)end * UnitLength) - first) >= Infinity) *found = 1;
        }
    }
}
