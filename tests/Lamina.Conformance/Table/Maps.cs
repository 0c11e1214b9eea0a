using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Conformance;

using Lamina.Tensors;

// One operand, element by element. Roundings are the documented errors of FloatMath.cs by 2⁻²⁴, and one for each step after.
internal static partial class Table
{
    private const double ExpRoundings = 2.2, LogRoundings = 2.6, TanhRoundings = 4.2, SigmoidRoundings = 3.4, ErfRoundings = 3.4, WaveRoundings = 3.4;

    private static IEnumerable<Row> Maps() =>
    [
        Unary(new Abs(), Draws.Signed, Bound.Exact, x => x.Abs()) with { Types = Row.Numbers },
        Unary(new Negate(), Draws.Signed, Bound.Exact, x => -x) with { Types = [.. Row.Numbers.Where(t => t != DType.UInt8)] },
        Unary(new Sign(), Draws.Signed, Bound.Exact, x => x.Sign()) with { Types = Row.Numbers },
        Unary(new Floor(), Draws.BetweenWholes, Bound.Exact, x => x.Floor()),
        Unary(new Sqrt(), Draws.Positive, Bound.Relative(1), x => x.Sqrt()),
        Unary(new Exp(), Draws.Signed, Bound.Relative(ExpRoundings), x => x.Exp()),
        Unary(new Log(), Draws.Positive, Bound.Relative(LogRoundings), x => x.Log()),
        Unary(new Sin(), Draws.Signed, Bound.ToOne(WaveRoundings), x => x.Sin()),
        Unary(new Cos(), Draws.Signed, Bound.ToOne(WaveRoundings), x => x.Cos()),
        Unary(new Erf(), Draws.Signed, Bound.Relative(ErfRoundings), x => x.Erf()),
        Unary(new Tanh(), Draws.Signed, Bound.Relative(TanhRoundings), x => x.Tanh()),
        Unary(new Sigmoid(), Draws.Signed, Bound.Relative(SigmoidRoundings), x => x.Sigmoid()),
        Unary(new Silu(), Draws.Signed, Bound.Relative(SigmoidRoundings + 1), x => x.Silu()),
        Unary(new Softplus(), Draws.Signed, Bound.Relative(ExpRoundings + LogRoundings + 3), x => x.Softplus()),
        Unary(new Relu(), Draws.Signed, Bound.Exact, x => x.Relu()),
        Gelu(),
        Clamp(),
        Cast(),
        Composed("reciprocal", x => 1 / x[0], Bound.Relative(1), [[In([3, 5])]], [[In([])], [In([0])]], [In([61, 1033])]) with { Recorded = Libtorch("reciprocal", (_, x) => 1 / x[0]) },
    ];

    private static Row Unary(UnaryMap op, Draw draw, Bound bound, Func<Tensor, Tensor> call) => new(op.Name)
    {
        Cases = UnaryCases(op, draw),
        Edges = UnaryEdges(op, draw),
        Large = [new(op, In([61, 1033], draw))],
        Bound = bound,
        Recorded = Libtorch(op.Name, (_, x) => call(x[0])),
    };

    private static Case[] UnaryCases(Op op, Draw draw) =>
        [new(op, In([3, 5], draw)), new(op, In([2, 1, 7], draw)), new(op, In([37], draw)), new(op, In([24], Draws.Corners)) { IsSmooth = false, Types = Row.Floats }];

    private static Case[] UnaryEdges(Op op, Draw draw) => [new(op, In([], draw)), new(op, In([1], draw)), new(op, In([1, 1, 1], draw)), new(op, In([0], draw)), new(op, In([2, 0, 3], draw))];

    // Far below 0 the two halves of 1 + erf cancel, so what is relative is x.
    private static Row Gelu() => Unary(new Gelu(), Draws.Signed, Bound.ToOperand(ErfRoundings + 3), x => x.Gelu()) with
    {
        Cases = [.. UnaryCases(new Gelu(), Draws.Signed), .. UnaryCases(new Gelu { Approximate = true }, Draws.Signed)],
        Recorded = Libtorch("gelu", (a, x) => x[0].Gelu(a.Text("approximate") == "tanh")),
    };

    private static Row Clamp() => Unary(new Clamp(), Draws.Signed, Bound.Exact, x => x) with
    {
        // Limits between the samples, which are multiples of 1/512.
        Cases = [.. UnaryCases(new Clamp { Min = -1.0001, Max = 0.7501 }, Draws.Signed)[..^1], .. UnaryCases(new Clamp { Min = -0.5 }, Draws.Signed), .. UnaryCases(new Clamp { Max = 1 }, Draws.Signed)],
        Bound = Bound.Relative(1),
        Recorded = Libtorch("clamp", (a, x) => x[0].Clamp(a.Number("min"), a.Number("max"))),
    };

    private static Row Cast() => new("cast")
    {
        Cases = [.. Row.All.Select(to => new Case(new Cast { To = to }, In([3, 5])) { IsSmooth = to == DType.Float64 }), new(new Cast { To = DType.Bool }, In([24], Draws.Corners)) { IsSmooth = false }, new(new Cast { To = DType.Int32 }, In([24], Draws.Corners)) { IsSmooth = false }],
        Edges = [.. Row.All.SelectMany(to => UnaryEdges(new Cast { To = to }, Draws.Signed)).Select(c => c with { IsSmooth = false })],
        Large = [.. Row.All.Select(to => new Case(new Cast { To = to }, In([61, 1033])))],
        Types = Row.All,
        Recorded = Libtorch("cast", (a, x) => x[0].Cast(a.Type("to"))),
    };
}
