using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Conformance;

using Lamina.Tensors;

// Attention: from queries, keys and values apart, and from one projection.
internal static partial class Table
{
    private static IEnumerable<Row> Attending() => [Attention(), AttentionGradient(), SelfAttention(), SelfAttentionGradient()];

    private static Draw Small { get; } = Draws.Uniform(-1, 1);

    /// <summary>0 or −∞: a mask of which no differences can be taken. The first key is seen by all.</summary>
    private static Operand Hiding(Shape shape) => new(shape, (r, count) => [.. Enumerable.Range(0, count).Select(i => i % shape[^1] > 0 && r.Next(3) == 0 ? double.NegativeInfinity : 0)]) { IsGiven = true };

    /// <summary>Queries, keys and values (batch, steps, heads, width), dy where it is a gradient, and a mask where one is given.</summary>
    private static Case Attending(AttentionOp op, int batch, int queries, int keys, int heads, int width, int ofValues, Operand? mask = null)
    {
        Operand[] dy = op is ScaledDotProductAttentionGradient ? [In([batch, queries, heads, ofValues], Small)] : [];
        return new(op, [In([batch, queries, heads, width], Small), In([batch, keys, heads, width], Small), In([batch, keys, heads, ofValues], Small), .. dy, .. mask is null ? Array.Empty<Operand>() : [mask]]);
    }

    private static Case Attending(SelfAttentionOp op, int batch, int steps, int width, Operand? mask = null)
    {
        Operand[] dy = op is SelfAttentionGradient ? [In([batch, steps, op.Heads * width], Small)] : [];
        return new(op, [In([batch, steps, 3 * op.Heads * width], Small), .. dy, .. mask is null ? Array.Empty<Operand>() : [mask]]);
    }

    private static Case[] Attentions(AttentionOp op) =>
    [
        Attending(op, 2, 3, 4, 2, 5, 5), Attending(op, 1, 5, 7, 1, 3, 2, In([5, 7], Small)), Attending(op with { Causal = true }, 2, 7, 7, 2, 4, 4),
        Attending(op with { Scale = 0.7 }, 1, 2, 19, 3, 4, 17, Hiding([1, 1, 2, 19])), Attending(op with { Causal = true }, 1, 9, 9, 2, 3, 3, In([2, 1, 9], Small)),
        Attending(op, 2, 1, 5, 2, 3, 3, Hiding([2, 1, 1, 5])), Attending(op, 2, 3, 4, 2, 2, 3, new([2, 1, 1, 4], Draws.Constant(double.NegativeInfinity)) { IsGiven = true }),
    ];

    private static Case[] SelfAttentions(SelfAttentionOp op) =>
    [
        Attending(op, 2, 3, 5), Attending(op with { Causal = true }, 2, 7, 4), Attending(op with { Heads = 1, Scale = 0.7 }, 1, 5, 3, In([5, 5], Small)),
        Attending(op with { Heads = 3, Causal = true }, 1, 9, 2, Hiding([1, 3, 1, 9])),
    ];

    private static Case[] AttentionEdges(AttentionOp op) =>
        [Attending(op, 1, 1, 1, 1, 1, 1), Attending(op, 0, 2, 2, 1, 2, 2), Attending(op, 2, 0, 3, 1, 2, 2), Attending(op, 2, 3, 0, 1, 2, 2), Attending(op, 1, 2, 3, 2, 0, 2), Attending(op, 1, 2, 3, 2, 2, 0), Attending(op, 1, 2, 3, 0, 2, 2)];

    private static Case[] SelfAttentionEdges(SelfAttentionOp op) => [Attending(op with { Heads = 1 }, 1, 1, 1), Attending(op, 0, 3, 2), Attending(op, 2, 0, 2), Attending(op, 2, 3, 0)];

    private static Case[] LargeAttentions(AttentionOp op) =>
        [Attending(op with { Causal = true }, 3, 150, 150, 2, 40, 40), Attending(op, 2, 131, 61, 3, 16, 33, In([131, 61], Small)), Attending(op with { Causal = true }, 1, 333, 333, 1, 8, 8)];

