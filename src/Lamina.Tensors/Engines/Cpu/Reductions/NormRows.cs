using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Reductions;

/// <summary>Statistics of a row for a layer norm, each number in every lane.</summary>
internal struct RowScale<V> where V : struct, ILanes<V>
{
    /// <summary>
    /// The mean as its type holds it, one by the root of the variance, and what the mean's rounding adds: (x − mean) · scale + shift
    /// is normalised. Far from 0, where the mean has few bits left for the distances, the shift counts.
    /// </summary>
    public V Mean, Scale, Shift;

    /// <summary>For the gradient: the mean of dy · gamma, and of that times the normalised x.</summary>
    public V Level, Slope;
}

/// <summary>
/// Sums along two rows at a time, so that neither waits for the other's additions. A row's sums are the same bits beside
/// whatever row.
/// </summary>
internal static unsafe class NormRows
{
    /// <summary>
    /// Mean, scale and shift of the rows at <paramref name="x"/> and <paramref name="y"/>; <paramref name="lead"/> masks their last, partial
    /// vector.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    public static void Measure<V>(byte* x, byte* y, int columns, double epsilon, V lead, ref RowScale<V> ofX, ref RowScale<V> ofY) where V : struct, ILanes<V>
    {
        // Distances from the first value: of equal values they are 0, and far from 0 they are exact.
        V a = V.Of(0), b = a, c = a, d = a, all = V.Of(columns), firstX = V.LoadOne(x), firstY = V.LoadOne(y);
        nint bytes = V.Count * V.Size, at = 0;
        int left = columns;
        for (; left >= 2 * V.Count; left -= 2 * V.Count, at += 2 * bytes)
        {
            a += V.Load(x + at) - firstX;
            b += V.Load(x + at + bytes) - firstX;
            c += V.Load(y + at) - firstY;
            d += V.Load(y + at + bytes) - firstY;
        }
        for (; left > 0; left -= V.Count, at += bytes)
        {
            V one = Lanes.Load<V>(x + at, left) - firstX, other = Lanes.Load<V>(y + at, left) - firstY;
            a += left >= V.Count ? one : V.Select(lead, one, V.Of(0));
            c += left >= V.Count ? other : V.Select(lead, other, V.Of(0));
        }
        V apartX = V.SumLanes(a + b) / all, apartY = V.SumLanes(c + d) / all, meanX = firstX + apartX, meanY = firstY + apartY;
        V restX = apartX - (meanX - firstX), restY = apartY - (meanY - firstY);
        (a, b, c, d, at, left) = (V.Of(0), V.Of(0), V.Of(0), V.Of(0), 0, columns);
        for (; left >= 2 * V.Count; left -= 2 * V.Count, at += 2 * bytes)
        {
            a = Squared(a, V.Load(x + at) - meanX);
            b = Squared(b, V.Load(x + at + bytes) - meanX);
            c = Squared(c, V.Load(y + at) - meanY);
            d = Squared(d, V.Load(y + at + bytes) - meanY);
        }
        for (; left > 0; left -= V.Count, at += bytes)
        {
            V one = Lanes.Load<V>(x + at, left) - meanX, other = Lanes.Load<V>(y + at, left) - meanY;
            a = Squared(a, left >= V.Count ? one : V.Select(lead, one, V.Of(0)));
            c = Squared(c, left >= V.Count ? other : V.Select(lead, other, V.Of(0)));
        }
        V added = V.Of(epsilon);
        V scaleX = V.Of(1) / V.Sqrt(V.Fma(-restX, restX, V.SumLanes(a + b) / all) + added),
            scaleY = V.Of(1) / V.Sqrt(V.Fma(-restY, restY, V.SumLanes(c + d) / all) + added);
        (ofX.Mean, ofX.Scale, ofX.Shift) = (meanX, scaleX, -restX * scaleX);
        (ofY.Mean, ofY.Scale, ofY.Shift) = (meanY, scaleY, -restY * scaleY);
    }

    /// <summary>The gradient's sums of two rows <paramref name="pitch"/> bytes apart, from x, dy and gamma.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void Sums<V>(byte* x, byte* by, nint pitch, byte* gamma, int columns, ref RowScale<V> first, ref RowScale<V> second)
        where V : struct, ILanes<V>
    {
        V a = V.Of(0), b = a, c = a, d = a, all = V.Of(columns), meanX = first.Mean, meanY = second.Mean;
        nint bytes = V.Count * V.Size, at = 0;
        for (int left = columns; left > 0; left -= V.Count, at += bytes)
        {
            V factor = Lanes.Load<V>(gamma + at, left), u = Lanes.Load<V>(by + at, left) * factor, v = Lanes.Load<V>(by + pitch + at, left) * factor;
            V one = Lanes.Load<V>(x + at, left) - meanX, other = Lanes.Load<V>(x + pitch + at, left) - meanY;
            // Past the last column dy and gamma are zero, x less its mean is not.
            a += u;
            b = V.Fma(u, one, b);
            c += v;
            d = V.Fma(v, other, d);
        }
        V levelX = V.SumLanes(a) / all, levelY = V.SumLanes(c) / all;
        (first.Level, first.Slope) = (levelX, V.Fma(V.SumLanes(b) / all, first.Scale, levelX * first.Shift));
        (second.Level, second.Slope) = (levelY, V.Fma(V.SumLanes(d) / all, second.Scale, levelY * second.Shift));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Squared<V>(V sum, V x) where V : struct, ILanes<V> => V.Fma(x, x, sum);
}
