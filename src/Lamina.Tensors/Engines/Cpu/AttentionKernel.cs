using System.Runtime.CompilerServices;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu;

/// <summary>
/// What attention is called with: queries, keys and values (batch, steps, heads, width), strided any way, and, where
/// given, what is added to the scores, broadcast to (batch, heads, queries, keys).
/// </summary>
internal struct AttentionCall
{
    public View Queries, Keys, Values, Mask;
    public bool HasMask, Causal;
    public double Scale;

    public readonly DType Type => Queries.DType;
    public readonly int Heads => Queries.Shape[2];
    public readonly int Batches => Queries.Shape[0];
}

/// <summary>
/// Attention head by head. Queries are taken a tile of rows at a time, so that their scores stay in the first cache from
/// the product through the softmax to the weighted sum of values; scores that a causal call masks are not computed. The
/// gradient computes them again instead of keeping them (Dao et al., 2022: "FlashAttention"), for a block of queries,
/// and adds its part to the gradients of keys and values. A unit of work is a head, or queries of one.
/// </summary>
internal static unsafe class AttentionKernel
{
    internal const int Slot = 5;
    private const int BlockElements = 24 * 1024, FewHeads = 16, LeastPart = 24, FewQueries = 2;
    internal const double Log2E = 1.4426950408889634;

    /// <summary>Queries, or keys, of a tile.</summary>
    private static int RowsOfTile<V>() where V : struct, ILanes<V> => V.Count == F512.Count ? MicroKernel.MostRows : MicroKernel.Rows;

    /// <summary>y (batch, queries, heads, width of a value), compact.</summary>
    public static void Forward(in AttentionCall call, in View y, CpuPool pool)
    {
        if (y.Count == 0) return;
        int heads = call.Batches * call.Heads, queries = y.Shape[1];
        // Packing keys and values again for each part of the queries is worth it only where heads are few.
        int part = heads >= FewHeads ? queries : Math.Max(LeastPart, (queries / FewHeads + LeastPart - 1) / LeastPart * LeastPart), parts = (queries + part - 1) / part;
        Wide.For(pool, call.Type, heads * parts, Grain(call, part), new Heads { Call = call, Y = y, Part = part, Parts = parts });
    }

    /// <summary>The gradients of queries, keys and values, features side by side, from that of y.</summary>
    public static void Backward(in AttentionCall call, in View by, in View queries, in View keys, in View values, CpuPool pool)
    {
        var body = new HeadGradients { Call = call, By = by, ByQueries = queries, ByKeys = keys, ByValues = values };
        Wide.For(pool, call.Type, call.Batches * call.Heads, Grain(call, call.Queries.Shape[1]) / 2, body);
    }

    private static long Grain(in AttentionCall call, int queries) =>
        Gemm.SerialWork / Math.Max(1L, (long)queries * call.Keys.Shape[1] * (call.Queries.Shape[3] + call.Values.Shape[3]));

    private static Matrix Head(in View x, int batch, int head) =>
        new((byte*)x.Data + ((nint)batch * x.Strides[0] + (nint)head * x.Strides[2]) * x.DType.Size, x.Shape[1], x.Shape[3], x.Strides[1], x.Strides[3]);

    /// <summary>Scratch in pieces that begin at multiples of 64 bytes.</summary>
    private struct Room(byte* at)
    {
        private byte* _at = at;

        public byte* Take(long bytes)
        {
            byte* piece = _at;
            _at += Padded(bytes);
            return piece;
        }

        public static long Padded(long bytes) => (bytes + 63) & ~63L;
    }

    /// <summary>The bytes of a matrix of so many rows and columns in panels of two vectors.</summary>
    private static long PanelBytes<V>(int rows, int columns) where V : struct, ILanes<V> =>
        Room.Padded((long)(columns + 2 * V.Count - 1) / (2 * V.Count) * (2 * V.Count) * rows * V.Size);

    /// <summary>A row of scores, in elements: whole vectors, and not a multiple of 4 KB.</summary>
    internal static int Pitch<V>(int keys) where V : struct, ILanes<V> => Whole<V>(keys) + Math.Max(16, 2 * V.Count);

