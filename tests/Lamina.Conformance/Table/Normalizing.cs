using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Conformance;

using Lamina.Tensors;

// Softmax, normalisations, cross-entropy: ops that look at a whole row.
internal static partial class Table
{
    private static IEnumerable<Row> Normalizing() =>
    [
        // x less the row's largest is up to 6 here (rounded, and e to its power off by that much), then e^x, the sum, the quotient.
        LastAxis(new Softmax(), Bound.Relative(6 + ExpRoundings * 2 + 2) with { Terms = (_, x) => x[0].Shape[^1] }, (x, axis) => x.Softmax(axis)),
        LastAxis(new LogSoftmax(), Bound.ToLargest(LogRoundings + ExpRoundings + 3, (_, x) => x[0].Shape[^1]), (x, axis) => x.LogSoftmax(axis)),
        SoftmaxGradient(false), SoftmaxGradient(true), LayerNorm(), LayerNormGradient(), GroupNorm(), BatchNorm(), BatchNormGradient(), CrossEntropy(), CrossEntropyGradient(),
        Composed("cross_entropy of sequences", x => x[0].CrossEntropy(x[1]), Bound.ToLargest(12, (_, x) => x[0].Shape[^1]), [[In([2, 3, 4]), Index([2, 3], 4)]], [[In([0, 3, 4]), Index([0, 3], 4)]], [In([3, 100, 19]), Index([3, 100], 19)]),
        Composed("normalize_by", x => x[0].NormalizeBy(x[1], x[2], x[3], x[4]), Bound.ToLargest(8, (_, _) => 0), [[In([3, 5]), In([5]), In([5], Draws.Positive), In([5]), In([5])]], [[In([0, 5]), In([5]), In([5], Draws.Positive), In([5]), In([5])]],
            [In([61, 103]), In([103]), In([103], Draws.Positive), In([103]), In([103])]),
    ];

    private static Recording[] Centred(string file, Func<Attributes, Tensors, Tensors> call) => [new(file, call) { IsCentred = true }];

    private static Row LastAxis(LastAxisOp op, Bound bound, Func<Tensor, int, Tensor> call) => new(op.Name)
    {
        Cases = [new(op, In([3, 5])), new(op, In([2, 2, 17])), new(op, In([37])), new(op, In([3, 4], Draws.Constant(2)))],
        Edges = [new(op, In([1])), new(op, In([3, 1])), new(op, In([0, 3])), new(op, In([2, 0]))],
        Large = [new(op, In([61, 1033])), new(op, In([2000, 10]))],
        Refused = [new(op, In([]))],
        Bound = bound,
        Recorded = Libtorch(op.Name, (a, x) => call(x[0], a.Int("axis"))),
    };

    // A sum over a row of products of values up to 3, times e to the power of up to 3 for the logarithm.
    private static Row SoftmaxGradient(bool logarithm)
    {
        var op = new SoftmaxGradient { Logarithm = logarithm };
        Case Of(Shape shape) => new(op, In(shape), In(shape));
        return new(op.Name)
        {
            Cases = [Of([3, 5]), Of([2, 2, 17]), Of([37])],
            Edges = [Of([1]), Of([3, 1]), Of([0, 3]), Of([2, 0])],
            Large = [Of([61, 1033]), Of([2000, 10])],
            Refused = [Of([]), new(op, In([3, 5]), In([3, 4]))],
            Bound = new(ExpRoundings + 4) { Terms = (_, x) => x[0].Shape[^1], Magnitude = (_, x) => Spread(x[0].Abs(), x[1].Abs(), logarithm) },
            Smoothness = Smoothness.None,
        };
    }

    // The gradient with every term added.
    private static Tensor Spread(Tensor y, Tensor by, bool logarithm) =>
        logarithm ? by + y.Exp() * by.Sum([-1], keepDims: true) : y * (by + (y * by).Sum([-1], keepDims: true));

    /// <summary>x (…, features), then so many operands (features).</summary>
    private static Case Featured(Op op, Shape x, params Operand[] after) => new(op, [In(x), .. after]);

    private static Case Scaled(Op op, Shape x) => Featured(op, x, In([x[^1]]), In([x[^1]]));

