using Lamina.Tensors.Gradients;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Conformance.Checks;

using Lamina.Tensors;

/// <summary>A plan's replay has the bits of the same calls made one by one: alone, between element-wise ops, with gradients.</summary>
public class PlanTests
{
    public static IEnumerable<TheoryDataRow<string>> AloneRows => RowTheory.Of("plan");

    public static IEnumerable<TheoryDataRow<string>> FusedRows => RowTheory.Of("plan, between element-wise ops");

    public static IEnumerable<TheoryDataRow<string>> GradientRows => RowTheory.Of("plan with gradients", r => r.Smoothness != Smoothness.None);

    [Theory]
    [MemberData(nameof(AloneRows))]
    public void Alone(string row)
    {
        Row r = Table.Find(row);
        foreach (DType type in r.Types)
            foreach (Case c in r.Small(type)) SameInPlan(x => Copies(c.Op.ApplyAll(x)), c.Sample(type), $"{c} in {type.Text}");
    }

    [Theory]
    [MemberData(nameof(FusedRows))]
    public void Fused(string row)
    {
        Row r = Table.Find(row);
        foreach (DType type in r.Types.Intersect(Row.Floats))
            foreach (Case c in r.Small(type).Concat(type == DType.Float32 ? r.Large : [])) SameInPlan(x => Followed(c.Op.ApplyAll(Preceded(x))), c.Sample(type), $"{c} in {type.Text}");
    }

    [Theory]
    [MemberData(nameof(GradientRows))]
    public void Gradients(string row)
    {
        Row r = Table.Find(row);
        foreach (DType type in r.Types.Intersect(Row.Floats))
            foreach (Case c in r.Small(type))
            {
                Tensors x = c.Sample(type);
                Tensor[] weights = Weighted.Weights(Followed(c.Op.ApplyAll(x)));
                if (weights.Length == 0 || !Weighted.Track(c, x).Items.Any(t => t.IsTracked)) continue;
                SameInPlan(all =>
                {
                    Tensors operands = Weighted.Track(c, new(all.Items[..x.Count])), results = Followed(c.Op.ApplyAll(Preceded(operands)));
                    Tensor[] gradients = Gradient.Of(Weighted.Sum(results, all.Span[x.Count..]), Weighted.Tracked(operands));
                    return Copies(new([.. results, .. gradients]));
                }, new([.. x.Items, .. weights]), $"{c} in {type.Text}, with gradients");
            }
    }

    /// <summary>Runs a step call by call and as a plan, twice, and compares.</summary>
    private static void SameInPlan(Func<Tensors, Tensors> step, Tensors x, string what)
    {
        Tensors expected = step(x);
        var plan = new Plan(step);
        Compare.SameBits(plan.Run(x.Span), expected, what);
        Compare.SameBits(plan.Run(x.Span), expected, $"{what}, second replay");
    }

    /// <summary>A step returns what it computes, not its operands; an op that only looks at them is followed by a copy.</summary>
    private static Tensors Copies(Tensors x) => Bound.Each(x, t => new Copy().Apply(t));

    // Half and half again is the same number, so operands stay where the sampler put them.
    private static Tensors Preceded(Tensors x) => Bound.Each(x, t => t.DType.IsFloat ? t * 0.5 + t * 0.5 : t);

    private static Tensors Followed(Tensors x) => Bound.Each(x, t =>
    {
        if (!t.DType.IsFloat) return new Copy().Apply(t);
        Tensor scaled = t * 0.25 + 0.125;
        return scaled.Tanh() - t * scaled;
    });
}
