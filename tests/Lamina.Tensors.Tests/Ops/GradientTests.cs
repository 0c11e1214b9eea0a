using Lamina.Tensors.Gradients;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Tests.Plans;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Tensors.Tests.Ops;

/// <summary>Gradients where an op's own derivative is infinite or no number, and where equal values share one.</summary>
public class GradientTests
{
    private static Tensor[] Of(Func<Tensor[], Tensor> f, params Tensor[] x)
    {
        Tensor[] tracked = [.. x.Select(t => t.Track())];
        return Gradient.Of(f(tracked), tracked);
    }

    private static double Of(Func<Tensor, Tensor> f, double x) => Of(t => f(t[0]), Tensor.Of(x))[0].Item();

    private static Tensor Zero(Tensor x) => Tensor.ZerosLike(x);

    [Fact]
    public void ABranchThatIsNotChosenGivesNone()
    {
        // The op of the branch that isn't chosen has no finite derivative there.
        (Func<Tensor, Tensor> F, double At)[] branches =
        [
            (x => x.Sqrt(), -1), (x => x.Sqrt(), 0), (x => 1 / x.Sqrt(), 0), (x => x * x.Sqrt(), 0), (x => x.Log(), 0), (x => x.Log(), -2), (x => x * x.Log(), 0), (x => 1 / x, 0), (x => x / x, 0),
            (x => x.Exp(), 1000), (x => x.Exp() / (1 + x.Exp()), 1000), (x => x.Pow(0.5), 0), (x => x.Pow(-1), 0), (x => x.Pow(0.5), -1), (x => x.Pow(x), 0), (x => x.Pow(x), -0.5),
            (x => (x * x).Sqrt(), 0), (x => (1 - x * x).Sqrt(), 1), (x => ((1 + x) / (1 - x)).Log(), 1), (x => (1 - x.Tanh() * x.Tanh()).Log(), 50), (x => x.Sigmoid().Log(), -2000),
            (x => x * double.PositiveInfinity, 0), (x => x.Gelu(), double.NaN), (x => x.Silu(), double.NaN), (x => x.Softplus(), double.NaN), (x => x.Sin(), double.PositiveInfinity), (x => x.Cos(), double.NaN),
            (x => x.Abs(), double.NaN), (x => x.Erf(), double.NaN), (x => x.Tanh(), double.NaN), (x => x.Gelu(approximate: true), double.NegativeInfinity),
            (x => (x - x).Variance().Sqrt(), 3), (x => Tensor.Concat([x.Reshape(1), x.Reshape(1)], 0).Prod(), double.PositiveInfinity), (x => x.Reshape(1).Softmax().Sum(), double.NaN),
        ];
        foreach ((Func<Tensor, Tensor> f, double at) in branches)
            foreach (DType type in (ReadOnlySpan<DType>)[DType.Float32, DType.Float64])
            {
                Tensor x = Tensor.Full([2], at, type).Track(), chosen = Tensor.From([false, true]);
                // The second element's branch is well.
                Tensor safe = Tensor.Where(chosen, Tensor.Full([2], 0.25, type), x), y = Tensor.Where(chosen, x * 3, f(safe.Narrow(0, 0, 1).Sum()).BroadcastTo([2]));
                Assert.Equal([0.0, 3], Gradient.Of(y, [x], Tensor.From([0.0, 1]).Cast(type))[0].Cast(DType.Float64).ToArray<double>());
                Assert.Equal([0.0, 3], Gradient.Of(y, [x], Tensor.From([0.0, 1]).Cast(type), differentiable: true)[0].Cast(DType.Float64).ToArray<double>());
            }
    }

    [Fact]
    public void RootsAndNormsAtZero()
    {
        Assert.Equal(1, Of(x => Tensor.Where(x > Zero(x), x.Sqrt(), x), -1));
        Assert.Equal(0, Of(x => Tensor.Where(Tensor.Equal(x, Zero(x)), Zero(x), x * x.Sqrt()), 0));
        Assert.Equal(0, Of(x => Tensor.Where(Tensor.Equal(x, Zero(x)), Zero(x), x.Sin() / x), 0));
        Tensor[] both = Of(t => (t[0] * t[0] + t[1] * t[1]).Sqrt().Maximum(1e-10), Tensor.Of(0.0), Tensor.Of(0.0));
        Assert.All(both, g => Assert.Equal(0, g.Item()));
        Tensor rows = Tensor.From([3.0, 4, 0, 0], [2, 2]);
        Assert.Equal([0.6, 0.8, 0, 0], Of(t => (t[0] * t[0]).Sum([1]).Sqrt().Maximum(1e-12).Sum(), rows)[0].ToArray<double>(), (a, b) => Math.Abs(a - b) < 1e-12);
        // Where there is a gradient, infinite slopes are as before.
        Assert.Equal(double.PositiveInfinity, Of(x => x.Sqrt(), 0));
        Assert.Equal(double.PositiveInfinity, Of(x => x.Log(), 0));
        Assert.Equal(double.NaN, Of(x => x.Sqrt(), -1));
    }

