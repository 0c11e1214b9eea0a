using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Products;

/// <summary>
/// A product with very few rows whose operands both lie along k: packing B would cost more than the sums, so each
/// element is a dot product in vectors along k. Read B[column, k] as it lies; a product with one column is the same
/// with A and B exchanged. A unit is four columns of a row.
/// </summary>
internal readonly unsafe struct DotProducts<V>(
    Matrix a, Matrix b, Matrix c, bool exchanged, int batches, int* offsetsA, int* offsetsB, int* offsetsC, bool accumulate, BlockEpilogue? epilogue) : IRegion
    where V : struct, ILanes<V>
{
    private const int SkinnyProduct = 3, Wide = 4;

    /// <summary>Rows of A that take part, and columns of B: C's own, or the other way round.</summary>
    private int Rows => c.Rows;
    private int Columns => c.Columns;
    private int Blocks => (Columns + Wide - 1) / Wide;

    public int Units => batches * Rows * Blocks;
    public int Grain => (int)Math.Clamp(Gemm.SerialWork / Math.Max(1L, (long)Wide * a.Columns), 1, Math.Max(1, Units));

    /// <summary>True where this is the better way, with <paramref name="exchange"/> for a single column.</summary>
    public static bool Suits(Matrix a, Matrix b, Matrix c, out bool exchange)
    {
        exchange = c.Columns == 1 && c.Rows > SkinnyProduct;
        return a.ColumnStride == 1 && b.RowStride == 1 && a.Columns >= V.Count && (exchange || c.Rows <= SkinnyProduct);
    }

    public void Run(int begin, int end)
    {
        for (int unit = begin; unit < end; )
        {
            // A run of one row.
            int row = unit / Blocks, first = unit % Blocks, blocks = Math.Min(Blocks - first, end - unit), batch = row / Rows, i = row % Rows;
            float* x = (float*)a.Data + (offsetsA == null ? 0 : offsetsA[batch]) + i * a.RowStride;
            float* y = (float*)b.Data + (offsetsB == null ? 0 : offsetsB[batch]);
            float* to = (float*)c.Data + (offsetsC == null ? 0 : offsetsC[batch]) + i * c.RowStride;
            int column = first * Wide, after = Math.Min(Columns, column + blocks * Wide);
            for (int j = column; j < after; j += Wide) Four(x, y + j * b.ColumnStride, b.ColumnStride, to + j * c.ColumnStride, c.ColumnStride,
                Math.Min(Wide, after - j), a.Columns, accumulate);
            if (exchanged) epilogue?.Finish(batch * Columns + column, after - column, i, 1);
            else epilogue?.Finish(row, 1, column, after - column);
            unit += blocks;
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void Four(float* x, float* y, nint next, float* to, nint step, int count, int k, bool accumulate)
    {
        float* y1 = y + Math.Min(1, count - 1) * next, y2 = y + Math.Min(2, count - 1) * next, y3 = y + (count - 1) * next;
        V s0 = default, s1 = default, s2 = default, s3 = default;
        int i = 0;
        for (; i + V.Count <= k; i += V.Count)
        {
            V v = V.Load(x + i);
            s0 = V.Fma(v, V.Load(y + i), s0);
            s1 = V.Fma(v, V.Load(y1 + i), s1);
            s2 = V.Fma(v, V.Load(y2 + i), s2);
            s3 = V.Fma(v, V.Load(y3 + i), s3);
        }
        if (i < k)
        {
            V v = V.LoadPart(x + i, k - i);
            s0 = V.Fma(v, V.LoadPart(y + i, k - i), s0);
            s1 = V.Fma(v, V.LoadPart(y1 + i, k - i), s1);
            s2 = V.Fma(v, V.LoadPart(y2 + i, k - i), s2);
            s3 = V.Fma(v, V.LoadPart(y3 + i, k - i), s3);
        }
        Store(s0, to, accumulate);
        if (count > 1) Store(s1, to + step, accumulate);
        if (count > 2) Store(s2, to + 2 * step, accumulate);
        if (count > 3) Store(s3, to + 3 * step, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(V sums, float* to, bool accumulate)
    {
        V sum = V.SumLanes(sums);
        V.StorePart(accumulate ? V.LoadOne(to) + sum : sum, to, 1);
    }
}