    private static Case[] WrongScales(Op op) => [Featured(op, [3, 5], In([4]), In([5])), Featured(op, [3, 5], In([5]), In([5, 1])), Featured(op, [5], In([5]), In([5]))];

    // The distance from the mean of values near 3 is rounded in units of 3, and the root of the variance is half as sensitive.
    private static Bound RowBound => Bound.ToLargest(12, (_, x) => x[0].Shape[^1]);

    private static Bound ColumnBound => Bound.ToLargest(12, (_, x) => x[0].Shape.Count / Math.Max(1, x[0].Shape[^1]));

    private static Row LayerNorm() => new("layer_norm")
    {
        Cases = [Scaled(new LayerNorm(), [3, 5]), Scaled(new LayerNorm { Epsilon = 1e-3 }, [2, 3, 7]), Scaled(new LayerNorm(), [2, 17])],
        Edges = [Scaled(new LayerNorm { Epsilon = 1 }, [1, 1]), Scaled(new LayerNorm(), [0, 3]), Scaled(new LayerNorm(), [2, 0])],
        Large = [Scaled(new LayerNorm(), [131, 517])],
        Refused = WrongScales(new LayerNorm()),
        Bound = RowBound,
        Recorded = Centred("layer_norm", (a, x) => x[0].LayerNorm(x[1], x[2], a.Number("epsilon"))),
    };

    private static Row LayerNormGradient()
    {
        static Case Of(Shape x) => Featured(new LayerNormGradient(), x, In([x[^1]]), In(x));
        return new("layer_norm_gradient")
        {
            Cases = [Of([3, 5]), Of([2, 3, 7]), Of([2, 17])],
            Edges = [Of([0, 3]), Of([2, 0])],
            Large = [Of([131, 517])],
            Refused = [Featured(new LayerNormGradient(), [3, 5], In([4]), In([3, 5])), Featured(new LayerNormGradient(), [3, 5], In([5]), In([3, 4]))],
            Bound = RowBound with { Terms = (_, x) => x[0].Shape.Count },
            Smoothness = Smoothness.None,
        };
    }

    private static Row GroupNorm()
    {
        static Case Of(int groups, Shape x) => Scaled(new GroupNorm { Groups = groups }, x);
        return new("group_norm")
        {
            Cases = [Of(2, [2, 3, 3, 4]), Of(1, [2, 2, 3, 3]), Of(5, [1, 3, 4, 5]), Of(3, [2, 5, 6])],
            Edges = [Scaled(new GroupNorm { Groups = 1, Epsilon = 1 }, [1, 1]), Of(1, [0, 3]), Of(2, [1, 0, 4])],
            Large = [Of(4, [3, 13, 12, 16])],
            Refused = [Of(2, [2, 3, 5]), Of(0, [2, 3, 4]), .. WrongScales(new GroupNorm { Groups = 1 })],
            Bound = Bound.ToLargest(12, (_, x) => x[0].Shape.Count),
            Recorded = Centred("group_norm", (a, x) => x[0].GroupNorm(a.Int("groups"), x[1], x[2], a.Number("epsilon"))),
        };
    }

    private static Row BatchNorm() => new("batch_norm")
    {
        Cases = [Scaled(new BatchNorm(), [6, 4]), Scaled(new BatchNorm { Epsilon = 1e-3 }, [2, 3, 2, 3]), Scaled(new BatchNorm(), [7, 17])],
        Edges = [Scaled(new BatchNorm { Epsilon = 1 }, [1, 1]), Scaled(new BatchNorm(), [3, 0])],
        Large = [Scaled(new BatchNorm(), [1033, 67])],
        Refused = WrongScales(new BatchNorm()),
        Bound = ColumnBound,
        Recorded = Centred("batch_norm", (a, x) =>
        {
            (Tensor y, Tensor mean, Tensor variance) = x[0].BatchNorm(x[1], x[2], a.Number("epsilon"));
            return [y, mean, variance];
        }),
    };

