using Lamina.Learning.Data;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Ops;

namespace Lamina.Tasks.Tests.Spine;

public sealed class TallyTests
{
    private static TestReport Classes(ClassOutput output, int[] labels, params float[] logits)
    {
        Tally tally = Tally.Of(output, labels.Length);
        Tensor target = Tensor.Create<int>([labels.Length], t => labels.CopyTo(t));
        tally.Add(new Batch(target, target), Tensor.From(logits).Reshape(labels.Length, output.Names.Count));
        return tally.Report(0.5, i => new RowSample($"row {i}", []));
    }

    // The log-odds of the second class.
    private static TestReport Binary(long[]? counts, int[] labels, params float[] scores) =>
        Classes(new ClassOutput(["ham", "spam"]) { Counts = counts }, labels, [.. scores.SelectMany(s => new[] { 0, s })]);

    private static TestReport Numbers(OutputMeaning output, float[] actual, float[] said)
    {
        int width = output is NumbersOutput several ? several.Numbers.Count : 1;
        Tally tally = Tally.Of(output, actual.Length / width);
        Tensor target = Tensor.From(actual).Reshape(actual.Length / width, width);
        tally.Add(new Batch(target, target), Tensor.From(said).Reshape(actual.Length / width, width));
        return tally.Report(0.25, _ => null);
    }

    [Fact]
    public void Two_classes_are_measured_by_the_rarer_one()
    {
        // Right: 2 of 3 spam, 4 of 5 ham. Expected by hand.
        TestReport report = Binary([900, 100], [1, 1, 1, 0, 0, 0, 0, 0], 3, 1, -1, 2, -2, -3, -4, -5);
        Assert.Equal(["accuracy", "f1", "auc", "prAuc", "precision", "recall", "loss"], report.Figures.Select(f => f.Key));
        Assert.Equal("spam", report.PositiveClass);
        Assert.Equal(6 / 8.0, report["accuracy"], 12);
        Assert.Equal(2 / 3.0, report["precision"], 12);
        Assert.Equal(2 / 3.0, report["recall"], 12);
        Assert.Equal(2 / 3.0, report["f1"], 12);
        // Ranks from the top: spam, ham, spam, spam, ham …: 5 + 4 + 4 of 15 pairs in order; precision 1, 2/3, 3/4 at the three.
        Assert.Equal(13 / 15.0, report["auc"], 12);
        Assert.Equal((1 + 2 / 3.0 + 3 / 4.0) / 3, report["prAuc"], 12);
        Assert.Equal(0.5, report["loss"]);
        foreach ((string name, Figure figure) in report.Figures.SkipLast(1)) Assert.InRange(figure.Value, figure.Interval!.Value.Low, figure.Interval.Value.High);
        // The baseline says ham always.
        Figures baseline = report.Baseline!.Figures;
        Assert.Equal([5 / 8.0, 0, 0.5, 3 / 8.0, 0, 0], baseline.SkipLast(1).Select(f => f.Value.Value));
        Assert.Equal((3 * -Math.Log(101 / 1002.0) + 5 * -Math.Log(901 / 1002.0)) / 8, baseline["loss"], 6);

        Assert.Equal("ham", Binary([100, 900], [1, 0], 1, -1).PositiveClass);
        Assert.Equal("spam", Binary([5, 5], [1, 0], 1, -1).PositiveClass);
        Assert.Equal("spam", Binary(null, [1, 0], 1, -1).PositiveClass);
        // Of the other class as the positive one the curve is the same for AUC, not for the average precision.
        TestReport other = Binary([100, 900], [1, 1, 1, 0, 0, 0, 0, 0], 3, 1, -1, 2, -2, -3, -4, -5);
        Assert.Equal(13 / 15.0, other["auc"], 12);
        Assert.Equal(4 / 5.0, other["recall"], 12);
    }

    [Fact]
    public void Equal_scores_count_as_undecided()
    {
        // scikit-learn's rules: pairs of equal scores count half, and a threshold takes all equal ones at once.
        TestReport report = Binary([9, 1], [1, 0, 1, 0], 1, 1, 1, 0);
        Assert.Equal((2 + 2 * 0.5) / 4, report["auc"], 12);
        Assert.Equal(2 / 3.0, report["prAuc"], 12);
        TestReport constant = Binary([9, 1], [1, 0, 0, 0], 2, 2, 2, 2);
        Assert.Equal(0.5, constant["auc"], 12);
        Assert.Equal(0.25, constant["prAuc"], 12);
    }

