using Lamina.Bench.Harness;

namespace Lamina.Bench;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData(new[] { 3.0 }, 3)]
    [InlineData(new[] { 4.0, 1, 3 }, 3)]
    [InlineData(new[] { 4.0, 1, 3, 2 }, 2.5)]
    public void The_median_is_the_middle_whatever_the_order(double[] values, double median) => Assert.Equal(median, Statistics.Median(values));

    [Fact]
    public void A_quantile_lies_between_neighbours_in_proportion()
    {
        double[] values = [.. Enumerable.Range(0, 101).Select(i => (double)i)];
        Assert.Equal(99, Statistics.Quantile(values, 0.99));
        Assert.Equal(12.5, Statistics.Quantile(values, 0.125));
        Assert.Equal(100, Statistics.Quantile(values, 1));
    }

    [Fact]
    public void The_spread_is_the_distance_of_the_quartiles() => Assert.Equal(2, Statistics.Spread([1, 2, 3, 4, 5]));

    [Fact]
    public void Half_as_fast_and_twice_as_fast_make_equal() => Assert.Equal(1, Statistics.GeometricMean([0.5, 2]), 12);

    [Fact]
    public void Nothing_has_no_median() => Assert.Throws<ArgumentException>(() => Statistics.Median([]));
}