    [Fact]
    public void InAPlanToo()
    {
        var x = new Steps.Weight(Tensor.From([-1f, 0, 4]));
        var plan = new Plan(_ => [Gradient.Of(Tensor.Where(x.Value > Tensor.Of(0f), x.Value.Sqrt(), x.Value).Sum(), [x])[x]]);
        for (int i = 0; i < 3; i++) Assert.Equal([1f, 1, 0.25f], plan.Run()[0].ToArray<float>());
    }

    [Fact]
    public void SecondGradientsPassWhereTheFirstIsZero()
    {
        // (x − 1)² · x at 1: the first gradient is 0, the second 2.
        Tensor x = Tensor.Of(1.0).Track(), f = (x - 1) * (x - 1) * x, first = Gradient.Of(f, [x], differentiable: true)[0];
        Assert.Equal(0, first.Item());
        Tensor second = Gradient.Of(first, [x], differentiable: true)[0];
        Assert.Equal(2, second.Item());
        Assert.Equal(6, Gradient.Of(second, [x])[0].Item());
        // x³ by Power at 0: 0, 0, 6.
        x = Tensor.Of(0.0).Track();
        first = Gradient.Of(x.Pow(3), [x], differentiable: true)[0];
        second = Gradient.Of(first, [x], differentiable: true)[0];
        Assert.Equal([0.0, 0, 6], [first.Item(), second.Item(), Gradient.Of(second, [x])[0].Item()]);
        // (x − 2)² / x at 2: 0 and 1.
        x = Tensor.Of(2.0).Track();
        first = Gradient.Of((x - 2) * (x - 2) / x, [x], differentiable: true)[0];
        Assert.Equal([0.0, 1], [first.Item(), Gradient.Of(first, [x])[0].Item()]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TiesOverSeveralAxesShareEvenly(bool least)
    {
        foreach (DType type in (ReadOnlySpan<DType>)[DType.Float32, DType.Float64])
            foreach (bool keepDims in new[] { false, true })
            {
                double sign = least ? -1 : 1;
                Tensor Best(Tensor x, ReadOnlySpan<int> axes) => least ? x.Min(axes, keepDims) : x.Max(axes, keepDims);
                Tensor x = (Tensor.From([1.0, 1, 1, 0], [2, 1, 2]) * sign).Cast(type).Track(), y = Best(x, [0, 2]);
                Assert.Equal(keepDims ? new Shape(1, 1, 1) : new Shape(1), y.Shape);
                Assert.Equal(sign, y.Cast(DType.Float64).Element(0));
                double[] shares = Gradient.Of(y, [x])[0].Cast(DType.Float64).ToArray<double>();
                Assert.Equal([1 / 3.0, 1 / 3.0, 1 / 3.0, 0], shares, (a, b) => Math.Abs(a - b) < 1e-7);
                // (2, 3, 2, 2) over axes 0 and 2: the ties of each pair of the others.
                double[] values = [.. Enumerable.Range(0, 24).Select(i => (double)(i * 7 % 3))];
                x = (Tensor.From(values, [2, 3, 2, 2]) * sign).Cast(type).Track();
                double[] gradient = Gradient.Of(Best(x, [0, -2]), [x])[0].Cast(DType.Float64).ToArray<double>();
                for (int i = 0; i < 24; i++)
                {
                    int[] line = [.. Enumerable.Range(0, 24).Where(j => j / 4 % 3 == i / 4 % 3 && j % 2 == i % 2)];
                    double best = line.Max(j => values[j]);
                    Assert.Equal(values[i] == best ? 1.0 / line.Count(j => values[j] == best) : 0, gradient[i], 1e-7);
                }
            }
    }
}
