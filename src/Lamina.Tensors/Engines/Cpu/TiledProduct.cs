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
    public static int LongestSlice = 384;
    /// <summary>From this leading dimension on rows of B lie in pages of their own, and multiples of 4 KB on one another in the cache.</summary>
    public static int FarRows = 768, NB=256, PR=1;
    private const int PackedPanels = 0, PackedRows = 1;             // slots of scratch

    private readonly float* _a, _b, _c;
    private readonly nint _rowA, _stepA, _rowB, _stepB, _rowC;
    private readonly int* _offsetsA, _offsetsB, _offsetsC;
    private readonly int _m, _n, _k, _slice, _blockRows, _blockColumns, _rowBlocks, _columnBlocks;
    private readonly bool _accumulate, _packs, _packsRows;
    private readonly BlockEpilogue? _epilogue;
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

        int slices = Math.Max(1, (_k + LongestSlice - 1) / LongestSlice);
        _slice = Math.Max(1, (_k + slices - 1) / slices);
        _packs = (_stepB != 1 && _n > 1) || (_rowB >= FarRows && _m >= 4 * MicroKernel.Rows);
        _packsRows = PR != 0 && _k >= 64 && _n > 2 * V.Count && ((_stepA == 1 ? _rowA : _stepA) & 1023) == 0;
        PacksOnce = _packs && (batches == 1 || offsetsB == null);

        // Blocks: wide enough to pay for reading A, narrow enough that a slice of B keeps to half of a small second
        // cache; rows for about a 32nd of the work, or all of them where a batch is parallel already.
        long work = (long)_m * _n * Math.Max(_k, 1);
        int panel = 2 * V.Count, columnBlocks = (_n + NB-1) / NB;
        _blockColumns = Even(_n, columnBlocks, panel);
        _columnBlocks = (_n + _blockColumns - 1) / _blockColumns;
        long share = Math.Max(Gemm.SerialWork, work * batches / 32);
        int rows = (int)Math.Clamp(share / ((long)_blockColumns * Math.Max(_k, 1)), 1, 240);
        if (_packs && !PacksOnce) rows = Math.Max(rows, 96);
        int rowBlocks = work * batches <= Gemm.SerialWork && _columnBlocks == 1 ? 1 : (_m + rows - 1) / rows;
        _blockRows = Even(_m, rowBlocks, MicroKernel.Rows);
        _rowBlocks = (_m + _blockRows - 1) / _blockRows;
        Units = batches * _rowBlocks * _columnBlocks;
        if (work * batches <= Gemm.SerialWork) Grain = Units;
        else Grain = (int)Math.Clamp(Gemm.SerialWork / Math.Max(1, work / (_rowBlocks * _columnBlocks)), 1, Units);
    }

    /// <summary>Blocks of C, over all batches.</summary>
    public int Units { get; }
    /// <summary>Units that make a chunk worth a thread.</summary>
    public int Grain { get; }
    /// <summary>True where one packed copy of B, made beforehand, serves all units.</summary>
    public bool PacksOnce { get; }

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
            int blocks = _rowBlocks * _columnBlocks, batch = unit / blocks, block = unit % blocks;
            // Neighbouring units share their columns of B.
            int row = block % _rowBlocks * _blockRows, column = block / _rowBlocks * _blockColumns;
            Block(batch, row, Math.Min(_blockRows, _m - row), column, Math.Min(_blockColumns, _n - column));
        }
    }

    private void Block(int batch, int row, int rows, int column, int columns)
    {
        float* a = _a + (_offsetsA == null ? 0 : _offsetsA[batch]), c = _c + (_offsetsC == null ? 0 : _offsetsC[batch]) + column;
        float* b = _b + (_offsetsB == null ? 0 : _offsetsB[batch]) + column * _stepB;
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
        for (int k = 0; k == 0 || k < _k; k += _slice)
        {
            int depth = Math.Min(_slice, _k - k);
            bool last = k + depth >= _k;
            int finished = row;
            for (int i = row; i < row + rows; i += MicroKernel.Rows)
            {
                int tile = Math.Min(MicroKernel.Rows, row + rows - i);
                nint step = Rows(a + i * _rowA + k * _stepA, tile, depth, pa);
                for (int r = 0; r < MicroKernel.Rows; r++) pc[r] = c + (i + Math.Min(r, tile - 1)) * _rowC;
                Panels(pa, step, depth, b + k * ldb, ldb, panelStride, pc, tile, columns, _accumulate || k > 0);
                // Finish while the rows are in the first cache, but not by the handful.
                if (last && _epilogue is not null && (i + tile == row + rows || (i + tile - finished) * columns >= 2048))
                {
                    _epilogue.Finish(batch * _m + finished, i + tile - finished, column, columns);
                    finished = i + tile;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Panels(float** a, nint step, int depth, float* b, nint ldb, nint panelStride, float** c, int rows, int columns, bool accumulate)
    {
        for (int j = 0; j < columns; j += 2 * V.Count, b += panelStride)
            MicroKernel.Run<V, EvenWalk>(a, 0, step, depth, b, ldb, c, j, rows, Math.Min(2 * V.Count, columns - j), accumulate);
    }

    /// <summary>Points at a tile's rows of A; gives the step along k. Rows past the edge repeat the last one.</summary>
    private readonly nint Rows(float* a, int rows, int depth, float** to)
    {
        nint row = _rowA, step = _stepA;
        if (_packsRows)
        {
            // At multiples of 4 KB the rows would evict each other: a copy at a pitch of its own.
            nint pitch = depth + 16;
            float* copy = (float*)Scratch.Get(PackedRows, (LongestSlice + 16) * MicroKernel.Rows * sizeof(float));
            for (int r = 0; r < rows; r++)
            {
                if (step == 1) Unsafe.CopyBlockUnaligned(copy + r * pitch, a + r * row, (uint)depth * sizeof(float));
                else for (int k = 0; k < depth; k++) copy[r * pitch + k] = a[r * row + k * step];
            }
            a = copy;
            (row, step) = (pitch, 1);
        }
        for (int r = 0; r < MicroKernel.Rows; r++) to[r] = a + Math.Min(r, rows - 1) * row;
        return step;
    }
}
