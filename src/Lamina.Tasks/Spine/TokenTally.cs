using System.Numerics.Tensors;
using Lamina.Learning.Data;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Spine;

/// <summary>
/// Measures what a language model says of the tokens of a text: the mean of −ln p(token) in nats (<c>loss</c>), its exponential (<c>perplexity</c>),
/// in bits a character, and how often the likeliest token is right. Intervals are over pieces of the text, since neighbouring tokens hang together.
/// </summary>
internal sealed class TokenTally(TokenOutput output, int capacity) : Tally
{
    private readonly List<Piece> _pieces = new(capacity);
    private double _unigram;
    private int _tokens;

    /// <summary>What was measured of a piece of a text.</summary>
    /// <param name="Loss">The sum of −ln p.</param>
    /// <param name="Right">How often the likeliest token was right.</param>
    /// <param name="Tokens">The number of tokens.</param>
    public readonly record struct Piece(double Loss, int Right, int Tokens);

    public override int Count => _pieces.Count;

    public override void Add(Batch batch, Tensor prediction)
    {
        ReadOnlySpan<float> logits = prediction.Read<float>();
        WeightCheck.RequireFinite(logits);
        ReadOnlySpan<int> labels = batch.Target.Read<int>();
        int steps = labels.Length / batch.Count, kinds = output.Size;
        double all = output.Counts.Sum() + (double)kinds;
        for (int i = 0; i < batch.Count; i++)
        {
            double loss = 0;
            int right = 0;
            for (int at = i * steps; at < (i + 1) * steps; at++)
            {
                ReadOnlySpan<float> row = logits.Slice(at * kinds, kinds);
                int best = TensorPrimitives.IndexOfMax(row);
                double sum = 0;
                foreach (float logit in row) sum += Math.Exp((double)logit - row[best]);
                loss += Math.Log(sum) + row[best] - row[labels[at]];
                right += best == labels[at] ? 1 : 0;
                _unigram -= Math.Log((output.Counts[labels[at]] + 1) / all);
            }
            _pieces.Add(new(loss, right, steps));
            _tokens += steps;
        }
    }

    public override TestReport Report(double loss, Func<int, Sample?> show)
    {
        int most = Enumerable.Range(0, output.Size).MaxBy(t => output.Counts[t]);
        return new(FiguresOf(_pieces, output), Count, [])
        {
            Baseline = _tokens == 0 ? null : new($"every {output.Item} as often as in the training text",
                new(("loss", new(_unigram / _tokens, FigureKind.Error)), ("perplexity", new(Math.Exp(_unigram / _tokens), FigureKind.Error)),
                    ("bitsPerCharacter", new(_unigram / _tokens / Math.Log(2) / output.CharactersEach, FigureKind.Error)))),
            MistakesTitle = "most surprising",
            Worst = [.. Greatest(Count, MostWorst, i => _pieces[i].Loss).Select(i => new WorstExample(
                FormattableString.Invariant($"{_pieces[i].Loss / _pieces[i].Tokens:F2} nats"), "", null, show(i))).Where(w => w.Sample is not null)],
        };
    }

    /// <summary>The figures of pieces.</summary>
    public static Figures FiguresOf(IReadOnlyList<Piece> pieces, TokenOutput output)
    {
        double loss = pieces.Sum(p => p.Loss), tokens = pieces.Sum(p => (double)p.Tokens), right = pieces.Sum(p => (double)p.Right);
        Interval?[] intervals = Statistics.Bootstrap(pieces.Count, 3,
            (i, sums) => (sums[0], sums[1], sums[2]) = (sums[0] + pieces[i].Tokens, sums[1] + pieces[i].Loss, sums[2] + pieces[i].Right),
            s => s[1] / s[0], s => Math.Exp(s[1] / s[0]), s => s[1] / s[0] / Math.Log(2) / output.CharactersEach, s => s[2] / s[0]);
        return new(("loss", new(loss / tokens, FigureKind.Error, intervals[0])), ("perplexity", new(Math.Exp(loss / tokens), FigureKind.Error, intervals[1])),
            ("bitsPerCharacter", new(loss / tokens / Math.Log(2) / output.CharactersEach, FigureKind.Error, intervals[2])),
            ("accuracy", new(right / tokens, FigureKind.Share, intervals[3])));
    }
}
