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
/// Attention head by head. Queries are taken a strip at a time, two vectors of them, so that their scores stay in the first
/// cache from the product through the softmax to the weighted sum of values. A query is a lane and a key a row
/// (<see cref="AttentionStrip"/>): what a softmax takes together lies in rows, and nothing goes across lanes. The gradient
/// computes the scores again instead of keeping them (Dao et al., 2022: "FlashAttention"), for a block of queries, and adds
/// its part to the gradients of keys and values. A unit of work is a head, or queries of one.
/// </summary>
internal static unsafe class AttentionKernel
{
    internal const int Slot = 5;
    private const int BlockElements = 24 * 1024, FewHeads = 16, LeastPart = 32, FewQueries = 2;
    internal const double Log2E = 1.4426950408889634;

    /// <summary>Queries, or keys, of a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int RowsOfTile<V>() where V : struct, ILanes<V> => V.Count == F512.Count ? MicroKernel.MostRows : MicroKernel.Rows;

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
    internal struct Room(byte* at)
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
    internal static long PanelBytes<V>(int rows, int columns) where V : struct, ILanes<V> =>
        Room.Padded((long)(columns + 2 * V.Count - 1) / (2 * V.Count) * (2 * V.Count) * rows * V.Size);

    /// <summary>A row of scores, in elements: whole vectors, and not a multiple of 4 KB.</summary>
    internal static int Pitch<V>(int keys) where V : struct, ILanes<V> => Whole<V>(keys) + Math.Max(16, 2 * V.Count);

    internal static int Whole<V>(int count) where V : struct, ILanes<V> => (count + V.Count - 1) / V.Count * V.Count;

