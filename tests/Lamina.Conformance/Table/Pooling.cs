using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Conformance;

using Lamina.Tensors;

// Windows on images (batch, height, width, channels).
internal static partial class Table
{
    /// <summary>A window's settings with images that suit it.</summary>
    private sealed record Pool((int, int) Kernel, (int, int) Stride, (int, int, int, int) Pad, Shape Image);

    private static readonly Pool[] s_pools =
    [
        new((2, 2), (2, 2), default, [2, 4, 6, 3]), new((3, 3), (2, 2), (1, 1, 1, 1), [1, 7, 6, 2]), new((2, 3), (2, 3), default, [1, 5, 7, 2]),
        new((3, 2), (1, 2), (1, 0, 0, 1), [1, 4, 5, 2]), new((2, 2), (1, 1), default, [1, 3, 3, 17]), new((1, 1), (2, 2), default, [1, 3, 3, 2]),
    ];

    private static readonly Pool[] s_edgePools = [new((1, 1), (1, 1), default, [1, 1, 1, 1]), new((2, 2), (2, 2), default, [0, 4, 4, 3]), new((2, 2), (2, 2), default, [2, 4, 4, 0])];

    private static readonly Pool[] s_largePools = [new((2, 2), (2, 2), default, [3, 30, 32, 19]), new((3, 3), (2, 2), (1, 1, 1, 1), [3, 31, 32, 16]), new((3, 3), (1, 1), (1, 1, 1, 1), [2, 24, 24, 8]),
        // Pixels that fill half a vector and more.
        new((2, 2), (2, 2), default, [3, 31, 34, 6]), new((3, 3), (1, 1), (1, 1, 1, 1), [2, 9, 11, 7]), new((4, 4), (2, 2), (1, 1, 3, 3), [2, 8, 3, 5]), new((2, 3), (2, 3), (0, 1, 0, 0), [2, 8, 11, 13])];

    private static readonly Pool[] s_wrongPools =
    [
        new((2, 2), (2, 2), default, [4, 4, 3]), new((5, 2), (2, 2), default, [1, 4, 4, 3]), new((0, 2), (2, 2), default, [1, 4, 4, 3]), new((2, 2), (2, 0), default, [1, 4, 4, 3]),
        new((2, 2), (2, 2), (2, 0, 0, 0), [1, 4, 4, 3]), new((2, 2), (2, 2), (0, -1, 0, 0), [1, 4, 4, 3]), new((2, 2), (2, 2), default, [1, 0, 4, 3]),
    ];

    private static IEnumerable<Row> Pooling() =>
    [
        Pooled("max_pool2d", p => new(Max(p) with { KeepsIndices = true }, In(p.Image, Draws.Distinct())), Bound.Exact) with
        {
            Cases = [.. s_pools.Select(p => new Case(Max(p) with { KeepsIndices = true }, In(p.Image, Draws.Distinct()))), .. s_pools.Select(p => new Case(Max(p), In(p.Image, Draws.Distinct())))],
            Refused = [.. s_wrongPools.Select(p => new Case(Max(p), In(p.Image)))],
            Recorded = Libtorch("max_pool2d", (a, x) => Max(Read(a)).Apply(x[0])),
        },
        Pooled("max_pool2d_gradient", p => WithPlaces(p, MaxPool2dGradient.Of(Max(p), p.Image), Result(p)), Bound.Accumulated((_, _) => 4, 1)) with
        {
            Refused = WrongPlaces(MaxPool2dGradient.Of(Max(s_pools[0]), s_pools[0].Image), [2, 2, 3, 3], [2, 2, 2, 3]),
        },
        Pooled("max_pool2d_pick", p => WithPlaces(p, MaxPool2dPick.Of(Max(p)), p.Image), Bound.Exact) with { Refused = WrongPlaces(MaxPool2dPick.Of(Max(s_pools[0])), [2, 4, 6, 3], [4, 6, 3]) },
        Pooled("avg_pool2d", p => new(Avg(p), In(p.Image)), Bound.Accumulated((_, _) => 9)) with
        {
            Cases = [.. s_pools.Select(p => new Case(Avg(p), In(p.Image))), .. s_pools.Select(p => new Case(Avg(p) with { CountIncludePad = false }, In(p.Image)))],
            Refused = [.. s_wrongPools.Select(p => new Case(Avg(p), In(p.Image)))],
            Recorded = Libtorch("avg_pool2d", (a, x) => (Avg(Read(a)) with { CountIncludePad = a.Is("countIncludePad") }).Apply(x[0])),
        },
        Pooled("avg_pool2d_gradient", p => AvgGradient(p, true), Bound.Accumulated((_, _) => 9)) with
        {
            Cases = [.. s_pools.Select(p => AvgGradient(p, true)), .. s_pools.Select(p => AvgGradient(p, false))],
            Refused = [AvgGradient(s_pools[0], true) with { Operands = [In([2, 3, 3, 3])] }, AvgGradient(s_pools[0], true) with { Operands = [In([2, 2, 3])] }],
        },
        Composed("max_pool", x => [x[0].MaxPool2d(2), x[0].MaxPool2d((2, 3), (1, 2), (1, 1)), x[0].Squeeze(0).MaxPool1d(2, 1)], Bound.Exact, [[In([1, 4, 6, 3], Draws.Distinct())]], [[In([1, 2, 2, 0])]], [In([1, 40, 50, 16])]),
        Composed("avg_pool", x => [x[0].AvgPool2d(2), x[0].AvgPool2d((2, 3), (1, 2), (1, 1), false), x[0].Squeeze(0).AvgPool1d(2, 1)], Bound.ToLargest(2, (_, _) => 9), [[In([1, 4, 6, 3])]], [[In([1, 2, 2, 0])]], [In([1, 40, 50, 16])]),
        Composed("global_avg_pool", x => x[0].GlobalAvgPool2d(), Bound.ToLargest(2, (_, x) => x[0].Shape.Count), [[In([2, 3, 4, 5])]], [[In([0, 2, 2, 3])], [In([1, 1, 1, 1])]], [In([3, 30, 30, 17])]) with { Recorded = Libtorch("global_avg_pool", (_, x) => x[0].GlobalAvgPool2d()) },
    ];

