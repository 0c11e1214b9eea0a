using Lamina.Learning.Optimizers;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Optimizers;

/// <summary>Gradients from the smallest to the largest: norms, clipping and steps that neither overflow nor underflow.</summary>
public class ExtremeGradientTests
{
    private static GradientSet Set(params Tensor[] gradients) =>
        new(gradients.Select(g => KeyValuePair.Create(new Variable(Tensor.Zeros(g.Shape, g.DType)), g)));

    private static float[] Values(GradientSet gradients) => [.. gradients.SelectMany(g => g.Value.ToArray<float>())];

    [Theory]
    [InlineData(1e19, 128, 2)]
    [InlineData(3e38, 128, 2)]
    [InlineData(3e38, 1, 1e-3)]
    [InlineData(1e30, 1000, 5)]
    [InlineData(1e-23, 128, 1e-25)]
    [InlineData(1e-38, 7, 1e-38)]
    [InlineData(0.5, 100, 1)]
    [InlineData(1e-3, 16, 1e-6)]
    public void The_norm_becomes_the_limit_whatever_the_size(double value, int count, double limit)
    {
        GradientSet gradients = Set(Tensor.Full([count], value), Tensor.Full([1, count], -value));
        double norm = (float)value * Math.Sqrt(2 * count);
        Assert.Equal(1, gradients.GlobalNorm().Item() / norm, 1e-12);
        float[] clipped = Values(Clip.ByGlobalNorm(gradients, limit));
        Assert.All(clipped, x => Assert.Equal(1, Math.Abs(x) / (limit / Math.Sqrt(2 * count)), 3e-6));
        Assert.Equal(-clipped[0], clipped[^1]);
    }

