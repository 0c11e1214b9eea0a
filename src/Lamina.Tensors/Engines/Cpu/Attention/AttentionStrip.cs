using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Attention;

/// <summary>
/// Two vectors of a head's queries, a lane each, against all keys that they see, a row each. Of keys that a causal call hides
/// from a whole vector of queries nothing is computed; their rows are zero.
/// </summary>
internal readonly unsafe ref struct AttentionStrip
{
    private readonly byte* _mask;
    private readonly nint _maskRow, _maskStep;
    private readonly double _scale;
    private readonly bool _causal;
    private readonly int _first, _keys;

    public AttentionStrip(in AttentionCall call, int batch, int head, int first, int queries, int keys)
    {
        (_scale, _causal, _first, _keys, Queries) = (call.Scale, call.Causal, first, keys, queries);
        if (!call.HasMask) return;
        (_maskRow, _maskStep) = (call.Mask.Strides[2], call.Mask.Strides[3]);
        _mask = (byte*)call.Mask.Data + ((nint)batch * call.Mask.Strides[0] + (nint)head * call.Mask.Strides[1] + first * _maskRow) * call.Type.Size;
    }

    /// <summary>Number of queries; results of the other lanes are ignored.</summary>
    public int Queries { get; }

    /// <summary>How many keys the first <paramref name="queries"/> of them see.</summary>
    public int Seen(int queries) => _causal ? Math.Min(_keys, _first + queries) : _keys;

    /// <summary>
    /// Rows that have values: those of the keys that the queries see, and zeros for others that come in one tile with them when keys
    /// are taken a tile at a time.
    /// </summary>
    public int Rows<V>() where V : struct, ILanes<V> => Math.Min(_keys, Seen(Queries) + AttentionKernel.RowsOfTile<V>() - 1);

    private int SeenBy<V>(int vector) where V : struct, ILanes<V> => Math.Min(Seen(Queries), Seen((vector + 1) * V.Count));

    /// <summary>A row of <paramref name="a"/> for each key times a panel of two vectors.</summary>
    public void Across<V>(Matrix a, byte* panel, byte* to, nint pitch) where V : struct, ILanes<V>
    {
        int seen = Seen(Queries), tile = AttentionKernel.RowsOfTile<V>();
        for (int key = 0; key < seen; key += tile)
        {
            int skipped = key < SeenBy<V>(0) ? 0 : V.Count;
            AttentionKernel.Product<V>(
                (byte*)a.Data + key * a.RowStride * V.Size, a.RowStride, a.ColumnStride, a.Columns, panel + skipped * V.Size, 0,
                to + (key * pitch + skipped) * V.Size, pitch, Math.Min(tile, seen - key), 2 * V.Count - skipped, false);
        }
    }

    /// <summary>
    /// e^(score − maximum), and for each query one by its sum; 0 for one that sees nothing. In <paramref name="room"/> goes a mask,
    /// a row a key.
    /// </summary>
    public void Exponentials<V>(Matrix keys, byte* queryPanel, byte* to, nint pitch, byte* inverse, byte* room) where V : struct, ILanes<V>
    {
        int seen = Seen(Queries);
        Across<V>(keys, queryPanel, to, pitch);
        if (_mask != null)
        {
            AttentionKernel.Pack<V>(new Matrix(_mask, seen, Queries, _maskStep, _maskRow), room);
            AddMask<V>(to, pitch * V.Size, room, seen);
        }
        byte* lanes = stackalloc byte[F512.Count * sizeof(double)];
        for (int i = 0; i < V.Count; i++) V.StorePart(V.Of(i), lanes + i * V.Size, 1);
        double exponent = (_mask != null ? 1 : _scale) * AttentionKernel.Log2E, lowest = AttentionKernel.Lowest(_mask != null);
        for (int v = 0; v < 2; v++)
        {
            int own = SeenBy<V>(v), byAll = _causal ? Math.Min(own, _first + v * V.Count) : own;
            Weights<V>(to + v * V.Count * V.Size, pitch * V.Size, byAll, own, Rows<V>(), exponent, lowest, lanes, inverse + v * V.Count * V.Size);
        }
    }

    /// <summary>score · scale + mask; −∞ where the mask is that, whatever the score.</summary>
    [MethodImpl(Jit.Kernel)]
    private void AddMask<V>(byte* scores, nint pitch, byte* mask, int seen) where V : struct, ILanes<V>
    {
        V factor = V.Of(_scale);
        nint half = V.Count * V.Size;
        for (; seen > 0; seen--, scores += pitch, mask += 2 * half)
        {
            V.Store(AttentionKernel.Masked(V.Load(scores), factor, V.Load(mask)), scores);
            V.Store(AttentionKernel.Masked(V.Load(scores + half), factor, V.Load(mask + half)), scores + half);
        }
    }

    /// <summary>
    /// One vector of queries: keys up to <paramref name="byAll"/> are seen by all of them, those up to <paramref name="seen"/> each by
    /// one query less. e^((score − maximum) · scale) is 2^((score − maximum) · c), c = scale · log₂ e being the <paramref name="exponent"/>: the
    /// difference comes first, since a product with c would round, or overflow, by more than scores differ. Where all scores are −∞
    /// the <paramref name="lowest"/> is what is subtracted.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    private static void Weights<V>(byte* scores, nint pitch, int byAll, int seen, int rows, double exponent, double lowest, byte* lanes, byte* inverse)
        where V : struct, ILanes<V>
    {
        V none = V.Of(double.NegativeInfinity), factor = V.Of(exponent), lane = V.Load(lanes), a = none, b = none, c = none, d = none;
        byte* p = scores;
        int k = 0;
        for (; k <= byAll - 4; k += 4, p += 4 * pitch)
        {
            a = V.Greater(a, V.Load(p));
            b = V.Greater(b, V.Load(p + pitch));
            c = V.Greater(c, V.Load(p + 2 * pitch));
            d = V.Greater(d, V.Load(p + 3 * pitch));
        }
        for (; k < byAll; k++, p += pitch) a = V.Greater(a, V.Load(p));
        for (; k < seen; k++, p += pitch)
        {
            V score = V.Select(V.Less(lane, V.Of(k - byAll)), none, V.Load(p));
            V.Store(score, p);
            a = V.Greater(a, score);
        }
        V maximum = V.Greater(V.Greater(a, b), V.Greater(c, d)), sum = V.Of(0);
        maximum = V.Select(V.Equal(maximum, none), V.Of(lowest), maximum);
        p = scores;
        for (k = 0; k < seen; k++, p += pitch)
        {
            V e = Power((V.Load(p) - maximum) * factor);
            V.Store(e, p);
            sum += e;
        }
        for (; k < rows; k++, p += pitch) V.Store(V.Of(0), p);
        V.Store(V.Select(V.Equal(sum, V.Of(0)), V.Of(0), V.Of(1) / sum), inverse);
    }

    /// <summary>2^x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Power<V>(V x) where V : struct, ILanes<V> =>
        V.Size == sizeof(float) ? FloatMath.PowerOfTwo(x) : V.Exp(x * V.Of(1 / AttentionKernel.Log2E));

    /// <summary>
    /// The queries' weights p = e / Σ e in place, and the gradient by their scores: from g, that by the weights, to
    /// p · (g − Σ p · g) · scale. Where the panel <paramref name="by"/> of the queries' gradients, of so many <paramref name="columns"/>, is given, it is
    /// done carefully: a weight of 0 has slope 0 whatever g is, and a query that no gradient comes from has neither weights nor slopes.
    /// </summary>
    public void Slopes<V>(byte* weights, byte* slopes, nint pitch, byte* inverse, byte* by, int columns) where V : struct, ILanes<V>
    {
        for (int v = 0; v < 2; v++)
        {
            int at = v * V.Count * V.Size;
            if (by == null) Slopes<V>(weights + at, slopes + at, pitch * V.Size, SeenBy<V>(v), Rows<V>(), inverse + at, _scale);
            else CarefulSlopes<V>(weights + at, slopes + at, pitch * V.Size, SeenBy<V>(v), Rows<V>(), inverse + at, _scale, by + at, columns);
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void CarefulSlopes<V>(byte* weight, byte* slope, nint pitch, int seen, int rows, byte* inverse, double scale, byte* by, int columns)
        where V : struct, ILanes<V>
    {
        V share = V.Load(inverse), factor = V.Of(scale), zero = V.Of(0), sum = zero, unused = V.Equal(zero, zero);
        for (; columns > 0; columns--, by += 2 * V.Count * V.Size) unused = V.And(unused, V.Equal(V.Load(by), zero));
        byte* p = weight, g = slope;
        for (int k = seen; k > 0; k--, p += pitch, g += pitch)
        {
            V x = V.Select(unused, zero, V.Load(p) * share);
            V.Store(x, p);
            sum = V.Select(V.Equal(x, zero), sum, V.Fma(x, V.Load(g), sum));
        }
        for (int k = rows - seen; k > 0; k--, g += pitch) V.Store(zero, g);
        p = weight;
        g = slope;
        for (int k = seen; k > 0; k--, p += pitch, g += pitch)
        {
            V x = V.Load(p);
            V.Store(V.Select(V.Equal(x, zero), zero, x * factor * (V.Load(g) - sum)), g);
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void Slopes<V>(byte* weight, byte* slope, nint pitch, int seen, int rows, byte* inverse, double scale) where V : struct, ILanes<V>
    {
        V share = V.Load(inverse), factor = V.Of(scale), sum = V.Of(0);
        byte* p = weight, g = slope;
        for (int k = seen; k > 0; k--, p += pitch, g += pitch)
        {
            V x = V.Load(p) * share;
            V.Store(x, p);
            sum = V.Fma(x, V.Load(g), sum);
        }
        for (int k = rows - seen; k > 0; k--, g += pitch) V.Store(V.Of(0), g);
        p = weight;
        g = slope;
        for (int k = seen; k > 0; k--, p += pitch, g += pitch) V.Store(V.Load(p) * factor * (V.Load(g) - sum), g);
    }
}
