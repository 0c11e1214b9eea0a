using System.Globalization;
using Lamina.Learning.Data;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Spine;

/// <summary>
/// Counts predictions of numbers. Of one number: r2, mae, rmse and the median of absolute errors in its own unit, loss. Of several: the mean of
/// r2 over the numbers; the means of mae and rmse in standard units, since their own units may differ; loss; r2 of each.
/// </summary>
internal sealed class NumberTally(IReadOnlyList<NumberOutput> outputs, int capacity) : Tally
{
    private const int MostPoints = 2_000, FewestPoints = 250, MostPlots = 8, MostAtFirst = 1 << 28;
    private const double Rounding = 1e-13;

    // As the network gives them: (examples, numbers).
    private readonly List<float> _actual = new((int)Math.Min((long)capacity * outputs.Count, MostAtFirst)),
        _said = new((int)Math.Min((long)capacity * outputs.Count, MostAtFirst));

    // What the baseline says of each example, where it doesn't say the mean.
    private readonly List<float>? _baseline = outputs is [{ Baseline: not null }] ? new(capacity) : null;

    public override int Count => _actual.Count / outputs.Count;

    private bool IsOne => outputs.Count == 1;

    public override void Add(Batch batch, Tensor prediction)
    {
        ReadOnlySpan<float> said = prediction.Read<float>();
        WeightCheck.RequireFinite(said);
        _said.AddRange(said);
        _actual.AddRange(batch.Target.Read<float>());
        _baseline?.AddRange(batch.Targets[1].Read<float>());
    }

    public override TestReport Report(double loss, Func<int, Sample?> show)
    {
        int[] worst = Greatest(Count, MostWorst, ErrorOf);
        string name = outputs.All(o => o.Transform == NumberOutput.Log) ? "always the geometric mean" : "always the mean";
        return new(FiguresOf(i => _said[i], loss), Count,
            [.. worst.Take(ShownMistakes).Select(i => new Mistake(Text(_actual, i), Text(_said, i), 1, show(i) is { } sample ? [sample] : []))])
        {
            MistakesTitle = "largest errors",
            Baseline = Count == 0 ? null : _baseline is { } said
                ? new(outputs[0].Baseline!, FiguresOf(i => said[i], Enumerable.Range(0, Count).Average(i => Square((double)said[i] - _actual[i]))))
                : Mean(name),
            OtherBaselines = Count == 0 || _baseline is null ? [] : [Mean(name)],
            Residuals = [.. Enumerable.Range(0, Math.Min(outputs.Count, MostPlots)).Select(ResidualsOf)],
            Worst = [.. worst.Select(i => new WorstExample(Text(_actual, i), Text(_said, i), null, show(i)))],
        };
    }

    // In standard units the mean is 0.
    private BaselineReport Mean(string name) => new(name, FiguresOf(_ => 0, _actual.Average(a => (double)a * a)));

    private Figures FiguresOf(Func<int, float> said, double loss)
    {
        Errors[] each = [.. Enumerable.Range(0, outputs.Count).Select(o => Measure(said, o, outputs[o].ToUnit))];
        var last = ("loss", new Figure(loss, FigureKind.Error));
        if (IsOne) return new(("r2", each[0].R2), ("mae", each[0].Mae), ("rmse", each[0].Rmse), ("medianError", Median(said)), last);
        Errors[] standard = [.. Enumerable.Range(0, outputs.Count).Select(o => Measure(said, o, x => x))];
        return new([
            ("r2", new Figure(each.Average(e => e.R2.Value), FigureKind.Score)),
            ("mae", new Figure(standard.Average(e => e.Mae.Value), FigureKind.Error)),
            ("rmse", new Figure(standard.Average(e => e.Rmse.Value), FigureKind.Error)),
            last,
            .. each.Select((e, o) => ($"r2.{outputs[o].Name}", e.R2)),
        ]);
    }

    private readonly record struct Errors(Figure R2, Figure Mae, Figure Rmse);

