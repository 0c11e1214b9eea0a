using Lamina.Learning.Optimizers;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Optimizers;

public class ProbeTests
{
    private static void Same(string what, Action<Variable, Variable, Variable, Tensor> step)
    {
        Variable[] Make() => [new(Tensor.From(1f, 2, 3, 4, 5)), new(Tensor.From(.5f, .25f, .1f, .7f, .2f)), new(Tensor.Of(0L))];
        Variable[] a = Make(), b = Make();
        Tensor g = Tensor.From(.1f, -.2f, .3f, -.4f, .5f);
        var plan = new Plan(x => { step(b[0], b[1], b[2], x[0]); return x[0].Sum(); });
        for (int i = 0; i < 3; i++)
        {
            step(a[0], a[1], a[2], g);
            plan.Run(g);
            for (int k = 0; k < 3; k++) Assert.True(a[k].Value.ReadBytes().SequenceEqual(b[k].Value.ReadBytes()), $"{what}: step {i} variable {k}: {a[k].Value} / {b[k].Value}");
        }
    }

    [Fact] public void Moment() => Same("moment", (p, m, c, g) => { m.Value = 0.9 * m.Value + 0.1 * g; p.Value = p.Value - 0.1 * m.Value; });
    [Fact] public void OldValue() => Same("old", (p, m, c, g) => { Tensor old = m.Value; m.Value = 0.9 * old + g; p.Value = p.Value - old * g; });
    [Fact] public void Square() => Same("square", (p, m, c, g) => { m.Value = 0.9 * m.Value + 0.1 * (g * g); p.Value = p.Value - 0.1 * (g / (m.Value.Sqrt() + 1e-8)); });
    [Fact] public void SquareOnly() => Same("squareonly", (p, m, c, g) => { m.Value = 0.9 * m.Value + 0.1 * (g * g); p.Value = p.Value - 0.1 * m.Value.Sqrt(); });
    [Fact] public void Ratio() => Same("ratio", (p, m, c, g) => { m.Value = 0.9 * m.Value + 0.1 * g; p.Value = p.Value - 0.1 * (g / m.Value); });
    [Fact] public void Count() => Same("count", (p, m, c, g) => { Tensor s = c.Value + Tensor.Of(1L); c.Value = s; Tensor r = (1 - Tensor.Of(0.9).Pow(s.Cast(DType.Float64))).Cast(DType.Float32); p.Value = p.Value - r * g; });
    [Fact] public void Rms() => Same("rms", (p, m, c, g) => { m.Value = 0.9 * m.Value + (1 - 0.9) * (g * g); Tensor v = m.Value; Tensor d = g / (v.Sqrt() + 1e-8); p.Value = p.Value - 0.1 * d; });
    [Theory] [InlineData(0)] [InlineData(1)] [InlineData(2)] [InlineData(3)] [InlineData(4)]
    public void Optimizers(int kind)
    {
        Optimizer Make() => kind switch { 0 => new Sgd(0.1, 0.9), 1 => new RmsProp(0.01), 2 => new RmsProp(0.01, momentum: 0.5), 3 => new RmsProp(0.01, centered: true), _ => new Adam(0.01) };
        Optimizer a = Make(), b = Make();
        Variable p = new(Tensor.From(1f, 2, 3, 4, 5)), q = new(Tensor.From(1f, 2, 3, 4, 5)), p2 = new(Tensor.From(1f, 2)), q2 = new(Tensor.From(1f, 2));
        Tensor rate = Tensor.Of(0.01f);
        b.Prepare([q, q2]);
        var plan = new Plan(x => { b.Update(new GradientSet([new(q, x[0]), new(q2, x[1])]), x[2]); return x[0].Sum(); });
        for (int i = 0; i < 5; i++)
        {
            Tensor g = Tensor.From(.1f * i, -.2f, .3f, -.4f, .5f), g2 = Tensor.From(.1f, .3f * i - 1);
            a.Update(new GradientSet([new(p, g), new(p2, g2)]), rate);
            plan.Run(g, g2, rate);
            Assert.True(p.Value.ReadBytes().SequenceEqual(q.Value.ReadBytes()), $"step {i}: {p.Value} / {q.Value}");
            Assert.True(p2.Value.ReadBytes().SequenceEqual(q2.Value.ReadBytes()), $"step {i}: {p2.Value} / {q2.Value}");
        }
    }
}
