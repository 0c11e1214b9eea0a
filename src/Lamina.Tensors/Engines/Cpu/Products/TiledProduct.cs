using System.Numerics;
using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Products;

/// <summary>
/// A float32 product cut into blocks of C, each of them a unit of parallel work that runs over all of k. Within a block
/// and a slice of k, a tile's rows of A stay in L1 while B's panels stream from L2; A is read
/// where it lies, B too as long as its rows lie close together.
/// </summary>
internal unsafe struct TiledProduct<V> : IRegion where V : struct, ILanes<V>
{
    /// <summary>The longest slice of k: a tile's rows of A and a panel of B share L1.</summary>
    private const int LongestSlice = 384;
    /// <summary>From this leading dimension on rows of B lie too far apart for prefetching, and multiples of 4 KB on one another in the cache.</summary>
    private const int FarRows = 1000;
    /// <summary>Fewer rows than this don't pay for packing what lies well enough.</summary>
    private const int PackFrom = 96;
    /// <summary>A block of A or B and a slice of k share L2 with the other.</summary>
    private const int MostRows = 256, MostColumns = 256;
    /// <summary>Blocks of which there are enough to take them in pairs, which share what is copied of A.</summary>
    private const int ManyBlocks = 64;
    /// <summary>Blocks in a large product, whatever the number of threads.</summary>
    private const int BlocksAimedAt = 16;
    /// <summary>Terms from which on a sum is cut into parts, where there are few blocks.</summary>
    private const int LongSum = 768;
    private const int PackedPanels = 0, PackedRows = 1;             // slots of scratch
    /// <summary>Tiles of Aᵀ that are copied at once, and from one's copy to the next's: no multiple of 4 KB.</summary>
    private const int MostAhead = 8, TilePitch = (LongestSlice + 18) * 8;

    private readonly float* _a, _b;
    private float* _c;
    private readonly nint _rowA, _stepA, _rowB, _stepB;
    private nint _rowC;
    private readonly int* _offsetsA, _offsetsB, _offsetsC;
    private readonly int _m, _n, _k, _part, _slice, _blockRows, _blockColumns, _rowBlocks, _columnBlocks;
    private bool _accumulate;
    private readonly bool _packs, _packsRows;
    private readonly BlockEpilogue? _epilogue;
    private readonly RowEpilogue _rowEpilogue;

    public TiledProduct(
        Matrix a, Matrix b, Matrix c, int batches, int* offsetsA, int* offsetsB, int* offsetsC, bool accumulate, BlockEpilogue? epilogue)
    {
        _a = (float*)a.Data;
        _b = (float*)b.Data;
        _c = (float*)c.Data;
        (_rowA, _stepA, _rowB, _stepB, _rowC) = (a.RowStride, a.ColumnStride, b.RowStride, b.ColumnStride, c.RowStride);
        _offsetsA = offsetsA;
        _offsetsB = offsetsB;
        _offsetsC = offsetsC;
        (_m, _n, _k) = (c.Rows, c.Columns, a.Columns);
        _accumulate = accumulate;

        // A tile's columns of Aᵀ would fill a cache line for a few of its sixteen numbers.
        _packsRows = _n >= 128 && _k >= 32 && (_stepA != 1 || (_rowA & 1023) == 0);

        // Blocks: as few rows of blocks as L2 allows, since each of them reads all of B; then columns enough
        // to keep sixteen threads busy, but two panels at least; then rows again where there are few columns.
        long work = (long)_m * _n * Math.Max(_k, 1);
        int wanted = (int)Math.Clamp(work * batches / Gemm.SerialWork, 1, BlocksAimedAt);
        // A long sum is cut into parts (below), which read B once between them.
        if (batches == 1 && _k >= LongSum) wanted = Math.Min(wanted, Math.Max(1, BlocksAimedAt * 512 / _k));
        wanted = (wanted + batches - 1) / batches;
        _rowBlocks = (_m + MostRows - 1) / MostRows;
        int least = _packsRows ? 128 : _stepB != 1 && _n <= 128 ? 2 * V.Count : 4 * V.Count, narrowest = (_n + least - 1) / least;
        int most = (long)_rowBlocks * _n * batches >= ManyBlocks * MostColumns ? 2 * MostColumns : MostColumns;
        _columnBlocks = Math.Max((_n + most - 1) / most, Math.Min(narrowest, (wanted + _rowBlocks - 1) / _rowBlocks));
        _blockColumns = Even(_n, _columnBlocks, 2 * V.Count);
        _columnBlocks = (_n + _blockColumns - 1) / _blockColumns;
        // Each block packs what it needs of B for itself, which its rows must pay for. One packed copy for all would be written by
        // one core and read by others, whose caches are a long way from each other on some machines.
        _packs = (_stepB != 1 && _n > 1) || (_rowB >= FarRows && _m >= PackFrom);
        int fewest = _packs ? PackFrom : 3 * TileRows;
        if (_rowBlocks * _columnBlocks < wanted) _rowBlocks = Math.Max(_rowBlocks, Math.Min((wanted + _columnBlocks - 1) / _columnBlocks, _m / fewest));
        _blockRows = Even(_m, _rowBlocks, TileRows);
        _rowBlocks = (_m + _blockRows - 1) / _blockRows;

        // A long sum into a small result (a gradient of weights over many examples) is cut into parts, added in order: threads then read
        // different examples, and those that they had before. A power of two, so that a part isn't shared by two of them.
        int blocks = _rowBlocks * _columnBlocks;
        int parts = batches > 1 || _k < LongSum || blocks >= 16 ? 1
            : (int)Math.Clamp(Math.Min(24 / blocks, (1 << 21) / ((long)_m * _n)), 1, _k / (LongSum / 2));
        Parts = 1 << BitOperations.Log2((uint)parts);
        _part = Math.Max(1, (_k + Parts - 1) / Parts);
        if (Parts == 1) _epilogue = epilogue?.Take(out _rowEpilogue);
        int slices = (_part + LongestSlice - 1) / LongestSlice;
        // Whole vectors, which transpose as such.
        _slice = ((_part + slices - 1) / slices + 15) & ~15;
        Units = batches * Parts * blocks;
        Grain = work * batches <= Gemm.SerialWork ? Units : (int)Math.Clamp(Gemm.SerialWork / Math.Max(1, work / (Parts * blocks)), 1, Units);
    }

