using Lamina.Learning.Data;
using Lamina.Tasks.Detection;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Spine;

/// <summary>
/// Scores steps and lists what is odd. Where steps are labelled: the areas under the ROC and the precision-recall curve of the scores, precision
/// and recall of the steps above the threshold; the share of steps above it; the mean absolute error of the network; loss. The baseline's score is
/// the greatest
/// distance of a
/// step's values from their medians. The series itself is kept: 10 bytes a value.
/// </summary>
internal sealed class AnomalyTally(AnomalyOutput output) : Tally
{
    private const int MostOfKind = 50, DrawnOfKind = 2;

    private readonly StepCollector _steps = new(output.Columns.Count);
    private int _count;

    public override int Count => _count;

    public override void Add(Batch batch, Tensor prediction)
    {
        WeightCheck.RequireFinite(prediction.Read<float>());
        _steps.Add(batch, prediction);
        _count += batch.Count;
    }

    public override TestReport Report(double loss, Func<int, Sample?> show)
    {
        float[] values = _steps.Values, errors = _steps.Errors;
        bool[] isStep = _steps.IsStep;
        DetectionScale scale = output.Scale ?? DetectionScale.Of(values, errors, isStep, output.Columns.Count, output.Season, output.Share);
        StepScores scores = StepScores.Of(values, errors, isStep, scale, output.Season);
        List<FoundAnomaly> found = FoundAnomaly.In(scores, output.Season);
        var drawn = new Dictionary<AnomalyKind, int>();
        bool Draw(AnomalyKind kind) => (drawn[kind] = drawn.GetValueOrDefault(kind) + 1) <= DrawnOfKind;
        return new(FiguresOf(t => scores[t], 1, scores.Count, isStep, errors, loss), isStep.Count(s => s), [])
        {
            Baseline = HasLabels ? new("the greatest distance from the columns' medians",
                FiguresOf(t => Distance(values, t), double.NaN, scores.Count, isStep, [], double.NaN)) : null,
            Anomalies = [.. found.GroupBy(a => a.Kind).SelectMany(g => g.Take(MostOfKind)).Select(a => Listed(a, scale, values, show, Draw(a.Kind)))],
            AnomalyCounts = found.CountBy(a => a.Kind).ToDictionary(),
        };
    }

    private bool HasLabels => _steps.Labels.Any(l => l == 1) && _steps.Labels.Any(l => l == 0);

    private Figures FiguresOf(Func<int, float> score, double threshold, int count, bool[] isStep, float[] errors, double loss)
    {
        var figures = new List<(string, Figure)>();
        sbyte[] labels = _steps.Labels;
        if (HasLabels)
        {
            int[] known = [.. Enumerable.Range(0, count).Where(t => isStep[t] && labels[t] >= 0)];
            Ranking ranking = Ranking.Of([.. known.Select(score)], [.. known.Select(t => labels[t] == 1)]);
            // Neighbouring steps go together, so that intervals for single examples would be too narrow.
            figures.AddRange([("auc", ranking.Auc with { Interval = null }), ("prAuc", ranking.PrAuc with { Interval = null })]);
            if (double.IsFinite(threshold))
            {
                int right = known.Count(t => labels[t] == 1 && score(t) >= threshold), said = known.Count(t => score(t) >= threshold),
                    odd = known.Count(t => labels[t] == 1);
                figures.AddRange([("precision", new(said == 0 ? double.NaN : (double)right / said, FigureKind.Share)),
                    ("recall", new((double)right / odd, FigureKind.Share))]);
            }
        }
        if (double.IsFinite(threshold)) figures.Add(("flagged", new((double)Enumerable.Range(0, count).Count(t => isStep[t]
            && score(t) >= threshold) / isStep.Count(s => s), FigureKind.Share)));
        if (errors.Length > 0) figures.Add(("mae", new(errors.Where(e => !float.IsNaN(e)).Select(e =>
            Math.Abs((double)e)).DefaultIfEmpty(double.NaN).Average(), FigureKind.Error)));
        if (!double.IsNaN(loss)) figures.Add(("loss", new(loss, FigureKind.Error)));
        return new(figures);
    }

    // What is missing is odd for the baseline too.
    private float Distance(float[] values, int step)
    {
        float most = 0;
        foreach (float value in values.AsSpan(step * output.Columns.Count, output.Columns.Count)) most = Math.Max(most, float.IsNaN(value) ? 1e6f
            : Math.Abs(value));
        return most;
    }

    private AnomalyReport Listed(FoundAnomaly a, DetectionScale scale, float[] values, Func<int, Sample?> show, bool isDrawn)
    {
        var first = show(a.First) as SeriesSample;
        string last = (show(a.Last) as SeriesSample)?.Place ?? $"{a.Last + 1}";
        int column = a.Columns.Count > 0 ? a.Columns[0] : 0, around = Math.Max(3 * output.Season, a.Last - a.First + 1),
            from = Math.Max(0, a.First - around), to = Math.Min(values.Length / output.Columns.Count - 1, a.Last + around);
        return new(a.Kind, first?.Place ?? $"{a.First + 1}", last, a.Last - a.First + 1, [.. a.Columns.Select(c => output.Columns[c].Name)],
            scale.Sureness(a.Kind, a.Score), a.Score)
        {
            Series = first is { Name.Length: > 0 } named ? named.Name : null,
            Around = isDrawn ? [.. Enumerable.Range(from, to - from + 1).Select(t => values[t * output.Columns.Count + column] is var v
                && float.IsNaN(v) ? double.NaN : output.Columns[column].ToUnit(v))] : [],
            At = a.First - from,
        };
    }
}
