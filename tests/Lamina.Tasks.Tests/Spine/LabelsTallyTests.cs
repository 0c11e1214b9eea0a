using Lamina.Learning.Data;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Tests.Spine;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Figures of several labels an example, worked out by hand.</summary>
public sealed class LabelsTallyTests
{
    // Four examples of three labels; the third occurs in none and is said once.
    private static readonly float[] s_logits = [2, -1, -3, 1, 1, -3, -2, 3, -3, -1, -2, 1], s_actual = [1, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0];

    private static TestReport Report()
    {
        var tally = (LabelsTally)Tally.Of(new LabelsOutput(["a", "b", "c"]) { Counts = [6, 2, 1], Examples = 9 }, 4);
        Tensor Of(float[] values) => Tensor.From(values, new Shape(4, 3));
        tally.Add(new Batch(Tensors.Create([Of(s_actual)]), Tensors.Create([Of(s_actual)])), Of(s_logits));
        return tally.Report(0.5, _ => null);
    }

    [Fact]
    public void Figures_are_means_over_labels()
    {
        TestReport report = Report();
        // a: right 2 of 2 said and 3 actual; b: right 1 of 2 said and 1 actual; c: never right, said once.
        Assert.Equal((0.8 + 2.0 / 3 + 0) / 3, report["f1"], 10);
        // a: 1, 1 and −1 and 2 above −2: all above; b: 3 above 1, −1, −2; c has no positive, and is left out.
        Assert.Equal(1, report["auc"], 10);
        Assert.Equal(1, report["prAuc"], 10);
        Assert.Equal(0.5, report["exactMatch"], 10);
        Assert.Equal(0.5, report["loss"], 10);
        Assert.Equal([3, 1, 0], report.Classes.Select(c => c.Count));
        Assert.Equal([1, 0.5, 0], report.Classes.Select(c => c.Precision));
    }

    [Fact]
    public void The_baseline_says_each_label_as_often_as_in_training()
    {
        Figures baseline = Report().Baseline!.Figures;
        // Only a was had by more than half: said always, right 3 of 4.
        Assert.Equal((2 * 3.0 / (4 + 3) + 0) / 2, baseline["f1"], 10);
        Assert.Equal(0.5, baseline["auc"], 10);
        Assert.Equal((0.75 + 0.25) / 2, baseline["prAuc"], 10);
        Assert.Equal(0.75, baseline["exactMatch"], 10);
        double Cost(double p) => -Math.Log(p);
        double a = 7.0 / 11, b = 3.0 / 11, c = 2.0 / 11;
        Assert.Equal((3 * Cost(a) + Cost(1 - a) + Cost(b) + 3 * Cost(1 - b) + 4 * Cost(1 - c)) / 12, baseline["loss"], 6);
    }

    [Fact]
    public void The_worst_examples_are_named_by_their_labels()
    {
        TestReport report = Report();
        Assert.Equal(("a", "a, b"), (report.Worst[1].Actual, report.Worst[1].Predicted));
        Assert.Equal(("a", "c"), (report.Worst[0].Actual, report.Worst[0].Predicted));
        Assert.Equal("worst mistakes", report.MistakesTitle);
    }

    [Fact]
    public void Predictions_as_a_table_have_the_labels_and_each_probability()
    {
        var table = new PredictionTable(new LabelsOutput(["a", "b"]) { Counts = [1, 1], Examples = 2 });
        Assert.Equal(["source", "row", "labels", "probability a", "probability b", "note"], table.Columns);
    }
}
