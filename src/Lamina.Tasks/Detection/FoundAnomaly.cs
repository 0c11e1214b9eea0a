namespace Lamina.Tasks.Detection;

/// <summary>A stretch of steps that is odd.</summary>
/// <param name="Kind">What is odd about it.</param>
/// <param name="First">Its first step.</param>
/// <param name="Last">Its last step.</param>
/// <param name="Columns">The columns that are odd, the oddest first.</param>
/// <param name="Score">The greatest score, where 1 is the threshold.</param>
internal sealed record FoundAnomaly(AnomalyKind Kind, int First, int Last, IReadOnlyList<int> Columns, double Score)
{
    private const int NearSpike = 2, MostColumns = 5;
    private const double Covered = 0.5;

    /// <summary>The odd stretches of scored steps, the oddest of each kind first.</summary>
    public static List<FoundAnomaly> In(StepScores scores, int season)
    {
        var all = new List<FoundAnomaly>();
        // A stretch that is frozen or missing is off its level too: the simpler reason is told.
        var explained = new bool[scores.Count];
        foreach (AnomalyKind kind in (AnomalyKind[])[AnomalyKind.Missing, AnomalyKind.Frozen, AnomalyKind.Spike, AnomalyKind.Drift])
        {
            List<FoundAnomaly> its = [.. Of(scores, kind, kind == AnomalyKind.Drift ? Math.Max(NearSpike, season) : NearSpike)
                .Where(a => Enumerable.Range(a.First, a.Last - a.First + 1).Count(t => explained[t]) < Covered * (a.Last - a.First + 1))];
            all.AddRange(its.OrderByDescending(a => a.Score * (kind is AnomalyKind.Missing or AnomalyKind.Frozen ? a.Last - a.First + 1
                : 1)).ThenBy(a => a.First));
            if (kind is AnomalyKind.Missing or AnomalyKind.Frozen)
                foreach (FoundAnomaly one in its) explained.AsSpan(Math.Max(0, one.First - 1),
                    Math.Min(scores.Count, one.Last + 2) - Math.Max(0, one.First - 1)).Fill(true);
        }
        return all;
    }

    // Steps above the threshold; those with at most a few others between them are one stretch.
    private static IEnumerable<FoundAnomaly> Of(StepScores scores, AnomalyKind kind, int near)
    {
        float[] its = scores.Kinds[(int)kind];
        int[] columns = scores.Columns[(int)kind];
        for (int t = 0; t < its.Length; t++)
        {
            if (its[t] < 1) continue;
            int last = t;
            for (int u = t + 1; u < its.Length && u - last <= near; u++)
                if (its[u] >= 1) last = u;
            (int first, double score) = (t, 0);
            var found = new Dictionary<int, int>();
            for (int u = first; u <= last; u++)
            {
                if (its[u] < 1) continue;
                score = Math.Max(score, its[u]);
                found[columns[u]] = found.GetValueOrDefault(columns[u]) + 1;
            }
            yield return new(kind, first, last, [.. found.OrderByDescending(f => f.Value).ThenBy(f => f.Key).Select(f => f.Key).Take(MostColumns)],
                score);
            t = last;
        }
    }
}
