using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Conformance;

using Lamina.Tensors;

// What moves values and changes none: views, copies, joins, margins. All types; all exact.
internal static partial class Table
{
    private static IEnumerable<Row> Shapings() =>
    [
        Moved("reshape", Libtorch("reshape", (a, x) => x[0].Reshape(a.Ints("shape"))),
            [Reshaped([2, 3], [3, 2]), Reshaped([2, 3, 4], [24]), Reshaped([5, 3], [1, 5, 1, 3])], [Reshaped([1, 1], []), Reshaped([], [1]), Reshaped([0, 3], [2, 0])],
            Reshaped([61, 1033], [1033, 61]), [Reshaped([2, 3], [4]), Reshaped([0], [])]),
        Moved("transpose", Libtorch("transpose", (a, x) => x[0].Transpose(a.Ints("axes"))),
            [Transposed([2, 3], [1, 0]), Transposed([2, 3, 5], [2, 0, 1]), Transposed([2, 3, 2, 4], [0, 3, 1, 2]), Transposed([3, 2], [0, 1])], [Transposed([], []), Transposed([1], [0]), Transposed([0, 3], [1, 0])],
            Transposed([61, 1033], [1, 0]), [Transposed([2, 3], [0]), Transposed([2, 3], [0, 0]), Transposed([2, 3], [0, 2]), Transposed([2, 3], [0, 1, 2])]),
        Moved("slice", Libtorch("slice", (a, x) => x[0].Slice(a.Ints("start"), a.Ints("stop"), a.Ints("step"))),
            [Sliced([4, 5], [1, 0], [2, 4], [1, 1]), Sliced([7, 6], [0, 1], [3, 3], [3, 2]), Sliced([2, 3, 7], [1, 2, 6], [1, 3, 2], [1, -1, -5])],
            [Sliced([], [], [], []), Sliced([1], [0], [1], [1]), Sliced([4, 3], [2, 0], [0, 3], [1, 1]), Sliced([0], [0], [0], [1])], Sliced([61, 1033], [1, 1032], [30, 500], [2, -2]),
            [Sliced([4], [2], [3], [1]), Sliced([4], [-1], [2], [1]), Sliced([4], [0], [2], [0]), Sliced([4], [1], [3], [-1]), Sliced([4, 4], [0], [2], [1])]),
        Moved("unslice", [],
            [Unsliced([2, 4], [1, 0], [1, 1], [4, 5]), Unsliced([3, 3], [0, 1], [3, 2], [7, 6]), Unsliced([1, 3, 2], [1, 2, 6], [1, -1, -5], [2, 3, 7])],
            [Unsliced([], [], [], []), Unsliced([1], [0], [1], [1]), Unsliced([0, 3], [2, 0], [1, 1], [4, 3])], Unsliced([30, 500], [1, 1032], [2, -2], [61, 1033]),
            [Unsliced([3], [2], [1], [4]), Unsliced([3], [0], [0], [4]), Unsliced([3, 1], [0], [1], [4])]),
        Moved("broadcast_to", Libtorch("broadcast_to", (a, x) => x[0].BroadcastTo(a.Ints("shape"))),
            [Shown([3], [4, 3]), Shown([2, 1, 5], [2, 3, 5]), Shown([2, 1], [3, 2, 4])], [Shown([], [2, 3]), Shown([1], [1, 1]), Shown([1, 3], [0, 3])], Shown([1033], [61, 1033]),
            [Shown([3], [4]), Shown([2, 3], [3]), Shown([2], [2, 3])]),
        Moved("copy", [], [new(new Copy(), In([3, 5]))], [new(new Copy(), In([])), new(new Copy(), In([1])), new(new Copy(), In([2, 0]))], new(new Copy(), In([61, 1033])), []),
        Moved("concat", Libtorch("concat", (a, x) => Tensor.Concat(x.Span, a.Int("axis"))),
            [Joined(0, [2, 3], [1, 3]), Joined(1, [2, 3, 2], [2, 1, 2], [2, 4, 2]), Joined(2, [1, 2, 3], [1, 2, 1]), Joined(0, [3])], [Joined(0, [0], [3]), Joined(1, [1, 0], [1, 1]), Joined(0, [0, 2], [0, 2])],
            Joined(1, [61, 517], [61, 516]), [Joined(0, [2, 3], [2, 4]), Joined(1, [2], [2]), Joined(-1, [2], [2]), Joined(0, [2], [2, 1]), Joined(0, [], [])]),
        Moved("pad", Libtorch("pad", (a, x) => x[0].Pad(a.Ints("before"), a.Ints("after"), a.Number("value"))),
            [Padded([2, 3], [1, 2], [0, 1]), Padded([2, 3], [0, 3], [2, 0], 2), Padded([1, 3, 2, 2], [0, 1, 1, 0], [0, 1, 1, 0]), Padded([4], [0], [0], 7)],
            [Padded([], [], []), Padded([1], [1], [1]), Padded([0, 2], [1, 0], [0, 1], 1), Padded([0], [0], [0])], Padded([61, 1033], [3, 5], [2, 1]),
            [Padded([2], [-1], [0]), Padded([2], [0], [-1]), Padded([2, 3], [1], [1])]),
        Fill(),
        Composed("stack", x => Tensor.Stack(x.Span, 1), Bound.Exact, [[In([3, 5]), In([3, 5])]], [[In([0]), In([0])]], [In([61, 1033]), In([61, 1033])])
            with { Recorded = Libtorch("stack", (a, x) => Tensor.Stack(x.Span, a.Int("axis"))) },
        Composed("split", x => new(x[0].Split([1, 4], 1)), Bound.Exact, [[In([3, 5])]], [[In([0, 5])]], [In([1033, 5])])
            with { Recorded = Libtorch("split", (a, x) => new(x[0].Split(a.Ints("sizes"), a.Int("axis")))) },
        Composed("flip", x => x[0].Flip(1), Bound.Exact, [[In([3, 5])], [In([2, 3, 2])]], [[In([0, 2])], [In([1, 1])]], [In([61, 1033])]),
        Composed("narrow", x => x[0].Narrow(1, 1, 3), Bound.Exact, [[In([3, 5])]], [[In([0, 4])]], [In([61, 1033])]),
        Composed("constants", x => (x[0] * Tensor.Full([], 3, x[0].DType) + Tensor.OnesLike(x[0])) * Tensor.Ones([3], x[0].DType) + Tensor.ZerosLike(x[0]) + Tensor.Zeros([5, 3], x[0].DType), Bound.ToLargest(4, (_, _) => 0),
            [[In([5, 3])]], [[In([1, 3])], [In([0, 5, 3])]], [In([1033, 5, 3])]),
        Composed("flatten", x => x[0].Flatten(1), Bound.Exact, [[In([3, 5])], [In([2, 3, 2])]], [[In([0, 2])]], [In([61, 10, 103])]),
        Composed("sum_to", x => x[0].SumTo([3, 1]), Bound.ToLargest(0, (_, x) => x[0].Shape.Count), [[In([3, 5])], [In([2, 3, 4])]], [[In([3, 0])], [In([3, 1])]], [In([61, 3, 1033])]),
    ];

