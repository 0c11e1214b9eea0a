using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Products;

/// <summary>
/// A product with very few rows: it takes as long as B takes to read, so B is read once, in runs of a row that are
/// long enough for the memory to run ahead, and all rows of A share it. A unit is four vectors of columns.
/// </summary>
internal readonly unsafe struct SkinnyProduct<V>(
    Matrix a, Matrix b, Matrix c, int batches, int* offsetsA, int* offsetsB, int* offsetsC, bool accumulate, BlockEpilogue? epilogue, RowEpilogue rowEpilogue)
        : IRegion
    where V : struct, ILanes<V>
{
    private const int MostRows = 4;

    /// <summary>Numbers of B that are worth a thread.</summary>
    private const int WorthAThread = 16_384;

    private static int Width => 4 * V.Count;

    private int Blocks => (c.Columns + Width - 1) / Width;
    public int Units => batches * Blocks;
    public int Grain => (int)Math.Clamp(WorthAThread / Math.Max(1L, (long)Width * a.Columns), 1, Math.Max(1, Units));

    /// <summary>True where this is the better way: several rows need columns enough for all their vectors, one row needs one.</summary>
    public static bool Suits(Matrix a, Matrix b, Matrix c) =>
        c.Rows <= MostRows && b.ColumnStride == 1 && c.Columns >= (c.Rows == 1 ? V.Count : Width) && a.Columns > 0;

    public void Run(int begin, int end)
    {
        float** rows = stackalloc float*[2 * MostRows];
        for (int unit = begin; unit < end; unit++)
        {
            int batch = unit / Blocks, column = unit % Blocks * Width, columns = Math.Min(Width, c.Columns - column);
            float* x = (float*)a.Data + (offsetsA == null ? 0 : offsetsA[batch]);
            float* y = (float*)b.Data + (offsetsB == null ? 0 : offsetsB[batch]) + column;
            float* to = (float*)c.Data + (offsetsC == null ? 0 : offsetsC[batch]) + column;
            RowEpilogue own = rowEpilogue.From(column);
            for (int r = 0; r < MostRows; r++)
            {
                // Rows that aren't there repeat the last one.
                rows[r] = x + Math.Min(r, c.Rows - 1) * a.RowStride;
                rows[MostRows + r] = to + Math.Min(r, c.Rows - 1) * c.RowStride;
            }
            if (c.Rows == 1) One(x, a.ColumnStride, a.Columns, y, b.RowStride, to, columns, accumulate, own);
            else Four(rows, a.ColumnStride, a.Columns, y, b.RowStride, rows + MostRows, columns, accumulate, own);
            epilogue?.Finish(batch * c.Rows, c.Rows, column, columns);
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void One(float* x, nint step, int depth, float* y, nint next, float* to, int columns, bool accumulate, in RowEpilogue end)
    {
        int n0 = columns, n1 = n0 - V.Count, n2 = n1 - V.Count, n3 = n2 - V.Count;
        V s0 = default, s1 = default, s2 = default, s3 = default;
        if (columns == Width)
            for (; depth > 0; depth--, x += step, y += next)
            {
                V v = V.LoadOne(x);
                s0 = V.Fma(v, V.Load(y), s0);
                s1 = V.Fma(v, V.Load(y + V.Count), s1);
                s2 = V.Fma(v, V.Load(y + 2 * V.Count), s2);
                s3 = V.Fma(v, V.Load(y + 3 * V.Count), s3);
            }
        else
            for (; depth > 0; depth--, x += step, y += next)
            {
                V v = V.LoadOne(x);
                s0 = V.Fma(v, Lanes.Load<V>(y, n0), s0);
                if (n1 > 0) s1 = V.Fma(v, Lanes.Load<V>(y + V.Count, n1), s1);
                if (n2 > 0) s2 = V.Fma(v, Lanes.Load<V>(y + 2 * V.Count, n2), s2);
                if (n3 > 0) s3 = V.Fma(v, Lanes.Load<V>(y + 3 * V.Count, n3), s3);
            }
        Store(to, columns, s0, s1, s2, s3, accumulate, end);
    }

    [MethodImpl(Jit.Kernel)]
    private static void Four(float** x, nint step, int depth, float* y, nint next, float** to, int columns, bool accumulate, in RowEpilogue end)
    {
        float* x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3];
        int n0 = columns, n1 = n0 - V.Count, n2 = n1 - V.Count, n3 = n2 - V.Count;
        V s00 = default, s01 = default, s02 = default, s03 = default, s10 = default, s11 = default, s12 = default, s13 = default;
        V s20 = default, s21 = default, s22 = default, s23 = default, s30 = default, s31 = default, s32 = default, s33 = default;
        nint k = 0;
        for (; depth > 0; depth--, k += step, y += next)
        {
            V y0 = Lanes.Load<V>(y, n0), y1 = n1 > 0 ? Lanes.Load<V>(y + V.Count, n1) : default;
            V y2 = n2 > 0 ? Lanes.Load<V>(y + 2 * V.Count, n2) : default, y3 = n3 > 0 ? Lanes.Load<V>(y + 3 * V.Count, n3) : default;
            V v = V.LoadOne(x0 + k);
            (s00, s01, s02, s03) = (V.Fma(v, y0, s00), V.Fma(v, y1, s01), V.Fma(v, y2, s02), V.Fma(v, y3, s03));
            v = V.LoadOne(x1 + k);
            (s10, s11, s12, s13) = (V.Fma(v, y0, s10), V.Fma(v, y1, s11), V.Fma(v, y2, s12), V.Fma(v, y3, s13));
            v = V.LoadOne(x2 + k);
            (s20, s21, s22, s23) = (V.Fma(v, y0, s20), V.Fma(v, y1, s21), V.Fma(v, y2, s22), V.Fma(v, y3, s23));
            v = V.LoadOne(x3 + k);
            (s30, s31, s32, s33) = (V.Fma(v, y0, s30), V.Fma(v, y1, s31), V.Fma(v, y2, s32), V.Fma(v, y3, s33));
        }
        Store(to[0], columns, s00, s01, s02, s03, accumulate, end);
        if (to[1] != to[0]) Store(to[1], columns, s10, s11, s12, s13, accumulate, end);
        if (to[2] != to[1]) Store(to[2], columns, s20, s21, s22, s23, accumulate, end);
        if (to[3] != to[2]) Store(to[3], columns, s30, s31, s32, s33, accumulate, end);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* to, int columns, V s0, V s1, V s2, V s3, bool accumulate, in RowEpilogue end)
    {
        Store(to, 0, columns, s0, accumulate, end);
        if (columns > V.Count) Store(to, V.Count, columns, s1, accumulate, end);
        if (columns > 2 * V.Count) Store(to, 2 * V.Count, columns, s2, accumulate, end);
        if (columns > 3 * V.Count) Store(to, 3 * V.Count, columns, s3, accumulate, end);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* to, int column, int columns, V sum, bool accumulate, in RowEpilogue end)
    {
        int left = columns - column;
        to += column;
        Lanes.Store(end.At<V>(column, left).Of(accumulate ? Lanes.Load<V>(to, left) + sum : sum), to, left);
    }
}
