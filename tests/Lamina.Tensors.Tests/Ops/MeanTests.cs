using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;
using Lamina.Tensors.Tests.Engines.Cpu;
using Xunit;

namespace Lamina.Tensors.Tests.Ops;

/// <summary>Means and variances of values whose mean is known, on every instruction set.</summary>
[Collection(TierCollection.Name)]
public sealed class MeanTests : IDisposable
{
    public static TheoryData<Tier> Levels => [.. Enum.GetValues<Tier>().Where(t => t <= Tiers.Widest)];

    public void Dispose() => Tiers.Force(null);

    [Theory]
    [MemberData(nameof(Levels))]
    public void MeansOfOnesAreOne(Tier tier)
    {
        Tiers.Force(tier);
        foreach (DType type in (DType[])[DType.Float32, DType.Float64])
            for (int n = 1; n <= 1000; n++)
            {
                Assert.Equal(1, Tensor.Ones([n], type).Mean().Item());
                Assert.Equal(0, Tensor.Ones([n], type).Variance().Item());
            }
        Assert.Equal(1, Tensor.Ones([10_000_000]).Mean().Item());
        Assert.Equal(0.1, Tensor.Full([10_000_000], 0.1).Mean().Item(), 1e-7);
        foreach (int columns in (int[])[1, 2, 17, 100])
            Assert.All(Values(Tensor.Full([10_000_000 / columns, columns], 0.1).Mean([0])), m => Assert.Equal(0.1, m, 1e-7));
    }

    public static TheoryData<int, double, DType> Constants => new()
    {
        { 41, 1048576, DType.Float32 }, { 41, 104857.6, DType.Float32 }, { 1000, 0.1, DType.Float32 }, { 49, 1e15 / 7, DType.Float64 }, { 41, 1e30, DType.Float32 },
        { 7, -3e-30, DType.Float32 }, { 3, 1e300, DType.Float64 }, { 123, 1e9 / 3, DType.Float64 }, { 20000, 1 / 3.0, DType.Float32 },
    };

    [Theory]
    [MemberData(nameof(Constants))]
    public void EqualValuesHaveNoVarianceAndNormaliseToZero(int n, double value, DType type)
    {
        foreach (Tier tier in Enum.GetValues<Tier>())
        {
            Tiers.Force(tier);
            Tensor row = Tensor.Full((2, n), value, type), gamma = Tensor.Full([n], 3, type), beta = Tensor.Zeros([n], type), two = Tensor.Zeros([2], type);
            Assert.All(row.Variance([-1]).Cast(DType.Float64).ToArray<double>(), v => Assert.Equal(0, v));
            Assert.All(Values(row.LayerNorm(gamma, beta)), v => Assert.Equal(0, v));
            Assert.All(Values(row.GroupNorm(1, gamma, beta)), v => Assert.Equal(0, v));
            Assert.All(Values(row.T.Reshape(1, n, 2).GroupNorm(2, two + 1, two)), v => Assert.Equal(0, v));
            (Tensor y, Tensor mean, Tensor variance) = row.T.BatchNorm(two + 1, two);
            Assert.All(Values(y), v => Assert.Equal(0, v));
            Assert.All(Values(mean), m => Assert.Equal(row.Element(0), m));
            Assert.All(Values(variance), v => Assert.Equal(0, v));
        }
    }

    // Spaced by the type's own step at the offset: whole numbers of steps, whose variance is known, far from 0.
    [Theory]
    [InlineData(1e6, 0.0625, DType.Float32)]
    [InlineData(4194304.0, 0.5, DType.Float32)]
    [InlineData(1e9, 1.0, DType.Float64)]
    public void SmallDistancesFarFromZeroCount(double offset, double step, DType type)
    {
        double[] steps = [0, 1, 3, 3, 1, 0, 0, 2, 5, 1, 1, 0, 2, 3, 1, 0, 7, 1, 0, 0, 1];
        double mean = steps.Average(), variance = steps.Sum(s => (s - mean) * (s - mean)) / steps.Length;
        double[] normal = [.. steps.Select(s => (s - mean) / Math.Sqrt(variance))];
        Tensor row = Tensor.FromDoubles([.. steps.Select(s => offset + s * step)], new(type, (1, steps.Length)));
        Tensor ones = Tensor.Ones([steps.Length], type), zeros = Tensor.Zeros([steps.Length], type), one = Tensor.Ones([1], type), zero = Tensor.Zeros([1], type);
        foreach (Tier tier in Enum.GetValues<Tier>())
        {
            Tiers.Force(tier);
            Assert.Equal(variance * step * step, row.Variance().Item(), variance * step * step * 1e-6);
            Near(normal, row.LayerNorm(ones, zeros, 1e-12));
            Near(normal, row.GroupNorm(1, ones, zeros, 1e-12));
            (Tensor y, _, Tensor v) = row.T.BatchNorm(one, zero, 1e-12);
            Near(normal, y);
            Assert.Equal(variance * step * step, v.Item(), variance * step * step * 1e-6);
        }
    }

