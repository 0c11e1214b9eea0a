using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Products;

/// <summary>
/// Where the elements of A for one step of the sum lie, as seen from the row pointers. A walk is a bare number that
/// grows by a step, so that it stays in a register.
/// </summary>
internal interface IWalk
{
    /// <summary>The distance from the row pointers in elements, at this point of the walk.</summary>
    static abstract nint Offset(nint walk);
}

/// <summary>Even steps: the walk is the distance, from 0 on by 1 along a row of A, by its leading dimension along a column (Aᵀ).</summary>
internal struct EvenWalk : IWalk
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Offset(nint walk) => walk;
}

/// <summary>Steps from a table of int: the walk is an address in it. The taps of a convolution, the pixels of its weight gradient.</summary>
internal struct TableWalk : IWalk
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe nint Offset(nint walk) => *(int*)walk;
}

/// <summary>Number of columns of a tile: two whole vectors, or a part of the second, or (a part of) one.</summary>
internal interface IColumns
{
    static abstract bool Two { get; }
    static abstract bool Whole { get; }
}

internal struct TwoVectors : IColumns { public static bool Two => true; public static bool Whole => true; }
internal struct OneAndPart : IColumns { public static bool Two => true; public static bool Whole => false; }
internal struct OneVector : IColumns { public static bool Two => false; public static bool Whole => true; }
internal struct PartVector : IColumns { public static bool Two => false; public static bool Whole => false; }

/// <summary>
/// The inner loop of every product and convolution: a tile of C, six or eight rows by two vectors, stays in registers
/// while the sum runs. Rows of A and C come as pointers, so a row may lie anywhere: transposed, in an image, or, past
/// the edge, on top of another row whose result is not stored. B is row-major with its own leading dimension, packed
/// or not. Sums run in the order of k, in one chain of fused multiply-adds an element.
/// </summary>
internal static unsafe class MicroKernel
{
    /// <summary>Rows of a tile of six.</summary>
    public const int Rows = 6;

    /// <summary>Terms of a sum that take as long as fetching a tile's part of C.</summary>
    private const int DeepSum = 48;

    /// <summary>The most rows that a tile has: room for their pointers.</summary>
    public const int MostRows = 8;

