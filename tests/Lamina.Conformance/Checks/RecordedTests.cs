using Lamina.Tensors.Gradients;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Conformance.Checks;

using Lamina.Tensors;

/// <summary>
/// Outputs and gradients against libtorch's. In float64 both are backward-stable evaluations of one formula, some dozens of
/// roundings each: a relative 1e-11 leaves room for conditioning of a few thousands and for nothing else; where terms
/// cancel (an entry near 0 among larger ones) 1e-13 of the tensor's largest value. In float32 the same with 64 roundings of
/// 2⁻²⁴; only for cases whose numbers float32 can hold.
/// </summary>
public class RecordedTests
{
    public static IEnumerable<TheoryDataRow<string>> Rows => RowTheory.Of("libtorch", r => r.Recorded.Length > 0);

    public static IEnumerable<TheoryDataRow<string>> SingleRows => RowTheory.Of("libtorch, in float32", r => r.Recorded.Length > 0);

    [Theory]
    [MemberData(nameof(Rows))]
    public void Double(string row) => Check(row, DType.Float64, relative: 1e-11, ofLargest: 1e-13);

    [Theory]
    [MemberData(nameof(SingleRows))]
    public void Single(string row) => Check(row, DType.Float32, relative: Math.ScaleB(64, -24), ofLargest: Math.ScaleB(16, -24));

    [Fact(DisplayName = "Every recorded file is claimed by a row, once")]
    public void Files_are_claimed()
    {
        string[] claimed = [.. Table.Rows.SelectMany(r => r.Recorded).Select(r => r.File).Order()];
        Assert.Equal(RecordedCase.Files, claimed);
        foreach (Row row in Table.Rows.Where(r => RecordedCase.Files.Contains(r.Name))) Assert.Contains(row.Recorded, r => r.File == row.Name);
    }

    private static void Check(string row, DType type, double relative, double ofLargest)
    {
        foreach (Recording recording in Table.Find(row).Recorded)
            foreach (RecordedCase c in RecordedCase.Read(recording.File))
            {
                if (recording.Refused.Contains(c.Name)) Assert.Throws<TensorException>(() => recording.Call(c.Attributes, new(c.Inputs)));
                else if (type == DType.Float64 || !recording.HasOwnTypes && Holds(c))
                {
                    double condition = recording.IsCentred ? Condition(c.Inputs[0]) : 1;
                    Check(recording, c, type, (actual, expected, what) => Close(actual, expected, relative * condition, ofLargest * condition, what));
                }
            }
    }

    private static void Check(Recording recording, RecordedCase c, DType type, Action<Tensor, Tensor, string> close)
    {
        string what = $"{recording.File}/{c.Name} in {type.Text}";
        Tensor In(Tensor t) => t.DType == DType.Float64 && type != DType.Float64 ? Tensor.FromDoubles(t.Read<double>(), t.Spec with { DType = type }) : t;
        bool differentiated = c.Upstream is not null && c.Gradients is not null && c.Gradients.Any(g => g is not null);
        Tensor[] x = [.. c.Inputs.Select((t, i) => differentiated && c.Gradients![i] is not null && In(t).DType.IsFloat ? In(t).Track() : In(t))];
        Tensors results = recording.Call(c.Attributes, new(x));
        for (int i = 0; i < c.Outputs.Length; i++)
        {
            Assert.True(results[i].DType == In(c.Outputs[i]).DType, $"{what}: result {i} is {results[i].DType.Text}, expected {In(c.Outputs[i]).DType.Text}");
            if (!recording.Differs.ContainsKey($"{c.Name}/outputs")) close(results[i], c.Outputs[i], $"{what}, result {i}");
        }
        if (!differentiated || recording.Differs.ContainsKey($"{c.Name}/gradients")) return;
        Tensor?[] gradients = Gradients(x, results, c.Upstream!, In);
        for (int i = 0; i < x.Length; i++)
        {
            if (c.Gradients![i] is not { } expected) continue;
            Assert.True(gradients[i] is not null, $"{what}: there is no gradient {i}");
            close(gradients[i]!, expected, $"{what}, gradient {i}");
        }
    }

    // Result by result, since a weighted sum of infinities would be NaN.
    private static Tensor?[] Gradients(Tensor[] x, Tensors results, Tensor?[] upstream, Func<Tensor, Tensor> cast)
    {
        var totals = new Tensor?[x.Length];
        Tensor[] by = [.. x.Where(t => t.IsTracked)];
        for (int i = 0; i < upstream.Length; i++)
        {
            if (upstream[i] is not { } weights || !results[i].IsTracked) continue;
            Tensor[] gradients = Gradient.Of(results[i], by, weights.DType == results[i].DType ? weights : Tensor.FromDoubles([.. Enumerable.Range(0, weights.Count).Select(weights.Element)], results[i].Spec));
            int next = 0;
            for (int j = 0; j < x.Length; j++)
                if (x[j].IsTracked) totals[j] = totals[j] is { } total ? total + gradients[next++] : gradients[next++];
        }
        return totals;
    }

    private static double Condition(Tensor x)
    {
        double[] values = [.. Enumerable.Range(0, x.Count).Select(x.Element)];
        double range = values.Max() - values.Min();
        return range > 0 ? Math.Max(1, values.Max(Math.Abs) / range) : 1;
    }

    private static bool Holds(RecordedCase c) =>
        c.Inputs.All(t => All(t, v => !double.IsFinite(v) || (float)v == v)) &&
        c.Outputs.Concat(c.Gradients ?? []).All(t => t is null || All(t, v => v == 0 || !double.IsFinite(v) || Math.Abs(v) is > 1e-30 and < 1e30));

    private static bool All(Tensor t, Func<double, bool> holds) => Enumerable.Range(0, t.Count).All(i => holds(t.Element(i)));

    private static void Close(Tensor actual, Tensor expected, double relative, double ofLargest, string what)
    {
        double largest = Enumerable.Range(0, expected.Count).Select(i => Math.Abs(expected.Element(i))).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        Compare.Close(actual, expected, i => relative * Math.Abs(expected.Element(i)) + ofLargest * largest, what);
    }
}
