using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Reductions;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Attention;

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
/// <para>
/// What has weight 0 takes no part: a key that is hidden may hold anything. Tiles multiply it all the same, for a branch at each
/// key would cost more than the product, and so 0 · ∞ or 0 · NaN may get into a sum. It shows, since the sum is NaN: such sums are done
/// again without the terms whose weight is 0, in the same order, and so with the bits that they have beside finite numbers.
/// </para>
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
        int part = heads >= FewHeads ? queries : Math.Max(LeastPart, (queries / FewHeads + LeastPart - 1) / LeastPart * LeastPart),
            parts = (queries + part - 1) / part;
        VectorRegion.For(pool, call.Type, heads * parts, Grain(call, part), new Heads { Call = call, Y = y, Part = part, Parts = parts });
    }

    /// <summary>The gradients of queries, keys and values, features side by side, from that of y.</summary>
    public static void Backward(in AttentionCall call, in View by, in View queries, in View keys, in View values, CpuPool pool)
    {
        var body = new HeadGradients { Call = call, By = by, ByQueries = queries, ByKeys = keys, ByValues = values };
        VectorRegion.For(pool, call.Type, call.Batches * call.Heads, Grain(call, call.Queries.Shape[1]) / 2, body);
    }

    /// <summary>
    /// What is subtracted where all scores are −∞. Under a mask that is a query that sees nothing: 0, for −∞ less −∞ would be no number. Without one they
    /// overflowed, and NaN shows it.
    /// </summary>
    internal static double Lowest(bool hasMask) => hasMask ? 0 : double.NegativeInfinity;

    /// <summary>score · scale + mask; −∞ where the mask is that, whatever the score.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Masked<V>(V score, V scale, V mask) where V : struct, ILanes<V>
    {
        V none = V.Of(double.NegativeInfinity);
        return V.Select(V.Equal(mask, none), none, V.Fma(score, scale, mask));
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
                ((double*)to)[(nint)(j / width) * width * b.Rows + i * width + j % width] = j < b.Columns
                    ? ((double*)b.Data)[i * b.RowStride + j * b.ColumnStride] : 0;
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
            Plain<V>((double*)a, rowA, stepA, depth, (double*)b, panel, (double*)c, rowC, rows, columns, accumulate, false);
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
            if (RowsOfTile<V>() == MicroKernel.MostRows) MicroKernel.Run<V, EvenWalk, EightRows>(pa, 0, stepA, depth, (float*)b, 2 * V.Count, pc, j, rows,
                Math.Min(2 * V.Count, columns - j), accumulate);
            else MicroKernel.Run<V, EvenWalk>(pa, 0, stepA, depth, (float*)b, 2 * V.Count, pc, j, rows, Math.Min(2 * V.Count, columns - j), accumulate);
    }

    private static void Plain<V>(double* a, nint rowA, nint stepA, int depth, double* b, nint panel, double* c, nint rowC, int rows, int columns,
        bool accumulate, bool weighted)
        where V : struct, ILanes<V>
    {
        int width = 2 * V.Count;
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
            {
                double sum = accumulate ? c[i * rowC + j] : 0;
                for (int k = 0; k < depth; k++)
                    if (!weighted || a[i * rowA + k * stepA] != 0) sum += a[i * rowA + k * stepA] * b[j / width * panel + k * width + j % width];
                c[i * rowC + j] = sum;
            }
    }

    private struct Heads : IVectorRegion
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
            var part = new Matrix((byte*)queries.Data + first * queries.RowStride * V.Size, end - first, queries.Columns, queries.RowStride,
                queries.ColumnStride);
            long queryBytes = PanelBytes<V>(part.Columns, part.Rows), valueBytes = PanelBytes<V>(seen, values.Columns),
                stripBytes = PanelBytes<V>(Math.Min(keys.Rows, seen + tile), width);
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
                    int keysSeen = strip.Seen(t + rows);
                    Product<V>(weights + t * V.Size, 1, width, keysSeen, packedValues, (nint)width * seen, to, y.RowStride, rows, y.Columns, false);
                    if (Scale<V>(to, y.RowStride * V.Size, rows, y.Columns, inverse + t * V.Size)) continue;
                    WeightedProduct<V>(weights + t * V.Size, 1, width, keysSeen, packedValues, (nint)width * seen, to, y.RowStride, rows, y.Columns, false);
                    Scale<V>(to, y.RowStride * V.Size, rows, y.Columns, inverse + t * V.Size);
                }
            }
        }
    }

    /// <summary>The product without the terms whose factor of A is 0, whatever that of B is; otherwise <see cref="Product"/>, to the bit.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void WeightedProduct<V>(byte* a, nint rowA, nint stepA, int depth, byte* b, nint panel, byte* c, nint rowC, int rows, int columns,
        bool accumulate)
        where V : struct, ILanes<V>
    {
        if (V.Size != sizeof(float))
        {
            Plain<V>((double*)a, rowA, stepA, depth, (double*)b, panel, (double*)c, rowC, rows, columns, accumulate, true);
            return;
        }
        V zero = V.Of(0);
        nint half = V.Count * V.Size;
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j += 2 * V.Count)
            {
                byte* factor = a + i * rowA * V.Size, line = b + j / (2 * V.Count) * panel * V.Size, to = c + (i * rowC + j) * V.Size;
                V first = zero, second = zero;
                for (int k = 0; k < depth; k++, factor += stepA * V.Size, line += 2 * half)
                {
                    V x = V.LoadOne(factor);
                    if (V.Any(V.Equal(x, zero))) continue;
                    first = V.Fma(x, V.Load(line), first);
                    second = V.Fma(x, V.Load(line + half), second);
                }
                Add(first, to, columns - j, accumulate);
                if (columns - j > V.Count) Add(second, to + half, columns - j - V.Count, accumulate);
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<V>(V x, byte* to, int count, bool accumulate) where V : struct, ILanes<V> =>
        Lanes.Store(accumulate ? Lanes.Load<V>(to, count) + x : x, to, count);

    /// <summary>Multiplies each row by a number of its own; false where a result is no finite number.</summary>
    [MethodImpl(Jit.Kernel)]
    private static bool Scale<V>(byte* line, nint pitch, int rows, int columns, byte* by) where V : struct, ILanes<V>
    {
        V zero = V.Of(0), check = zero;
        for (; rows > 0; rows--, line += pitch, by += V.Size)
        {
            V scale = V.LoadOne(by);
            byte* p = line;
            int left = columns;
            for (; left >= V.Count; left -= V.Count, p += V.Count * V.Size)
            {
                V x = V.Load(p) * scale;
                check = V.Fma(x, zero, check);
                V.Store(x, p);
            }
            if (left <= 0) continue;
            V last = V.LoadPart(p, left) * scale;
            check = V.Fma(last, zero, check);
            V.StorePart(last, p, left);
        }
        return !V.Any(V.Not(V.Equal(check, zero)));
    }

    /// <summary>Whether all elements are finite numbers.</summary>
    [MethodImpl(Jit.Kernel)]
    private static bool IsFinite<V>(Matrix x) where V : struct, ILanes<V>
    {
        V zero = V.Of(0), check = zero;
        for (int i = 0; i < x.Rows; i++)
        {
            byte* p = (byte*)x.Data + i * x.RowStride * V.Size;
            int left = x.Columns;
            for (; left >= V.Count; left -= V.Count, p += V.Count * V.Size) check = V.Fma(V.Load(p), zero, check);
            if (left > 0) check = V.Fma(V.LoadPart(p, left), zero, check);
        }
        return !V.Any(V.Not(V.Equal(check, zero)));
    }

    private struct HeadGradients : IVectorRegion
    {
        public AttentionCall Call;
        public View By, ByQueries, ByKeys, ByValues;

        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            for (int unit = begin; unit < end; unit++)
            {
                int batch = unit / Call.Heads, head = unit % Call.Heads;
                Head<V>(batch, head, false);
                if (!IsFinite<V>(AttentionKernel.Head(ByQueries, batch, head)) || !IsFinite<V>(AttentionKernel.Head(ByKeys, batch, head))
                    || !IsFinite<V>(AttentionKernel.Head(ByValues, batch, head)))
                    Head<V>(batch, head, true);
            }
        }

        private readonly void Head<V>(int batch, int head, bool carefully) where V : struct, ILanes<V>
        {
            Matrix q = AttentionKernel.Head(Call.Queries, batch, head), k = AttentionKernel.Head(Call.Keys, batch, head),
                v = AttentionKernel.Head(Call.Values, batch, head);
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
                    strip.Slopes<V>(weight, slope, pitch, inverse, carefully ? byAcross + (nint)row * by.Columns * V.Size : null, by.Columns);
                    for (int t = 0; t < strip.Queries; t += tile)
                    {
                        int rows = Math.Min(tile, strip.Queries - t);
                        Sum<V>(carefully, slope + t * V.Size, 1, pitch, strip.Seen(t + rows), keysAlong, (nint)width * keys,
                            (byte*)dq.Data + (row + t) * dq.RowStride * V.Size, dq.RowStride, rows, dq.Columns, false);
                    }
                }
                int reached = Call.Causal ? Math.Min(keys, end) : keys;
                for (int key = 0; key < reached; key += tile)
                {
                    // A key is seen by the queries from its own on; its sums begin in the block that has it.
                    int from = Call.Causal ? Math.Max(key, first) : first, rows = Math.Min(tile, keys - key);
                    bool more = first > (Call.Causal ? key / block * block : 0);
                    nint at = ((nint)key * pitch + from - first) * V.Size, line = (nint)from * width * V.Size;
                    Sum<V>(carefully, weights + at, pitch, 1, end - from, byPanels + line, (nint)width * queries,
                        (byte*)dv.Data + key * dv.RowStride * V.Size, dv.RowStride, rows, dv.Columns, more);
                    Sum<V>(carefully, slopes + at, pitch, 1, end - from, queryPanels + line, (nint)width * queries,
                        (byte*)dk.Data + key * dk.RowStride * V.Size, dk.RowStride, rows, dk.Columns, more);
                }
            }
        }
    }

    private static void Sum<V>(bool carefully, byte* a, nint rowA, nint stepA, int depth, byte* b, nint panel, byte* c, nint rowC, int rows, int columns,
        bool accumulate)
        where V : struct, ILanes<V>
    {
        if (carefully) WeightedProduct<V>(a, rowA, stepA, depth, b, panel, c, rowC, rows, columns, accumulate);
        else Product<V>(a, rowA, stepA, depth, b, panel, c, rowC, rows, columns, accumulate);
    }

    private static void Clear<V>(Matrix x) where V : struct, ILanes<V>
    {
        for (int i = 0; i < x.Rows; i++) new Span<byte>((byte*)x.Data + i * x.RowStride * V.Size, x.Columns * V.Size).Clear();
    }
}
