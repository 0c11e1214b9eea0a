using System.Text.Json.Serialization;

namespace Lamina.Tasks.Detection;

/// <summary>What is usual of a column: the signal that a few steps in a hundred reach.</summary>
/// <param name="Spike">Of the distance from its neighbours.</param>
/// <param name="Level">Of the mean error over two seasons.</param>
/// <param name="Shift">Of its distance from other such means.</param>
/// <param name="Run">Of the steps without a change.</param>
public sealed record ColumnScales(double Spike, double Level, double Shift, double Run);

/// <summary>What is usual, measured on the steps that a network was trained on; scores are relative to it.</summary>
/// <param name="Columns">Of each column.</param>
/// <param name="Thresholds">Of each kind the joint signal from which a step is odd.</param>
/// <param name="Quantiles">
/// Of each kind the joint signal's upper quantiles: half of the steps lie below the first, three quarters below the second, and so on.
/// </param>
public sealed record DetectionScale(IReadOnlyList<ColumnScales> Columns, IReadOnlyList<double> Thresholds,
    IReadOnlyList<IReadOnlyList<double>> Quantiles)
{
    private const double Usual = 0.95, UsualRun = 0.998, LeastRun = 2, FrozenRuns = 3, SpikeShare = 0.1;
    private const int Halvings = 18;

    /// <summary>Measures it.</summary>
    /// <param name="values">(steps, columns) in robust units; NaN where a value is missing.</param>
    /// <param name="errors">(steps, columns): errors of the network.</param>
    /// <param name="isStep">Whether a step is one at all.</param>
    /// <param name="columns">The number of columns.</param>
    /// <param name="season">The steps of a season.</param>
    /// <param name="share">The share of steps that drifts are to be; spikes, which are short, are a tenth of it.</param>
    internal static DetectionScale Of(float[] values, float[] errors, bool[] isStep, int columns, int season, double share)
    {
        var scales = new ColumnScales[columns];
        for (int c = 0; c < columns; c++)
        {
            ColumnSignals signals = ColumnSignals.Of(values, errors, c, columns, season);
            double Of(float[] signal) => Math.Max(1e-6, Quantile(signal, isStep, Usual));
            scales[c] = new(Of(signals.Spike), Of(signals.Level), Of(signals.Shift), Math.Max(LeastRun, UsualRunOf(signals.Run)));
        }
        StepScores joint = StepScores.Joint(values, errors, isStep, scales, season);
        double Threshold(AnomalyKind kind, double part) => Math.Max(1e-6, Quantile(joint.Kinds[(int)kind], isStep, 1 - part));
        double[][] quantiles = [.. joint.Kinds.Select(kind =>
            Enumerable.Range(1, Halvings).Select(h => Quantile(kind, isStep, 1 - Math.Pow(0.5, h))).ToArray())];
        return new(scales, [Threshold(AnomalyKind.Spike, SpikeShare * share), Threshold(AnomalyKind.Drift, share), FrozenRuns, 1], quantiles);
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
        Thresholds.Count != StepScores.KindCount || Quantiles.Count != StepScores.KindCount || Thresholds.Any(t => !(t > 0) || !double.IsFinite(t))
            ? "the thresholds are not one for each kind"
        : Columns.Any(c => !(c.Spike > 0 && c.Level > 0 && c.Shift > 0 && c.Run > 0)) ? "what is usual of a column is no usable number" : null;

    // Each stretch counts once, so that a long one doesn't make itself usual.
    private static double UsualRunOf(float[] runs)
    {
        var lengths = new List<float>();
        for (int t = 0; t < runs.Length; t += Math.Max(1, (int)runs[t]))
            if (runs[t] > 0) lengths.Add(runs[t]);
        lengths.Sort();
        return lengths.Count == 0 ? 0 : lengths[Math.Min(lengths.Count - 1, (int)(UsualRun * lengths.Count))];
    }

    private static double Quantile(float[] signal, bool[] isStep, double at)
    {
        var values = new List<float>(signal.Length);
        for (int t = 0; t < signal.Length; t++)
            if (isStep[t]) values.Add(signal[t]);
        values.Sort();
        return values.Count == 0 ? 0 : values[Math.Min(values.Count - 1, (int)(at * values.Count))];
    }
}
