using Lamina.Learning.Metrics;
using Lamina.Tensors;
using Xunit;

namespace Lamina.Learning.Tests.Metrics;

/// <summary>Average precision against its definition, and how it is counted.</summary>
public sealed class AveragePrecisionTests
{
    // Ranks 1, 3 and 4 of five are positive: (1/1 + 2/3 + 3/4) / 3.
    [Fact]
    public void It_is_the_mean_precision_at_each_positive_example()
    {
        var metric = new AveragePrecision(1);
        metric.Add(Tensor.From(new float[,] { { 0, 4 }, { 0, 3 }, { 0, 2 } }), Tensor.From([1, 0, 1]));
        metric.Add(Tensor.From(new float[,] { { 0, 1 }, { 0, 0 } }), Tensor.From([1, 0]));
        Assert.Equal((1 + 2.0 / 3 + 3.0 / 4) / 3, metric.Value, 12);
        var other = new AveragePrecision(1) { Totals = metric.Totals };
        Assert.Equal(metric.Value, other.Value);
        metric.Reset();
        Assert.True(double.IsNaN(metric.Value));
    }

    // Groups of ten, five, five and five equal scores, of which the first three hold one each (scikit-learn's issue 4223).
    [Fact]
    public void Of_equal_scores_none_comes_first()
    {
        float[] scores = [.. Enumerable.Repeat(9f, 10), .. Enumerable.Repeat(8f, 5), .. Enumerable.Repeat(7f, 5), .. Enumerable.Repeat(6f, 5)];
        var metric = new AveragePrecision(1);
        for (int i = 0; i < scores.Length; i++) metric.Add(Tensor.From(new float[,] { { 0, scores[i] } }), Tensor.From([i is 0 or 10 or 15 ? 1 : 0]));
        Assert.Equal((1 / 10.0 + 2 / 15.0 + 3 / 20.0) / 3, metric.Value, 12);
    }

    [Fact]
    public void Equal_scores_are_undecided_and_any_class_may_be_the_one()
    {
        var metric = new AveragePrecision(0);
        metric.Add(Tensor.From(new float[,] { { 1, 1, 0 }, { 1, 1, 0 }, { 1, 1, 0 }, { 1, 1, 0 } }), Tensor.From([0, 1, 2, 1]));
        Assert.Equal(0.25, metric.Value, 12);
        Assert.True(metric.HigherIsBetter);
    }

    [Fact]
    public void Scores_of_any_size_and_NaN_are_counted()
    {
        var metric = new AveragePrecision(1);
        metric.Add(Tensor.From(new float[,] { { -1e30f, 1e30f }, { 0, float.NaN }, { 1e30f, -1e30f } }), Tensor.From([1, 0, 0]));
        Assert.Equal(1, metric.Value);
    }
}
