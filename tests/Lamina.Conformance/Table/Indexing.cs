using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Conformance;

using Lamina.Tensors;

// Places: which value, values by place, order, running totals.
internal static partial class Table
{
    private static IEnumerable<Row> Indexing() =>
    [
        Best(new ArgMax { Axis = 0 }, (x, axis, keep) => x.ArgMax(axis, keep)),
        Best(new ArgMin { Axis = 0 }, (x, axis, keep) => x.ArgMin(axis, keep)),
        CumSum(), Gather(), ScatterAdd(), Rows_(), ScatterRows(), UpdateSlice(), OneHot(),
        Composed("update of the last axis", x => x[0].UpdateSlice(-1, x[1], x[2]), Bound.Exact, [[In([2, 5]), In([2, 2]), Start(3)]], [[In([0, 5]), In([0, 2]), Start(1)]], [In([61, 103]), In([61, 50]), Start(9)]) with { Smoothness = Smoothness.None },
        Composed("embedding", x => x[0].Rows(x[1]).ScatterRows(x[1], 9), Bound.Relative(1), [[In([5, 3]), Index([4], 5)]], [[In([5, 0]), Index([2], 5)]], [In([9, 1033]), Index([61], 9)]),
        Ranked("sort", Sorted, Libtorch("sort", (a, x) => Both(x[0].Sort(a.Int("axis"), a.Is("descending")))),
            [false, true], [new(new Sort { Axis = 2 }, In([2, 3])), new(new Sort { Axis = 0 }, In([])), new(new Sort { Axis = -1 }, In([2]))]),
        Ranked("topk", Top, Libtorch("topk", (a, x) => Both(x[0].TopK(a.Int("k"), a.Int("axis")))),
            [false, true], [Top(false, 0, [2]) with { Op = new TopK { Axis = 0, K = 3 } }, Top(false, 0, [2]) with { Op = new TopK { Axis = 0, K = -1 } }, Top(false, 0, [2]) with { Op = new TopK { Axis = 1, K = 1 } }]),
    ];

    private static Tensors Both((Tensor Values, Tensor Indices) x) => [x.Values, x.Indices];

    private static Row Best<T>(T op, Func<Tensor, int, bool, Tensor> call) where T : ArgReduction
    {
        Case Along(int axis, Shape shape, bool keep = false, Draw? draw = null) => new(op with { Axis = axis, KeepDims = keep }, In(shape, draw ?? Draws.Distinct()));
        return new(op.Name)
        {
            Cases = [Along(1, [3, 5]), Along(0, [4, 3]), Along(1, [2, 5, 3], keep: true), Along(0, [37]), Along(1, [3, 4], draw: Draws.Constant(1)), Along(0, [24], draw: Draws.Corners) with { Types = Row.Floats }],
            Edges = [Along(0, [1]), Along(1, [1, 1]), Along(1, [0, 3])],
            Large = [Along(1, [61, 1033]), Along(0, [61, 1033])],
            Refused = [Along(2, [2, 3]), Along(-1, [2, 3]), Along(0, []), Along(0, [0, 2])],
            Types = Row.Numbers,
            Smoothness = Smoothness.None,
            Recorded = Libtorch(op.Name, (a, x) => call(x[0], a.Int("axis"), a.Is("keepDims"))),
        };
    }

    private static Row CumSum()
    {
        static Case Along(int axis, Shape shape, bool reverse = false) => new(new CumSum { Axis = axis, Reverse = reverse }, In(shape));
        return new("cumsum")
        {
            Cases = [Along(1, [3, 5]), Along(0, [7, 2]), Along(1, [2, 5, 3], reverse: true), Along(0, [37])],
            Edges = [Along(0, [1]), Along(0, [0]), Along(1, [2, 0, 3]), Along(0, [3, 0])],
            Large = [Along(1, [61, 1033]), Along(0, [61, 1033])],
            Refused = [Along(2, [2, 3]), Along(-1, [2, 3]), Along(0, [])],
            // Added up in double precision as the definition does, then rounded as it does.
            Types = Row.Numbers,
            Recorded = Libtorch("cumsum", (a, x) => x[0].CumSum(a.Int("axis"))),
        };
    }

