using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Products;

/// <summary>
/// The small products of Winograd's planes: C (+)= A · B with a[r · row + k · step], B and C padded to whole vectors.
/// Tiles of eight rows by two vectors where there are 32 registers, of four otherwise. One chain of sums an element, in the
/// order of k.
/// </summary>
internal static unsafe class PlaneProduct
{
    public static void Run<V>(float* a, nint row, nint step, int depth, float* b, nint ldb, float* c, nint ldc, int rows, int columns, bool accumulate)
        where V : struct, ILanes<V>
    {
        int first = V.Count == 16 ? rows & ~7 : 0;
        for (int j = 0; j < columns; j += 2 * V.Count)
        {
            float* left = a + first * row, below = c + first * ldc + j;
            if (columns - j >= 2 * V.Count)
            {
                Eight<V, TwoVectors>(a, row, step, depth, b + j, ldb, c + j, ldc, first, accumulate);
                Four<V, TwoVectors>(left, row, step, depth, b + j, ldb, below, ldc, rows - first, accumulate);
            }
            else
            {
                Eight<V, OneVector>(a, row, step, depth, b + j, ldb, c + j, ldc, first, accumulate);
                Four<V, OneVector>(left, row, step, depth, b + j, ldb, below, ldc, rows - first, accumulate);
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void Eight<V, TColumns>(float* a, nint row, nint step, int depth, float* b, nint ldb, float* c, nint ldc, int rows, bool accumulate)
        where V : struct, ILanes<V> where TColumns : struct, IColumns
    {
        for (; rows > 0; rows -= 8, a += 8 * row, c += 8 * ldc)
        {
            float* a1 = a + row, a2 = a1 + row, a3 = a2 + row, a4 = a3 + row, a5 = a4 + row, a6 = a5 + row, a7 = a6 + row, p = b;
            V c00 = default, c10 = default, c20 = default, c30 = default, c40 = default, c50 = default, c60 = default, c70 = default;
            V c01 = default, c11 = default, c21 = default, c31 = default, c41 = default, c51 = default, c61 = default, c71 = default;
            nint k = 0;
            for (int d = depth; d > 0; d--, p += ldb, k += step)
            {
                V b0 = V.Load(p);
                if (!TColumns.Two)
                {
                    c00 = V.FmaOne(a + k, b0, c00);
                    c10 = V.FmaOne(a1 + k, b0, c10);
                    c20 = V.FmaOne(a2 + k, b0, c20);
                    c30 = V.FmaOne(a3 + k, b0, c30);
                    c40 = V.FmaOne(a4 + k, b0, c40);
                    c50 = V.FmaOne(a5 + k, b0, c50);
                    c60 = V.FmaOne(a6 + k, b0, c60);
                    c70 = V.FmaOne(a7 + k, b0, c70);
                    continue;
                }
                V b1 = V.Load(p + V.Count);
                V x = V.LoadOne(a + k);
                c00 = V.Fma(x, b0, c00);
                c01 = V.Fma(x, b1, c01);
                x = V.LoadOne(a1 + k);
                c10 = V.Fma(x, b0, c10);
                c11 = V.Fma(x, b1, c11);
                x = V.LoadOne(a2 + k);
                c20 = V.Fma(x, b0, c20);
                c21 = V.Fma(x, b1, c21);
                x = V.LoadOne(a3 + k);
                c30 = V.Fma(x, b0, c30);
                c31 = V.Fma(x, b1, c31);
                x = V.LoadOne(a4 + k);
                c40 = V.Fma(x, b0, c40);
                c41 = V.Fma(x, b1, c41);
                x = V.LoadOne(a5 + k);
                c50 = V.Fma(x, b0, c50);
                c51 = V.Fma(x, b1, c51);
                x = V.LoadOne(a6 + k);
                c60 = V.Fma(x, b0, c60);
                c61 = V.Fma(x, b1, c61);
                x = V.LoadOne(a7 + k);
                c70 = V.Fma(x, b0, c70);
                c71 = V.Fma(x, b1, c71);
            }
            Store<V, TColumns>(c, c00, c01, accumulate);
            Store<V, TColumns>(c + ldc, c10, c11, accumulate);
            Store<V, TColumns>(c + 2 * ldc, c20, c21, accumulate);
            Store<V, TColumns>(c + 3 * ldc, c30, c31, accumulate);
            Store<V, TColumns>(c + 4 * ldc, c40, c41, accumulate);
            Store<V, TColumns>(c + 5 * ldc, c50, c51, accumulate);
            Store<V, TColumns>(c + 6 * ldc, c60, c61, accumulate);
            Store<V, TColumns>(c + 7 * ldc, c70, c71, accumulate);
        }
    }

    /// <summary>Rows past the last repeat it.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void Four<V, TColumns>(float* a, nint row, nint step, int depth, float* b, nint ldb, float* c, nint ldc, int rows, bool accumulate)
        where V : struct, ILanes<V> where TColumns : struct, IColumns
    {
        for (; rows > 0; rows -= 4, a += 4 * row, c += 4 * ldc)
        {
            float* a1 = rows > 1 ? a + row : a, a2 = rows > 2 ? a1 + row : a1, a3 = rows > 3 ? a2 + row : a2, p = b;
            V c00 = default, c10 = default, c20 = default, c30 = default;
            V c01 = default, c11 = default, c21 = default, c31 = default;
            nint k = 0;
            for (int d = depth; d > 0; d--, p += ldb, k += step)
            {
                V b0 = V.Load(p);
                if (!TColumns.Two)
                {
                    c00 = V.FmaOne(a + k, b0, c00);
                    c10 = V.FmaOne(a1 + k, b0, c10);
                    c20 = V.FmaOne(a2 + k, b0, c20);
                    c30 = V.FmaOne(a3 + k, b0, c30);
                    continue;
                }
                V b1 = V.Load(p + V.Count);
                V x = V.LoadOne(a + k);
                c00 = V.Fma(x, b0, c00);
                c01 = V.Fma(x, b1, c01);
                x = V.LoadOne(a1 + k);
                c10 = V.Fma(x, b0, c10);
                c11 = V.Fma(x, b1, c11);
                x = V.LoadOne(a2 + k);
                c20 = V.Fma(x, b0, c20);
                c21 = V.Fma(x, b1, c21);
                x = V.LoadOne(a3 + k);
                c30 = V.Fma(x, b0, c30);
                c31 = V.Fma(x, b1, c31);
            }
            Store<V, TColumns>(c, c00, c01, accumulate);
            if (rows > 1) Store<V, TColumns>(c + ldc, c10, c11, accumulate);
            if (rows > 2) Store<V, TColumns>(c + 2 * ldc, c20, c21, accumulate);
            if (rows > 3) Store<V, TColumns>(c + 3 * ldc, c30, c31, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<V, TColumns>(float* c, V first, V second, bool accumulate) where V : struct, ILanes<V> where TColumns : struct, IColumns
    {
        V.Store(accumulate ? V.Load(c) + first : first, c);
        if (TColumns.Two) V.Store(accumulate ? V.Load(c + V.Count) + second : second, c + V.Count);
    }
}
