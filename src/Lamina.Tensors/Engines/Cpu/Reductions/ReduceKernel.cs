using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Reductions;

/// <summary>Reduction operator: addition, multiplication, maximum, minimum.</summary>
internal interface IFold
{
    V Start<V>() where V : struct, ILanes<V>;
    V Fold<V>(V total, V x) where V : struct, ILanes<V>;
    V Lanes<V>(V total) where V : struct, ILanes<V>;
}

/// <summary>
/// Folds the middle axis of compact memory (outer, length, inner). Long axes are folded in blocks of a fixed length, whose
/// totals are folded in blocks again, and a block in short runs, so the result depends on the shape alone and rounding grows
/// with the run, not with the axis.
/// </summary>
internal static unsafe class ReduceKernel
{
    private const int RowBlock = 4096, ColumnBlock = 256, ColumnsAtOnce = 512;

    // How many values, or rows, are folded into a register before it is added to a total.
    private const int RowRun = 64, ColumnRun = 16;

    // Rows of fewer columns are folded so many at a time: side by side they fill vectors.
    private const int Narrow = 16;

    /// <summary>The working memory that a fold of this extent needs, in bytes.</summary>
    public static long Workspace(int outer, int length, int inner, int size)
    {
        int block = inner == 1 ? RowBlock : ColumnBlock;
        long totals = 0;
        while (length > block) totals += length = (length + block - 1) / block;
        return outer * totals * inner * size;
    }

    /// <summary>to(outer, inner) = the fold of from(outer, length, inner) over its middle axis.</summary>
    public static void Run<F>(F fold, DType type, void* from, void* to, int outer, int length, int inner, void* workspace, CpuPool pool) where F : struct, IFold
    {
        if (outer == 0 || inner == 0) return;
        int block = inner == 1 ? RowBlock : ColumnBlock;
        byte* totals = (byte*)workspace;
        while (length > block)
        {
            int blocks = (length + block - 1) / block;
            Pass(fold, type, from, totals, outer, length, inner, block, blocks, pool);
            from = totals;
            totals += (nint)outer * blocks * inner * type.Size;
            length = blocks;
        }
        Pass(fold, type, from, to, outer, length, inner, block, 1, pool);
    }

    private static void Pass<F>(F fold, DType type, void* from, void* to, int outer, int length, int inner, int block, int blocks, CpuPool pool)
        where F : struct, IFold
    {
        int strips = inner == 1 ? 1 : (inner + ColumnsAtOnce - 1) / ColumnsAtOnce;
        var region = new Region<F> { Fold = fold, Type = type, From = (byte*)from, To = (byte*)to, Length = length, Inner = inner, Block = block,
            Blocks = blocks, Strips = strips };
        long work = (long)Math.Min(block, Math.Max(length, 1)) * Math.Min(inner, ColumnsAtOnce);
        pool.For(outer * blocks * strips, (int)Math.Clamp(16 * 1024 / work, 1, 1 << 16), ref region);
    }

    private struct Region<F> : IRegion where F : struct, IFold
    {
        public F Fold;
        public DType Type;
        public byte* From, To;
        public int Length, Inner, Block, Blocks, Strips;

        public readonly void Run(int begin, int end)
        {
            for (int unit = begin; unit < end; unit++)
            {
                int strip = unit % Strips, cell = unit / Strips, b = cell % Blocks, o = cell / Blocks;
                int first = b * Block, count = Math.Min(Block, Length - first), column = strip * ColumnsAtOnce;
                int size = Type.Size;
                byte* from = From + (((nint)o * Length + first) * Inner + column) * size, to = To + ((nint)cell * Inner + column) * size;
                if (Inner == 1) Rows(from, to, count);
                else Columns(from, to, count, Math.Min(ColumnsAtOnce, Inner - column));
            }
        }

        private readonly void Rows(byte* from, byte* to, int count)
        {
            if (Type == DType.Float64) { Row<D64>(Fold, from, to, count); return; }
            switch (Tiers.Current)
            {
                case Tier.Vector512: Row<F512>(Fold, from, to, count); break;
                case Tier.Vector256: Row<F256>(Fold, from, to, count); break;
                default: Row<F128>(Fold, from, to, count); break;
            }
        }

