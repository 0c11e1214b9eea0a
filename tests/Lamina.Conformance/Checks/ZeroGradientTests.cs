using Lamina.Tensors.Gradients;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Conformance.Checks;

using Lamina.Tensors;

/// <summary>
/// A result that nothing depends on gives gradients of zero, whatever its operands hold: where the op's own derivative is infinite or NaN, 0 times that is
/// still 0. Otherwise a branch that <c>Where</c> didn't choose would spoil the gradients of all.
/// </summary>
public class ZeroGradientTests
{
    // Sums over products: their slopes are the other operand, and one that is not finite reaches every sum that it is in, as in IEEE arithmetic.
    private static readonly string[] s_products = ["matmul", "conv2d", "conv2d_input_gradient", "conv2d_weight_gradient", "conv1d", "rnn", "lstm", "gru"];

    public static IEnumerable<TheoryDataRow<string>> Rows => RowTheory.Of("zero upstream", r => r.Smoothness != Smoothness.None && !s_products.Contains(r.Name));

    [Theory]
    [MemberData(nameof(Rows))]
    public void Zero_upstream_gives_zero(string row)
    {
        foreach (DType type in Row.Floats)
            foreach (Case c in Row.Of(Table.Find(row).Cases, type))
                foreach (double value in new[] { 0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, -1, 1e30 })
                    foreach (bool differentiable in new[] { false, true })
                    {
                        Tensors x = c.Sample(type);
                        Tensors tracked = new([.. x.Items.Select((t, i) => Weighted.IsTracked(c, i) && t.DType.IsFloat ? Sprinkled(t, value).Track() : t)]);
                        Tensors results = c.Op.ApplyAll(tracked);
                        foreach (Tensor y in results.Items.Where(y => y.IsTracked))
                            foreach (Tensor gradient in Gradient.Of(y, Weighted.Tracked(tracked), Tensor.ZerosLike(y), differentiable))
                                if (Array.Find(gradient.Cast(DType.Float64).ToArray<double>(), g => g != 0) is not 0 and var wrong)
                                    Assert.Fail($"{c} in {type.Text} with {value}{(differentiable ? ", differentiable" : "")}: a gradient of {wrong} of nothing");
                    }
    }

    // Every third element.
    private static Tensor Sprinkled(Tensor x, double value) =>
        Tensor.Where(Tensor.From([.. Enumerable.Range(0, x.Count).Select(i => i % 3 == 0)], x.Shape), Tensor.Full([], value, x.DType), x);
}