    private static Case[] LargeSelfAttentions(SelfAttentionOp op) => [Attending(op with { Causal = true }, 3, 150, 40), Attending(op with { Heads = 5 }, 2, 131, 16)];

    private static Case[] WrongAttentions(AttentionOp op)
    {
        Case right = Attending(op, 2, 3, 4, 2, 5, 5), masked = Attending(op, 2, 3, 4, 2, 5, 5, In([3, 4]));
        Case With(Case c, int operand, Shape shape) => c with { Operands = [.. c.Operands.Select((o, i) => i == operand ? o with { Shape = shape } : o)] };
        return
        [
            With(right, 0, [3, 2, 5]), With(right, 0, [2, 3, 2, 4]), With(right, 1, [2, 4, 3, 5]), With(right, 1, [1, 4, 2, 5]), With(right, 2, [2, 3, 2, 5]), With(right, 2, [2, 4, 1, 5]),
            With(masked, masked.Operands.Length - 1, [4, 3]), With(masked, masked.Operands.Length - 1, [1, 2, 2, 3, 4]), right with { Op = op with { Causal = true } },
            right with { Op = op with { Scale = 0 } }, right with { Op = op with { Scale = -1 } }, right with { Op = op with { Scale = double.NaN } },
        ];
    }

    private static Case[] WrongSelfAttentions(SelfAttentionOp op)
    {
        Case right = Attending(op, 2, 3, 4), masked = Attending(op, 2, 3, 4, In([3, 3]));
        Case With(Case c, int operand, Shape shape) => c with { Operands = [.. c.Operands.Select((o, i) => i == operand ? o with { Shape = shape } : o)] };
        return
        [
            With(right, 0, [2, 3, 4, 6]), With(right, 0, [3, 24]), With(right, 0, [2, 3, 23]), With(masked, masked.Operands.Length - 1, [3, 2]), right with { Op = op with { Heads = 0 } },
            right with { Op = op with { Heads = -2 } }, right with { Op = op with { Heads = 5 } }, right with { Op = op with { Scale = 0 } },
        ];
    }

    private static Tensor Largest(Tensor x) => x.Count == 0 ? Tensor.Full([], 0, x.DType) : x.Abs().Max();

    private static Tensor Everywhere(Tensor value, Shape shape) => value.BroadcastTo(shape);

    /// <summary>
    /// What roundings in scores are relative to: a score is a sum of products, and an error of it is a relative error of the
    /// weight, which is e to its power. So a result is as large as values are, times one and the highest score of absolute values.
    /// </summary>
    private static Tensor Scoring(AttentionOp op, Tensor q, Tensor k, Tensor? mask)
    {
        Tensor scores = q.Abs().Transpose(0, 2, 1, 3).MatMul(k.Abs().Transpose(0, 2, 3, 1)) * (op.Scale ?? 1 / Math.Sqrt(Math.Max(1, q.Shape[^1])));
        Tensor largest = 1 + Largest(scores);
        return mask is null ? largest : largest + Largest(Tensor.Where(mask > double.NegativeInfinity, mask, Tensor.ZerosLike(mask)));
    }

    private static Tensors Magnitude(AttentionOp op, Tensor q, Tensor k, Tensor v, Tensor? mask, Shape result) =>
        Everywhere(Scoring(op, q, k, mask) * Largest(v), result);

    // A weight's gradient is dy · value, a score's at most twice that in all over a query's keys.
    private static Tensor[] Magnitudes(AttentionOp op, Tensor q, Tensor k, Tensor v, Tensor dy, Tensor? mask)
    {
        double scale = op.Scale ?? 1 / Math.Sqrt(Math.Max(1, q.Shape[^1])), queries = q.Shape[1];
        Tensor scoring = Scoring(op, q, k, mask), slope = 2 * v.Shape[^1] * Largest(dy) * Largest(v) * scoring * scale;
        return [Everywhere(slope * Largest(k), q.Shape), Everywhere(slope * Largest(q) * queries, k.Shape), Everywhere(scoring * Largest(dy) * queries, v.Shape)];
    }