        private readonly void Columns(byte* from, byte* to, int rows, int columns)
        {
            if (Inner < Narrow && rows >= 2 * Narrow)
            {
                byte* room = stackalloc byte[2 * Narrow * Narrow * sizeof(double)];
                int whole = rows / Narrow, row = Inner * Type.Size;
                Columns(from, room, whole, Narrow * Inner, Narrow * Inner);
                rows -= whole * Narrow;
                Unsafe.CopyBlockUnaligned(room + Narrow * row, from + (nint)whole * Narrow * row, (uint)(rows * row));
                from = room;
                rows += Narrow;
            }
            Columns(from, to, rows, columns, Inner);
        }

        private readonly void Columns(byte* from, byte* to, int rows, int columns, int pitch)
        {
            if (Type == DType.Float64) { Strip<D64>(Fold, from, to, rows, columns, pitch); return; }
            switch (Tiers.Current)
            {
                case Tier.Vector512: Strip<F512>(Fold, from, to, rows, columns, pitch); break;
                case Tier.Vector256: Strip<F256>(Fold, from, to, rows, columns, pitch); break;
                default: Strip<F128>(Fold, from, to, rows, columns, pitch); break;
            }
        }

        [MethodImpl(Jit.Kernel)]
        private static void Row<V>(F fold, byte* from, byte* to, int count) where V : struct, ILanes<V>
        {
            int bytes = V.Count * V.Size, i = 0;
            V all = fold.Start<V>();
            while (count - i >= 4 * V.Count)
            {
                V a = fold.Start<V>(), b = a, c = a, d = a;
                for (int stop = Math.Min(count - 4 * V.Count, i + (RowRun - 1) * 4 * V.Count); i <= stop; i += 4 * V.Count, from += 4 * bytes)
                {
                    a = fold.Fold(a, V.Load(from));
                    b = fold.Fold(b, V.Load(from + bytes));
                    c = fold.Fold(c, V.Load(from + 2 * bytes));
                    d = fold.Fold(d, V.Load(from + 3 * bytes));
                }
                all = fold.Fold(all, fold.Fold(fold.Fold(a, b), fold.Fold(c, d)));
            }
            V rest = fold.Start<V>();
            for (; i <= count - V.Count; i += V.Count, from += bytes) rest = fold.Fold(rest, V.Load(from));
            V total = fold.Lanes(fold.Fold(all, rest));
            for (; i < count; i++, from += V.Size) total = fold.Fold(total, V.LoadOne(from));
            V.StorePart(total, to, 1);
        }

        [MethodImpl(Jit.Kernel)]
        private static void Strip<V>(F fold, byte* from, byte* to, int rows, int columns, int pitch) where V : struct, ILanes<V>
        {
            nint bytes = V.Count * V.Size, next = (nint)pitch * V.Size;
            int j = 0;
            for (; j <= columns - 4 * V.Count; j += 4 * V.Count, from += 4 * bytes, to += 4 * bytes)
            {
                V all = fold.Start<V>(), all1 = all, all2 = all, all3 = all;
                byte* x = from;
                for (int i = 0; i < rows;)
                {
                    V a = fold.Start<V>(), b = a, c = a, d = a;
                    for (int stop = Math.Min(rows, i + ColumnRun); i < stop; i++, x += next)
                    {
                        a = fold.Fold(a, V.Load(x));
                        b = fold.Fold(b, V.Load(x + bytes));
                        c = fold.Fold(c, V.Load(x + 2 * bytes));
                        d = fold.Fold(d, V.Load(x + 3 * bytes));
                    }
                    (all, all1, all2, all3) = (fold.Fold(all, a), fold.Fold(all1, b), fold.Fold(all2, c), fold.Fold(all3, d));
                }
                V.Store(all, to);
                V.Store(all1, to + bytes);
                V.Store(all2, to + 2 * bytes);
                V.Store(all3, to + 3 * bytes);
            }
            for (; j < columns; j += V.Count, from += bytes, to += bytes)
            {
                int width = Math.Min(V.Count, columns - j);
                V all = fold.Start<V>();
                byte* x = from;
                for (int i = 0; i < rows;)
                {
                    V a = fold.Start<V>();
                    int stop = Math.Min(rows, i + ColumnRun);
                    if (width == V.Count)
                        for (; i < stop; i++, x += next) a = fold.Fold(a, V.Load(x));
                    else
                        for (; i < stop; i++, x += next) a = fold.Fold(a, V.LoadPart(x, width));
                    all = fold.Fold(all, a);
                }
                Lanes.Store(all, to, width);
            }
        }
    }
}