    private static Row BatchNormGradient()
    {
        static Case Of(Shape x) => Featured(new BatchNormGradient(), x, In([x[^1]]), In([x[^1]]), In([x[^1]], Draws.Positive), In(x), In([x[^1]]), In([x[^1]]));
        static Case Wrong(int operand, Shape shape)
        {
            Case right = Of([6, 4]);
            return right with { Operands = [.. right.Operands.Select((o, i) => i == operand ? o with { Shape = shape } : o)] };
        }
        return new("batch_norm_gradient")
        {
            Cases = [Of([6, 4]), Of([2, 3, 2, 3]), Of([7, 17])],
            Edges = [Of([1, 1]), Of([3, 0])],
            Large = [Of([1033, 67])],
            Refused = [.. Enumerable.Range(1, 6).Select(i => Wrong(i, [3]))],
            // The variance is not x's own here, down to ¼: standardised values and their sums reach into the tens.
            Bound = Bound.ToLargest(30, (_, x) => x[0].Shape.Count / Math.Max(1, x[0].Shape[^1])),
            Smoothness = Smoothness.None,
        };
    }

    private static Case Labelled(CrossEntropyOp op, int rows, int classes, bool weighted = false, DType type = DType.Int64) =>
        new(op, [In([rows, classes]), Index([rows], classes, type), .. op is CrossEntropyGradient ? [In([rows])] : Array.Empty<Operand>(), .. weighted ? [In([classes], Draws.Positive)] : Array.Empty<Operand>()]);

    private static Case[] Losses(CrossEntropyOp plain) =>
    [
        Labelled(plain, 5, 4), Labelled(plain with { LabelSmoothing = 0.1 }, 5, 4, type: DType.Int32), Labelled(plain, 3, 17), Labelled(plain, 6, 3, weighted: true), Labelled(plain with { LabelSmoothing = 0.2 }, 6, 19, weighted: true),
    ];

    private static Case[] WrongLosses(CrossEntropyOp op) =>
    [
        Labelled(op, 5, 4) with { Operands = [In([5]), .. Labelled(op, 5, 4).Operands[1..]] }, Labelled(op, 5, 4) with { Operands = [In([4, 4]), .. Labelled(op, 5, 4).Operands[1..]] },
        Labelled(op with { LabelSmoothing = -0.1 }, 5, 4), Labelled(op with { LabelSmoothing = 1.5 }, 5, 4), Labelled(op with { LabelSmoothing = double.NaN }, 5, 4),
        Labelled(op, 5, 4) with { Prepare = x => new([x[0], x[1] + 4, .. x.Items[2..]]) }, Labelled(op, 5, 4) with { Prepare = x => new([x[0], x[1] - 4, .. x.Items[2..]]) },
        Labelled(op, 5, 4) with { Operands = [.. Labelled(op, 5, 4).Operands, In([3])] },
    ];

    private static Row CrossEntropy() => new("cross_entropy")
    {
        Cases = Losses(new CrossEntropy()),
        Edges = [Labelled(new CrossEntropy(), 1, 1), Labelled(new CrossEntropy(), 0, 3)],
        Large = [Labelled(new CrossEntropy { LabelSmoothing = 0.1 }, 2000, 19), Labelled(new CrossEntropy(), 61, 1033, weighted: true)],
        Refused = WrongLosses(new CrossEntropy()),
        Bound = Bound.ToLargest(12, (_, x) => x[0].Shape[^1]),
        Recorded = Libtorch("cross_entropy", (a, x) => x[0].CrossEntropy(x[1], a.Number("labelSmoothing"), x.Count > 2 ? x[2] : null)),
    };

    private static Row CrossEntropyGradient() => new("cross_entropy_gradient")
    {
        Cases = Losses(new CrossEntropyGradient()),
        Edges = [Labelled(new CrossEntropyGradient(), 1, 1), Labelled(new CrossEntropyGradient(), 0, 3)],
        Large = [Labelled(new CrossEntropyGradient { LabelSmoothing = 0.1 }, 2000, 19), Labelled(new CrossEntropyGradient(), 61, 1033, weighted: true)],
        Refused = WrongLosses(new CrossEntropyGradient()),
        Bound = Bound.ToLargest(12, (_, x) => x[0].Shape[^1]),
        Smoothness = Smoothness.None,
    };
}
