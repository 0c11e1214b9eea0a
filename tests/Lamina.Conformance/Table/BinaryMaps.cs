using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Conformance;

using Lamina.Tensors;

// Two or three operands, element by element, after broadcasting.
internal static partial class Table
{
    private static readonly DType[] s_signed = [.. Row.Numbers.Where(t => t != DType.UInt8)];

    private static IEnumerable<Row> BinaryMaps() =>
    [
        Binary(new Add(), Bound.Relative(1), (x, y) => x + y) with { Types = Row.Numbers },
        Wrapping(Binary(new Subtract(), Bound.Relative(1), (x, y) => x - y), new Case(new Subtract(), In([5], Draws.Constant(3)), In([5], Draws.Constant(1)))),
        Binary(new Multiply(), Bound.Relative(1), (x, y) => x * y) with { Types = Row.Numbers },
        Binary(new Divide(), Bound.Relative(1), (x, y) => x / y, second: Draws.AwayFromZero),
        Binary(new Maximum(), Bound.Exact, (x, y) => x.Maximum(y), NoGradientAtNaN) with { Types = Row.Numbers },
        Binary(new Minimum(), Bound.Exact, (x, y) => x.Minimum(y), NoGradientAtNaN) with { Types = Row.Numbers },
        Binary(new Power(), Bound.Relative(2), (x, y) => x.Pow(y), first: Draws.Positive),
        Binary(new Gate(), Bound.Exact, null),
        Binary(new GradientProduct(), Bound.Relative(1), null),
        Binary(new GradientProduct { Divides = true }, Bound.Relative(1), null, second: Draws.AwayFromZero),
        Compared(new Equal(), Tensor.Equal),
        Compared(new NotEqual(), Tensor.NotEqual),
        Compared(new Less(), (x, y) => x < y),
        Compared(new LessOrEqual(), (x, y) => x <= y),
        Compared(new Greater(), (x, y) => x > y),
        Compared(new GreaterOrEqual(), (x, y) => x >= y),
        // The loss is w · |x| and a logarithm, both of them positive.
        Yes(new BinaryCrossEntropy(), Bound.Relative(ExpRoundings + LogRoundings + 6)),
        Yes(new BinaryCrossEntropySlope(), Bound.ToOne(ExpRoundings + 4)),
        Composed("binary_cross_entropy of rows", x => x[0].BinaryCrossEntropy(x[1]).Mean([-1]), Bound.ToLargest(12, (_, x) => x[0].Shape[^1]), [[In([3, 5]), In([3, 5], s_share)]], [[In([0, 3]), In([0, 3], s_share)]], [In([61, 103]), In([61, 103], s_share)]),
        Where(),
    ];

    private static readonly Draw s_share = Draws.Uniform(1 / 16.0, 15 / 16.0);

    /// <summary>A row of logits and targets from 0 to 1.</summary>
    private static Row Yes(BinaryMap op, Bound bound)
    {
        Row row = Binary(op, bound, null, second: s_share);
        Case[] sharp = [.. new[] { 0.0, 1.0 }.Select(t => new Case(op, In([24], Draws.Corners), In([24], Draws.Constant(t))) { IsSmooth = false, Types = Row.Floats })];
        return row with { Cases = [.. row.Cases.Where(c => c.IsSmooth), .. sharp] };
    }

    private static Row Binary(BinaryMap op, Bound bound, Func<Tensor, Tensor, Tensor>? call, Dictionary<string, string>? differs = null, Draw? first = null, Draw? second = null)
    {
        // No value of one is a value of the other.
        Draw x = first ?? Draws.Distinct(), y = second ?? Draws.Distinct(1 / 16.0);
        return new(op.Name)
        {
            Cases =
            [
                new(op, In([3, 5], x), In([3, 5], y)), new(op, In([4, 5], x), In([5], y)), new(op, In([3, 1, 4], x), In([2, 1], y)), new(op, In([], x), In([7], y)),
                new(op, In([24, 1], Draws.Corners), In([24], Draws.Corners)) { IsSmooth = false, Types = Row.Floats },
            ],
            Edges = [new(op, In([], x), In([], y)), new(op, In([1], x), In([1, 1], y)), new(op, In([0], x), In([0], y)), new(op, In([2, 0, 3], x), In([3], y)), new(op, In([1], x), In([0], y))],
            Large = [new(op, In([61, 1033], first), In([1033], second)), new(op, In([61, 1], first), In([61, 1033], second))],
            Refused = [new(op, In([3], x), In([4], y)), new(op, In([2, 3], x), In([2], y)), new(op, In([3, 2], x), In([2, 2], y))],
            Bound = bound,
            Recorded = call is null ? [] : [new(op.Name, (_, t) => call(t[0], t[1])) { Differs = differs ?? [] }],
        };
    }

    private static Dictionary<string, string> NoGradientAtNaN => new() { ["ties_and_non_finite/gradients"] = "NaN is neither greater nor equal, so neither operand gets a gradient" };

    private static Row Compared(Comparison op, Func<Tensor, Tensor, Tensor> call)
    {
        Row row = Binary(op, Bound.Exact, call);
        return row with
        {
            Cases = [.. row.Cases, new(op, In([5], Draws.Constant(1)), In([5], Draws.Constant(1)))],
            Types = Row.Computed,
            Smoothness = Smoothness.None,
        };
    }

    private static Row Where()
    {
        Operand Truth(Shape shape) => new(shape, Draws.Truth, DType.Bool);
        Case Of(Shape condition, Shape then, Shape otherwise) => new(new Where(), Truth(condition), In(then), In(otherwise));
        return new("where")
        {
            Cases = [Of([3, 5], [3, 5], [3, 5]), Of([3, 1], [5], [3, 5]), Of([2, 1, 4], [3, 1], [])],
            Edges = [Of([], [], []), Of([1], [], [1, 1]), Of([0], [0], [0]), Of([2, 0], [1], [2, 1])],
            Large = [Of([61, 1033], [1033], [61, 1])],
            Refused = [Of([3], [4], [4]), Of([2], [2], [3])],
            Types = Row.All,
            Recorded = Libtorch("where", (_, x) => Tensor.Where(x[0], x[1], x[2])),
        };
    }
}
