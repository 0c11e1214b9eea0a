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
        foreach (int count in (int[])[500, 50_000])
        {
            double[] values = [.. Enumerable.Range(0, count).Select(i => ((long)i * 7919 % count + 0.5) / count)];
            void Add(int i, Span<double> sums) => (sums[0], sums[1]) = (sums[0] + 1, sums[1] + values[i]);
            Interval interval = Statistics.Bootstrap(count, 2, Add, s => s[1] / s[0])[0]!.Value;
            double half = 1.96 * Math.Sqrt(1.0 / 12 / count);
            Assert.InRange((interval.High - interval.Low) / (2 * half), 0.9, 1.1);
            Assert.InRange(interval.Low, 0.5 - 1.2 * half, 0.5 - 0.8 * half);
            Assert.Equal(interval, Statistics.Bootstrap(count, 2, Add, s => s[1] / s[0])[0]);
        }
        Assert.Null(Statistics.Bootstrap(1, 1, (_, _) => { }, _ => 1)[0]);
        Assert.Null(Statistics.Bootstrap(10, 1, (_, _) => { }, _ => double.NaN)[0]);
    }

    [Theory, InlineData(40), InlineData(400), InlineData(4_000_000)]
    public void The_bootstrap_of_counts_is_near_the_normal_interval_of_a_share(long count)
    {
        long[] cells = [count / 8, count / 4, count - count / 8 - count / 4];
        Interval interval = Statistics.BootstrapCounts(cells, 1, c => [(double)c[1] / c.Sum()])[0]!.Value;
        double half = 1.96 * Math.Sqrt(0.25 * 0.75 / count), tolerance = 0.15 * half + 1.0 / count;
        Assert.InRange(interval.Low, 0.25 - half - tolerance, 0.25 - half + tolerance);
        Assert.InRange(interval.High, 0.25 + half - tolerance, 0.25 + half + tolerance);
    }

    // DeLong's variance by its definition, over all pairs.
    [Fact]
    public void The_interval_of_an_area_is_that_of_the_formula()
    {
        float[] scores = [.. Enumerable.Range(0, 60).Select(i => (float)(i * 37 % 23))];
        bool[] positive = [.. Enumerable.Range(0, 60).Select(i => i * 11 % 7 < 2 || i % 23 > 17)];
        float[] p = [.. scores.Where((_, i) => positive[i])], n = [.. scores.Where((_, i) => !positive[i])];
        double Order(float a, float b) => a > b ? 1 : a == b ? 0.5 : 0;
        double[] v10 = [.. p.Select(a => n.Average(b => Order(a, b)))], v01 = [.. n.Select(b => p.Average(a => Order(a, b)))];
        double area = v10.Average(), deviation = Math.Sqrt(Math.Pow(Statistics.Of(v10).Deviation, 2) / p.Length + Math.Pow(Statistics.Of(v01).Deviation, 2) / n.Length);
        Figure auc = Ranking.Of([.. scores], [.. positive]).Auc;
        Assert.Equal(area, auc.Value, 12);
        double logit = Math.Log(area / (1 - area)), half = 1.959964 * deviation / (area * (1 - area));
        Assert.Equal(1 / (1 + Math.Exp(half - logit)), auc.Interval!.Value.Low, 6);
        Assert.Equal(1 / (1 + Math.Exp(-half - logit)), auc.Interval.Value.High, 6);
    }

    [Theory]
    [InlineData("accuracy", FigureKind.Share)]
    [InlineData("top5_accuracy", FigureKind.Share)]
    [InlineData("balancedAccuracy", FigureKind.Share)]
    [InlineData("precision", FigureKind.Share)]
    [InlineData("recall", FigureKind.Share)]
    [InlineData("f1", FigureKind.Score)]
    [InlineData("auc", FigureKind.Score)]
    [InlineData("prAuc", FigureKind.Score)]
    [InlineData("r2", FigureKind.Score)]
    [InlineData("r2.accuracy", FigureKind.Score)]
    [InlineData("medianError", FigureKind.Error)]
    [InlineData("rmse", FigureKind.Error)]
    [InlineData("loss", FigureKind.Error)]
    public void Names_tell_which_way_is_better(string name, FigureKind kind) => Assert.Equal(kind, Figure.KindOf(name));
}