    private static Row Moved(string name, Recording[] recorded, Case[] cases, Case[] edges, Case large, Case[] refused) =>
        new(name) { Cases = cases, Edges = edges, Large = [large], Refused = refused, Types = Row.All, Recorded = recorded };

    private static Case Reshaped(Shape from, Shape to) => new(new Reshape { Shape = to }, In(from));

    private static Case Transposed(Shape shape, int[] axes) => new(new Transpose { Axes = axes }, In(shape));

    private static Case Sliced(Shape shape, int[] start, Shape size, int[] step) => new(new Slice { Start = new(start), Size = size, Step = new(step) }, In(shape));

    private static Case Unsliced(Shape shape, int[] start, int[] step, Shape to) => new(new Unslice { Start = new(start), Step = new(step), Shape = to }, In(shape));

    private static Case Shown(Shape from, Shape to) => new(new BroadcastTo { Shape = to }, In(from));

    private static Case Joined(int axis, params Shape[] parts) => new(new Concat { Axis = axis }, [.. parts.Select(p => In(p))]);

    private static Case Padded(Shape shape, int[] before, int[] after, double value = 0) => new(new Pad { Before = new(before), After = new(after), Value = value }, In(shape));

    private static Row Fill()
    {
        static Case Of(DType type, Shape shape, double value) => new(new Fill { Spec = new(type, shape), Value = value });
        return new("fill")
        {
            Cases = [.. Row.All.SelectMany(type => new[] { Of(type, [3, 5], 1), Of(type, [7], 0) }), Of(DType.Float32, [3], 0.1), Of(DType.Float64, [3], 0.1), Of(DType.Float32, [3], double.NaN), Of(DType.BFloat16, [3], 0.1), Of(DType.Float16, [3], 0.1)],
            Edges = [.. Row.All.SelectMany(type => new[] { Of(type, [], 1), Of(type, [1], 1), Of(type, [2, 0], 1) })],
            Large = [Of(DType.Float32, [61, 1033], 3)],
            Types = [DType.Float32],
            Smoothness = Smoothness.None,
        };
    }
}
