using Lamina.Learning.Initializers;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Initializers;

public class InitializerTests
{
    // A kernel: 9 places, 40 channels in, 60 out.
    private static readonly Shape s_kernel = (3, 3, 40, 60);

    public static TheoryData<Initializer, double> Variances => new()
    {
        { new GlorotUniform(), 2.0 / (9 * 40 + 9 * 60) },
        { new GlorotNormal(), 2.0 / (9 * 40 + 9 * 60) },
        { new HeUniform(), 2.0 / (9 * 40) },
        { new HeNormal(), 2.0 / (9 * 40) },
        { new HeUniform(Math.Sqrt(5)), 1.0 / (3 * 9 * 40) },
        { new Uniform(-1, 1), 1.0 / 3 },
        { new Normal(0, 2), 4 },
        { new Orthogonal(2), 4.0 / (9 * 40) },
    };

    [Theory]
    [MemberData(nameof(Variances))]
    public void MeansAndVariancesAreThoseOfThePapers(Initializer initializer, double variance)
    {
        Tensor values = initializer.Create(s_kernel, new RandomStream(1, 2)).Cast(DType.Float64);
        double deviation = Math.Sqrt(variance / s_kernel.Count);
        Assert.InRange(values.Mean().Item(), -5 * deviation, 5 * deviation);
        // The variance of a normal's sample variance is 2 σ⁴ / n, of a uniform's less.
        Assert.Equal(1, values.Variance().Item() / variance, 5 * Math.Sqrt(2.0 / s_kernel.Count));
    }

    [Theory]
    [InlineData(5, 3)]
    [InlineData(3, 5)]
    [InlineData(4, 4)]
    public void OrthogonalIs(int rows, int columns)
    {
        Tensor q = new Orthogonal().Create((rows, columns), new RandomStream(3, 4));
        Tensor product = rows < columns ? q.MatMul(q.T) : q.T.MatMul(q);
        int n = Math.Min(rows, columns);
        for (int i = 0; i < n * n; i++) Assert.Equal(i / n == i % n ? 1 : 0, product.Element(i), 1e-6);
    }

    [Fact]
    public void EqualStreamsGiveEqualValues()
    {
        Assert.Equal(new HeNormal().Create((4, 5), new RandomStream(1, 2)).ToArray<float>(), new HeNormal().Create((4, 5), new RandomStream(1, 2)).ToArray<float>());
        Assert.Throws<TensorException>(() => new HeNormal().Create([4], new RandomStream(1, 2)));
        Assert.Equal(new HeNormal(), new HeNormal());
    }
}