    private static Row Gather()
    {
        static Case Along(int axis, Shape shape, Shape index, DType type = DType.Int64, int? end = null) => new(new Gather { Axis = axis }, In(shape), Index(index, end ?? shape.Span[Math.Max(axis, 0)], type));
        return new("gather")
        {
            Cases = [Along(1, [3, 5], [3, 4]), Along(0, [4, 3], [6, 3], DType.Int32), Along(1, [2, 5, 3], [2, 2, 3]), Along(1, [4, 5], [2, 3]), Along(0, [3], [8])],
            Edges = [Along(0, [1], [1]), Along(0, [3], [0]), Along(1, [2, 3], [0, 2])],
            Large = [Along(1, [61, 700], [61, 1033]), Along(0, [61, 1033], [80, 1033])],
            Refused = [Along(0, [2, 3], [2]), Along(0, [2, 3], [2, 4]), Along(-1, [2, 3], [2, 2]), Along(0, [3], [2], end: 1) with { Prepare = x => [x[0], x[1] + 3] }, Along(0, [3], [2], end: 1) with { Prepare = x => [x[0], x[1] - 1] }],
            Types = Row.All,
            Recorded = Libtorch("gather", (a, x) => x[0].Gather(a.Int("axis"), x[1])),
        };
    }

    private static Row ScatterAdd()
    {
        static Case Along(int axis, Shape shape, Shape index, DType type = DType.Int64) => new(new ScatterAdd { Axis = axis }, In(shape), Index(index, shape.Span[Math.Max(axis, 0)], type), In(index));
        return new("scatter_add")
        {
            Cases = [Along(1, [3, 5], [3, 4]), Along(0, [4, 3], [6, 3], DType.Int32), Along(1, [2, 5, 3], [2, 2, 3]), Along(1, [4, 5], [2, 3]), Along(0, [3], [8])],
            Edges = [Along(0, [1], [1]), Along(0, [3], [0]), Along(1, [2, 3], [0, 2])],
            Large = [Along(1, [61, 700], [61, 1033]), Along(0, [61, 1033], [80, 1033])],
            Refused =
            [
                Along(0, [2, 3], [2, 4]), Along(-1, [2, 3], [2, 2]), new(new ScatterAdd { Axis = 0 }, In([3]), Index([2], 3), In([3])),
                Along(0, [3], [2]) with { Prepare = x => [x[0], x[1] + 3, x[2]] }, Along(0, [3], [2]) with { Prepare = x => [x[0], x[1] - 3, x[2]] },
            ],
            Types = Row.Numbers,
            Bound = Bound.Accumulated((_, x) => x[1].Shape.Count, 1),
            Recorded = Libtorch("scatter_add", (a, x) => x[0].ScatterAdd(a.Int("axis"), x[1], x[2])),
        };
    }

    private static Row Rows_()
    {
        static Case Of(Shape shape, Shape index, DType type = DType.Int64) => new(new Rows(), In(shape), Index(index, shape[0], type));
        return new("rows")
        {
            Cases = [Of([5, 3], [4]), Of([4], [2, 3], DType.Int32), Of([3, 2, 2], [2, 2]), Of([5, 3], [])],
            Edges = [Of([1], [1]), Of([3, 2], [0]), Of([3, 0], [2])],
            Large = [Of([300, 67], [1033])],
            Refused = [new(new Rows(), In([]), Index([2], 1)), Of([3, 2], [2]) with { Prepare = x => [x[0], x[1] + 3] }, Of([3, 2], [2]) with { Prepare = x => [x[0], x[1] - 3] }],
            Types = Row.All,
            Recorded = Libtorch("rows", (_, x) => x[0].Rows(x[1])),
        };
    }

    private static Row ScatterRows()
    {
        static Case Of(int count, Shape index, Shape source, DType type = DType.Int64) => new(new ScatterRows { Count = count }, Index(index, count, type), In(source));
        return new("scatter_rows")
        {
            Cases = [Of(5, [4], [4, 3]), Of(4, [2, 3], [2, 3], DType.Int32), Of(3, [2, 2], [2, 2, 3]), Of(2, [9], [9])],
            Edges = [Of(1, [1], [1]), Of(3, [0], [0, 2]), Of(3, [], [4])],
            Large = [Of(300, [1033], [1033, 67])],
            Refused = [Of(3, [2], [3, 2]), Of(3, [2, 2], [2]), Of(3, [2], [2]) with { Prepare = x => [x[0] + 3, x[1]] }, Of(3, [2], [2]) with { Prepare = x => [x[0] - 3, x[1]] }],
            Bound = Bound.Accumulated((_, x) => x[0].Shape.Count, 1),
        };
    }

