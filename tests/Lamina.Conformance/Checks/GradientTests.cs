using Lamina.Tensors.Gradients;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Conformance.Checks;

using Lamina.Tensors;

/// <summary>
/// First and second gradients against central differences in float64. With a step h = ∛ε · max(1, |x|) a difference is
/// wrong by h²/6 · |f‴| (truncation) and ε/h · |f| (rounding), both about ε^⅔ = 3.7e-11 times what the derivatives are
/// of; samplers keep derivatives up to the third below about a hundred times the function, hence 100 · ε^⅔ · (Σ |terms|).
/// </summary>
public class GradientTests
{
    private static readonly double s_step = Math.Cbrt(Math.ScaleB(1, -52)), s_allowed = 100 * s_step * s_step;

    public static IEnumerable<TheoryDataRow<string>> Rows => RowTheory.Of("gradient", r => r.Smoothness != Smoothness.None);

    public static IEnumerable<TheoryDataRow<string>> TwiceRows => RowTheory.Of("second gradient", r => r.Smoothness == Smoothness.Twice);

    public static IEnumerable<TheoryDataRow<string>> OtherRows => RowTheory.Of("no gradient", r => r.Smoothness == Smoothness.None);

    [Theory]
    [MemberData(nameof(Rows))]
    public void First(string row) => Check(row, (c, x) =>
    {
        Tensor[] weights = Weighted.Weights(c.Op.ApplyAll(x));
        Tensors tracked = Weighted.Track(c, x);
        Tensor[] gradients = Weighted.Gradients(c.Op, tracked, weights);
        Differences(c, x, gradients, moved => Terms(c.Op.ApplyAll(moved), weights), c.ToString());
    });

    [Theory]
    [MemberData(nameof(TwiceRows))]
    public void Second(string row) => Check(row, (c, x) =>
    {
        // The operands and the weights: a gradient is differentiated by what comes from above, too.
        Tensor[] weights = Weighted.Weights(c.Op.ApplyAll(x));
        Tensors all = new([.. x.Items, .. weights]);
        var both = c with { Operands = [.. c.Operands, .. weights.Select(w => new Operand(w.Shape, Draws.Signed))] };
        Tensors Inner(Tensors moved)
        {
            Tensors operands = new([.. moved.Items[..x.Count]]);
            return new(Weighted.Gradients(c.Op, Weighted.Track(c, operands), moved.Span[x.Count..], differentiable: true));
        }
        Tensors tracked = Weighted.Track(both, all);
        var first = new Tensors(Weighted.Gradients(c.Op, new([.. tracked.Items[..x.Count]]), tracked.Span[x.Count..], differentiable: true));
        Tensor[] seconds = Weighted.Weights(first, seed: 2);
        Tensor[] gradients = Gradient.Of(Weighted.Sum(first, seconds), Weighted.Tracked(tracked));
        Differences(both, all, gradients, moved => Terms(Inner(moved), seconds), $"{c}, second gradient");
    });

    [Theory]
    [MemberData(nameof(OtherRows))]
    public void None(string row)
    {
        foreach (Case c in Table.Find(row).Cases)
            Assert.DoesNotContain(c.Op.ApplyAll(Weighted.Track(c, c.Sample(DType.Float64))).Items, y => y.IsTracked);
    }

    private static void Check(string row, Action<Case, Tensors> check)
    {
        int checks = 0;
        foreach (Case c in Table.Find(row).Small(DType.Float64))
        {
            Tensors x = c.Sample(DType.Float64);
            if (!c.IsSmooth || !Weighted.Track(c, x).Items.Any(t => t.IsTracked)) continue;
            check(c, x);
            checks++;
        }
        Assert.True(checks > 0, "no case is smooth");
    }

    /// <summary>The sum of weight · result, and that of the absolute values: what rounding is relative to.</summary>
    private static (double Sum, double Absolute) Terms(Tensors results, Tensor[] weights)
    {
        double sum = 0, absolute = 0;
        int next = 0;
        foreach (Tensor y in results.Items.Where(y => y.DType.IsFloat))
        {
            Tensor w = weights[next++];
            for (int i = 0; i < y.Count; i++)
            {
                sum += y.Element(i) * w.Element(i);
                absolute += Math.Abs(y.Element(i) * w.Element(i));
            }
        }
        return (sum, absolute);
    }

    private static void Differences(Case c, Tensors x, Tensor[] gradients, Func<Tensors, (double Sum, double Absolute)> f, string what)
    {
        int next = 0;
        for (int operand = 0; operand < x.Count; operand++)
        {
            if (!Weighted.IsTracked(c, operand)) continue;
            Tensor gradient = gradients[next++];
            Assert.True(gradient.Spec == x[operand].Spec, $"{what}: the gradient of operand {operand} is {gradient.Spec}, the operand {x[operand].Spec}");
            double[] values = x[operand].ToArray<double>();
            for (int i = 0; i < values.Length; i++)
            {
                double at = values[i], h = s_step * Math.Max(1, Math.Abs(at));
                ((double high, double absolute), (double low, _)) = (f(With(at + h)), f(With(at - h)));
                double expected = (high - low) / (2 * h), allowed = s_allowed * (1 + absolute + Math.Abs(expected)), actual = gradient.Element(i);
                if (!(Math.Abs(actual - expected) <= allowed))
                    Assert.Fail($"{what}: the gradient of operand {operand} by element {i} (at {at:R}) is {actual:R}, differences say {expected:R}; off by {Math.Abs(actual - expected):G3}, allowed {allowed:G3}");

                Tensors With(double value)
                {
                    double[] moved = [.. values];
                    moved[i] = value;
                    Tensor[] items = [.. x.Items];
                    items[operand] = Tensor.From(moved, x[operand].Shape);
                    return new(items);
                }
            }
        }
    }
}
