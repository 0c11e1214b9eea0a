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
        Unary(new Abs(), Draws.Signed, Bound.Exact, x => x.Abs(), ("non_finite/gradients", "the sign of NaN is NaN")) with { Types = Row.Numbers },
        Wrapping(Unary(new Negate(), Draws.Signed, Bound.Exact, x => -x), new Case(new Negate(), In([5], Draws.Constant(0)))),
        Unary(new Sign(), Draws.Signed, Bound.Exact, x => x.Sign(), ("non_finite/outputs", "the sign of NaN is NaN, as in NumPy")) with { Types = Row.Numbers },
        Unary(new Floor(), Draws.BetweenWholes, Bound.Exact, x => x.Floor()),
        Unary(new Sqrt(), Draws.Positive, Bound.Relative(1), x => x.Sqrt()),
        Unary(new Exp(), Draws.Signed, Bound.Relative(ExpRoundings), x => x.Exp()),
        Unary(new Log(), Draws.Positive, Bound.Relative(LogRoundings), x => x.Log()),
        Unary(new Sin(), Draws.Signed, Bound.ToOne(WaveRoundings), x => x.Sin()),
        Unary(new Cos(), Draws.Signed, Bound.ToOne(WaveRoundings), x => x.Cos()),
        Unary(new Erf(), Draws.Signed, Bound.Relative(ErfRoundings), x => x.Erf()),
        Unary(new Tanh(), Draws.Signed, Bound.Relative(TanhRoundings), x => x.Tanh()),
        Unary(new Sigmoid(), Draws.Signed, Bound.Relative(SigmoidRoundings), x => x.Sigmoid()),
        Unary(new Silu(), Draws.Signed, Bound.Relative(SigmoidRoundings + 1), x => x.Silu(), ("non_finite/outputs", "0 is the limit at −∞"), ("non_finite/gradients", "0 and 1 are the limits")),
        SiluSlope(),
        Unary(new Softplus(), Draws.Signed, Bound.Relative(ExpRoundings + LogRoundings + 4), x => x.Softplus(), ("extremes/outputs", "libtorch drops e⁻ˣ above 20"), ("extremes/gradients", "libtorch drops e⁻ˣ above 20")),
        Unary(new Relu(), Draws.Signed, Bound.Exact, x => x.Relu(), ("non_finite/gradients", "NaN is not above 0, so nothing passes")),
        Gelu(), GeluSlope(),
        Clamp(),
        Cast(),
        Composed("reciprocal", x => 1 / x[0], Bound.Relative(1), [[In([3, 5], Draws.AwayFromZero)]], [[In([], Draws.AwayFromZero)], [In([0])]], [In([61, 1033], Draws.AwayFromZero)]) with { Recorded = Libtorch("reciprocal", (_, x) => 1 / x[0]) },
    ];

    private static Row Unary(UnaryMap op, Draw draw, Bound bound, Func<Tensor, Tensor> call, params (string Where, string Why)[] differs) => new(op.Name)
    {
        Cases = UnaryCases(op, draw),
        Edges = UnaryEdges(op, draw),
        Large = [new(op, In([61, 1033], draw))],
        Bound = bound,
        Recorded = [new(op.Name, (_, x) => call(x[0])) { Differs = differs.ToDictionary(d => d.Where, d => d.Why) }],
    };

    /// <summary>A row whose uint8 results would wrap below 0, which a definition in double precision can't say: but for one case, they are left out.</summary>
    private static Row Wrapping(Row row, Case forBytes) => row with
    {
        Cases = [.. row.Cases.Select(c => c with { Types = c.Types ?? s_signed }), forBytes with { Types = [DType.UInt8] }],
        Edges = [.. row.Edges.Select(c => c with { Types = c.Types ?? s_signed })],
        Types = Row.Numbers,
    };

    private static Case[] UnaryCases(Op op, Draw draw) =>
        [new(op, In([3, 5], draw)), new(op, In([2, 1, 7], draw)), new(op, In([37], draw)), new(op, In([24], Draws.Corners)) { IsSmooth = false, Types = Row.Floats }];

    private static Case[] UnaryEdges(Op op, Draw draw) => [new(op, In([], draw)), new(op, In([1], draw)), new(op, In([1, 1, 1], draw)), new(op, In([0], draw)), new(op, In([2, 0, 3], draw))];

    // Far below 0 the two halves of 1 + erf cancel, so what is relative is x.
    private static Row Gelu() => Unary(new Gelu(), Draws.Signed, Bound.ToOperand(ErfRoundings + 3), x => x.Gelu()) with
    {
        Cases = [.. UnaryCases(new Gelu(), Draws.Signed), .. UnaryCases(new Gelu { Approximate = true }, Draws.Signed)],
        Recorded =
        [
            new("gelu", (a, x) => x[0].Gelu(a.Text("approximate") == "tanh"))
            {
                Differs = new[] { "none", "tanh" }.SelectMany(a => new[] { $"{a}_non_finite/outputs", $"{a}_non_finite/gradients" }).ToDictionary(c => c, _ => "0 and 1 are the limits"),
            },
        ],
    };

    // s and 1 − s are off by their own roundings, and x · (1 − s) stays below 3 where s counts.
    private static Row SiluSlope() => new("silu_slope")
    {
        Cases = UnaryCases(new SiluSlope(), Draws.Signed),
        Edges = UnaryEdges(new SiluSlope(), Draws.Signed),
        Large = [new(new SiluSlope(), In([61, 1033]))],
        Bound = new(SigmoidRoundings * 3 + 3) { Magnitude = (op, x) => Bound.Each(op.Define(x), y => y.Abs().Maximum(1)) },
    };

    // Φ is off by two roundings of 1. With tanh, 1 − t² is off by twice those of tanh, and is multiplied by ½ x u′, below 3 where it counts.
    private static Row GeluSlope() => new("gelu_slope")
    {
        Cases = [.. UnaryCases(new GeluSlope(), Draws.Signed), .. UnaryCases(new GeluSlope { Approximate = true }, Draws.Signed)],
        Edges = UnaryEdges(new GeluSlope(), Draws.Signed),
        Large = [new(new GeluSlope(), In([61, 1033])), new(new GeluSlope { Approximate = true }, In([61, 1033]))],
        Bound = new(6) { Magnitude = (op, x) => Bound.Each(op.Define(x), y => y.Abs().Maximum(1) * (((GeluSlope)op).Approximate ? TanhRoundings : 1)) },
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
        Recorded =
        [
            new("cast", (a, x) => x[0].Cast(a.Type("to")))
            {
                HasOwnTypes = true,
                Differs = new[] { "float64_to_float16", "float64_to_bfloat16", "float16_to_float64", "bfloat16_to_float64" }.ToDictionary(c => $"{c}/gradients", _ => "half types are storage only: no gradient goes through them"),
            },
        ],
    };
}