    [Fact]
    public void The_examples_of_the_report()
    {
        Assert.All(Values(Clip.ByGlobalNorm(Set(Tensor.Full([128], 1e19)), 2)), x => Assert.Equal(0.1767767, x, 1e-6));
        Assert.Equal(1, Set(Tensor.Full([128], 1e-23)).GlobalNorm().Item() / ((float)1e-23 * Math.Sqrt(128)), 1e-12);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1e-38, 2)]
    [InlineData(1e-23, 1e-20)]
    [InlineData(1, 20)]
    public void Gradients_below_the_limit_keep_their_bits(float value, double limit)
    {
        GradientSet gradients = Set(Tensor.Full([128], value));
        Assert.Equal(Values(gradients), Values(Clip.ByGlobalNorm(gradients, limit)));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_not_finite_is_not_scaled(float value)
    {
        GradientSet gradients = Set(Tensor.From(100f, value), Tensor.From(-7f));
        Assert.False(double.IsFinite(gradients.GlobalNorm().Item()));
        Assert.Equal([100f, value, -7f], Values(Clip.ByGlobalNorm(gradients, 1)));
        float[] cut = Values(Clip.ByValue(gradients, 1));
        Assert.Equal(1, cut[0]);
        Assert.Equal(float.IsNaN(value) ? float.NaN : Math.Sign(value), cut[1]);
    }

    [Fact]
    public void Norms_of_float64_and_of_nothing()
    {
        Assert.Equal(0, Set().GlobalNorm().Item());
        Assert.Equal(0, Set(Tensor.Zeros([0])).GlobalNorm().Item());
        Assert.Equal(5e200, Set(Tensor.From(3e200, 0), Tensor.From(4e200)).GlobalNorm().Item(), 1e186);
        Assert.Equal(1, Set(Tensor.From(3e-200, 0), Tensor.From(4e-200)).GlobalNorm().Item() / 5e-200, 1e-14);
        Assert.Equal(5, Set(Tensor.From(3f), Tensor.From(4.0)).GlobalNorm().Item());
        Assert.Equal(1 / Math.Sqrt(2), Clip.ByGlobalNorm(Set(Tensor.From(1e200, 1e200)), 1).First().Value.Element(0), 1e-14);
    }

    public static TheoryData<string> Optimizers => ["sgd", "adam", "amsgrad", "adamw", "rmsprop", "centred", "momentum",
        "adagrad", "adadelta", "nadam", "radam", "lion", "lamb", "adafactor", "muon"];

    private static Optimizer Make(string name, double epsilon) => name switch
    {
        "sgd" => new Sgd(0.01, momentum: 0.9, weightDecay: 0.1),
        "adam" => new Adam(0.01, epsilon: epsilon),
        "amsgrad" => new Adam(0.01, epsilon: epsilon, amsgrad: true, weightDecay: 0.01),
        "adamw" => new AdamW(0.01, epsilon: epsilon),
        "rmsprop" => new RmsProp(0.01, epsilon: epsilon),
        "momentum" => new RmsProp(0.01, 0.9, epsilon, momentum: 0.9, centered: true),
        "adagrad" => new Adagrad(0.01, epsilon: epsilon),
        "adadelta" => new Adadelta(epsilon: epsilon),
        "nadam" => new NAdam(0.01, epsilon: epsilon),
        "radam" => new RAdam(0.01, epsilon: epsilon),
        "lion" => new Lion(0.001),
        "lamb" => new Lamb(0.01, epsilon: epsilon, weightDecay: 0),
        "adafactor" => new Adafactor(epsilon1: epsilon, epsilon2: epsilon),
        "muon" => new Muon(0.01, epsilon: epsilon, weightDecay: 0),
        _ => new RmsProp(0.01, 0.9, epsilon, centered: true),
    };

    // A constant gradient, as of a bias that all examples agree on, and an example of every size.
    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Parameters_and_state_stay_finite(string name)
    {
        foreach (double epsilon in (double[])[1e-8, 0, 1e-50])
            foreach (DType type in (DType[])[DType.Float32, DType.Float64])
            {
                Optimizer optimizer = Make(name, epsilon);
                double[] sizes = [0, 1.87846255, -0.3, 1e-4, 1e-10, 1e-19, 1e-22, 1e-30, 1e-38, 1e-45, 1e3, 1e15];
                Tensor gradient = Tensor.From(sizes).Cast(type);
                Variable parameter = new(Tensor.Ones([sizes.Length], type)), state;
                for (int i = 1; i <= 2000; i++)
                {
                    optimizer.Update(new GradientSet([new(parameter, gradient)]));
                    if (i > 200 && i % 100 != 0) continue;
                    for (int k = 0; k < sizes.Length; k++)
                        Assert.True(double.IsFinite(parameter.Value.Element(k)), $"{name}, epsilon {epsilon}, {type.Text}: {parameter.Value.Element(k)} for {sizes[k]} at step {i}");
                }
                foreach (string moment in (string[])["mean", "square", "greatest", "variance", "momentum", "sum", "delta", "rows", "columns"])
                    try
                    {
                        state = optimizer.State(parameter, moment);
                        Assert.True(double.IsFinite(state.Value.Norm().Item()), $"{name}: {moment}");
                    }
                    catch (KeyNotFoundException)
                    {
                        // Not one of this optimiser's.
                    }
            }
    }

    // A parameter that gets no gradient is left alone, with no epsilon too.
    [Theory]
    [MemberData(nameof(Optimizers))]
    public void No_gradient_no_step(string name)
    {
        if (name is "sgd" or "amsgrad" or "adamw") return; // their weight decay moves it
        Variable parameter = new(Tensor.Ones([3]));
        Optimizer optimizer = Make(name, 0);
        for (int i = 0; i < 3; i++) optimizer.Update(new GradientSet([new(parameter, Tensor.Zeros([3]))]));
        Assert.All(parameter.Value.ToArray<float>(), w => Assert.Equal(1, w));
    }

    // Against the definition in double precision, where v − m² is still far from what rounding leaves of it.
    [Fact]
    public void The_centred_variance_is_that_of_the_definition()
    {
        const double rate = 0.01, alpha = 0.9, epsilon = 1e-8;
        var optimizer = new RmsProp(rate, alpha, epsilon, centered: true);
        Variable parameter = new(Tensor.From(1.0));
        double w = 1, v = 0, m = 0;
        for (int i = 0; i < 100; i++)
        {
            double g = Math.Sin(i) + 0.5 * w;
            optimizer.Update(new GradientSet([new(parameter, Tensor.From(g))]), Tensor.Of((float)rate));
            (v, m) = (alpha * v + (1 - alpha) * g * g, alpha * m + (1 - alpha) * g);
            w -= (float)rate * g / (Math.Sqrt(v - m * m) + epsilon);
            Assert.Equal(w, parameter.Value.Element(0), 1e-9);
        }
    }

    // The corrections' powers vanish or hardly differ from 1; a first step is as long as the rate either way.
    [Theory]
    [InlineData(0.9, 0.999)]
    [InlineData(0, 0)]
    [InlineData(0.999999999999, 0.999999999999)]
    public void Adams_first_and_late_steps_are_as_long_as_the_rate(double beta1, double beta2)
    {
        var adam = new Adam(0.01, beta1, beta2, epsilon: 0);
        Variable parameter = new(Tensor.From(0.0));
        GradientSet gradients = new([new(parameter, Tensor.From(1e-3))]);
        double before = 0;
        for (int i = 1; i <= 20_000; i++)
        {
            if (i is 1 or 20_000) before = parameter.Value.Element(0);
            adam.Update(gradients);
            if (i is 1 or 20_000) Assert.Equal(0.01, before - parameter.Value.Element(0), beta1 > 0.99 ? 1e-4 : 1e-8);
        }
    }
}
