using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Recurrent;

/// <summary>
/// Where the values of a row lie that a product takes in: several pieces of so many values, each cut into runs of neighbours. First
/// come the first runs of all pieces, <paramref name="pieceBytes"/> apart; <paramref name="blockBytes"/> on, the second ones.
/// </summary>
internal readonly struct RowRuns(int values, int length, int pieces, nint pieceBytes, nint blockBytes)
{
    /// <summary>A row whose values are all side by side.</summary>
    public RowRuns(int values) : this(values, values, 1, 0, 0) { }

    /// <summary>Values of a piece, and of a run; the last run of a piece may be shorter.</summary>
    public readonly int Values = values, Length = length;

    public readonly int Pieces = pieces;
    public readonly nint PieceBytes = pieceBytes, BlockBytes = blockBytes;
}

/// <summary>
/// The products of recurrent networks: a few rows of states by a panel of packed weights that is two vectors wide. Unlike
/// those of <see cref="MicroKernel"/>, tiles have 1, 2, 4 or 8 rows, so that neither one sequence nor 32 waste
/// arithmetic; sums run in the order of the depth whatever the tile, in one chain of fused multiply-adds an element.
/// </summary>
internal static unsafe class RecurrentTile
{
    /// <summary>The most rows of a tile; memory for states is padded to a multiple of it.</summary>
    public const int MostRows = 8;

    // Sixteen accumulators need 32 registers.
    private static int Limit<V>() where V : struct, ILanes<V> => typeof(V) == typeof(F512) || AdvSimd.Arm64.IsSupported ? 8 : 4;

    /// <summary>The rows of the tile that takes the first of <paramref name="left"/> rows; it may reach beyond the last one.</summary>
    public static int RowsFor<V>(int left) where V : struct, ILanes<V> => Math.Min(Limit<V>(), left > 4 ? 8 : left > 2 ? 4 : left);

