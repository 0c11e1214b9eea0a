using System.Text.Json.Serialization;

namespace Lamina.Tasks.Detection;

/// <summary>What is usual of a column: the signal that a few steps in a hundred reach.</summary>
/// <param name="Spike">Of the distance from its neighbours.</param>
/// <param name="Level">Of the mean error over a season.</param>
/// <param name="Shift">Of its distance from other such means.</param>
/// <param name="Run">Of the steps without a change.</param>
public sealed record ColumnScales(double Spike, double Level, double Shift, double Run);

/// <summary>What is usual, measured on the steps that a network was trained on; scores are relative to it.</summary>
/// <param name="Columns">Of each column.</param>
/// <param name="Thresholds">Of each kind the joint signal that the share of steps reaches that is to be found.</param>
/// <param name="Quantiles">Of each kind the joint signal's upper quantiles: half of the steps lie below the first, three quarters below the second, and so on.</param>
public sealed record DetectionScale(IReadOnlyList<ColumnScales> Columns, IReadOnlyList<double> Thresholds, IReadOnlyList<IReadOnlyList<double>> Quantiles)
{
    private const double Usual = 0.95, UsualRun = 0.99, LeastRun = 4;
    private const int Halvings = 18, KindCount = 4;

    /// <summary>Measures it.</summary>
    /// <param name="values">(steps, columns) in standard units; NaN where a value is missing.</param>
    /// <param name="errors">(steps, columns): errors of the network.</param>
    /// <param name="isStep">Whether a step is one at all.</param>
    /// <param name="season">The steps of a season.</param>
    /// <param name="share">The share of steps to find by each of the first two kinds together.</param>
    internal static DetectionScale Of(float[] values, float[] errors, bool[] isStep, int season, double share)
    {
        int count = values.Length / Math.Max(1, isStep.Length);
        var columns = new ColumnScales[count];
        for (int c = 0; c < count; c++)
        {
            float[][] signals = [.. StepScores.Each(StepScores.Column(values, c, count), StepScores.Column(errors, c, count), season, null).Select(s => s.Signal)];
            double Of(int signal, double at) => Math.Max(1e-6, Quantile(signals[signal], isStep, at));
            // A column of whole numbers or of a few levels stays the same by nature.
            columns[c] = new(Of(0, Usual), Of(1, Usual), Of(2, Usual), Math.Max(LeastRun, Of(3, UsualRun)));
        }
        StepScores scores = StepScores.Of(values, errors, isStep, new(columns, [1, 1, 1, 1], []), season);
        double[] thresholds = [.. Enumerable.Range(0, KindCount).Select(k => k == (int)AnomalyKind.Missing ? 1 : Math.Max(k == (int)AnomalyKind.Frozen ? 1.5 : 1e-6, Quantile(scores.Kinds[k], isStep, 1 - share / 2)))];
        double[][] quantiles = [.. scores.Kinds.Select(kind => Enumerable.Range(1, Halvings).Select(h => Quantile(kind, isStep, 1 - Math.Pow(0.5, h))).ToArray())];
        return new(columns, thresholds, quantiles);
    }

    /// <summary>The share of training steps whose signal of a kind is less than this score.</summary>
    internal double Sureness(AnomalyKind kind, double score)
    {
        if (kind == AnomalyKind.Missing) return 1;
        double signal = score * Thresholds[(int)kind];
        IReadOnlyList<double> quantiles = Quantiles[(int)kind];
        int above = 0;
        while (above < quantiles.Count && quantiles[above] < signal) above++;
        return 1 - Math.Pow(0.5, Math.Max(1, above));
    }

    /// <summary>Why it makes no sense, or null.</summary>
    [JsonIgnore]
    internal string? Problem =>
        Thresholds.Count != KindCount || Quantiles.Count != KindCount || Thresholds.Any(t => !(t > 0) || !double.IsFinite(t)) ? "the thresholds are not one for each kind"
        : Columns.Any(c => !(c.Spike > 0 && c.Level > 0 && c.Shift > 0 && c.Run > 0)) ? "what is usual of a column is no usable number" : null;

    private static double Quantile(float[] signal, bool[] isStep, double at)
    {
        var values = new List<float>(signal.Length);
        for (int t = 0; t < signal.Length; t++)
            if (isStep[t]) values.Add(signal[t]);
        values.Sort();
        return values.Count == 0 ? 0 : values[Math.Min(values.Count - 1, (int)(at * values.Count))];
    }
}