    internal static int Whole<V>(int count) where V : struct, ILanes<V> => (count + V.Count - 1) / V.Count * V.Count;

    /// <summary>Copies a matrix into panels of two vectors, zeros past the last column.</summary>
    private static void Pack<V>(Matrix b, byte* to) where V : struct, ILanes<V>
    {
        if (V.Size == sizeof(float))
        {
            var pack = new PackColumns<V>((float*)b.Data, b.RowStride, b.ColumnStride, b.Rows, b.Columns, (float*)to);
            pack.Run(0, pack.Panels);
            return;
        }
        int width = 2 * V.Count;
        for (int i = 0; i < b.Rows; i++)
            for (int j = 0; j < (b.Columns + width - 1) / width * width; j++)
                ((double*)to)[(nint)(j / width) * width * b.Rows + i * width + j % width] = j < b.Columns ? ((double*)b.Data)[i * b.RowStride + j * b.ColumnStride] : 0;
    }

    /// <summary>
    /// A tile: C[rows, columns] (+)= A[rows, depth] · B, for up to <see cref="RowsOfTile{V}"/> rows, B in panels that are
    /// <paramref name="panel"/> elements apart. Strides in elements; the columns of C lie side by side.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    private static void Product<V>(byte* a, nint rowA, nint stepA, int depth, byte* b, nint panel, byte* c, nint rowC, int rows, int columns, bool accumulate)
        where V : struct, ILanes<V>
    {
        if (V.Size != sizeof(float))
        {
            Plain<V>((double*)a, rowA, stepA, depth, (double*)b, panel, (double*)c, rowC, rows, columns, accumulate);
            return;
        }
        float** pa = stackalloc float*[2 * MicroKernel.MostRows], pc = pa + MicroKernel.MostRows;
        for (int r = 0; r < RowsOfTile<V>(); r++)
        {
            int row = Math.Min(r, rows - 1);
            pa[r] = (float*)a + row * rowA;
            pc[r] = (float*)c + row * rowC;
        }
        for (int j = 0; j < columns; j += 2 * V.Count, b += panel * sizeof(float))
            if (RowsOfTile<V>() == MicroKernel.MostRows) MicroKernel.Run<V, EvenWalk, EightRows>(pa, 0, stepA, depth, (float*)b, 2 * V.Count, pc, j, rows, Math.Min(2 * V.Count, columns - j), accumulate);
            else MicroKernel.Run<V, EvenWalk>(pa, 0, stepA, depth, (float*)b, 2 * V.Count, pc, j, rows, Math.Min(2 * V.Count, columns - j), accumulate);
    }

    private static void Plain<V>(double* a, nint rowA, nint stepA, int depth, double* b, nint panel, double* c, nint rowC, int rows, int columns, bool accumulate)
        where V : struct, ILanes<V>
    {
        int width = 2 * V.Count;
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
            {
                double sum = accumulate ? c[i * rowC + j] : 0;
                for (int k = 0; k < depth; k++) sum += a[i * rowA + k * stepA] * b[j / width * panel + k * width + j % width];
                c[i * rowC + j] = sum;
            }
    }

