using System.Runtime.CompilerServices;

namespace Lamina.Tensors.Engines.Cpu;

/// <summary>
/// A float32 product cut into blocks of C, each of them a unit of parallel work that runs over all of k. Within a block
/// and a slice of k, a tile's six rows of A stay in the first cache while B's panels stream from the second; A is read
/// where it lies, B too as long as its rows lie close together.
/// </summary>
internal unsafe struct TiledProduct<V> : IRegion where V : struct, ILanes<V>
{
    /// <summary>The longest slice of k: six rows of A and a panel of B share the first cache.</summary>
    private const int LongestSlice = 384;
    /// <summary>From this leading dimension on rows of B lie too far apart for prefetching, and multiples of 4 KB on one another in the cache.</summary>
    private const int FarRows = 256;
    private const int PackedPanels = 0, PackedRows = 1;             // slots of scratch

    private readonly float* _a, _b;
    private float* _c;
    private readonly nint _rowA, _stepA, _rowB, _stepB;
    private nint _rowC;
    private readonly int* _offsetsA, _offsetsB, _offsetsC;
    private readonly int _m, _n, _k, _part, _slice, _blockRows, _blockColumns, _rowBlocks, _columnBlocks;
    private bool _accumulate;
    private readonly bool _packs, _packsRows;
    private BlockEpilogue? _epilogue;
    private float* _packed;

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
        (_accumulate, _epilogue) = (accumulate, epilogue);

        _packs = (_stepB != 1 && _n > 1) || (_rowB >= FarRows && _m >= 4 * MicroKernel.Rows);
        // A tile's columns of Aᵀ would fill a cache line for six of its sixteen numbers.
        _packsRows = _n >= 128 && _k >= 32 && (_stepA != 1 || (_rowA & 1023) == 0);
        PacksOnce = _packs && (batches == 1 || offsetsB == null);

        // Blocks: wide enough to pay for reading A, narrow enough that a slice of B keeps to a small second cache; rows
        // for about a 32nd of the work, or all of them where a batch is parallel already, and no fewer than pay for B.
        long work = (long)_m * _n * Math.Max(_k, 1);
        _blockColumns = Even(_n, (_n + 255) / 256, 2 * V.Count);
        _columnBlocks = (_n + _blockColumns - 1) / _blockColumns;
        long share = Math.Max(Gemm.SerialWork, work * batches / 32);
        int rows = (int)Math.Clamp(share / ((long)_blockColumns * Math.Max(_k, 1)), _packs && !PacksOnce ? 96 : 24, 240);
        _blockRows = Even(_m, work * batches <= Gemm.SerialWork && _columnBlocks == 1 ? 1 : (_m + rows - 1) / rows, MicroKernel.Rows);
        _rowBlocks = (_m + _blockRows - 1) / _blockRows;

