using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Attention;

/// <summary>
/// A head's attention for a query or two: packing keys and values would cost more than the sums, so they are read where they
/// lie, as long as features lie side by side. Keys at the end that the mask hides, such as those of steps to come, are not looked at.
/// </summary>
internal readonly unsafe ref struct AttentionRows(ref readonly AttentionCall call, int batch, int head, Matrix queries, Matrix keys, Matrix values, Matrix y)
{
    private readonly ref readonly AttentionCall _call = ref call;
    private readonly Matrix _y = y;
    private readonly int _batch = batch, _head = head;

    /// <summary>Queries <paramref name="first"/> to <paramref name="end"/> (exclusive).</summary>
    public void Run<V>(int first, int end) where V : struct, ILanes<V>
    {
        int pitch = AttentionKernel.Pitch<V>(keys.Rows);
        long room = (long)pitch + Room(queries) + Room(keys) + Room(values);
        byte* scores = (byte*)Scratch.Get(AttentionKernel.Slot, room * V.Size), inverse = stackalloc byte[sizeof(double)],
            copies = scores + (nint)pitch * V.Size;
        Matrix q = SideBySide<V>(queries, ref copies), k = SideBySide<V>(keys, ref copies), v = SideBySide<V>(values, ref copies);
        V none = V.Of(double.NegativeInfinity);
        double lowest = AttentionKernel.Lowest(_call.HasMask);
        for (int row = first; row < end; row++)
        {
            int seen = _call.Causal ? Math.Min(k.Rows, row + 1) : k.Rows;
            byte* mask = null;
            nint step = 0;
            if (_call.HasMask)
            {
                mask = (byte*)_call.Mask.Data + ((nint)_batch * _call.Mask.Strides[0] + (nint)_head * _call.Mask.Strides[1] + (nint)row * _call.Mask.Strides[2]) * V.Size;
                step = _call.Mask.Strides[3];
                while (seen > 0 && V.Any(V.Equal(V.LoadOne(mask + (seen - 1) * step * V.Size), none))) seen--;
            }
            Dots<V>((byte*)q.Data + row * q.RowStride * V.Size, (byte*)k.Data, k.RowStride * V.Size, k.Columns, seen, scores);
            if (mask != null) AddMask<V>(scores, mask, step, seen, _call.Scale);
            int whole = AttentionKernel.Whole<V>(seen);
            for (int j = seen; j < whole; j += V.Count) V.Store(none, scores + (nint)j * V.Size);
            Weights<V>(scores, (nint)whole * V.Size, (mask != null ? 1 : _call.Scale) * AttentionKernel.Log2E, lowest, inverse);
            byte* to = (byte*)_y.Data + row * _y.RowStride * V.Size;
            if (!Mean<V>(scores, (byte*)v.Data, v.RowStride * V.Size, v.Columns, seen, inverse, to, false)) Mean<V>(scores, (byte*)v.Data,
                v.RowStride * V.Size, v.Columns, seen, inverse, to, true);
        }
    }

    private static long Room(Matrix x) => x.ColumnStride == 1 ? 0 : (long)x.Rows * x.Columns;

    /// <summary>The matrix, or a copy whose features lie side by side.</summary>
    private static Matrix SideBySide<V>(Matrix x, ref byte* room) where V : struct, ILanes<V>
    {
        if (x.ColumnStride == 1) return x;
        var copy = new Matrix(room, x.Rows, x.Columns);
        for (int i = 0; i < x.Rows; i++)
            for (int j = 0; j < x.Columns; j++, room += V.Size) V.StorePart(V.LoadOne((byte*)x.Data + (i * x.RowStride + j * x.ColumnStride) * V.Size), room,
                1);
        return copy;
    }

    /// <summary>
    /// e^((score − maximum) · scale) in place, in whole vectors, and one by their sum; 0 for a query that sees nothing. With
    /// c = scale · log₂ e it is 2^((score − maximum) · c), and <paramref name="exponent"/> is c. Where all scores are −∞ the
    /// <paramref name="lowest"/> is what is subtracted.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    private static void Weights<V>(byte* line, nint bytes, double exponent, double lowest, byte* inverse) where V : struct, ILanes<V>
    {
        V none = V.Of(double.NegativeInfinity), factor = V.Of(exponent), maximum = none, sum = V.Of(0);
        for (nint at = 0; at < bytes; at += V.Count * V.Size) maximum = V.Max(maximum, V.Load(line + at));
        maximum = V.MaxLanes(maximum);
        maximum = V.Select(V.Equal(maximum, none), V.Of(lowest), maximum);
        for (nint at = 0; at < bytes; at += V.Count * V.Size)
        {
            V e = AttentionStrip.Power((V.Load(line + at) - maximum) * factor);
            V.Store(e, line + at);
            sum += e;
        }
        sum = V.SumLanes(sum);
        V.StorePart(V.Select(V.Equal(sum, V.Of(0)), V.Of(0), V.Of(1) / sum), inverse, 1);
    }

    /// <summary>score · scale + mask, for the keys that are seen; −∞ where the mask is that, whatever the score.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void AddMask<V>(byte* line, byte* mask, nint step, int seen, double scale) where V : struct, ILanes<V>
    {
        V factor = V.Of(scale);
        if (step == 1)
            for (nint at = 0; seen > 0; seen -= V.Count, at += V.Count * V.Size)
                Lanes.Store(AttentionKernel.Masked(Lanes.Load<V>(line + at, seen), factor, Lanes.Load<V>(mask + at, seen)), line + at, seen);
        else
            for (int j = 0; j < seen; j++, line += V.Size)
                V.StorePart(AttentionKernel.Masked(V.LoadOne(line), factor, V.LoadOne(mask + j * step * V.Size)), line, 1);
    }

    /// <summary>The query times each key.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void Dots<V>(byte* query, byte* key, nint pitch, int width, int count, byte* to) where V : struct, ILanes<V>
    {
        for (; count > 0; count--, key += pitch, to += V.Size)
        {
            V sum = V.Of(0);
            nint at = 0;
            for (int left = width; left > 0; left -= V.Count, at += V.Count * V.Size) sum = V.Fma(Lanes.Load<V>(query + at, left),
                Lanes.Load<V>(key + at, left), sum);
            V.StorePart(V.SumLanes(sum), to, 1);
        }
    }

    /// <summary>
    /// The values' sum by weight, times one by the sum of weights; two vectors of features at a time. False where a result is no finite
    /// number; then it is to be done <paramref name="carefully"/>, without the values of weight 0.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    private static bool Mean<V>(byte* weight, byte* value, nint pitch, int width, int count, byte* inverse, byte* to, bool carefully)
        where V : struct, ILanes<V>
    {
        V scale = V.LoadOne(inverse), zero = V.Of(0), check = zero;
        nint bytes = V.Count * V.Size;
        for (; width > 0; width -= 2 * V.Count, value += 2 * bytes, to += 2 * bytes)
        {
            V a = zero, b = a;
            byte* from = value;
            if (width >= 2 * V.Count && !carefully)
                for (int j = 0; j < count; j++, from += pitch)
                {
                    V p = V.LoadOne(weight + j * V.Size);
                    a = V.Fma(p, V.Load(from), a);
                    b = V.Fma(p, V.Load(from + bytes), b);
                }
            else
                for (int j = 0; j < count; j++, from += pitch)
                {
                    V p = V.LoadOne(weight + j * V.Size);
                    if (carefully && V.Any(V.Equal(p, zero))) continue;
                    a = V.Fma(p, Lanes.Load<V>(from, width), a);
                    if (width > V.Count) b = V.Fma(p, Lanes.Load<V>(from + bytes, width - V.Count), b);
                }
            check = V.Fma(a, zero, V.Fma(b, zero, check));
            Lanes.Store(a * scale, to, width);
            if (width > V.Count) Lanes.Store(b * scale, to + bytes, width - V.Count);
        }
        return !V.Any(V.Not(V.Equal(check, zero)));
    }
}