    [Fact]
    public void A_class_that_is_missing_in_the_test_leaves_its_figures_undefined()
    {
        TestReport report = Binary([9, 1], [0, 0, 0], -1, -2, 1);
        Assert.True(double.IsNaN(report["auc"]) && double.IsNaN(report["prAuc"]) && double.IsNaN(report["recall"]));
        Assert.Equal((2 / 3.0, 0.0, 0.0), (report["accuracy"], report["precision"], report["f1"]));
        Assert.True(double.IsNaN(Binary([9, 1], [0, 0, 0], -1, -2, -1)["f1"]));
        Assert.Equal(0, Binary([9, 1], [0, 1], -1, -2)["precision"]);
    }

    [Fact]
    public void More_classes_are_measured_by_means_over_them()
    {
        float[] Said(int c) => [.. Enumerable.Range(0, 4).Select(i => i == c ? 2f : 0)];
        int[] labels = [0, 0, 0, 1, 1, 2], said = [0, 0, 1, 1, 2, 2];
        TestReport report = Classes(new ClassOutput(["a", "b", "c", "never"]) { Counts = [3, 2, 1, 1] }, labels, [.. said.SelectMany(Said)]);
        Assert.Equal(["accuracy", "f1", "balancedAccuracy", "loss"], report.Figures.Select(f => f.Key));
        // Precision 1, 1/2, 1/2; recall 2/3, 1/2, 1; the class that neither occurs nor was said doesn't count.
        Assert.Equal((4 / 5.0 + 1 / 2.0 + 2 / 3.0) / 3, report["f1"], 12);
        Assert.Equal((2 / 3.0 + 1 / 2.0 + 1) / 3, report["balancedAccuracy"], 12);
        Assert.Null(report.PositiveClass);
        Assert.Equal((1.0, 2 / 3.0, 3L), (report.Classes[0].Precision, report.Classes[0].Recall, report.Classes[0].Count));
        Assert.True(double.IsNaN(report.Classes[3].F1));
        Assert.Equal([2L, 1, 0, 0], report.Confusion!.Matrix![0]);
        Assert.Equal([("a", "b", 1L), ("b", "c", 1L)], report.Confusion.Pairs.Select(p => (p.Actual, p.Predicted, p.Count)));
        Assert.Equal((1 / 3.0, 2 / 3.0 / 3), (report.Baseline!.Figures["balancedAccuracy"], report.Baseline.Figures["f1"]));
        double confidence = Math.Exp(2) / (Math.Exp(2) + 3);
        CalibrationBin bin = report.Calibration!.Bins.Single(b => b.Count > 0);
        Assert.Equal((confidence, 4 / 6.0), (bin.Confidence, bin.Accuracy), new Near());
        Assert.Equal(Math.Abs(confidence - 4 / 6.0), report.Calibration.Error, 6);
        Assert.Equal(["row 2", "row 4"], report.Worst.Select(w => ((RowSample)w.Sample!).Place));
    }

    private sealed class Near : IEqualityComparer<(double, double)>
    {
        public bool Equals((double, double) x, (double, double) y) => Math.Abs(x.Item1 - y.Item1) < 1e-6 && Math.Abs(x.Item2 - y.Item2) < 1e-6;
        public int GetHashCode((double, double) x) => 0;
    }

