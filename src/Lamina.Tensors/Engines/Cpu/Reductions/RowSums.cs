using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Reductions;

/// <summary>Summand over a matrix: a value for each element, at byte offsets from its beginning and from its row's.</summary>
internal interface ITerm<V> where V : struct, ILanes<V>
{
    /// <summary>The terms of <paramref name="count"/> elements, a whole vector or the first lanes of one.</summary>
    V At(nint offset, nint column, int count);
}

/// <summary>Sums of terms along a row or down the columns, in an order that is fixed by the sizes.</summary>
internal static unsafe class RowSums
{
    /// <summary>A mask of the first <paramref name="count"/> lanes.</summary>
    public static V Lead<V>(int count) where V : struct, ILanes<V>
    {
        byte* lanes = stackalloc byte[64];
        V.Store(V.Of(0), lanes);
        V.StorePart(V.Of(1), lanes, count);
        return V.Less(V.Of(0), V.Load(lanes));
    }

    /// <summary>The sum over a row that begins at <paramref name="offset"/>, in every lane; <paramref name="lead"/> masks its last, partial vector.</summary>
    // Methods of their own: several sums inlined into one kernel use up the JIT's budget, and then nothing is inlined.
    [MethodImpl(Jit.Kernel)]
    public static V Row<V, T>(T term, nint offset, int columns, V lead) where V : struct, ILanes<V> where T : struct, ITerm<V>
    {
        V a = V.Of(0), b = a, c = a, d = a;
        nint bytes = V.Count * V.Size, at = 0;
        int left = columns;
        for (; left >= 4 * V.Count; left -= 4 * V.Count, at += 4 * bytes)
        {
            a += term.At(offset + at, at, V.Count);
            b += term.At(offset + at + bytes, at + bytes, V.Count);
            c += term.At(offset + at + 2 * bytes, at + 2 * bytes, V.Count);
            d += term.At(offset + at + 3 * bytes, at + 3 * bytes, V.Count);
        }
        for (; left >= V.Count; left -= V.Count, at += bytes) a += term.At(offset + at, at, V.Count);
        if (left > 0) b += V.Select(lead, term.At(offset + at, at, left), V.Of(0));
        return V.SumLanes((a + b) + (c + d));
    }

    /// <summary>to[column] = the sum over rows [row, row + rows), divided; two vectors of columns at a time, so that rows are read in longer runs.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void Columns<V, T>(T term, int row, int rows, int columns, double divisor, byte* to) where V : struct, ILanes<V> where T : struct, ITerm<V>
    {
        nint pitch = (nint)columns * V.Size, at = 0, bytes = V.Count * V.Size;
        int left = columns;
        for (; left >= 2 * V.Count; left -= 2 * V.Count, at += 2 * bytes)
        {
            V a = V.Of(0), b = a, c = a, d = a, a1 = a, b1 = a, c1 = a, d1 = a;
            nint offset = row * pitch + at, next = at + bytes;
            int i = 0;
            for (; i <= rows - 4; i += 4, offset += 4 * pitch)
            {
                a += term.At(offset, at, V.Count);
                a1 += term.At(offset + bytes, next, V.Count);
                b += term.At(offset + pitch, at, V.Count);
                b1 += term.At(offset + pitch + bytes, next, V.Count);
                c += term.At(offset + 2 * pitch, at, V.Count);
                c1 += term.At(offset + 2 * pitch + bytes, next, V.Count);
                d += term.At(offset + 3 * pitch, at, V.Count);
                d1 += term.At(offset + 3 * pitch + bytes, next, V.Count);
            }
            for (; i < rows; i++, offset += pitch)
            {
                a += term.At(offset, at, V.Count);
                a1 += term.At(offset + bytes, next, V.Count);
            }
            V.Store(((a + b) + (c + d)) / V.Of(divisor), to + at);
            V.Store(((a1 + b1) + (c1 + d1)) / V.Of(divisor), to + next);
        }
        for (; left > 0; left -= V.Count, at += bytes)
        {
            int count = Math.Min(left, V.Count), i = 0;
            V a = V.Of(0), b = a, c = a, d = a;
            nint offset = row * pitch + at;
            for (; i <= rows - 4; i += 4, offset += 4 * pitch)
            {
                a += term.At(offset, at, count);
                b += term.At(offset + pitch, at, count);
                c += term.At(offset + 2 * pitch, at, count);
                d += term.At(offset + 3 * pitch, at, count);
            }
            for (; i < rows; i++, offset += pitch) a += term.At(offset, at, count);
            Lanes.Store(((a + b) + (c + d)) / V.Of(divisor), to + at, count);
        }
    }
}

/// <summary>The elements themselves.</summary>
internal unsafe struct Values<V>(byte* x) : ITerm<V> where V : struct, ILanes<V>
{
    private readonly byte* _x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V At(nint offset, nint column, int count) => Lanes.Load<V>(_x + offset, count);
}