    /// <summary>
    /// C[rows, columns] (+)= A[rows, depth] · B[depth, columns], columns ≤ 2 · V.Count. The pointers of A stand at k = 0,
    /// those of C at the tile's first column less <paramref name="column"/>, and so does the row of what is done in the <paramref name="end"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<V, TWalk>(float** a, nint walk, nint step, int depth, float* b, nint ldb, float** c, nint column, int rows, int columns,
        bool accumulate, RowEpilogue* end = null)
        where V : struct, ILanes<V> where TWalk : struct, IWalk =>
        Run<V, TWalk, SixRows>(a, walk, step, depth, b, ldb, c, column, rows, columns, accumulate, end);

    /// <summary>The same for tiles of so many rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<V, TWalk, TRows>(float** a, nint walk, nint step, int depth, float* b, nint ldb, float** c, nint column, int rows, int columns,
        bool accumulate, RowEpilogue* end = null)
        where V : struct, ILanes<V> where TWalk : struct, IWalk where TRows : struct, IRows
    {
        if (columns == 2 * V.Count) Tile<V, TWalk, TRows, TwoVectors>(a, walk, step, depth, b, ldb, c, column, rows, V.Count, accumulate, end);
        else if (columns > V.Count) Tile<V, TWalk, TRows, OneAndPart>(a, walk, step, depth, b, ldb, c, column, rows, columns - V.Count, accumulate, end);
        else if (columns == V.Count) Tile<V, TWalk, TRows, OneVector>(a, walk, step, depth, b, ldb, c, column, rows, V.Count, accumulate, end);
        else Tile<V, TWalk, TRows, PartVector>(a, walk, step, depth, b, ldb, c, column, rows, columns, accumulate, end);
    }

    /// <summary>One tile; <paramref name="last"/> is the number of columns in its last vector.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void Tile<V, TWalk, TRows, TColumns>(float** a, nint walk, nint step, int depth, float* b, nint ldb, float** c, nint column, int rows,
        int last, bool accumulate, RowEpilogue* end)
        where V : struct, ILanes<V> where TWalk : struct, IWalk where TRows : struct, IRows where TColumns : struct, IColumns
    {
        float* a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3], a4 = a[4], a5 = a[5], a6 = TRows.Count == 8 ? a[6] : null, a7 = TRows.Count == 8 ? a[7] : null;
        // Results that lie in memory which wasn't used for long are fetched while the sum runs.
        if (!accumulate && depth >= DeepSum)
        {
            Ask<V, TColumns>(c[0] + column);
            Ask<V, TColumns>(c[1] + column);
            Ask<V, TColumns>(c[2] + column);
            Ask<V, TColumns>(c[3] + column);
            Ask<V, TColumns>(c[4] + column);
            Ask<V, TColumns>(c[5] + column);
            if (TRows.Count == 8)
            {
                Ask<V, TColumns>(c[6] + column);
                Ask<V, TColumns>(c[7] + column);
            }
        }
        V c00 = default, c10 = default, c20 = default, c30 = default, c40 = default, c50 = default, c60 = default, c70 = default;
        V c01 = default, c11 = default, c21 = default, c31 = default, c41 = default, c51 = default, c61 = default, c71 = default;
        for (; depth > 0; depth--, b += ldb, walk += step)
        {
            nint k = TWalk.Offset(walk);
            V b0 = TColumns.Two || TColumns.Whole ? V.Load(b) : V.LoadPart(b, last);
            V b1 = !TColumns.Two ? default : TColumns.Whole ? V.Load(b + V.Count) : V.LoadPart(b + V.Count, last);
            if (!TColumns.Two)
            {
                c00 = V.FmaOne(a0 + k, b0, c00);
                c10 = V.FmaOne(a1 + k, b0, c10);
                c20 = V.FmaOne(a2 + k, b0, c20);
                c30 = V.FmaOne(a3 + k, b0, c30);
                c40 = V.FmaOne(a4 + k, b0, c40);
                c50 = V.FmaOne(a5 + k, b0, c50);
                if (TRows.Count < 8) continue;
                c60 = V.FmaOne(a6 + k, b0, c60);
                c70 = V.FmaOne(a7 + k, b0, c70);
                continue;
            }
            V x = V.LoadOne(a0 + k);
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
            if (TRows.Count < 8) continue;
            x = V.LoadOne(a6 + k);
            c60 = V.Fma(x, b0, c60);
            c61 = V.Fma(x, b1, c61);
            x = V.LoadOne(a7 + k);
            c70 = V.Fma(x, b0, c70);
            c71 = V.Fma(x, b1, c71);
        }
        StoreRow<V, TColumns>(c[0] + column, c00, c01, last, accumulate);
        if (rows > 1) StoreRow<V, TColumns>(c[1] + column, c10, c11, last, accumulate);
        if (rows > 2) StoreRow<V, TColumns>(c[2] + column, c20, c21, last, accumulate);
        if (rows > 3) StoreRow<V, TColumns>(c[3] + column, c30, c31, last, accumulate);
        if (rows > 4) StoreRow<V, TColumns>(c[4] + column, c40, c41, last, accumulate);
        if (rows > 5) StoreRow<V, TColumns>(c[5] + column, c50, c51, last, accumulate);
        if (TRows.Count == 8)
        {
            if (rows > 6) StoreRow<V, TColumns>(c[6] + column, c60, c61, last, accumulate);
            if (rows > 7) StoreRow<V, TColumns>(c[7] + column, c70, c71, last, accumulate);
        }
        if (end != null) end->Run<V>(c, rows, column, TColumns.Two ? V.Count + last : last);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Ask<V, TColumns>(float* row) where V : struct, ILanes<V> where TColumns : struct, IColumns
    {
        Prefetch.Line((byte*)row);
        if (TColumns.Two && V.Count == F512.Count) Prefetch.Line((byte*)(row + V.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow<V, TColumns>(float* c, V first, V second, int last, bool accumulate)
        where V : struct, ILanes<V> where TColumns : struct, IColumns
    {
        if (TColumns.Two)
        {
            V.Store(accumulate ? V.Load(c) + first : first, c);
            c += V.Count;
            first = second;
        }
        if (TColumns.Whole) V.Store(accumulate ? V.Load(c) + first : first, c);
        else V.StorePart(accumulate ? V.LoadPart(c, last) + first : first, c, last);
    }
}