    /// <summary>A head's queries, keys and mask.</summary>
    private readonly ref struct Scores
    {
        private readonly Matrix _queries;
        private readonly byte* _keys, _mask;
        private readonly nint _panel, _maskRow, _maskStep;
        private readonly double _scale;
        private readonly bool _causal;
        private readonly int _width;

        public Scores(in AttentionCall call, int batch, int head, Matrix queries, int keys, byte* panels, nint panel)
        {
            _keys = panels;
            (_queries, _panel, _scale, _causal, _width) = (queries, panel, call.Scale, call.Causal, keys);
            if (!call.HasMask) return;
            Strides strides = call.Mask.Strides;
            _mask = (byte*)call.Mask.Data + ((nint)batch * strides[0] + (nint)head * strides[1]) * call.Type.Size;
            (_maskRow, _maskStep) = (strides[2], strides[3]);
        }

        /// <summary>How many keys a tile of queries that begins at a row sees.</summary>
        public int Seen(int row, int rows) => _causal ? Math.Min(_width, row + rows) : _width;

        /// <summary>
        /// e^(score − greatest) for a tile of queries, in whole vectors: zeros where a query doesn't see a key. Each row's
        /// sum, inverted, goes to <paramref name="inverse"/>; 0 for a query that sees nothing.
        /// </summary>
        [MethodImpl(Jit.Kernel)]
        public void Exponentials<V>(int row, int rows, byte* to, nint pitch, byte* inverse) where V : struct, ILanes<V>
        {
            int seen = Seen(row, rows), whole = Whole<V>(seen);
            Product<V>((byte*)_queries.Data + row * _queries.RowStride * V.Size, _queries.RowStride, _queries.ColumnStride, _queries.Columns, _keys, _panel, to, pitch, rows, whole, false);
            V none = V.Of(double.NegativeInfinity);
            for (int r = 0; r < rows; r++)
            {
                byte* line = to + r * pitch * V.Size;
                if (_mask != null) AddMask<V>(line, _mask + (row + r) * _maskRow * V.Size, _maskStep, seen, _scale);
                for (int j = _causal ? Math.Min(_width, row + r + 1) : seen; j < whole; j += V.Count) V.Store(none, line + (nint)j * V.Size);
            }
            Weights<V>(to, pitch * V.Size, rows, (nint)whole * V.Size, (_mask != null ? 1 : _scale) * Log2E, inverse);
        }
    }

    /// <summary>
    /// e^((score − greatest) · scale) in place, row by row in whole vectors, and one by each row's sum; 0 for a query that sees
    /// nothing. With c = scale · log₂ e it is 2^(score · c − greatest · c), and <paramref name="exponent"/> is c.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    internal static void Weights<V>(byte* line, nint pitch, int rows, nint bytes, double exponent, byte* inverse) where V : struct, ILanes<V>
    {
        V none = V.Of(double.NegativeInfinity), factor = V.Of(exponent);
        for (; rows > 0; rows--, line += pitch, inverse += V.Size)
        {
            V greatest = none, sum = V.Of(0);
            for (nint at = 0; at < bytes; at += V.Count * V.Size) greatest = V.Max(greatest, V.Load(line + at));
            greatest = V.MaxLanes(greatest);
            // A query that sees nothing: −∞ less −∞ would be no number.
            V shift = -(V.Select(V.Equal(greatest, none), V.Of(0), greatest) * factor);
            for (nint at = 0; at < bytes; at += V.Count * V.Size)
            {
                V power = V.Fma(V.Load(line + at), factor, shift), e = V.Size == sizeof(float) ? FloatMath.PowerOfTwo(power) : V.Exp(power * V.Of(1 / Log2E));
                V.Store(e, line + at);
                sum += e;
            }
            sum = V.SumLanes(sum);
            V.StorePart(V.Select(V.Equal(sum, V.Of(0)), V.Of(0), V.Of(1) / sum), inverse, 1);
        }
    }

    /// <summary>score · scale + mask, for the keys that are seen.</summary>
    [MethodImpl(Jit.Kernel)]
    internal static void AddMask<V>(byte* line, byte* mask, nint step, int seen, double scale) where V : struct, ILanes<V>
    {
        V factor = V.Of(scale);
        if (step == 1)
            for (nint at = 0; seen > 0; seen -= V.Count, at += V.Count * V.Size)
                Lanes.Store(V.Fma(Lanes.Load<V>(line + at, seen), factor, Lanes.Load<V>(mask + at, seen)), line + at, seen);
        else
            for (int j = 0; j < seen; j++, line += V.Size)
                V.StorePart(V.Fma(V.LoadOne(line), factor, V.LoadOne(mask + j * step * V.Size)), line, 1);
    }

    private struct Heads : IWide
    {
        public AttentionCall Call;
        public View Y;
        public int Part, Parts;

        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            for (int unit = begin; unit < end; unit++)
            {
                int head = unit / Parts, first = unit % Parts * Part;
                Head<V>(head / Call.Heads, head % Call.Heads, first, Math.Min(Y.Shape[1], first + Part));
            }
        }

