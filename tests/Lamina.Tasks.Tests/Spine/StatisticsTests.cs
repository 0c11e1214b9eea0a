using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Tests.Spine;

public sealed class StatisticsTests
{
    // By the formula of Wilson (1927): centre and half width in closed form, computed with 30 digits.
    [Theory]
    [InlineData(0.5, 100, 0.403831530, 0.596168470)]
    [InlineData(1, 10, 0.722467200, 1)]
    [InlineData(0, 10, 0, 0.277532800)]
    [InlineData(0.9785, 4000, 0.973524791, 0.982557021)]
    public void Wilson_s_interval_is_that_of_the_formula(double share, long count, double low, double high)
    {
        Interval interval = Statistics.Wilson(share, count);
        Assert.Equal(low, interval.Low, 7);
        Assert.Equal(high, interval.High, 7);
    }

    [Fact]
    public void The_bootstrap_is_near_the_normal_interval_of_a_mean_and_repeats_itself()
    {
        double[] values = [.. Enumerable.Range(0, 500).Select(i => (i * 7919 % 500 + 0.5) / 500)];
        double Mean(int[] x) => x.Average(i => values[i]);
        Interval interval = Statistics.Bootstrap(500, Mean)!.Value;
        double half = 1.96 * Math.Sqrt(1.0 / 12 / 500);
        Assert.Equal(0.5 - half, interval.Low, 2);
        Assert.Equal(0.5 + half, interval.High, 2);
        Assert.Equal(interval, Statistics.Bootstrap(500, Mean));
        Assert.Null(Statistics.Bootstrap(1, _ => 1));
        Assert.Null(Statistics.Bootstrap(10, _ => double.NaN));
    }

    [Theory]
    [InlineData("accuracy", FigureKind.Share)]
    [InlineData("top5_accuracy", FigureKind.Share)]
    [InlineData("r2", FigureKind.Score)]
    [InlineData("rmse", FigureKind.Error)]
    [InlineData("loss", FigureKind.Error)]
    public void Names_tell_which_way_is_better(string name, FigureKind kind) => Assert.Equal(kind, Figure.KindOf(name));
}