    /// <summary>
    /// to[rows, 2 vectors] = a[rows, depth] · panel[depth, 2 vectors]. The rows of a lie <paramref name="pitch"/> bytes apart, their
    /// values in <paramref name="runs"/>, those of the result side by side. With <paramref name="biased"/> the panel begins with a row that the
    /// sums start from.
    /// </summary>
    public static void Multiply<V>(byte* a, nint pitch, in RowRuns runs, byte* panel, bool biased, byte* to, int rows) where V : struct, ILanes<V>
    {
        switch (rows)
        {
            case 8: Tile<V, EightRows>(a, pitch, runs, panel, biased, to); break;
            case 4: Tile<V, FourRows>(a, pitch, runs, panel, biased, to); break;
            case 2: Tile<V, TwoRows>(a, pitch, runs, panel, biased, to); break;
            default: Tile<V, OneRow>(a, pitch, runs, panel, biased, to); break;
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void Tile<V, R>(byte* a, nint pitch, in RowRuns runs, byte* b, bool biased, byte* to) where V : struct, ILanes<V> where R : struct, IRows
    {
        nint vector = V.Count * V.Size;
        byte* a0 = a, a1 = a0 + pitch, a2 = a1 + pitch, a3 = a2 + pitch, a4 = a3 + pitch, a5 = a4 + pitch, a6 = a5 + pitch, a7 = a6 + pitch;
        V c00 = default, c01 = default;
        if (biased)
        {
            c00 = V.Load(b);
            c01 = V.Load(b + vector);
            b += 2 * vector;
        }
        V c10 = c00, c20 = c00, c30 = c00, c40 = c00, c50 = c00, c60 = c00, c70 = c00;
        V c11 = c01, c21 = c01, c31 = c01, c41 = c01, c51 = c01, c61 = c01, c71 = c01;
        nint block = 0;
        for (int left = runs.Values; left > 0; left -= runs.Length, block += runs.BlockBytes)
            for (int piece = 0; piece < runs.Pieces; piece++)
            {
                nint k = block + piece * runs.PieceBytes;
                for (byte* end = b + Math.Min(left, runs.Length) * 2 * vector; b < end; k += V.Size, b += 2 * vector)
                {
                    V b0 = V.Load(b), b1 = V.Load(b + vector), x = V.LoadOne(a0 + k);
                    c00 = V.Fma(x, b0, c00);
                    c01 = V.Fma(x, b1, c01);
                    if (R.Count > 1)
                    {
                        x = V.LoadOne(a1 + k);
                        c10 = V.Fma(x, b0, c10);
                        c11 = V.Fma(x, b1, c11);
                    }
                    if (R.Count > 2)
                    {
                        x = V.LoadOne(a2 + k);
                        c20 = V.Fma(x, b0, c20);
                        c21 = V.Fma(x, b1, c21);
                        x = V.LoadOne(a3 + k);
                        c30 = V.Fma(x, b0, c30);
                        c31 = V.Fma(x, b1, c31);
                    }
                    if (R.Count > 4)
                    {
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
                }
            }
        Store(c00, c01, to);
        if (R.Count > 1) Store(c10, c11, to + 2 * vector);
        if (R.Count > 2)
        {
            Store(c20, c21, to + 4 * vector);
            Store(c30, c31, to + 6 * vector);
        }
        if (R.Count > 4)
        {
            Store(c40, c41, to + 8 * vector);
            Store(c50, c51, to + 10 * vector);
            Store(c60, c61, to + 12 * vector);
            Store(c70, c71, to + 14 * vector);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<V>(V first, V second, byte* to) where V : struct, ILanes<V>
    {
        V.Store(first, to);
        V.Store(second, to + V.Count * V.Size);
    }

    /// <summary>
    /// sums[tile, 2 vectors] += aᵀ · b over steps of so many rows, or = with <paramref name="first"/>: the tile's values of a lie
    /// side by side, its rows <paramref name="pitch"/> bytes apart through all <paramref name="batch"/> rows of a step; those
    /// of b a <see cref="GateBlocks"/>' apart within a step.
    /// </summary>
    public static void Accumulate<V>(byte* a, nint pitch, byte* b, nint step, int steps, int rows, int batch, byte* sums, bool first)
        where V : struct, ILanes<V>
    {
        if (Limit<V>() == 8) Outer<V, EightRows>(a, pitch, b, step, steps, rows, batch, sums, first);
        else Outer<V, FourRows>(a, pitch, b, step, steps, rows, batch, sums, first);
    }

    [MethodImpl(Jit.Kernel)]
    private static void Outer<V, R>(byte* a, nint pitch, byte* b, nint step, int steps, int rows, int batch, byte* sums, bool first)
        where V : struct, ILanes<V> where R : struct, IRows
    {
        nint vector = V.Count * V.Size, skip = (batch - rows) * pitch;
        V c00 = default, c10 = default, c20 = default, c30 = default, c40 = default, c50 = default, c60 = default, c70 = default;
        V c01 = default, c11 = default, c21 = default, c31 = default, c41 = default, c51 = default, c61 = default, c71 = default;
        if (!first)
        {
            (c00, c01, c10, c11) = (V.Load(sums), V.Load(sums + vector), V.Load(sums + 2 * vector), V.Load(sums + 3 * vector));
            (c20, c21, c30, c31) = (V.Load(sums + 4 * vector), V.Load(sums + 5 * vector), V.Load(sums + 6 * vector), V.Load(sums + 7 * vector));
            if (R.Count > 4)
            {
                (c40, c41, c50, c51) = (V.Load(sums + 8 * vector), V.Load(sums + 9 * vector), V.Load(sums + 10 * vector), V.Load(sums + 11 * vector));
                (c60, c61, c70, c71) = (V.Load(sums + 12 * vector), V.Load(sums + 13 * vector), V.Load(sums + 14 * vector), V.Load(sums + 15 * vector));
            }
        }
        for (; steps > 0; steps--, b += step, a += skip)
        {
            byte* p = b;
            for (int row = rows; row > 0; row--, a += pitch, p += GateBlocks.Units * V.Size)
            {
                V b0 = V.Load(p), b1 = V.Load(p + vector), x = V.LoadOne(a);
                c00 = V.Fma(x, b0, c00);
                c01 = V.Fma(x, b1, c01);
                x = V.LoadOne(a + V.Size);
                c10 = V.Fma(x, b0, c10);
                c11 = V.Fma(x, b1, c11);
                x = V.LoadOne(a + 2 * V.Size);
                c20 = V.Fma(x, b0, c20);
                c21 = V.Fma(x, b1, c21);
                x = V.LoadOne(a + 3 * V.Size);
                c30 = V.Fma(x, b0, c30);
                c31 = V.Fma(x, b1, c31);
                if (R.Count <= 4) continue;
                x = V.LoadOne(a + 4 * V.Size);
                c40 = V.Fma(x, b0, c40);
                c41 = V.Fma(x, b1, c41);
                x = V.LoadOne(a + 5 * V.Size);
                c50 = V.Fma(x, b0, c50);
                c51 = V.Fma(x, b1, c51);
                x = V.LoadOne(a + 6 * V.Size);
                c60 = V.Fma(x, b0, c60);
                c61 = V.Fma(x, b1, c61);
                x = V.LoadOne(a + 7 * V.Size);
                c70 = V.Fma(x, b0, c70);
                c71 = V.Fma(x, b1, c71);
            }
        }
        Store(c00, c01, sums);
        Store(c10, c11, sums + 2 * vector);
        Store(c20, c21, sums + 4 * vector);
        Store(c30, c31, sums + 6 * vector);
        if (R.Count <= 4) return;
        Store(c40, c41, sums + 8 * vector);
        Store(c50, c51, sums + 10 * vector);
        Store(c60, c61, sums + 12 * vector);
        Store(c70, c71, sums + 14 * vector);
    }

    // Loops of their own: several elementary functions inlined into one kernel use up the JIT's budget.
    /// <summary>The logistic function of so many elements, a multiple of a vector's, in place.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void Sigmoid<V>(byte* x, int count) where V : struct, ILanes<V>
    {
        for (; count > 0; count -= V.Count, x += V.Count * V.Size) V.Store(V.Sigmoid(V.Load(x)), x);
    }

    /// <summary>The hyperbolic tangent of so many elements, a multiple of a vector's, in place.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void Tanh<V>(byte* x, int count) where V : struct, ILanes<V>
    {
        for (; count > 0; count -= V.Count, x += V.Count * V.Size) V.Store(V.Tanh(V.Load(x)), x);
    }
}
