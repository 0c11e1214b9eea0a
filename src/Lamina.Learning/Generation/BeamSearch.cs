using System.Numerics.Tensors;

namespace Lamina.Learning.Generation;

/// <summary>
/// The likeliest texts of a model that says what comes next: in each step the best few beginnings are kept, by the sum of ln p. Of texts that have ended
/// the best is chosen by that sum over (5 + length)^α / 6^α, since otherwise short ones win (Wu et al., 2016: "Google's neural machine translation
/// system"). Several texts are searched for at once, each with as many beams; a row of the model is a beam.
/// </summary>
/// <param name="vocabulary">The number of tokens.</param>
/// <param name="beams">Beginnings that are kept of each text, from 1; 1: always the likeliest token, until that is the end.</param>
/// <param name="end">The token that ends a text.</param>
/// <param name="lengthPenalty">α, 0 or more: the greater, the longer the texts.</param>
public sealed class BeamSearch(int vocabulary, int beams, int end, double lengthPenalty = 0.6)
{
    private readonly record struct Candidate(double Score, int Beam, int Token);

    /// <summary>Searches.</summary>
    /// <param name="most">For each text that is searched for the most tokens, from 1, the one that ends it not counted.</param>
    /// <param name="begin">The token that every text begins with.</param>
    /// <param name="step">
    /// Takes each row's last token, and the row whose beginning it goes on with; gives logits (rows · vocabulary), which are read before it is called
    /// again. Rows are texts · beams, the beams of a text side by side.
    /// </param>
    /// <param name="banned">Tokens that never come, such as padding.</param>
    /// <returns>Of each text its tokens, without beginning and end.</returns>
    public int[][] Search(IReadOnlyList<int> most, int begin, Func<int[], long[], ReadOnlySpan<float>> step, params IReadOnlyList<int> banned)
    {
        int texts = most.Count, rows = texts * beams;
        int[] tokens = [.. Enumerable.Repeat(begin, rows)];
        long[] from = [.. Enumerable.Range(0, rows).Select(i => (long)i)];
        // In the first step all beams of a text are the same, so only one counts.
        double[] scores = [.. Enumerable.Range(0, rows).Select(i => i % beams == 0 ? 0 : double.NegativeInfinity)];
        var written = new List<int>[rows];
        for (int i = 0; i < rows; i++) written[i] = [];
        var best = new (double Score, int[] Tokens)[texts];
        Array.Fill(best, (double.NegativeInfinity, []));
        var done = new bool[texts];
        for (int length = 1; length <= most.Max() + 1 && !done.All(d => d); length++)
        {
            ReadOnlySpan<float> logits = step(tokens, from);
            var next = new List<int>[rows];
            for (int text = 0; text < texts; text++)
            {
                if (done[text])
                {
                    // Its rows go on, since all are computed together, and nothing looks at them.
                    for (int row = text * beams; row < (text + 1) * beams; row++) (tokens[row], from[row], next[row]) = (end, row, []);
                    continue;
                }
                Candidate[] kept = Best(logits, scores, text * beams, banned);
                int beam = 0;
                for (int rank = 0; rank < kept.Length; rank++)
                {
                    Candidate c = kept[rank];
                    bool isLast = length > most[text];
                    if (c.Token == end || isLast)
                    {
                        double score = c.Score / Penalty(length);
                        // An end counts that is among the best continuations; at the length's limit there is nothing else to choose.
                        if (c.Token == end && (rank < beams || isLast) && score > best[text].Score) best[text] = (score, [.. written[c.Beam]]);
                        continue;
                    }
                    if (beam == beams) break;
                    int row = text * beams + beam++;
                    (tokens[row], from[row]) = (c.Token, c.Beam);
                    next[row] = [.. written[c.Beam], c.Token];
                }
                // Scores are written last: the candidates of this step were made of the old ones.
                int at = 0;
                foreach (Candidate c in kept.Where(c => c.Token != end).Take(beam)) scores[text * beams + at++] = c.Score;
                for (; at < beams; at++)
                {
                    int row = text * beams + at;
                    (tokens[row], from[row], scores[row], next[row]) = (end, row, double.NegativeInfinity, []);
                }
                // What goes on can only get worse, but the penalty grows: the best it could still reach.
                double reachable = scores[text * beams] / Penalty(most[text] + 1);
                done[text] = beam == 0 || best[text].Score > double.NegativeInfinity && (beams == 1 || best[text].Score >= reachable);
                if (length == most[text] && double.IsNegativeInfinity(best[text].Score)) best[text] = (double.MinValue, [.. next[text * beams]]);
            }
            written = next;
        }
        return [.. best.Select(b => b.Tokens)];
    }

    private double Penalty(int length) => Math.Pow((5.0 + length) / 6, lengthPenalty);

    // The best 2 · beams continuations of a text: so many that beams remain where each of the others ends.
    private Candidate[] Best(ReadOnlySpan<float> logits, double[] scores, int first, IReadOnlyList<int> banned)
    {
        var queue = new PriorityQueue<Candidate, (double, int, int)>();
        var powers = new float[vocabulary];
        for (int beam = first; beam < first + beams; beam++)
        {
            if (double.IsNegativeInfinity(scores[beam])) continue;
            ReadOnlySpan<float> row = logits.Slice(beam * vocabulary, vocabulary);
            float highest = TensorPrimitives.Max(row);
            TensorPrimitives.Subtract(row, highest, powers);
            TensorPrimitives.Exp(powers, powers);
            double normal = Math.Log(TensorPrimitives.Sum(powers)) + highest;
            for (int token = 0; token < vocabulary; token++)
            {
                double score = scores[beam] + row[token] - normal;
                if (queue.Count == 2 * beams && score <= queue.Peek().Score || banned.Contains(token) || double.IsNaN(score)) continue;
                var candidate = new Candidate(score, beam, token);
                // The least of those kept comes out first: of equal ones the last.
                if (queue.Count < 2 * beams) queue.Enqueue(candidate, (score, -beam, -token));
                else queue.EnqueueDequeue(candidate, (score, -beam, -token));
            }
        }
        var best = new Candidate[queue.Count];
        for (int i = best.Length; i-- > 0;) best[i] = queue.Dequeue();
        return best;
    }
}
