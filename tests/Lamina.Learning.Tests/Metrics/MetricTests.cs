using Lamina.Learning.Metrics;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Metrics;

public class MetricTests
{
    private static readonly Tensor s_scores = Tensor.From(new float[,] { { 3, 1, 2 }, { 0, 5, 1 }, { 1, 1, 1 }, { 2, 9, 4 }, { float.NaN, float.NaN, float.NaN } });
    private static readonly Tensor s_labels = Tensor.From(0L, 1, 2, 2, 0);

    private static T Of<T>(T metric, Tensor? prediction = null, Tensor? target = null) where T : Metric
    {
        metric.Add(prediction ?? s_scores, target ?? s_labels);
        return metric;
    }

    [Fact]
    public void AccuracyCountsTheFirstMaximum() => Assert.Equal(2.0 / 5, Of(new Accuracy()).Value);

    [Fact]
    public void TopAccuracyCountsTheTopScores()
    {
        Assert.Equal(Of(new Accuracy()).Value, Of(new TopAccuracy(1)).Value);
        Assert.Equal(3.0 / 5, Of(new TopAccuracy(2)).Value); // the equal scores of row 2 count in their order
        Assert.Equal(4.0 / 5, Of(new TopAccuracy(3)).Value);
    }

    [Fact]
    public void BatchesAddUpAndResetForgets()
    {
        Metric metric = new Accuracy();
        metric.Add(s_scores[..2], s_labels[..2]);
        metric.Add(s_scores[2..], s_labels[2..]);
        Assert.Equal(0.4, metric.Value);
        metric.Reset();
        Assert.Equal(double.NaN, metric.Value);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1e-200)]
    [InlineData(1e200)]
    public void SquaresOfAnySizeAreInRange(double unit)
    {
        Tensor predicted = Tensor.From(3 * unit, 0, 4 * unit, 0), actual = Tensor.From(0.0, 0, 0, 2 * unit);
        Assert.Equal(Math.Sqrt(29) / 2, Of(new RootMeanSquare(), predicted, actual).Value / unit, 1e-12);
        // Variation 0.25 + 0.25 + 0.25 + 2.25 = 3.
        Assert.Equal(1 - 29.0 / 3, Of(new RSquared(), predicted, actual).Value, 1e-12);
        Assert.Equal(double.PositiveInfinity, Of(new RootMeanSquare(), Tensor.From(double.NegativeInfinity), Tensor.From(unit)).Value);
        Assert.Equal(0, Of(new RootMeanSquare(), Tensor.From(0.0), Tensor.From(0.0)).Value);
    }

    public static TheoryData<string> Kinds => ["accuracy", "top2_accuracy", "confusion", "f1", "mae", "rmse", "r2"];

    [Theory, MemberData(nameof(Kinds))]
    public void TotalsPutBackGoOnAsIfNothingHappened(string kind)
    {
        Metric Make() => new Metric[] { new Accuracy(), new TopAccuracy(2), new ConfusionMatrix(3), new F1Score(3), new MeanAbsolute(), new RootMeanSquare(), new RSquared() }.Single(m => m.Name == kind);
        void Add(Metric metric, Range rows)
        {
            if (metric is ClassMetric) metric.Add(s_scores[rows], s_labels[rows]);
            else metric.Add(s_scores[..4][rows.Start.Value..Math.Min(4, rows.End.GetOffset(5)), 0..1], s_labels[..4][rows.Start.Value..Math.Min(4, rows.End.GetOffset(5))].Cast(DType.Float32).Unsqueeze(1));
        }

        Metric whole = Make(), first = Make(), second = Make();
        int fresh = first.Totals.Count;
        Add(whole, ..3);
        Add(first, ..3);
        Add(second, ..2);
        second.Reset();
        second.Totals = first.Totals;
        Assert.Equal(fresh, first.Totals.Count);
        Assert.Equal(whole.Value, second.Value);
        Add(whole, 3..5);
        Add(second, 3..5);
        Assert.Equal(whole.Value, second.Value);
        Assert.NotEqual(first.Value, second.Value);
    }

    [Fact]
    public void ConfusionSaysWhatWasTakenForWhat()
    {
        ConfusionMatrix matrix = Of(new ConfusionMatrix(3));
        Assert.Equal((1, 1, 1), (matrix[0, 0], matrix[2, 0], matrix[2, 1]));
        Assert.Equal((5, 2, 2), (matrix.Count, matrix.Actual(2), matrix.Actual(0)));
        Assert.Equal(0.4, matrix.Value);
        matrix.Add(s_scores[3..4], s_labels[3..4]);
        Assert.Equal([new Confusion(2, 1, 2), new Confusion(2, 0, 1)], matrix.MostConfused());
        Assert.Single(matrix.MostConfused(1));
    }

    [Fact]
    public void F1IsTheHarmonicMeanByClass()
    {
        // 0: once right, once missed (NaN), once false; 1: once right, once false; 2: never right.
        F1Score f1 = Of(new F1Score(3));
        Assert.Equal((0.5, 0.5, 0.5), (f1.Precision(0), f1.Recall(0), f1.F1(0)));
        Assert.Equal((0.5, 1, 2.0 / 3), (f1.Precision(1), f1.Recall(1), f1.F1(1)));
        Assert.Equal((0, 0, 0), (f1.Precision(2), f1.Recall(2), f1.F1(2)));
        Assert.Equal((0.5 + 2.0 / 3) / 3, f1.Value, 12);
        Assert.Equal(0.5, f1.MacroRecall, 12);
        Assert.Equal(1.0 / 3, f1.MacroPrecision, 12);
    }

    [Fact]
    public void F1OfLabelsIsTheMeanOverLabels()
    {
        // The first label: right 1 of 2 said and 1 actual; the second: 1 of 1 said and 2 actual; the third neither occurs nor is said.
        Tensor logits = Tensor.From([2f, -1, -3, 1, 1, -3, -2, -1, -3], [3, 3]), labels = Tensor.From([1f, 1, 0, 0, 1, 0, 0, 0, 0], [3, 3]);
        LabelF1 f1 = Of(new LabelF1(3), logits, labels);
        Assert.Equal((2.0 / 3 + 2.0 / 3) / 2, f1.Value, 12);
        var again = new LabelF1(3) { Totals = f1.Totals };
        Assert.Equal(f1.Value, again.Value);
        again.Add(logits, labels);
        Assert.Equal(f1.Value, again.Value);
        Assert.Equal(double.NaN, new LabelF1(2).Value);
        Assert.Throws<TensorException>(() => new LabelF1(2).Add(logits, labels));
    }

    [Fact]
    public void RegressionMetrics()
    {
        Tensor prediction = Tensor.From(1f, 2, 4), target = Tensor.From(1f, 3, 2);
        Assert.Equal(1, Of(new MeanAbsolute(), prediction, target).Value, 12);
        Assert.Equal(Math.Sqrt(5.0 / 3), Of(new RootMeanSquare(), prediction, target).Value, 12);
        Assert.Equal(1 - 5.0 / 2, Of(new RSquared(), prediction, target).Value, 12);
        Assert.Equal(1, Of(new RSquared(), target, target).Value, 12);
        Assert.Equal(double.NaN, Of(new RSquared(), prediction, Tensor.Ones([3])).Value);
        Assert.Equal(double.NaN, new MeanAbsolute().Value);
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        Assert.Throws<TensorException>(() => Of(new Accuracy(), target: s_labels.Unsqueeze(1)));
        Assert.Throws<TensorException>(() => Of(new Accuracy(), target: s_labels.Cast(DType.Float32)));
        Assert.Contains("label 3 of row 1", Assert.Throws<TensorException>(() => Of(new Accuracy(), target: Tensor.From(0L, 3, 0, 0, 0))).Message);
        Assert.Throws<TensorException>(() => Of(new ConfusionMatrix(2)));
        Assert.Throws<TensorException>(() => Of(new MeanAbsolute(), Tensor.Ones((3, 1)), Tensor.Ones([3])));
    }
}