    // 4,000 rows are many blocks of a batch norm, whose statistics are put together.
    [Fact]
    public void BatchNormOfManyBlocksIsGoodFarFromZero()
    {
        const int rows = 4000, columns = 33;
        var values = new float[rows * columns];
        for (int i = 0; i < values.Length; i++) values[i] = 1e6f + (i / columns * 7 + i % columns) % 13 * 0.0625f;
        (_, _, Tensor variance) = Tensor.From(values, (rows, columns)).BatchNorm(Tensor.Ones([columns]), Tensor.Zeros([columns]));
        for (int j = 0; j < columns; j++)
        {
            double[] column = [.. Enumerable.Range(0, rows).Select(i => (double)values[i * columns + j])];
            double mean = column.Average(), expected = column.Sum(x => (x - mean) * (x - mean)) / rows;
            Assert.Equal(expected, variance.Element(j), expected * 1e-5);
        }
    }

    [Fact]
    public void LayerNormGradientIsGoodFarFromZero()
    {
        // The gradient doesn't depend on the offset, where distances are exact.
        double[] steps = [0, 1, 3, 3, 1, 0, 0, 2, 5, 1, 1, 0, 2, 3, 1, 0, 7, 1];
        Tensor Row(double offset) => Tensor.From([.. steps.Select(s => (float)(offset + s * 0.0625))], (1, steps.Length)).Track();
        Tensor weights = Tensor.From([.. steps.Select((_, i) => MathF.Sin(i))], (1, steps.Length)), ones = Tensor.Ones([steps.Length]), zeros = Tensor.Zeros([steps.Length]);
        Tensor Gradient(Tensor x) => Gradients.Gradient.Of((x.LayerNorm(ones, zeros, 1e-12) * weights).Sum(), [x])[0];
        double[] near = Values(Gradient(Row(0))), far = Values(Gradient(Row(1e6)));
        for (int i = 0; i < near.Length; i++) Assert.Equal(near[i], far[i], 1e-4);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(7)]
    public void AveragePoolingOfOnesIsOne(int kernel)
    {
        foreach (Tier tier in Enum.GetValues<Tier>())
        {
            Tiers.Force(tier);
            Tensor x = Tensor.Full((1, 3 * kernel, 3 * kernel, 5), kernel).Track();
            Tensor y = x.AvgPool2d(kernel);
            Assert.All(Values(y), v => Assert.Equal(kernel, v));
            Assert.All(Values(x.AvgPool2d(kernel, 1, kernel / 2, countIncludePad: false)), v => Assert.Equal(kernel, v));
            Assert.All(Values(x.GlobalAvgPool2d()), v => Assert.Equal(kernel, v));
            Assert.All(Values(Gradients.Gradient.Of(y.Sum(), [x])[0]), v => Assert.Equal((float)(1.0 / (kernel * kernel)), v));
        }
    }

    [Fact]
    public void APlanGivesTheSameMeans()
    {
        Tensor x = Tensor.Full((41, 41), 104857.6);
        var plan = new Plan(t => [t[0].Mean(), t[0].Variance([0]), t[0].LayerNorm(Tensor.Ones([41]), Tensor.Zeros([41])), t[0].GroupNorm(1, Tensor.Ones([41]), Tensor.Zeros([41]))]);
        for (int run = 0; run < 2; run++)
        {
            Tensors results = plan.Run(x);
            Assert.Equal(x.Mean().Item(), results[0].Item());
            for (int i = 1; i < 4; i++) Assert.All(Values(results[i]), v => Assert.Equal(0, v));
        }
    }

    private static void Near(double[] expected, Tensor actual)
    {
        double[] values = Values(actual);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], values[i], 2e-6);
    }

    private static double[] Values(Tensor x) => x.Cast(DType.Float64).ToArray<double>();
}