    private static Row Pooled(string name, Func<Pool, Case> of, Bound bound) => new(name)
    {
        Cases = [.. s_pools.Select(of)], Edges = [.. s_edgePools.Select(of)], Large = [.. s_largePools.Select(of)], Bound = bound,
    };

    private static Pool Read(Attributes a) => new(a.Pair("kernel"), a.Pair("stride"), a.Padding("padding"), []);

    private static MaxPool2d Max(Pool p) => new()
    {
        KernelHeight = p.Kernel.Item1, KernelWidth = p.Kernel.Item2, StrideHeight = p.Stride.Item1, StrideWidth = p.Stride.Item2,
        PadTop = p.Pad.Item1, PadLeft = p.Pad.Item2, PadBottom = p.Pad.Item3, PadRight = p.Pad.Item4,
    };

    private static AvgPool2d Avg(Pool p) => new()
    {
        KernelHeight = p.Kernel.Item1, KernelWidth = p.Kernel.Item2, StrideHeight = p.Stride.Item1, StrideWidth = p.Stride.Item2,
        PadTop = p.Pad.Item1, PadLeft = p.Pad.Item2, PadBottom = p.Pad.Item3, PadRight = p.Pad.Item4,
    };

    private static Shape Result(Pool p) => Max(p).Infer(new Spec(DType.Float32, p.Image))[0].Shape;

    // The first operand is the argmax indices of some images.
    private static Case WithPlaces(Pool p, Op op, Shape second) => new(op, In(Result(p)) with { IsGiven = true }, In(second))
    {
        Prepare = x => [x[0].DType.IsFloat ? (Max(p) with { KeepsIndices = true }).ApplyAll([Images(p.Image, x[0].DType)])[1] : x[0], x[1]],
    };

    private static Tensor Images(Shape shape, DType type) => Tensor.FromDoubles([.. Enumerable.Range(0, shape.Count).Select(i => (double)(i * 7919L % 104_729))], new Spec(type, shape));

    private static Case[] WrongPlaces(Op op, Shape right, Shape wrong) => [new(op, In([2, 2, 2, 3]), In(right)), new(op, In([2, 2, 3, 3]), In(wrong)), new(op, In([2, 3, 3]), In(right))];

    private static Case AvgGradient(Pool p, bool countIncludePad)
    {
        AvgPool2d op = Avg(p);
        return new(new AvgPool2dGradient
        {
            KernelHeight = op.KernelHeight, KernelWidth = op.KernelWidth, StrideHeight = op.StrideHeight, StrideWidth = op.StrideWidth,
            PadTop = op.PadTop, PadLeft = op.PadLeft, PadBottom = op.PadBottom, PadRight = op.PadRight, CountIncludePad = countIncludePad, Input = p.Image,
        }, In(Result(p)));
    }
}
