using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;
using Lamina.Tensors.Tests.Engines.Cpu;
using Xunit;

namespace Lamina.Tensors.Tests.Ops;

/// <summary>Functions at ±∞ and at the ends of a type's range have their limits, and so have their gradients, on every instruction set.</summary>
[Collection(TierCollection.Name)]
public sealed class LimitTests : IDisposable
{
    private const double Infinity = double.PositiveInfinity;

    public void Dispose() => Tiers.Force(null);

    public static TheoryData<string, double, double, double> Points
    {
        get
        {
            var data = new TheoryData<string, double, double, double>();
            foreach (double large in (double[])[Infinity, 1e30, 3e38, 1e4])
                foreach (string name in (string[])["silu", "gelu", "gelu tanh", "softplus", "relu"])
                {
                    data.Add(name, large, large, 1);
                    data.Add(name, -large, 0, 0);
                }
            data.Add("sigmoid", Infinity, 1, 0);
            data.Add("sigmoid", -Infinity, 0, 0);
            data.Add("tanh", Infinity, 1, 0);
            data.Add("tanh", -Infinity, -1, 0);
            data.Add("erf", Infinity, 1, 0);
            data.Add("erf", -1e30, -1, 0);
            data.Add("softplus", -16, 1.12535168387e-7, 1.12535162055e-7);
            data.Add("softplus", -80, 1.8048514e-35, 1.8048514e-35);
            data.Add("softplus", -5e-3, 0.69065030523, 0.49875000260);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Points))]
    public void ValueAndGradientAreTheLimits(string name, double at, double value, double slope)
    {
        foreach (DType type in (DType[])[DType.Float32, DType.Float64])
            foreach (Tier tier in Enum.GetValues<Tier>())
            {
                Tiers.Force(tier);
                // Wide enough for whole vectors and a tail.
                Tensor x = Tensor.Full([37], at, type).Track(), y = Apply(name, x), by = Gradient.Of(y.Sum(), [x])[0];
                for (int i = 0; i < 37; i++)
                {
                    Near(type == DType.Float32 ? (float)value : value, y.Element(i), $"{name} at {at} in {type} on {tier}");
                    Near(slope, by.Element(i), $"slope of {name} at {at} in {type} on {tier}");
                }
            }
    }

    [Theory]
    [InlineData("silu")]
    [InlineData("gelu")]
    [InlineData("gelu tanh")]
    [InlineData("softplus")]
    public void NanStaysNan(string name)
    {
        foreach (Tier tier in Enum.GetValues<Tier>())
        {
            Tiers.Force(tier);
            Tensor x = Tensor.Full([37], double.NaN).Track(), y = Apply(name, x);
            Assert.All(y.ToArray<float>(), v => Assert.True(float.IsNaN(v)));
            Assert.All(Gradient.Of(y.Sum(), [x])[0].ToArray<float>(), v => Assert.True(float.IsNaN(v)));
        }
    }

    [Theory]
    [InlineData(Infinity, 1, 0, 0)]
    [InlineData(-Infinity, 0, 0, 0)]
    [InlineData(Infinity, 0.9, Infinity, 0.1)]
    [InlineData(-Infinity, 0.25, Infinity, -0.25)]
    [InlineData(-Infinity, 1, Infinity, -1)]
    [InlineData(Infinity, 0, Infinity, 1)]
    [InlineData(16, 1, 1.12535168387e-7, -1.12535162055e-7)]
    [InlineData(-16, 0, 1.12535168387e-7, 1.12535162055e-7)]
    [InlineData(40, 1, 4.248354255e-18, -4.248354255e-18)]
    [InlineData(16, 0, 16.000000112535168, 0.99999988746)]
    [InlineData(0, 0.5, 0.69314718056, 0)]
    [InlineData(3e38, 1, 0, 0)]
    [InlineData(1e30, 0.5, 5e29, 0.5)]
    [InlineData(-2, 0.75, 1.62692801104, -0.63079707797)]
    public void BinaryCrossEntropyOfConfidentLogits(double logit, double target, double loss, double slope)
    {
        foreach (DType type in (DType[])[DType.Float32, DType.Float64])
            foreach (Tier tier in Enum.GetValues<Tier>())
            {
                Tiers.Force(tier);
                Tensor x = Tensor.Full([19], logit, type).Track(), y = x.BinaryCrossEntropy(Tensor.Full([19], target, type)), by = Gradient.Of(y.Sum(), [x])[0];
                for (int i = 0; i < 19; i++)
                {
                    Near(type == DType.Float32 ? (float)loss : loss, y.Element(i), $"loss in {type} on {tier}");
                    Near(slope, by.Element(i), $"slope in {type} on {tier}");
                }
            }
    }

    public static TheoryData<double[], int, double, double[]> Rows => new()
    {
        { [Infinity, 0, 1], 0, 0, [0, 0, 0] },
        { [Infinity, 0, 1], 2, Infinity, [1, 0, -1] },
        { [-Infinity, 0, 0], 1, Math.Log(2), [0, -0.5, 0.5] },
        { [-Infinity, 3, -Infinity], 1, 0, [0, 0, 0] },
        { [-Infinity, 0, 0], 0, Infinity, [-1, 0.5, 0.5] },
        { [Infinity, -Infinity, 5], 0, 0, [0, 0, 0] },
        { [3e38, -3e38, 0], 0, 0, [0, 0, 0] },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void CrossEntropyOfInfiniteLogits(double[] logits, int label, double loss, double[] slopes)
    {
        foreach (DType type in (DType[])[DType.Float32, DType.Float64])
            foreach (Tier tier in Enum.GetValues<Tier>())
                foreach (int extra in (int[])[0, 30])
                {
                    Tiers.Force(tier);
                    // Classes that can't be add nothing; an ordinary row beside it keeps its bits.
                    double[] row = [.. logits, .. Enumerable.Repeat(double.NegativeInfinity, extra)], ordinary = [.. row.Select((_, i) => Math.Sin(i))];
                    Tensor x = Tensor.FromDoubles([.. ordinary, .. row, .. ordinary], new(type, (3, row.Length))).Track(), labels = Tensor.From(1L, label, 1);
                    Tensor y = x.CrossEntropy(labels), by = Gradient.Of(y.Sum(), [x])[0];
                    Near(loss, y.Element(1), $"{type} on {tier}");
                    for (int i = 0; i < row.Length; i++) Near(i < slopes.Length ? slopes[i] : 0, by.Element(row.Length + i), $"slope {i} in {type} on {tier}");
                    Assert.Equal(x[..1].CrossEntropy(labels[..1]).Item(), y.Element(0));
                    Assert.Equal(y.Element(0), y.Element(2));
                    Assert.True(double.IsFinite(y.Element(0)));
                }
    }

    [Fact]
    public void AClassOfNoWeightCostsNothing()
    {
        Tensor x = Tensor.From(new[,] { { float.NegativeInfinity, 0, 0 } }), weights = Tensor.From(0f, 1, 1);
        Assert.Equal(0, x.CrossEntropy(Tensor.From(0L), weights: weights).Item());
        Assert.Equal(0.7 * Math.Log(2) + 0.3 / 3 * 2 * Math.Log(2), x.CrossEntropy(Tensor.From(1L), 0.3, weights).Item(), 1e-6);
        Assert.True(double.IsNaN(Tensor.From(new[,] { { float.NaN, 0, 0 } }).CrossEntropy(Tensor.From(0L), weights: weights).Item()));
    }

    private static Tensor Apply(string name, Tensor x) => name switch
    {
        "silu" => x.Silu(),
        "gelu" => x.Gelu(),
        "gelu tanh" => x.Gelu(approximate: true),
        "softplus" => x.Softplus(),
        "relu" => x.Relu(),
        "sigmoid" => x.Sigmoid(),
        "tanh" => x.Tanh(),
        _ => x.Erf(),
    };

    private static void Near(double expected, double actual, string what) =>
        Assert.True(expected == actual || Math.Abs(expected - actual) <= 1e-6 * Math.Abs(expected) + 1e-44, $"{what}: {actual:R}, not {expected:R}");
}