    // The exponential, its sum, the quotient; what scores lose counts in the magnitude.
    private static Bound AttentionBound(Func<Op, Tensors, Tensors> magnitude, Func<Specs, int> terms) => new(ExpRoundings + 6) { Magnitude = magnitude, Terms = (_, x) => terms(x) };

    private static Row Attention()
    {
        var op = new ScaledDotProductAttention();
        return new(op.Name)
        {
            Cases = Attentions(op),
            Edges = AttentionEdges(op),
            Large = LargeAttentions(op),
            Refused = WrongAttentions(op),
            Bound = AttentionBound((o, x) => Magnitude((AttentionOp)o, x[0], x[1], x[2], x.Count > 3 ? x[3] : null, x[0].Shape.With(-1, x[2].Shape[^1])), x => x[1].Shape[1] + x[0].Shape[^1]),
            Recorded = Libtorch(op.Name, (a, x) => x[0].ScaledDotProductAttention(x[1], x[2], x.Count > 3 ? x[3] : null, a.Is("causal"), a.Number("scale"))),
        };
    }

    private static Row AttentionGradient()
    {
        var op = new ScaledDotProductAttentionGradient();
        return new(op.Name)
        {
            Cases = Attentions(op),
            Edges = AttentionEdges(op),
            Large = LargeAttentions(op),
            Refused = WrongAttentions(op),
            Bound = AttentionBound((o, x) => Tensors.Create(Magnitudes((AttentionOp)o, x[0], x[1], x[2], x[3], x.Count > 4 ? x[4] : null)), x => x[0].Shape[1] + x[1].Shape[1] + x[0].Shape[^1] + x[2].Shape[^1]),
            Smoothness = Smoothness.None,
        };
    }

    // The parts of a projection: queries, keys, values.
    private static Tensor Third(Tensor x, int part, int heads)
    {
        int features = x.Shape[^1] / 3;
        return x.Narrow(-1, part * features, features).Reshape(x.Shape[0], x.Shape[1], heads, features / heads);
    }

    private static Row SelfAttention()
    {
        var op = new SelfAttention { Heads = 2 };
        return new(op.Name)
        {
            Cases = SelfAttentions(op),
            Edges = SelfAttentionEdges(op),
            Large = LargeSelfAttentions(op),
            Refused = WrongSelfAttentions(op),
            Bound = AttentionBound((o, x) =>
            {
                int heads = ((SelfAttentionOp)o).Heads;
                return Magnitude((AttentionOp)o, Third(x[0], 0, heads), Third(x[0], 1, heads), Third(x[0], 2, heads), x.Count > 1 ? x[1] : null, x[0].Shape.With(-1, x[0].Shape[^1] / 3));
            }, x => x[0].Shape[1] + x[0].Shape[^1]),
            Recorded = Libtorch(op.Name, (a, x) => x[0].SelfAttention(a.Int("heads"), x.Count > 1 ? x[1] : null, a.Is("causal"))),
        };
    }

    private static Row SelfAttentionGradient()
    {
        var op = new SelfAttentionGradient { Heads = 2 };
        return new(op.Name)
        {
            Cases = SelfAttentions(op),
            Edges = SelfAttentionEdges(op),
            Large = LargeSelfAttentions(op),
            Refused = WrongSelfAttentions(op),
            Bound = AttentionBound((o, x) =>
            {
                int heads = ((SelfAttentionOp)o).Heads;
                Tensor dy = x[1].Reshape(x[1].Shape[0], x[1].Shape[1], heads, x[1].Shape[2] / heads);
                Tensor[] all = Magnitudes((AttentionOp)o, Third(x[0], 0, heads), Third(x[0], 1, heads), Third(x[0], 2, heads), dy, x.Count > 2 ? x[2] : null);
                return Tensor.Concat([.. all.Select(t => t.Reshape(x[1].Shape))], -1);
            }, x => 2 * (x[0].Shape[1] + x[0].Shape[^1])),
            Smoothness = Smoothness.None,
        };
    }
}
