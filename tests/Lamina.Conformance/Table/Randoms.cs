using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Conformance;

using Lamina.Tensors;

// Draws by a key: the same values wherever they are made.
internal static partial class Table
{
    private static readonly Operand s_key = new([2], Draws.Below(1000), DType.Int64);

    private static IEnumerable<Row> Randoms() =>
    [
        Drawn("random_uniform", shape => new RandomUniform { Shape = shape, Stream = 3 }, Bound.Exact, [new(new RandomUniform { Shape = [3], Stream = -1 }, s_key)]),
        // A radius up to 6.8 (of the least word), times sine or cosine of an angle up to π that is rounded itself.
        Drawn("random_normal", shape => new RandomNormal { Shape = shape, Stream = 4 }, Bound.ToOne(6.8 * (LogRoundings + WaveRoundings + Math.PI + 1)), [new(new RandomNormal { Shape = [3], Stream = -1 }, s_key)]),
        Drawn("random_permutation", shape => new RandomPermutation { Count = shape.Count, Stream = 5 }, Bound.Exact, [new(new RandomPermutation { Count = -1, Stream = 5 }, s_key)]),
        Composed("dropout", x => x[0].Dropout(0.25, x[1], 6), Bound.Relative(2), [[In([3, 5]), s_key]], [[In([0]), s_key], [In([]), s_key]], [In([61, 1033]), s_key]),
    ];

    private static Row Drawn(string name, Func<Shape, RandomOp> of, Bound bound, Case[] refused) => new(name)
    {
        Cases = [new(of([3, 5]), s_key), new(of([37]), s_key)],
        Edges = [new(of([]), s_key), new(of([1]), s_key), new(of([2, 0]), s_key)],
        Large = [new(of([61, 1033]), s_key)],
        Refused = [.. refused, new(of([3]), new Operand([3], Draws.Below(10), DType.Int64)), new(of([3]), new Operand([], Draws.Below(10), DType.Int64))],
        Types = [DType.Float32],
        Bound = bound,
        Smoothness = Smoothness.None,
    };
}
