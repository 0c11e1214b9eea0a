using Lamina.Tensors;
using Lamina.Tensors.Plans;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Optimizers;

/// <summary>Plans update variables where they lie; what still needs the old value, or a product under it, must have read it.</summary>
public class UpdateInPlaceTests
{
    private static readonly Tensor s_x = Tensor.From(new float[,] { { 1, 2 }, { -1, 3 } }), s_y = Tensor.From(new float[,] { { 0.5f, -2 }, { 0.25f, 1 } });

    [Fact]
    public void AnOldValueMayBeReadAfterTheNewOneIsMade() => Same((p, m, g) =>
    {
        Tensor old = m.Value;
        m.Value = 0.9 * old + g;
        p.Value = p.Value - old * g;
    });

    [Fact]
    public void AProductMayBeReadTwiceByItsEpilogue() => Same((p, m, g) =>
    {
        Tensor product = g.MatMul(s_y);
        m.Value = 0.9 * m.Value + 0.1 * (product * product);
        p.Value = p.Value - 0.1 * (product / (m.Value.Sqrt() + 1e-8));
    });

    [Fact]
    public void AnOperandMayBeReadAfterItsLastResult() => Same((p, m, g) =>
    {
        Tensor a = g.Exp(), b = a + 1;
        m.Value = b.MatMul(s_y) + a;
        p.Value = b * a;
    });

    private static void Same(Action<Variable, Variable, Tensor> step)
    {
        Variable[] Make() => [new(s_y), new(s_y * s_y)];
        Variable[] calls = Make(), planned = Make();
        var plan = new Plan(x =>
        {
            step(planned[0], planned[1], x[0]);
            return x[0].Sum();
        });
        for (int i = 0; i < 3; i++)
        {
            step(calls[0], calls[1], s_x);
            plan.Run(s_x);
            for (int k = 0; k < 2; k++) Assert.Equal(calls[k].Value.ToArray<float>(), planned[k].Value.ToArray<float>());
        }
    }
}
