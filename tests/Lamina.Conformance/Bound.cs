using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Conformance;

using Lamina.Tensors;

/// <summary>
/// How far a kernel's result may lie from the definition in float64:
/// <c>|kernel − definition| ≤ (Roundings + 4·√Terms) · u · magnitude</c>, u being half a unit in the last place of 1 (2⁻²⁴ for
/// float32, 2⁻⁵³ for float64). Roundings are those on the way to one result, a documented error of an elementary
/// function counting as error / u of them. A sum of n terms adds up independent roundings, which grow as √n (Higham and
/// Mary, 2019), and 4 makes it hold for all elements of all cases. The magnitude is what the roundings are relative to:
/// the result itself, or where terms cancel, the same formula with absolute values.
/// </summary>
internal sealed record Bound(double Roundings)
{
    /// <summary>Nothing is rounded: the bits are the definition's.</summary>
    public static readonly Bound Exact = new(0);

    /// <summary>The number of terms that are added up in one element of a result.</summary>
    public Func<Op, Specs, int> Terms { get; init; } = (_, _) => 0;

    /// <summary>What roundings are relative to, for each result, from the op and its operands in float64.</summary>
    public Func<Op, Tensors, Tensors> Magnitude { get; init; } = (op, x) => op.Define(x);

    /// <summary>Roundings relative to the result.</summary>
    public static Bound Relative(double roundings) => new(roundings);

    /// <summary>Roundings relative to 1, or the result where that is greater: for functions whose zeros are not exact.</summary>
    public static Bound ToOne(double roundings) => new(roundings) { Magnitude = (op, x) => Each(op.Define(x), y => y.Abs().Maximum(1)) };

    /// <summary>Roundings relative to the (only) operand, where the result is the small difference of such values.</summary>
    public static Bound ToOperand(double roundings) => new(roundings) { Magnitude = (_, x) => x[0] };

    /// <summary>Roundings relative to the largest result, or 1: for results that depend on a whole row of values near 1.</summary>
    public static Bound ToLargest(double roundings, Func<Op, Specs, int> terms) => new(roundings)
    {
        Terms = terms, Magnitude = (op, x) => Each(op.Define(x), y => y.Count == 0 ? y : y.Abs().Max().Maximum(1).BroadcastTo(y.Shape)),
    };

    /// <summary>Roundings of a linear op: relative to the op on absolute values.</summary>
    public static Bound Accumulated(Func<Op, Specs, int> terms, double roundings = 2) =>
        new(roundings) { Terms = terms, Magnitude = (op, x) => op.Define(Each(x, y => y.DType.IsFloat ? y.Abs() : y)) };

    /// <summary>Unit roundoff.</summary>
    public static double Unit(DType type) => Math.ScaleB(1, type == DType.Float32 ? -24 : -53);

    public static Tensors Each(Tensors x, Func<Tensor, Tensor> change) => new([.. x.Items.Select(change)]);
}
