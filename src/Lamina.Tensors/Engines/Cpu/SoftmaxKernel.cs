using System.Runtime.CompilerServices;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu;

/// <summary>Softmax and its logarithm over rows: the greatest value is taken off first, so that no exponential overflows.</summary>
internal static unsafe class SoftmaxKernel
{
    private const int Grain = 8 * 1024;

    /// <summary>The softmax of each row, or its logarithm.</summary>
    public static void Run(in CpuCall c, bool logarithm)
    {
        int columns = c[0].Shape[^1];
        if (c[0].Count == 0) return;
        Wide.For(c.Pool, c[0].DType, c[0].Count / columns, Grain / columns, new Rows { X = (byte*)c[0].Data, Y = (byte*)c.Output.Data, Columns = columns, Logarithm = logarithm });
    }

    /// <summary>The greatest value of a row, in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Max<V>(byte* x, int columns, V lead) where V : struct, ILanes<V>
    {
        V a = V.Of(double.NegativeInfinity), b = a;
        int bytes = V.Count * V.Size;
        for (; columns >= 2 * V.Count; columns -= 2 * V.Count, x += 2 * bytes)
        {
            a = V.Max(a, V.Load(x));
            b = V.Max(b, V.Load(x + bytes));
        }
        for (; columns >= V.Count; columns -= V.Count, x += bytes) a = V.Max(a, V.Load(x));
        if (columns > 0) b = V.Max(b, V.Select(lead, V.LoadPart(x, columns), b));
        return V.MaxLanes(V.Max(a, b));
    }

    /// <summary>e^(x − greatest), kept in <c>Y</c> where that isn't null.</summary>
    public struct Exponentials<V> : ITerm<V> where V : struct, ILanes<V>
    {
        public byte* X, Y;
        public V Greatest;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly V At(nint offset, nint column, int count)
        {
            V e = V.Exp(Lanes.Load<V>(X + offset, count) - Greatest);
            if (Y != null) Lanes.Store(e, Y + offset, count);
            return e;
        }
    }

    private struct Rows : IWide
    {
        public byte* X, Y;
        public int Columns;
        public bool Logarithm;

        [MethodImpl(Jit.Kernel)]
        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            V lead = Terms.Lead<V>(Columns % V.Count);
            nint pitch = (nint)Columns * V.Size;
            for (int row = begin; row < end; row++)
            {
                byte* x = X + row * pitch, y = Y + row * pitch;
                V greatest = Max(x, Columns, lead);
                V sum = Terms.Row(new Exponentials<V> { X = x, Y = Logarithm ? null : y, Greatest = greatest }, 0, Columns, lead);
                if (Logarithm) Shift(x, y, greatest, V.Log(sum));
                else Scale(y, V.Of(1) / sum);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Scale<V>(byte* y, V scale) where V : struct, ILanes<V>
        {
            for (int left = Columns; left > 0; left -= V.Count, y += V.Count * V.Size) Lanes.Store(Lanes.Load<V>(y, left) * scale, y, left);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Shift<V>(byte* x, byte* y, V greatest, V logarithm) where V : struct, ILanes<V>
        {
            for (int left = Columns; left > 0; left -= V.Count, x += V.Count * V.Size, y += V.Count * V.Size)
                Lanes.Store(Lanes.Load<V>(x, left) - greatest - logarithm, y, left);
        }
    }
}