        private readonly void Head<V>(int batch, int head, int first, int end) where V : struct, ILanes<V>
        {
            Matrix queries = AttentionKernel.Head(Call.Queries, batch, head), keys = AttentionKernel.Head(Call.Keys, batch, head);
            Matrix values = AttentionKernel.Head(Call.Values, batch, head), y = AttentionKernel.Head(Y, batch, head);
            if (end - first <= FewQueries)
            {
                new AttentionRows(in Call, batch, head, queries, keys, values, y).Run<V>(first, end);
                return;
            }
            int pitch = Pitch<V>(keys.Rows), width = 2 * V.Count, tile = RowsOfTile<V>();
            long keyBytes = PanelBytes<V>(keys.Columns, keys.Rows), valueBytes = PanelBytes<V>(values.Rows, values.Columns), scoreBytes = (long)tile * pitch * V.Size;
            var room = new Room((byte*)Scratch.Get(Slot, keyBytes + valueBytes + scoreBytes + 64));
            byte* packedKeys = room.Take(keyBytes), packedValues = room.Take(valueBytes), scores = room.Take(scoreBytes);
            byte* inverse = stackalloc byte[MicroKernel.MostRows * sizeof(double)];
            // Keys that no query here sees are not packed.
            int seen = Call.Causal ? Math.Min(keys.Rows, end) : keys.Rows;
            Pack<V>(new Matrix(keys.Data, keys.Columns, seen, keys.ColumnStride, keys.RowStride), packedKeys);
            Pack<V>(new Matrix(values.Data, seen, values.Columns, values.RowStride, values.ColumnStride), packedValues);
            var all = new Scores(Call, batch, head, queries, keys.Rows, packedKeys, (nint)width * keys.Columns);
            for (int row = first; row < end; row += tile)
            {
                int rows = Math.Min(tile, end - row);
                all.Exponentials<V>(row, rows, scores, pitch, inverse);
                byte* to = (byte*)y.Data + row * y.RowStride * V.Size;
                Product<V>(scores, pitch, 1, all.Seen(row, rows), packedValues, (nint)width * seen, to, y.RowStride, rows, y.Columns, false);
                Scale<V>(to, y.RowStride * V.Size, rows, y.Columns, inverse);
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void Scale<V>(byte* line, nint pitch, int rows, int columns, byte* by) where V : struct, ILanes<V>
    {
        for (; rows > 0; rows--, line += pitch, by += V.Size)
        {
            V scale = V.LoadOne(by);
            nint at = 0;
            for (int left = columns; left > 0; left -= V.Count, at += V.Count * V.Size) Lanes.Store(Lanes.Load<V>(line + at, left) * scale, line + at, left);
        }
    }

    private struct HeadGradients : IWide
    {
        public AttentionCall Call;
        public View By, ByQueries, ByKeys, ByValues;

        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            for (int unit = begin; unit < end; unit++) Head<V>(unit / Call.Heads, unit % Call.Heads);
        }

        private readonly void Head<V>(int batch, int head) where V : struct, ILanes<V>
        {
            Matrix q = AttentionKernel.Head(Call.Queries, batch, head), k = AttentionKernel.Head(Call.Keys, batch, head), v = AttentionKernel.Head(Call.Values, batch, head);
            Matrix by = AttentionKernel.Head(By, batch, head), dq = AttentionKernel.Head(ByQueries, batch, head);
            Matrix dk = AttentionKernel.Head(ByKeys, batch, head), dv = AttentionKernel.Head(ByValues, batch, head);
            int queries = q.Rows, keys = k.Rows, pitch = Pitch<V>(keys), width = 2 * V.Count, tile = RowsOfTile<V>();
            if (queries == 0) { Clear<V>(dk); Clear<V>(dv); }
            int block = Math.Clamp(BlockElements / pitch, 4 * tile, queries + 4 * tile) / tile * tile;
            long across = PanelBytes<V>(k.Columns, keys), acrossValues = PanelBytes<V>(v.Columns, keys), along = PanelBytes<V>(keys, k.Columns);
            long ofQueries = PanelBytes<V>(queries, q.Columns), ofBy = PanelBytes<V>(queries, by.Columns), scores = Room.Padded((long)block * pitch * V.Size);
            var room = new Room((byte*)Scratch.Get(Slot, across + acrossValues + along + ofQueries + ofBy + 2 * scores + 64));
            byte* keysAcross = room.Take(across), valuesAcross = room.Take(acrossValues), keysAlong = room.Take(along);
            byte* queryPanels = room.Take(ofQueries), byPanels = room.Take(ofBy), weights = room.Take(scores), slopes = room.Take(scores);
            Pack<V>(k.Transposed, keysAcross);
            Pack<V>(v.Transposed, valuesAcross);
            Pack<V>(k, keysAlong);
            Pack<V>(q, queryPanels);
            Pack<V>(by, byPanels);
            var all = new Scores(Call, batch, head, q, keys, keysAcross, (nint)width * k.Columns);
            byte* inverse = stackalloc byte[MicroKernel.MostRows * sizeof(double)];
            for (int first = 0; first < queries; first += block)
            {
                int end = Math.Min(queries, first + block);
                for (int row = first; row < end; row += tile)
                {
                    int rows = Math.Min(tile, end - row), seen = all.Seen(row, rows);
                    byte* weight = weights + (nint)(row - first) * pitch * V.Size, slope = slopes + (nint)(row - first) * pitch * V.Size;
                    all.Exponentials<V>(row, rows, weight, pitch, inverse);
                    Product<V>((byte*)by.Data + row * by.RowStride * V.Size, by.RowStride, by.ColumnStride, by.Columns, valuesAcross, (nint)width * v.Columns, slope, pitch, rows, Whole<V>(seen), false);
                    Slopes<V>(weight, slope, (nint)pitch * V.Size, rows, (nint)Whole<V>(seen) * V.Size, inverse, Call.Scale);
                    Product<V>(slope, pitch, 1, seen, keysAlong, (nint)width * keys, (byte*)dq.Data + row * dq.RowStride * V.Size, dq.RowStride, rows, dq.Columns, false);
                }
                int reached = Call.Causal ? Math.Min(keys, end) : keys;
                for (int key = 0; key < reached; key += tile)
                {
                    // A key is seen by the queries from its own on; its sums begin in the block that has it.
                    int from = Call.Causal ? Math.Max(key, first) : first, rows = Math.Min(tile, keys - key);
                    bool more = first > (Call.Causal ? key / block * block : 0);
                    nint at = ((nint)(from - first) * pitch + key) * V.Size, line = (nint)from * width * V.Size;
                    Product<V>(weights + at, 1, pitch, end - from, byPanels + line, (nint)width * queries, (byte*)dv.Data + key * dv.RowStride * V.Size, dv.RowStride, rows, dv.Columns, more);
                    Product<V>(slopes + at, 1, pitch, end - from, queryPanels + line, (nint)width * queries, (byte*)dk.Data + key * dk.RowStride * V.Size, dk.RowStride, rows, dk.Columns, more);
                }
            }
        }
    }

    /// <summary>
    /// A query's weights p = e / Σ e, and the gradient by its scores: from g, that by the weights, to
    /// p · (g − Σ p · g) · scale.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    private static void Slopes<V>(byte* weight, byte* slope, nint pitch, int rows, nint bytes, byte* inverse, double scale) where V : struct, ILanes<V>
    {
        V factor = V.Of(scale);
        for (; rows > 0; rows--, weight += pitch, slope += pitch, inverse += V.Size)
        {
            V share = V.LoadOne(inverse), sum = V.Of(0);
            for (nint at = 0; at < bytes; at += V.Count * V.Size)
            {
                V p = V.Load(weight + at) * share;
                V.Store(p, weight + at);
                sum = V.Fma(p, V.Load(slope + at), sum);
            }
            sum = V.SumLanes(sum);
            for (nint at = 0; at < bytes; at += V.Count * V.Size) V.Store(V.Load(weight + at) * factor * (V.Load(slope + at) - sum), slope + at);
        }
    }

    private static void Clear<V>(Matrix x) where V : struct, ILanes<V>
    {
        for (int i = 0; i < x.Rows; i++) new Span<byte>((byte*)x.Data + i * x.RowStride * V.Size, x.Columns * V.Size).Clear();
    }
}