    private Errors Measure(Func<int, float> said, int output, Func<double, double> scale)
    {
        int count = Count, step = outputs.Count;
        if (count == 0) return new(new(double.NaN, FigureKind.Score), new(double.NaN, FigureKind.Error), new(double.NaN, FigureKind.Error));
        double centre = 0;
        for (int i = 0; i < count; i++) centre += scale(_actual[i * step + output]);
        centre /= count;
        // Sums of 1, the absolute error, its square, the distance of the actual value from the mean, its square.
        void Add(int i, Span<double> sums)
        {
            double actual = scale(_actual[i * step + output]), error = scale(said(i * step + output)) - actual, distance = actual - centre;
            sums[0]++;
            sums[1] += Math.Abs(error);
            sums[2] += error * error;
            sums[3] += distance;
            sums[4] += distance * distance;
        }

        // Equal values differ from their mean by its rounding.
        double R2(double[] s) => s[4] - s[3] * s[3] / s[0] is var total && total > s[0] * Square(Rounding * centre) ? 1 - s[2] / total : double.NaN;
        double Mae(double[] s) => s[1] / s[0];
        double Rmse(double[] s) => Math.Sqrt(s[2] / s[0]);
        var all = new double[5];
        for (int i = 0; i < count; i++) Add(i, all);
        Interval?[] intervals = step > 1 ? new Interval?[3] : Statistics.Bootstrap(count, all.Length, Add, R2, Mae, Rmse);
        return new(new(R2(all), FigureKind.Score, intervals[0]), new(Mae(all), FigureKind.Error, intervals[1]), new(Rmse(all), FigureKind.Error, intervals[2]));
    }

    private static double Square(double x) => x * x;

    // Of one number.
    private Figure Median(Func<int, float> said)
    {
        if (Count == 0) return new(double.NaN, FigureKind.Error);
        var errors = new double[Count];
        for (int i = 0; i < errors.Length; i++) errors[i] = Math.Abs(outputs[0].ToUnit(said(i)) - outputs[0].ToUnit(_actual[i]));
        Array.Sort(errors);
        return new((errors[(errors.Length - 1) / 2] + errors[errors.Length / 2]) / 2, FigureKind.Error, Statistics.Median(errors));
    }

    // In the unit of one number; the greatest error of several in standard units.
    private double ErrorOf(int example)
    {
        if (IsOne) return Math.Abs(outputs[0].ToUnit(_said[example]) - outputs[0].ToUnit(_actual[example]));
        double worst = 0;
        for (int i = example * outputs.Count; i < (example + 1) * outputs.Count; i++) worst = Math.Max(worst, Math.Abs((double)_said[i] - _actual[i]));
        return worst;
    }

    private Residuals ResidualsOf(int output)
    {
        NumberOutput number = outputs[output];
        int most = Math.Min(Count, Math.Max(FewestPoints, MostPoints / Math.Min(outputs.Count, MostPlots)));
        double Value(List<float> values, long example) => number.ToUnit(values[(int)(example * outputs.Count + output)]);
        return new(number.Name, number.Unit,
            [.. Enumerable.Range(0, most).Select(i => (long)i * Count / most).Select(i => new ResidualPoint(Value(_actual, i), Value(_said, i)))])
        {
            Interval = number.Interval,
            Within = number.Interval is { } half && Count > 0
                ? Enumerable.Range(0, Count).Average(i => Math.Abs(Value(_actual, i) - Value(_said, i)) <= half ? 1.0 : 0) : null,
        };
    }

    // Of several numbers the first few.
    private string Text(List<float> values, int example)
    {
        const int Shown = 4;
        IEnumerable<string> texts = outputs.Take(Shown)
            .Select((o, i) => (IsOne ? "" : $"{o.Name} ") + o.ToUnit(values[example * outputs.Count + i]).ToString("G5", CultureInfo.InvariantCulture));
        return string.Join(", ", texts) + (outputs.Count > Shown ? ", …" : "");
    }
}
