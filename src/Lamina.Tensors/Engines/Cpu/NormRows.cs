using System.Runtime.CompilerServices;

namespace Lamina.Tensors.Engines.Cpu;

/// <summary>What a layer norm knows of a row, each number in every lane.</summary>
internal struct RowScale<V> where V : struct, ILanes<V>
{
    /// <summary>The mean, and one by the root of the variance.</summary>
    public V Mean, Scale;

    /// <summary>For the gradient: the mean of dy · gamma, and of that times the normalised x.</summary>
    public V Level, Slope;
}

/// <summary>
/// Sums along two rows at a time, so that neither waits for the other's additions. A row's sums are the same bits beside
/// whatever row.
/// </summary>
internal static unsafe class NormRows
{
    /// <summary>Mean and scale of the rows at <paramref name="x"/> and <paramref name="y"/>; <paramref name="lead"/> masks their last, partial vector.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void Measure<V>(byte* x, byte* y, int columns, double epsilon, V lead, ref RowScale<V> ofX, ref RowScale<V> ofY) where V : struct, ILanes<V>
    {
        V a = V.Of(0), b = a, c = a, d = a, share = V.Of(1.0 / columns);
        nint bytes = V.Count * V.Size, at = 0;
        int left = columns;
        for (; left >= 2 * V.Count; left -= 2 * V.Count, at += 2 * bytes)
        {
            a += V.Load(x + at);
            b += V.Load(x + at + bytes);
            c += V.Load(y + at);
            d += V.Load(y + at + bytes);
        }
        for (; left > 0; left -= V.Count, at += bytes)
        {
            a += Lanes.Load<V>(x + at, left);
            c += Lanes.Load<V>(y + at, left);
        }
        V meanX = V.SumLanes(a + b) * share, meanY = V.SumLanes(c + d) * share;
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
        (ofX.Mean, ofX.Scale) = (meanX, V.Of(1) / V.Sqrt(V.Fma(V.SumLanes(a + b), share, added)));
        (ofY.Mean, ofY.Scale) = (meanY, V.Of(1) / V.Sqrt(V.Fma(V.SumLanes(c + d), share, added)));
    }

    /// <summary>The gradient's sums of two rows <paramref name="pitch"/> bytes apart, from x, dy and gamma.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void Sums<V>(byte* x, byte* by, nint pitch, byte* gamma, int columns, ref RowScale<V> first, ref RowScale<V> second) where V : struct, ILanes<V>
    {
        V a = V.Of(0), b = a, c = a, d = a, share = V.Of(1.0 / columns), meanX = first.Mean, meanY = second.Mean;
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
        (first.Level, first.Slope) = (V.SumLanes(a) * share, V.SumLanes(b) * share * first.Scale);
        (second.Level, second.Slope) = (V.SumLanes(c) * share, V.SumLanes(d) * share * second.Scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Squared<V>(V sum, V x) where V : struct, ILanes<V> => V.Fma(x, x, sum);
}