    /// <summary>Copies a matrix into panels of two vectors, zeros past the last column.</summary>
    internal static void Pack<V>(Matrix b, byte* to) where V : struct, ILanes<V>
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
    internal static void Product<V>(byte* a, nint rowA, nint stepA, int depth, byte* b, nint panel, byte* c, nint rowC, int rows, int columns, bool accumulate)
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
            // Values that no query here sees are not packed.
            int width = 2 * V.Count, tile = RowsOfTile<V>(), seen = Call.Causal ? Math.Min(keys.Rows, end) : keys.Rows;
            var part = new Matrix((byte*)queries.Data + first * queries.RowStride * V.Size, end - first, queries.Columns, queries.RowStride, queries.ColumnStride);
            long queryBytes = PanelBytes<V>(part.Columns, part.Rows), valueBytes = PanelBytes<V>(seen, values.Columns), stripBytes = PanelBytes<V>(Math.Min(keys.Rows, seen + tile), width);
            var room = new Room((byte*)Scratch.Get(Slot, queryBytes + valueBytes + 2 * stripBytes + 64));
            byte* packedQueries = room.Take(queryBytes), packedValues = room.Take(valueBytes), weights = room.Take(stripBytes);
            byte* inverse = stackalloc byte[2 * F512.Count * sizeof(double)];
            Pack<V>(part.Transposed, packedQueries);
            Pack<V>(new Matrix(values.Data, seen, values.Columns, values.RowStride, values.ColumnStride), packedValues);
            for (int row = first; row < end; row += width)
            {
                var strip = new AttentionStrip(Call, batch, head, row, Math.Min(width, end - row), keys.Rows);
                strip.Exponentials<V>(keys, packedQueries + (nint)(row - first) * part.Columns * V.Size, weights, width, inverse, room.Take(0));
                for (int t = 0; t < strip.Queries; t += tile)
                {
                    int rows = Math.Min(tile, strip.Queries - t);
                    byte* to = (byte*)y.Data + (row + t) * y.RowStride * V.Size;
                    Product<V>(weights + t * V.Size, 1, width, strip.Seen(t + rows), packedValues, (nint)width * seen, to, y.RowStride, rows, y.Columns, false);
                    Scale<V>(to, y.RowStride * V.Size, rows, y.Columns, inverse + t * V.Size);
                }
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void Scale<V>(byte* line, nint pitch, int rows, int columns, byte* by) where V : struct, ILanes<V>
    {
        for (; rows > 0; rows--, line += pitch, by += V.Size)
        {
            V scale = V.LoadOne(by);
            byte* p = line;
            int left = columns;
            for (; left >= V.Count; left -= V.Count, p += V.Count * V.Size) V.Store(V.Load(p) * scale, p);
            if (left > 0) Lanes.Store(Lanes.Load<V>(p, left) * scale, p, left);
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
            int queries = q.Rows, keys = k.Rows, width = 2 * V.Count, tile = RowsOfTile<V>();
            if (queries == 0) { Clear<V>(dk); Clear<V>(dv); }
            int block = Math.Clamp(BlockElements / Math.Max(1, keys) / width, 1, queries / width + 1) * width, pitch = Pitch<V>(block);
            long across = PanelBytes<V>(q.Columns, queries), acrossBy = PanelBytes<V>(by.Columns, queries), along = PanelBytes<V>(keys, k.Columns);
            long ofQueries = PanelBytes<V>(queries, q.Columns), ofBy = PanelBytes<V>(queries, by.Columns), scores = Room.Padded((long)keys * pitch * V.Size);
            var room = new Room((byte*)Scratch.Get(Slot, across + acrossBy + along + ofQueries + ofBy + 2 * scores + PanelBytes<V>(keys, width) + 64));
            byte* queriesAcross = room.Take(across), byAcross = room.Take(acrossBy), keysAlong = room.Take(along);
            byte* queryPanels = room.Take(ofQueries), byPanels = room.Take(ofBy), weights = room.Take(scores), slopes = room.Take(scores);
            Pack<V>(q.Transposed, queriesAcross);
            Pack<V>(by.Transposed, byAcross);
            Pack<V>(k, keysAlong);
            Pack<V>(q, queryPanels);
            Pack<V>(by, byPanels);
            byte* inverse = stackalloc byte[2 * F512.Count * sizeof(double)];
            for (int first = 0; first < queries; first += block)
            {
                int end = Math.Min(queries, first + block);
                for (int row = first; row < end; row += width)
                {
                    var strip = new AttentionStrip(Call, batch, head, row, Math.Min(width, end - row), keys);
                    byte* weight = weights + (nint)(row - first) * V.Size, slope = slopes + (nint)(row - first) * V.Size;
                    strip.Exponentials<V>(k, queriesAcross + (nint)row * q.Columns * V.Size, weight, pitch, inverse, room.Take(0));
                    strip.Across<V>(v, byAcross + (nint)row * by.Columns * V.Size, slope, pitch);
                    strip.Slopes<V>(weight, slope, pitch, inverse);
                    for (int t = 0; t < strip.Queries; t += tile)
                    {
                        int rows = Math.Min(tile, strip.Queries - t);
                        Product<V>(slope + t * V.Size, 1, pitch, strip.Seen(t + rows), keysAlong, (nint)width * keys, (byte*)dq.Data + (row + t) * dq.RowStride * V.Size, dq.RowStride, rows, dq.Columns, false);
                    }
                }
                int reached = Call.Causal ? Math.Min(keys, end) : keys;
                for (int key = 0; key < reached; key += tile)
                {
                    // A key is seen by the queries from its own on; its sums begin in the block that has it.
                    int from = Call.Causal ? Math.Max(key, first) : first, rows = Math.Min(tile, keys - key);
                    bool more = first > (Call.Causal ? key / block * block : 0);
                    nint at = ((nint)key * pitch + from - first) * V.Size, line = (nint)from * width * V.Size;
                    Product<V>(weights + at, pitch, 1, end - from, byPanels + line, (nint)width * queries, (byte*)dv.Data + key * dv.RowStride * V.Size, dv.RowStride, rows, dv.Columns, more);
                    Product<V>(slopes + at, pitch, 1, end - from, queryPanels + line, (nint)width * queries, (byte*)dk.Data + key * dk.RowStride * V.Size, dk.RowStride, rows, dk.Columns, more);
                }
            }
        }
    }

    private static void Clear<V>(Matrix x) where V : struct, ILanes<V>
    {
        for (int i = 0; i < x.Rows; i++) new Span<byte>((byte*)x.Data + i * x.RowStride * V.Size, x.Columns * V.Size).Clear();
    }
}
