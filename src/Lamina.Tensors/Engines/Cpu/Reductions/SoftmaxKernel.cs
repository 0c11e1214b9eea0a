using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Reductions;

/// <summary>Two rows' maximums and sums of e^(x − maximum), each in every lane.</summary>
internal struct SoftmaxRows<V> where V : struct, ILanes<V>
{
    public V Maximum, Sum, OtherMaximum, OtherSum;
}

/// <summary>
/// Softmax and its logarithm over rows: the maximum is taken off first, so that no exponential overflows. Rows go two
/// by two, so that neither waits for the other's sums; a row's bits are the same beside whatever row.
/// </summary>
internal static unsafe class SoftmaxKernel
{
    /// <summary>Scratch for a row's exponentials.</summary>
    internal const int Slot = 5;

    private const int Grain = 8 * 1024;

    /// <summary>The softmax of each row, or its logarithm.</summary>
    public static void Run(in CpuCall c, bool logarithm)
    {
        int columns = c[0].Shape[^1];
        if (c[0].Count == 0) return;
        var rows = new Rows { X = (byte*)c[0].Data, Y = (byte*)c.Output.Data, Columns = columns, Logarithm = logarithm,
            Streams = Lanes.Streams(c.Output, columns) };
        VectorRegion.For(c.Pool, c[0].DType, c[0].Count / columns, Grain / columns, rows);
    }

    /// <summary>
    /// Maximum and sum of the row at <paramref name="x"/> and the one <paramref name="pitch"/> bytes on; the exponentials go to
    /// <paramref name="to"/>, where that isn't null, rows <paramref name="toPitch"/> bytes apart. With <paramref name="ahead"/> the next two rows
    /// are asked for meanwhile, line by line: all at once they would be in the way.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    public static void Measure<V>(byte* x, nint pitch, int columns, V lead, byte* to, nint toPitch, ref SoftmaxRows<V> sums, bool ahead = false)
        where V : struct, ILanes<V>
    {
        FindMaximum(x, pitch, columns, lead, ref sums);
        V a = sums.Maximum, b = sums.OtherMaximum;
        nint bytes = V.Count * V.Size, at;
        int left;
        V sum = V.Of(0), other = sum;
        for (at = 0, left = columns; left >= V.Count; left -= V.Count, at += bytes)
        {
            if (ahead)
            {
                Prefetch.Line(x + 2 * pitch + at);
                Prefetch.Line(x + 3 * pitch + at);
            }
            V e = V.Exp(V.Load(x + at) - a), f = V.Exp(V.Load(x + pitch + at) - b);
            if (to != null)
            {
                V.Store(e, to + at);
                V.Store(f, to + toPitch + at);
            }
            sum += e;
            other += f;
        }
        if (left > 0)
        {
            V e = V.Exp(V.LoadPart(x + at, left) - a), f = V.Exp(V.LoadPart(x + pitch + at, left) - b);
            if (to != null)
            {
                V.StorePart(e, to + at, left);
                V.StorePart(f, to + toPitch + at, left);
            }
            sum += V.Select(lead, e, V.Of(0));
            other += V.Select(lead, f, V.Of(0));
        }
        (sums.Sum, sums.OtherSum) = (V.SumLanes(sum), V.SumLanes(other));
    }

    /// <summary>x less the maximum of its row; 0 where both are ∞.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Below<V>(V x, V maximum) where V : struct, ILanes<V> => V.Select(V.Equal(x, V.Of(double.PositiveInfinity)), V.Of(0), x - maximum);

    /// <summary>
    /// The sum of a row whose maximum is ∞, as in the limit of a value that grows: it alone counts. The exponentials go to
    /// <paramref name="to"/>, where that isn't null.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static V SumAtLimit<V>(byte* x, int columns, V lead, byte* to) where V : struct, ILanes<V>
    {
        V sum = V.Of(0), infinity = V.Of(double.PositiveInfinity);
        nint bytes = V.Count * V.Size, at = 0;
        for (int left = columns; left > 0; left -= V.Count, at += bytes)
        {
            V e = V.Exp(Below(Lanes.Load<V>(x + at, left), infinity));
            if (to != null) Lanes.Store(e, to + at, left);
            sum += left >= V.Count ? e : V.Select(lead, e, V.Of(0));
        }
        return V.SumLanes(sum);
    }

    [MethodImpl(Jit.Kernel)]
    private static void FindMaximum<V>(byte* x, nint pitch, int columns, V lead, ref SoftmaxRows<V> sums) where V : struct, ILanes<V>
    {
        // A NaN may be lost here: its exponential makes the sum one.
        V a = V.Of(double.NegativeInfinity), b = a, c = a, d = a;
        nint bytes = V.Count * V.Size, at = 0;
        int left = columns;
        for (; left >= 2 * V.Count; left -= 2 * V.Count, at += 2 * bytes)
        {
            a = V.Greater(V.Load(x + at), a);
            b = V.Greater(V.Load(x + pitch + at), b);
            c = V.Greater(V.Load(x + at + bytes), c);
            d = V.Greater(V.Load(x + pitch + at + bytes), d);
        }
        if (left >= V.Count)
        {
            a = V.Greater(V.Load(x + at), a);
            b = V.Greater(V.Load(x + pitch + at), b);
            left -= V.Count;
            at += bytes;
        }
        if (left > 0)
        {
            c = V.Greater(V.Select(lead, V.LoadPart(x + at, left), c), c);
            d = V.Greater(V.Select(lead, V.LoadPart(x + pitch + at, left), d), d);
        }
        (sums.Maximum, sums.OtherMaximum) = (V.MaxLanes(V.Greater(a, c)), V.MaxLanes(V.Greater(b, d)));
    }

    private struct Rows : IVectorRegion
    {
        public byte* X, Y;
        public int Columns;
        public bool Logarithm, Streams;

        [MethodImpl(Jit.Kernel)]
        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            V lead = RowSums.Lead<V>(Columns % V.Count);
            nint pitch = (nint)Columns * V.Size, step = V.Count * V.Size, room = (pitch + 63) & ~63;
            // Exponentials wait in the cache: what is stored past it is written once.
            byte* e = Logarithm ? null : (byte*)Scratch.Get(Slot, 2 * room);
            SoftmaxRows<V> sums = default;
            for (int row = begin; row < end; row += 2)
            {
                byte* x = X + row * pitch, y = Y + row * pitch;
                nint next = row + 1 < end ? pitch : 0, at = 0;
                Measure(x, next, Columns, lead, e, room, ref sums, row + 3 < end);
                if (Logarithm)
                {
                    V maximum = sums.Maximum, logarithm = V.Log(sums.Sum), otherMaximum = sums.OtherMaximum, otherLogarithm = V.Log(sums.OtherSum);
                    for (int left = Columns; left > 0; left -= V.Count, at += step)
                    {
                        Lanes.Store(Lanes.Load<V>(x + at, left) - maximum - logarithm, y + at, left, Streams);
                        Lanes.Store(Lanes.Load<V>(x + next + at, left) - otherMaximum - otherLogarithm, y + next + at, left, Streams);
                    }
                    continue;
                }
                V scale = V.Of(1) / sums.Sum, otherScale = V.Of(1) / sums.OtherSum;
                for (int left = Columns; left > 0; left -= V.Count, at += step)
                {
                    Lanes.Store(Lanes.Load<V>(e + at, left) * scale, y + at, left, Streams);
                    Lanes.Store(Lanes.Load<V>(e + room + at, left) * otherScale, y + next + at, left, Streams);
                }
            }
        }
    }
}