    [Fact]
    public void Numbers_are_measured_in_their_unit()
    {
        TestReport report = Numbers(new NumberOutput("price", 100, 10) { Interval = 6, Unit = "€" }, [0, 1, 2, 3], [0, 1.5f, 2, 2]);
        Assert.Equal(["r2", "mae", "rmse", "medianError", "loss"], report.Figures.Select(f => f.Key));
        Assert.Equal([1 - 125 / 500.0, 15 / 4.0, Math.Sqrt(125 / 4.0), 2.5, 0.25], report.Figures.Select(f => f.Value.Value));
        Residuals one = Assert.Single(report.Residuals);
        Assert.Equal(("price", "€", 0.75), (one.Name, one.Unit, one.Within!.Value));
        Assert.Equal(new ResidualPoint(110, 115), one.Points[1]);
        Assert.Equal(("130", "120"), (report.Worst[0].Actual, report.Worst[0].Predicted));
        Assert.Equal("always the mean", report.Baseline!.Name);
        Assert.Equal(Math.Sqrt(1400 / 4.0), report.Baseline.Figures["rmse"], 9);
        Assert.True(double.IsNaN(Numbers(new NumberOutput("x", 0.1, 1), [0.1f, 0.1f, 0.1f], [1, 2, 3])["r2"]));
        Assert.True(double.IsNaN(Numbers(new NumberOutput("x", 1 / 3.0, 0.7), [0.1f, 0.1f, 0.1f], [1, 2, 3])["r2"]));
    }

    [Fact]
    public void A_logarithm_is_taken_back()
    {
        var output = new NumberOutput("price", Math.Log(1000), 2) { Transform = NumberOutput.Log };
        foreach (double value in (double[])[1e-3, 1, 999, 1e9]) Assert.Equal(value, output.ToUnit(output.FromUnit(value)), 1e-9 * value);
        Assert.Equal(1, output.FromUnit(1000 * Math.E * Math.E), 12);
        TestReport report = Numbers(output, [0, 0.5f], [0.5f, 0.5f]);
        Assert.Equal(1000 * (Math.E - 1) / 2, report["mae"], 9);
        Assert.Equal("always the geometric mean", report.Baseline!.Name);
        Assert.Equal("there is no transform 'root' of the output", (output with { Transform = "root" }).Problem);
    }

    [Fact]
    public void Several_numbers_have_means_and_one_figure_each()
    {
        var output = new NumbersOutput([new("a", 0, 1), new("b", 50, 100)]);
        TestReport report = Numbers(output, [0, 0, 1, 1, 2, 2], [0, 1, 1, 1, 2, 1]);
        Assert.Equal(["r2", "mae", "rmse", "loss", "r2.a", "r2.b"], report.Figures.Select(f => f.Key));
        Assert.Equal((1.0, 0.0, 0.5), (report["r2.a"], report["r2.b"], report["r2"]));
        Assert.Equal(1 / 3.0, report["mae"], 9); // standard units, not 33.3
        Assert.Equal(["a", "b"], report.Residuals.Select(r => r.Name));
        Assert.Equal(new ResidualPoint(50, 150), report.Residuals[1].Points[0]);
        Assert.Equal(["the names of the numbers don't differ", "there are 0 numbers"], new[] { output with { Numbers = [new("a", 0, 1), new("a", 0, 1)] }, output with { Numbers = [] } }.Select(o => o.Problem));
    }

    [Fact]
    public void Eight_hundred_thousand_examples_take_seconds_and_little_memory()
    {
        const int Count = 800_000, AtOnce = 1_000;
        var labels = Tensor.Create<int>([AtOnce], t => { for (int i = 0; i < AtOnce; i++) t[i] = i % 10 == 0 ? 1 : 0; });
        var batch = new Batch(labels, labels);
        Tensor[] logits = [.. Enumerable.Range(0, Count / AtOnce).Select(b =>
        {
            var random = new RandomStream(7, (ulong)b);
            return Tensor.Create<float>([AtOnce, 2], t => { for (int i = 0; i < AtOnce; i++) (t[2 * i], t[2 * i + 1]) = (0, (float)random.NextNormal() + (i % 10 == 0 ? 1 : -1)); });
        })];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Tally tally = Tally.Of(new ClassOutput(["a", "b"]) { Counts = [9, 1] }, Count);
        foreach (Tensor one in logits) tally.Add(batch, one);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 15L * Count, 17L * Count);
        long start = TimeProvider.System.GetTimestamp();
        TestReport report = tally.Report(0.5, _ => null);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0, 30); // about 1; machines are busy
        // Φ(2/√2): the distance between the means of two normal distributions.
        Figure auc = report.Figures.Find("auc")!.Value;
        Assert.InRange(0.92135, auc.Interval!.Value.Low, auc.Interval.Value.High);
        Assert.InRange(auc.Interval.Value.High - auc.Interval.Value.Low, 1e-4, 4e-3);
    }
}
