using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Conformance;

using Lamina.Tensors;

internal static partial class Table
{
    private static IEnumerable<Row> Reductions() =>
    [
        Folded(new Sum { Axis = 0 }, Bound.Accumulated(FoldedTerms, 0), Draws.Signed, (x, axes, keep) => x.Sum(axes, keep)),
        Folded(new Prod { Axis = 0 }, new Bound(0) { Terms = FoldedTerms }, Draws.Uniform(0.5, 1.5), (x, axes, keep) => x.Prod(axes, keep)),
        Folded(new Max { Axis = 0 }, Bound.Exact, Draws.Distinct(), (x, axes, keep) => x.Max(axes, keep), emptyHasNone: true),
        Folded(new Min { Axis = 0 }, Bound.Exact, Draws.Distinct(), (x, axes, keep) => x.Min(axes, keep), emptyHasNone: true),
        Norm(),
        Mean(),
        Variance(),
    ];

    // In float64 whatever the operand's type: roundings are those of double precision.
    private static Row Norm() => new("norm")
    {
        Cases = [new(new Norm(), In([3, 5])), new(new Norm(), In([37])), new(new Norm(), In([2, 4, 3]))],
        Edges = [new(new Norm(), In([])), new(new Norm(), In([1])), new(new Norm(), In([0, 3]))],
        Large = [new(new Norm(), In([131, 517])), new(new Composition("norm", x => x[0].Norm()), In([16, 1025]))],
        Bound = new Bound(4) { Terms = (_, x) => x[0].Shape.Count },
    };

    private static int FoldedTerms(Op op, Specs x) => x[0].Shape.Count / Math.Max(1, op.Infer(x)[0].Shape.Count);

    private static Row Folded<T>(T op, Bound bound, Draw draw, Func<Tensor, int[], bool, Tensor> call, bool emptyHasNone = false) where T : Reduction
    {
        Case Over(int axis, int length, Shape shape, bool keep = false) => new(op with { Axis = axis, Length = length, KeepDims = keep }, In(shape, draw));
        Case[] empty = [Over(0, 1, [0]), Over(1, 1, [3, 0, 2]), Over(0, 2, [0, 4], keep: true)];
        return new(op.Name)
        {
            Cases = [Over(0, 1, [5, 3]), Over(1, 1, [3, 5]), Over(1, 1, [2, 5, 3]), Over(0, 2, [3, 4, 2]), Over(1, 2, [2, 3, 4], keep: true), Over(0, 3, [2, 3, 4]), Over(0, 1, [37])],
            Edges = [Over(0, 0, []), Over(0, 1, [1]), Over(1, 1, [1, 1, 1]), Over(0, 1, [4, 0]), Over(2, 1, [0, 2, 3]), .. emptyHasNone ? [] : empty],
            // Longer than a block in either direction, more columns than are folded at once, and rows that are folded several at a time.
            Large = [Over(1, 1, [3, 9001]), Over(0, 1, [601, 67]), Over(0, 1, [19, 1033]), Over(0, 1, [701, 6]), Over(1, 1, [2, 47, 15])],
            Refused = [Over(2, 1, [2, 3]), Over(-1, 1, [2, 3]), Over(0, 3, [2, 3]), Over(0, -1, [2]), .. emptyHasNone ? empty : []],
            Bound = bound,
            Recorded = [new(op.Name, (a, x) => call(x[0], a.Ints("axes"), a.Is("keepDims"))) { Refused = ["integers"], Differs = op is Prod ? new() { ["non_finite/gradients"] = "the product of the others; libtorch divides the product" } : [] }],
        };
    }

    private static Row Mean() => Composed("mean", x => x[0].Mean([1], keepDims: true), Bound.ToLargest(2, (_, x) => x[0].Shape.Count), [[In([3, 5])], [In([2, 4, 3])]], [[In([3, 1])], [In([0, 2])]], [In([37, 1033])])
        with { Recorded = Libtorch("mean", (a, x) => x[0].Mean(a.Ints("axes"), a.Is("keepDims")), "integers") };

    private static Row Variance() => Composed("variance", x => x[0].Variance([1], correction: 1), Bound.ToLargest(4, (_, x) => x[0].Shape.Count), [[In([3, 5])], [In([2, 4, 3])]], [[In([1, 2])], [In([0, 2])]], [In([37, 1033])])
        with { Recorded = [new("variance", (a, x) => x[0].Variance(a.Ints("axes"), a.Is("keepDims"), a.Int("correction"))) { IsCentred = true }] };
}
