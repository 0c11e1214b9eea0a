namespace Lamina.Tasks.Detection;

/// <summary>How odd each step is, by kind: 1 is the threshold.</summary>
/// <param name="Kinds">Of each kind a score for each step.</param>
/// <param name="Columns">Of each kind the column that is oddest at each step.</param>
internal sealed record StepScores(float[][] Kinds, int[][] Columns)
{
    /// <summary>The score of a missing value: above the threshold, whatever the share.</summary>
    public const float OfMissing = 2;

    private const int KindCount = 4;

    /// <summary>The number of steps.</summary>
    public int Count => Kinds[0].Length;

    /// <summary>The greatest score of a step.</summary>
    public float this[int step]
    {
        get
        {
            float most = 0;
            foreach (float[] kind in Kinds) most = Math.Max(most, kind[step]);
            return most;
        }
    }

    /// <summary>Scores steps.</summary>
    /// <param name="values">(steps, columns) in standard units; NaN where a value is missing.</param>
    /// <param name="errors">(steps, columns): what is there less what the network makes of the rest; NaN where a value is missing.</param>
    /// <param name="isStep">Whether a step is one at all: between series there are none.</param>
    /// <param name="scale">What is usual; null: nothing is divided by it, so that it can be measured.</param>
    /// <param name="season">The steps of a season.</param>
    public static StepScores Of(float[] values, float[] errors, bool[] isStep, DetectionScale? scale, int season)
    {
        int steps = isStep.Length, columns = values.Length / Math.Max(1, steps);
        var scores = new StepScores([.. Enumerable.Range(0, KindCount).Select(_ => new float[steps])], [.. Enumerable.Range(0, KindCount).Select(_ => new int[steps])]);
        for (int c = 0; c < columns; c++)
        {
            float[] its = Column(values, c, columns);
            foreach ((AnomalyKind kind, float[] signal) in Each(its, Column(errors, c, columns), season, scale?.Columns[c])) scores.Join(kind, signal, c);
            for (int t = 0; t < steps; t++)
                if (isStep[t] && float.IsNaN(its[t])) scores.Join(AnomalyKind.Missing, t, OfMissing, c);
        }
        if (scale is not null)
            for (int k = 0; k < KindCount; k++)
                if (k != (int)AnomalyKind.Missing) Divide(scores.Kinds[k], scale.Thresholds[k]);
        return scores;
    }

    /// <summary>A column of (steps, columns).</summary>
    public static float[] Column(float[] values, int column, int columns)
    {
        var its = new float[values.Length / columns];
        for (int t = 0; t < its.Length; t++) its[t] = values[t * columns + column];
        return its;
    }

    /// <summary>The signals of one column, each relative to its own usual size.</summary>
    public static IEnumerable<(AnomalyKind Kind, float[] Signal)> Each(float[] values, float[] errors, int season, ColumnScales? scale)
    {
        (AnomalyKind, float[]) Of(AnomalyKind kind, float[] signal, double? usual)
        {
            if (usual is { } by) Divide(signal, by);
            return (kind, signal);
        }

        yield return Of(AnomalyKind.Spike, Signals.Spike(values), scale?.Spike);
        yield return Of(AnomalyKind.Drift, Signals.Level(errors, season), scale?.Level);
        yield return Of(AnomalyKind.Drift, Signals.Shift(errors, season), scale?.Shift);
        yield return Of(AnomalyKind.Frozen, Signals.Run(values), scale?.Run);
    }

    private void Join(AnomalyKind kind, float[] signal, int column)
    {
        for (int t = 0; t < signal.Length; t++) Join(kind, t, signal[t], column);
    }

    private void Join(AnomalyKind kind, int step, float score, int column)
    {
        if (score > Kinds[(int)kind][step]) (Kinds[(int)kind][step], Columns[(int)kind][step]) = (score, column);
    }

    private static void Divide(float[] signal, double by)
    {
        for (int t = 0; t < signal.Length; t++) signal[t] = (float)(signal[t] / by);
    }
}
