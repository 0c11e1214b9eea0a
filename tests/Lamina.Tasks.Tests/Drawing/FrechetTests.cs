using Lamina.Tasks.Drawing;

namespace Lamina.Tasks.Tests.Drawing;

/// <summary>The distance of distributions, against what is known of it by hand.</summary>
public sealed class FrechetTests
{
    private static float[] Normal(int count, int width, double[] mean, double[] deviation, int seed)
    {
        var random = new Random(seed);
        double Draw() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return [.. Enumerable.Range(0, count * width).Select(i => (float)(mean[i % width] + deviation[i % width] * Draw()))];
    }

    [Fact]
    public void Of_axes_that_are_apart_it_is_the_sum_of_squares()
    {
        // |m − n|² + Σ (s − r)²
        float[] a = Normal(40_000, 3, [0, 1, 2], [1, 2, 0.5], 1), b = Normal(40_000, 3, [1, 1, 0], [1, 1, 2], 2);
        Assert.Equal(1 + 4 + 1 + 1.5 * 1.5, FrechetDistance.Between(a, b, 3), 0.15);
        Assert.Equal(0, FrechetDistance.Between(a, a, 3), 1e-6);
        Assert.Equal(FrechetDistance.Between(b, a, 3), FrechetDistance.Between(a, b, 3), 1e-6);
    }

    [Fact]
    public void Features_that_hang_together_count_as_they_do()
    {
        // Exactly the covariances [[2, 1], [1, 2]] and [[2, −1], [−1, 2]]: tr(A + B) = 8, tr (A B)^½ = √3 + √3, since A B has the double eigenvalue 3.
        float[] a = [(float)Math.Sqrt(3), (float)Math.Sqrt(3), -(float)Math.Sqrt(3), -(float)Math.Sqrt(3), 1, -1, -1, 1];
        float[] b = [.. a.Select((x, i) => i % 2 == 0 ? x : -x)];
        double scale = 2 / (8 / 3.0); // four rows, and a covariance is by three of them
        Assert.Equal((8 - 4 * Math.Sqrt(3)) / scale, FrechetDistance.Between(a, b, 2), 1e-5);
    }

    [Fact]
    public void Eigenvalues_and_vectors_make_the_matrix_again()
    {
        const int Width = 12;
        var random = new Random(3);
        var matrix = new double[Width * Width];
        for (int i = 0; i < Width; i++)
            for (int j = 0; j <= i; j++) matrix[i * Width + j] = matrix[j * Width + i] = random.NextDouble() - 0.5;
        var vectors = new double[Width * Width];
        double[] values = FrechetDistance.Eigenvalues(matrix, Width, vectors);
        for (int i = 0; i < Width; i++)
            for (int j = 0; j < Width; j++)
            {
                Assert.Equal(matrix[i * Width + j], Enumerable.Range(0, Width).Sum(k => values[k] * vectors[i * Width + k] * vectors[j * Width + k]), 1e-9);
                Assert.Equal(i == j ? 1 : 0, Enumerable.Range(0, Width).Sum(k => vectors[i * Width + k] * vectors[j * Width + k]), 1e-9);
            }
        Assert.Equal(Enumerable.Range(0, Width).Sum(i => matrix[i * Width + i]), values.Sum(), 1e-9);
    }
}