        // A long sum into a small result (a gradient of weights over many pixels) is cut into parts, added in order.
        int blocks = _rowBlocks * _columnBlocks;
        Parts = batches > 1 || _k < 2048 || blocks >= 16 ? 1 : (int)Math.Clamp(Math.Min(24 / blocks, (1 << 21) / ((long)_m * _n)), 1, _k / 512);
        _part = Math.Max(1, (_k + Parts - 1) / Parts);
        int slices = (_part + LongestSlice - 1) / LongestSlice;
        _slice = (_part + slices - 1) / slices;
        Units = batches * Parts * blocks;
        Grain = work * batches <= Gemm.SerialWork ? Units : (int)Math.Clamp(Gemm.SerialWork / Math.Max(1, work / (Parts * blocks)), 1, Units);
    }

    /// <summary>Blocks of C, over all batches.</summary>
    public int Units { get; }
    /// <summary>Units that make a chunk worth a thread.</summary>
    public int Grain { get; }
    /// <summary>True where one packed copy of B, made beforehand, serves all units.</summary>
    public bool PacksOnce { get; }

    /// <summary>Parts of the sum that are taken apart; with more than one call <see cref="IntoParts"/>.</summary>
    public int Parts { get; }

    /// <summary>Sends each part's result to a matrix of its own, side by side in memory.</summary>
    public void IntoParts(float* room)
    {
        _c = room;
        (_rowC, _accumulate, _epilogue) = (_n, false, null);
    }

    private static int Even(int size, int parts, int multiple)
    {
        int part = (size + parts - 1) / parts;
        return Math.Min(size, (part + multiple - 1) / multiple * multiple);
    }

    /// <summary>The packing of B that goes before; this thread's scratch holds it, and the other threads read it there.</summary>
    public PackColumns<V> Packing()
    {
        var pack = new PackColumns<V>(_b + (_offsetsB == null ? 0 : _offsetsB[0]), _rowB, _stepB, _k, _n, null);
        _packed = (float*)Scratch.Get(PackedPanels, pack.Bytes);
        return pack.To(_packed);
    }

    public void Run(int begin, int end)
    {
        for (int unit = begin; unit < end; unit++)
        {
            int blocks = _rowBlocks * _columnBlocks, batch = unit / blocks, block = unit % blocks;          // with parts, the batch is the part
            // Neighbouring units share their columns of B.
            int row = block % _rowBlocks * _blockRows, column = block / _rowBlocks * _blockColumns;
            Block(batch, row, Math.Min(_blockRows, _m - row), column, Math.Min(_blockColumns, _n - column));
        }
    }

    private void Block(int batch, int row, int rows, int column, int columns)
    {
        int first = Parts == 1 ? 0 : batch * _part, end = Parts == 1 ? _k : Math.Min(_k, first + _part);
        float* a = _a + (_offsetsA == null || Parts > 1 ? 0 : _offsetsA[batch]), c = _c + (Parts > 1 ? (nint)batch * _m * _n : _offsetsC == null ? 0 : _offsetsC[batch]) + column;
        float* b = _b + (_offsetsB == null || Parts > 1 ? 0 : _offsetsB[batch]) + column * _stepB;
        nint ldb = _rowB, panelStride = 2 * V.Count;
        if (_packs)
        {
            ldb = 2 * V.Count;
            panelStride = ldb * _k;
            if (_packed != null) b = _packed + column / (2 * V.Count) * panelStride;
            else
            {
                var pack = new PackColumns<V>(b, _rowB, _stepB, _k, columns, null);
                pack = pack.To(b = (float*)Scratch.Get(PackedPanels, pack.Bytes));
                pack.Run(0, pack.Panels);
            }
        }
        float** pa = stackalloc float*[2 * MicroKernel.Rows], pc = pa + MicroKernel.Rows;
        for (int k = first; k == first || k < end; k += _slice)
        {
            int depth = Math.Min(_slice, end - k);
            bool last = k + depth >= end;
            int finished = row;
            for (int i = row; i < row + rows; i += MicroKernel.Rows)
            {
                int tile = Math.Min(MicroKernel.Rows, row + rows - i);
                nint step = Rows(a + i * _rowA + k * _stepA, tile, _m - i, depth, pa);
                for (int r = 0; r < MicroKernel.Rows; r++) pc[r] = c + (i + Math.Min(r, tile - 1)) * _rowC;
                Panels(pa, step, depth, b + k * ldb, ldb, panelStride, pc, tile, columns, _accumulate || k > first);
                // Finish while the rows are in the first cache, but not by the handful.
                if (last && _epilogue is not null && (i + tile == row + rows || (i + tile - finished) * columns >= 2048))
                {
                    _epilogue.Finish(batch * _m + finished, i + tile - finished, column, columns);
                    finished = i + tile;
                }
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void Panels(float** a, nint step, int depth, float* b, nint ldb, nint panelStride, float** c, int rows, int columns, bool accumulate)
    {
        for (int j = 0; j < columns; j += 2 * V.Count, b += panelStride)
            MicroKernel.Run<V, EvenWalk>(a, 0, step, depth, b, ldb, c, j, rows, Math.Min(2 * V.Count, columns - j), accumulate);
    }

    /// <summary>
    /// Points at a tile's rows of A, or at a copy; gives the step along k. Rows past the edge repeat the last one.
    /// <paramref name="left"/> rows follow in the matrix.
    /// </summary>
    private readonly nint Rows(float* a, int rows, int left, int depth, float** to)
    {
        nint row = _rowA, step = _stepA;
        if (_packsRows)
        {
            const int Room = 8;                                 // rows of a copy of Aᵀ, of which six are used
            float* copy = (float*)Scratch.Get(PackedRows, (LongestSlice + 16) * Room * sizeof(float));
            if (row == 1 && left >= Room) CopyColumns(a, step, depth, copy);
            else
                for (int r = 0; r < rows; r++)
                    if (row == 1) for (int k = 0; k < depth; k++) copy[k * Room + r] = a[r + k * step];
                    else if (step == 1) Unsafe.CopyBlockUnaligned(copy + r * (nint)(depth + 16), a + r * row, (uint)depth * sizeof(float));
                    else for (int k = 0; k < depth; k++) copy[r * (depth + 16) + k] = a[r * row + k * step];
            a = copy;
            (row, step) = row == 1 ? (1, Room) : (depth + 16, 1);
        }
        for (int r = 0; r < MicroKernel.Rows; r++) to[r] = a + Math.Min(r, rows - 1) * row;
        return step;
    }

    [MethodImpl(Jit.Kernel)]
    private static void CopyColumns(float* a, nint step, int depth, float* to)
    {
        for (; depth > 0; depth--, a += step, to += F256.Count) F256.Store(F256.Load(a), to);
    }
}