    private static int TileRows { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => Products.TileRows.Of<V>(); }

    /// <summary>Blocks of C, over all batches.</summary>
    public int Units { get; }
    /// <summary>Units that make a chunk worth a thread.</summary>
    public int Grain { get; }
    /// <summary>Parts of the sum that are taken apart; with more than one call <see cref="IntoParts"/>.</summary>
    public int Parts { get; }

    /// <summary>Sends each part's result to a matrix of its own, side by side in memory.</summary>
    public void IntoParts(float* room)
    {
        _c = room;
        (_rowC, _accumulate) = (_n, false);
    }

    private static int Even(int size, int parts, int multiple)
    {
        int part = (size + parts - 1) / parts;
        return Math.Min(size, (part + multiple - 1) / multiple * multiple);
    }

    public void Run(int begin, int end)
    {
        for (int unit = begin; unit < end; unit++)
        {
            int blocks = _rowBlocks * _columnBlocks, batch = unit / blocks, block = unit % blocks;          // with parts, the batch is the part
            // A thread's partition of the units is a part of the larger side: where its rows are examples or weights, the same ones as in the ops around it.
            int row = (_m >= _n ? block / _columnBlocks : block % _rowBlocks) * _blockRows;
            int column = (_m >= _n ? block % _columnBlocks : block / _rowBlocks) * _blockColumns;
            Block(batch, row, Math.Min(_blockRows, _m - row), column, Math.Min(_blockColumns, _n - column));
        }
    }

