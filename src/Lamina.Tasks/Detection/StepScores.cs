namespace Lamina.Tasks.Detection;

/// <summary>How odd each step is, by kind: 1 is the threshold.</summary>
/// <param name="Kinds">Of each kind a score for each step.</param>
/// <param name="Columns">Of each kind the column that is oddest at each step.</param>
internal sealed record StepScores(float[][] Kinds, int[][] Columns)
{
    /// <summary>The score of a missing value: above the threshold, whatever the share.</summary>
    public const float OfMissing = 2;

    /// <summary>The number of kinds.</summary>
    public const int KindCount = 4;

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
    /// <param name="values">(steps, columns) in robust units; NaN where a value is missing.</param>
    /// <param name="errors">(steps, columns): what is there less what the network makes of the rest; NaN where a value is missing.</param>
    /// <param name="isStep">Whether a step is one at all: between series there are none.</param>
    /// <param name="scale">What is usual.</param>
    /// <param name="season">The steps of a season.</param>
    public static StepScores Of(float[] values, float[] errors, bool[] isStep, DetectionScale scale, int season)
    {
        StepScores scores = Joint(values, errors, isStep, scale.Columns, season);
        for (int k = 0; k < KindCount; k++)
        {
            float[] its = scores.Kinds[k];
            for (int t = 0; t < its.Length && k != (int)AnomalyKind.Missing; t++)
            {
                its[t] = (float)(its[t] / scale.Thresholds[k]);
                // Most steps are a little rough: that is no reason to rank them beside the beginning of a drift.
                if (k == (int)AnomalyKind.Spike && its[t] < 1) its[t] *= its[t] * its[t];
            }
        }
        return scores;
    }

    /// <summary>The signals of all columns, of which the greatest counts, each relative to what is usual of its column.</summary>
    /// <inheritdoc cref="Of"/>
    /// <param name="values">(steps, columns) in robust units; NaN where a value is missing.</param>
    /// <param name="errors">(steps, columns): what is there less what the network makes of the rest; NaN where a value is missing.</param>
    /// <param name="isStep">Whether a step is one at all: between series there are none.</param>
    /// <param name="scales">What is usual of each column.</param>
    /// <param name="season">The steps of a season.</param>
    public static StepScores Joint(float[] values, float[] errors, bool[] isStep, IReadOnlyList<ColumnScales> scales, int season)
    {
        int steps = isStep.Length, columns = scales.Count;
        var scores = new StepScores([.. Enumerable.Range(0, KindCount).Select(_ => new float[steps])],
            [.. Enumerable.Range(0, KindCount).Select(_ => new int[steps])]);
        for (int c = 0; c < columns; c++)
        {
            ColumnSignals signals = ColumnSignals.Of(values, errors, c, columns, season);
            ColumnScales scale = scales[c];
            float[] drift = signals.Shift;
            for (int t = 0; t < steps; t++) drift[t] = (float)(signals.Level[t] / scale.Level + drift[t] / scale.Shift) / 2;
            drift = Signals.Widest(drift, season);
            for (int t = 0; t < steps; t++)
            {
                if (!isStep[t]) continue;
                scores.Join(AnomalyKind.Spike, t, (float)(signals.Spike[t] / scale.Spike), c);
                scores.Join(AnomalyKind.Drift, t, drift[t], c);
                scores.Join(AnomalyKind.Frozen, t, (float)(signals.Run[t] / scale.Run), c);
                if (float.IsNaN(values[t * columns + c])) scores.Join(AnomalyKind.Missing, t, OfMissing, c);
            }
        }
        return scores;
    }

    private void Join(AnomalyKind kind, int step, float score, int column)
    {
        if (score > Kinds[(int)kind][step]) (Kinds[(int)kind][step], Columns[(int)kind][step]) = (score, column);
    }
}

/// <summary>The signals of one column.</summary>
/// <param name="Spike">The distance from the neighbours.</param>
/// <param name="Level">The mean error over two seasons.</param>
/// <param name="Shift">Its distance from other such means.</param>
/// <param name="Run">The steps without a change.</param>
internal sealed record ColumnSignals(float[] Spike, float[] Level, float[] Shift, float[] Run)
{
    /// <summary>Of a column of (steps, columns).</summary>
    public static ColumnSignals Of(float[] values, float[] errors, int column, int columns, int season)
    {
        float[] its = Column(values, column, columns), off = Column(errors, column, columns);
        // A single column has no others to be held against: its own level is.
        return new(Signals.Spike(its), Signals.Level(off, 2 * season), Signals.Shift(columns == 1 ? its : off, 2 * season, season), Signals.Run(its));
    }

    private static float[] Column(float[] values, int column, int columns)
    {
        var its = new float[values.Length / columns];
        for (int t = 0; t < its.Length; t++) its[t] = values[t * columns + column];
        return its;
    }
}
