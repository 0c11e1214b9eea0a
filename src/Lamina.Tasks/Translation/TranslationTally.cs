using System.Numerics.Tensors;
using Lamina.Learning.Data;
using Lamina.Learning.Texts;
using Lamina.Models;
using Lamina.Tasks.Spine;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Translation;

/// <summary>
/// Translates a test set and measures it: BLEU over the whole of it (<see cref="Bleu"/>, capitals as small letters), and what the network says of the
/// right translations: the mean of −ln p(token), its exponential, and how often the likeliest token is right. Intervals are over sentences.
/// </summary>
/// <param name="output">What the network writes.</param>
/// <param name="recipe">How sentences become tokens.</param>
/// <param name="translator">Translates.</param>
/// <param name="set">The test set; null where only tokens are at hand.</param>
/// <param name="beams">Beams of the search.</param>
internal sealed class TranslationTally(TranslationOutput output, TranslationRecipe recipe, Translator translator, TranslationSet? set,
    int beams) : Tally
{
    private const int Columns = Bleu.CountsLength + 3;

    private readonly List<Measured> _sentences = [];
    private readonly Tokenizer _tokenizer = recipe.CreateTokenizer();

    private sealed record Measured(int Number, string Translation, double[] Counts, double Loss, int Right, int Tokens);

    public override int Count => _sentences.Count;

    public override void Add(Batch batch, Tensor prediction)
    {
        ReadOnlySpan<float> logits = prediction.Read<float>();
        WeightCheck.RequireFinite(logits);
        ReadOnlySpan<int> sources = batch.Inputs[0].Read<int>(), labels = batch.Target.Read<int>(), numbers = batch.Targets[1].Read<int>();
        int steps = labels.Length / batch.Count, kinds = output.Size;
        var texts = new (string Source, string Target)[batch.Count];
        var measured = new Measured[batch.Count];
        for (int i = 0; i < batch.Count; i++)
        {
            texts[i] = set is null ? (TextOf(sources.Slice(i * steps, steps)), TextOf(labels.Slice(i * steps, steps)))
                : (set.Source(numbers[i]), set.Target(numbers[i]));
            (double loss, int right, int tokens) = (0, 0, 0);
            for (int at = i * steps; at < (i + 1) * steps && labels[at] != SequencePairDataset.Padding; at++)
            {
                ReadOnlySpan<float> row = logits.Slice(at * kinds, kinds);
                int best = TensorPrimitives.IndexOfMax(row);
                double sum = 0;
                foreach (float logit in row) sum += Math.Exp((double)logit - row[best]);
                loss += Math.Log(sum) + row[best] - row[labels[at]];
                right += best == labels[at] ? 1 : 0;
                tokens++;
            }
            measured[i] = new(numbers[i], "", [], loss, right, tokens);
        }
        string[] translations = translator.Translate([.. texts.Select(t => recipe.OfSourceText(t.Source))], beams, recipe.Longest);
        for (int i = 0; i < batch.Count; i++)
            _sentences.Add(measured[i] with { Translation = translations[i], Counts = CountsOf(translations[i], texts[i].Target) });
    }

    public override TestReport Report(double loss, Func<int, Sample?> show) => new(Figures(), Count, [])
    {
        MistakesTitle = "translated worst",
        Worst = set is null ? [] : [.. Greatest(Count, MostWorst, i => -Bleu.ScoreOf(_sentences[i].Counts)).Select(i => Worst(_sentences[i], set))],
    };

    /// <summary>The counts of one translation.</summary>
    public static double[] CountsOf(string translation, string reference)
    {
        var bleu = new Bleu(lowerCase: true);
        bleu.Add(translation, reference);
        return bleu.Counts.ToArray();
    }

    private static WorstExample Worst(Measured one, TranslationSet set) =>
        new(FormattableString.Invariant($"BLEU {Bleu.ScoreOf(one.Counts):F1}"), "", null,
        new TextSample(set.Place(one.Number), $"{set.Source(one.Number)} → {one.Translation} (right: {set.Target(one.Number)})"));

    private string TextOf(ReadOnlySpan<int> tokens) => Translator.Decode(_tokenizer, tokens.ToArray());

    private Figures Figures()
    {
        var all = new double[Columns];
        for (int i = 0; i < Count; i++) Sum(i, all);
        Interval?[] intervals = Statistics.Bootstrap(Count, Columns, Sum, BleuOf, LossOf, s => Math.Exp(LossOf(s)), AccuracyOf);
        return new(("bleu", new(BleuOf(all), FigureKind.Score, intervals[0])), ("accuracy", new(AccuracyOf(all), FigureKind.Share, intervals[3])),
            ("perplexity", new(Math.Exp(LossOf(all)), FigureKind.Error, intervals[2])), ("loss", new(LossOf(all), FigureKind.Error, intervals[1])));
    }

    private void Sum(int sentence, Span<double> sums)
    {
        Measured one = _sentences[sentence];
        for (int c = 0; c < Bleu.CountsLength; c++) sums[c] += one.Counts[c];
        sums[^3] += one.Tokens;
        sums[^2] += one.Loss;
        sums[^1] += one.Right;
    }

    private static double BleuOf(double[] sums) => Bleu.ScoreOf(sums.AsSpan(0, Bleu.CountsLength));

    private static double LossOf(double[] sums) => sums[^2] / sums[^3];

    private static double AccuracyOf(double[] sums) => sums[^1] / sums[^3];
}