    private void Block(int batch, int row, int rows, int column, int columns)
    {
        int first = Parts == 1 ? 0 : batch * _part, end = Parts == 1 ? _k : Math.Min(_k, first + _part);
        float* a = _a + (_offsetsA == null || Parts > 1 ? 0 : _offsetsA[batch]),
            c = _c + (Parts > 1 ? (nint)batch * _m * _n : _offsetsC == null ? 0 : _offsetsC[batch]) + column;
        float* b = _b + (_offsetsB == null || Parts > 1 ? 0 : _offsetsB[batch]) + column * _stepB;
        nint ldb = _rowB, panelStride = 2 * V.Count;
        float** pa = stackalloc float*[2 * MicroKernel.MostRows], pc = pa + MicroKernel.MostRows;
        RowEpilogue rowEpilogue = _rowEpilogue.From(column);
        for (int k = first; k == first || k < end; k += _slice)
        {
            int depth = Math.Min(_slice, end - k);
            bool last = k + depth >= end;
            float* panels = b + k * ldb;
            if (_packs)
            {
                ldb = 2 * V.Count;
                panelStride = ldb * depth;
                var pack = new PackColumns<V>(b + k * _rowB, _rowB, _stepB, depth, columns, null);
                pack = pack.To(panels = (float*)Scratch.Get(PackedPanels, pack.Bytes));
                pack.Run(0, pack.Panels);
            }
            int finished = row;
            int ahead = 0;
            for (int i = row; i < row + rows; i += TileRows)
            {
                int tile = Math.Min(TileRows, row + rows - i);
                nint step = Rows(a + i * _rowA + k * _stepA, tile, row + rows - i, _m - i, depth, pa, ref ahead);
                for (int r = 0; r < TileRows; r++) pc[r] = c + (i + Math.Min(r, tile - 1)) * _rowC;
                Panels(pa, step, depth, panels, ldb, panelStride, pc, tile, columns, _accumulate || k > first, last && !rowEpilogue.IsNone ? &rowEpilogue
                    : null);
                // Finish while the rows are in L1, but not by the handful.
                if (last && _epilogue is not null && (i + tile == row + rows || (i + tile - finished) * columns >= 2048))
                {
                    _epilogue.Finish(batch * _m + finished, i + tile - finished, column, columns);
                    finished = i + tile;
                }
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void Panels(float** a, nint step, int depth, float* b, nint ldb, nint panelStride, float** c, int rows, int columns, bool accumulate,
        RowEpilogue* rowEpilogue)
    {
        for (int j = 0; j < columns; j += 2 * V.Count, b += panelStride)
            if (TileRows == 8) MicroKernel.Run<V, EvenWalk, EightRows>(a, 0, step, depth, b, ldb, c, j, rows, Math.Min(2 * V.Count, columns - j), accumulate,
                rowEpilogue);
            else MicroKernel.Run<V, EvenWalk, SixRows>(a, 0, step, depth, b, ldb, c, j, rows, Math.Min(2 * V.Count, columns - j), accumulate, rowEpilogue);
    }

    /// <summary>
    /// Points at a tile's rows of A, or at a copy; gives the step along k. Rows past the edge repeat the last one.
    /// <paramref name="toDo"/> rows are left in the block, <paramref name="left"/> in the matrix. Columns of Aᵀ for several tiles
    /// share cache lines and pages and are copied at once: <paramref name="ahead"/> tiles have their copy already.
    /// </summary>
    private readonly nint Rows(float* a, int rows, int toDo, int left, int depth, float** to, ref int ahead)
    {
        nint row = _rowA, step = _stepA;
        if (_packsRows)
        {
            const int Room = 8;                                 // rows of a copy of Aᵀ, of which six or eight are used
            float* copy = (float*)Scratch.Get(PackedRows, MostAhead * TilePitch * sizeof(float));
            if (row == 1 && TileRows == Room && toDo >= Room)
            {
                if (ahead == 0) CopyColumns(a, step, depth, copy, ahead = Math.Min(MostAhead, toDo / Room));
                // They lie from the last place back, so that what is left to use says where.
                copy += --ahead * TilePitch;
            }
            else if (row == 1 && left >= Room) CopyColumns(a, step, depth, copy, 1);
            else
                for (int r = 0; r < rows; r++)
                    if (row == 1) for (int k = 0; k < depth; k++) copy[k * Room + r] = a[r + k * step];
                    else if (step == 1) Unsafe.CopyBlockUnaligned(copy + r * (nint)(depth + 16), a + r * row, (uint)depth * sizeof(float));
                    else for (int k = 0; k < depth; k++) copy[r * (depth + 16) + k] = a[r * row + k * step];
            a = copy;
            (row, step) = row == 1 ? (1, Room) : (depth + 16, 1);
        }
        for (int r = 0; r < TileRows; r++) to[r] = a + Math.Min(r, rows - 1) * row;
        return step;
    }

    /// <summary>Eight columns a tile, for some tiles side by side; the first one's come last.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void CopyColumns(float* a, nint step, int depth, float* to, int tiles)
    {
        to += (tiles - 1) * TilePitch;
        for (; depth > 0; depth--, a += step, to += F256.Count)
        {
            float* t = to;
            for (int i = 0; i < tiles; i++, t -= TilePitch) F256.Store(F256.Load(a + i * F256.Count), t);
        }
    }
}