    private static Operand Start(int value) => new([], Draws.Constant(value), DType.Int64);

    private static Row UpdateSlice()
    {
        static Case Of(int axis, Shape shape, int size, int start) => new(new UpdateSlice { Axis = axis }, In(shape), In(shape.With(axis, size)), Start(start));
        static Case Wrong(Case right, int operand, Shape shape) => right with { Operands = [.. right.Operands.Select((o, i) => i == operand ? o with { Shape = shape } : o)] };
        Case basic = Of(0, [5, 3], 2, 1);
        return new("update_slice")
        {
            Cases = [basic, Of(1, [2, 7, 3], 1, 6), Of(2, [2, 3, 4], 4, 0), Of(0, [9], 3, 4)],
            Edges = [Of(0, [1], 1, 0), Of(0, [3], 0, 3), Of(1, [0, 4], 2, 1), Of(1, [2, 3], 0, 0)],
            Large = [Of(1, [61, 103, 7], 50, 3)],
            Refused = [Of(0, [5, 3], 2, 4), Of(0, [5, 3], 2, -1), Of(0, [2, 3], 3, 0), Wrong(basic, 1, [2, 2]), Wrong(basic, 1, [2]), Wrong(basic, 2, [1]), basic with { Op = new UpdateSlice { Axis = 2 } }, basic with { Op = new UpdateSlice { Axis = -1 } }],
            Types = Row.All,
            Smoothness = Smoothness.None,
        };
    }

    private static Row OneHot()
    {
        static Case Of(int classes, Shape shape, DType type, DType to = DType.Float32) => new(new OneHot { Classes = classes, DType = to }, Index(shape, classes, type));
        return new("one_hot")
        {
            Cases = [Of(4, [6], DType.Int64), Of(3, [2, 5], DType.Int32), .. Row.All.Select(to => Of(3, [4], DType.Int64, to))],
            Edges = [Of(5, [], DType.Int64), Of(1, [1], DType.Int64), Of(3, [0], DType.Int64)],
            Large = [Of(67, [1033], DType.Int64)],
            Refused = [Of(1, [2], DType.Int64) with { Op = new OneHot { Classes = 0 } }, Of(3, [2], DType.Int64) with { Prepare = x => x[0] + 3 }, Of(3, [2], DType.Int64) with { Prepare = x => x[0] - 3 }],
            Types = [DType.Float32],
            Smoothness = Smoothness.None,
            Recorded = Libtorch("one_hot", (a, x) => x[0].OneHot(a.Int("classes"), DType.Int64)),
        };
    }

    private static Case Sorted(bool descending, int axis, Shape shape) => new(new Sort { Axis = axis, Descending = descending }, In(shape, Draws.Distinct()));

    private static Case Top(bool least, int axis, Shape shape) => new(new TopK { Axis = axis, K = Math.Min(2, shape[axis]), Largest = !least, Sorted = shape.Rank < 3 }, In(shape, Draws.Distinct()));

    private static Row Ranked(string name, Func<bool, int, Shape, Case> of, Recording[] recorded, bool[] variants, Case[] refused) => new(name)
    {
        Cases =
        [
            .. variants.SelectMany(v => new[] { of(v, 1, [3, 5]), of(v, 0, [4, 3]), of(v, 1, [2, 5, 3]), of(v, 0, [37]) }),
            .. variants.Select(v => of(v, 0, [24]) with { Operands = [In([24], Draws.Corners)], Types = Row.Floats, IsSmooth = false }),
            .. variants.Select(v => of(v, 0, [9]) with { Operands = [In([9], Draws.Constant(1))], IsSmooth = false }),
        ],
        Edges = [of(false, 0, [1]), of(false, 0, [0]), of(true, 1, [2, 0]), of(true, 0, [2, 0])],
        Large = [of(false, 1, [61, 1033]), of(true, 0, [61, 1033])],
        Refused = refused,
        Types = Row.Numbers,
        Recorded = recorded,
    };
}
