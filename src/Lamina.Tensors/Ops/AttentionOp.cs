using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Attention;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// The base of scaled dot-product attention and its gradients (Vaswani et al., 2017: "Attention is all you need"): each
/// query gets the mean of all values, weighted by softmax(query · key · scale + mask) over the keys. A key that is hidden from a query,
/// since the mask is −∞ there or the step is still to come, has no part in the query's result nor in its gradients, whatever
/// numbers key and value hold, infinities and NaN among them. A query that sees no key gives zeros, and gradients of zero. Mask values that are finite
/// are added, be they ever so low: where all are float32's least number, the result is the plain mean.
/// </summary>
public abstract record AttentionOp : Op
{
    /// <summary>Whether a step sees only itself and the steps before it.</summary>
    public bool Causal { get; init; }

    /// <summary>Scale of query · key, above 0; null: 1 / √width.</summary>
    public double? Scale { get; init; }

    public sealed override bool TakesStrides => true;

    /// <summary>Refuses operands of another rank or type than queries, keys and values (batch, steps, heads, width) that fit each other.</summary>
    private protected void Check(Spec q, Spec k, Spec v, Spec? mask)
    {
        if (!q.DType.IsFloat) Refuse($"takes float32 or float64, not {q.DType.Text}", "Cast(DType.Float32) first");
        if (Scale is { } scale && !(scale > 0 && double.IsFinite(scale))) Refuse($"scale {scale} is not above 0");
        if (q.Shape.Rank != 4 || k.Shape.Rank != 4 || v.Shape.Rank != 4)
            Refuse($"queries {q.Shape}, keys {k.Shape} and values {v.Shape} are not (batch, steps, heads, width)",
                "Reshape(batch, steps, heads, width) of what a Linear gives");
        if (k != q with { Shape = q.Shape.With(1, k.Shape[1]) }) Refuse($"keys {k} don't fit queries {q}: all but the steps must be the same");
        if (v != k with { Shape = k.Shape.With(-1, v.Shape[^1]) }) Refuse($"values {v} don't fit keys {k}: all but the width must be the same");
        if (Causal && q.Shape[1] != k.Shape[1]) Refuse($"{q.Shape[1]} queries and {k.Shape[1]} keys: causal attention takes a key for each query",
            "a mask that says which query sees which key");
        if (mask is not { } m) return;
        if (m.DType != q.DType) Refuse($"the mask is {m.DType.Text}, the queries {q.DType.Text}",
            "the method takes a bool mask too: true where a query sees a key");
        Shape scores = Scores(q.Shape, k.Shape);
        if (!Shape.TryBroadcast(m.Shape, scores, out Shape broadcast)
            || broadcast != scores) Refuse($"mask {m.Shape} doesn't broadcast to (batch, heads, queries, keys), {scores}");
    }

    /// <summary>(batch, heads, queries, keys).</summary>
    private protected static Shape Scores(Shape q, Shape k) => [q[0], q[2], q[1], k[1]];

    private protected double ScaleFor(int width) => Scale ?? 1 / Math.Sqrt(Math.Max(width, 1));

    private protected unsafe AttentionCall Call(in View q, in View k, in View v, ReadOnlySpan<View> mask)
    {
        Shape scores = Scores(q.Shape, k.Shape);
        return new()
        {
            Queries = q, Keys = k, Values = v, Causal = Causal, Scale = ScaleFor(q.Shape[^1]), HasMask = mask.Length > 0,
            Mask = mask.Length > 0 ? new View(mask[0].Data, mask[0].DType, scores, mask[0].Strides.Broadcast(mask[0].Shape, scores)) : default,
        };
    }

    /// <summary>The weights of all keys, (batch, heads, queries, keys); zeros for a query that sees none.</summary>
    private Tensor Weights(Tensor q, Tensor k, Tensor? mask)
    {
        Tensor scores = ByHead(q).MatMul(ByHead(k).T) * ScaleFor(q.Shape[^1]);
        if (scores.Count == 0) return scores;
        Tensor none = Tensor.Full([], double.NegativeInfinity, q.DType), zero = Tensor.Full([], 0, q.DType);
        if (Causal)
        {
            int steps = q.Shape[1];
            bool[] seen = [.. Enumerable.Range(0, steps * steps).Select(i => i % steps <= i / steps)];
            scores = Tensor.Where(Tensor.From(seen, [steps, steps]), scores, none);
        }
        if (mask is null) return scores.Softmax();
        scores = Tensor.Where(Tensor.Equal(mask, none), none, scores + mask);
        Tensor maximum = scores.Max([-1], keepDims: true), e = (scores - Tensor.Where(Tensor.Equal(maximum, none), zero, maximum)).Exp(),
            sum = e.Sum([-1], keepDims: true);
        return e / Tensor.Where(Tensor.Equal(sum, zero), Tensor.Full([], 1, q.DType), sum);
    }

    private protected Tensor Attend(Tensor q, Tensor k, Tensor v, Tensor? mask) => ByHead(Sum(Weights(q, k, mask), ByHead(v)));

    /// <summary>The gradients of queries, keys, values and, where there is one, the mask.</summary>
    private protected Tensor[] Gradients(Tensor q, Tensor k, Tensor v, Tensor by, Tensor? mask)
    {
        double scale = ScaleFor(q.Shape[^1]);
        Tensor p = Weights(q, k, mask), dy = ByHead(by), dp = Sum(dy, ByHead(v).T), none = Tensor.Full([], 0, q.DType), hidden = Tensor.Equal(p, none);
        // Of a weight of 0, or a dy of 0, there is no gradient, whatever the other is.
        dp = Tensor.Where(hidden, none, dp);
        Tensor slope = Tensor.Where(hidden, none, (dp - dp.Times(p).Sum([-1], keepDims: true)).Times(p));
        Tensor dq = ByHead(Sum(slope, ByHead(k)) * scale), dk = ByHead(Sum(slope.T, ByHead(q)) * scale), dv = ByHead(Sum(p.T, dy, both: true));
        return mask is null ? [dq, dk, dv] : [dq, dk, dv, slope.SumTo(mask.Shape)];
    }

    // Of a weight of 0 the value has no part, whatever it is.
    private static Tensor Sum(Tensor weights, Tensor values, bool both = false) => new WeightedSum { Both = both }.Apply(weights, values);

    // (batch, steps, heads, width) to (batch, heads, steps, width), and back.
    private static Tensor ByHead(Tensor x) => x.Transpose(0, 2, 1, 3);

    private protected static long Products(Shape q, Shape k, int width, bool causal)
    {
        long pairs = causal ? (long)q[1] * (q[1] + 1) / 2 : (long)q[1] * k[1];
        return q[0] * (long)q[2] * pairs * (q[3] + width);
    }

    /// <summary>A mask as it is added to scores: 0 where a query sees a key, −∞ elsewhere.</summary>
    internal static Tensor Added(Tensor mask, DType type) => mask.DType == DType.Bool
        ? Tensor.Where(mask, Tensor.Full([], 0, type), Tensor.Full([], double.NegativeInfinity, type)) : mask;
}
