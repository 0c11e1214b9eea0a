using Lamina.Learning.Saving;
using Lamina.Learning.Texts;
using Lamina.Tasks.Spine;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Sequences;

/// <summary>Labels of the positions of sequences: those in files, and texts that are given.</summary>
/// <param name="predictor">The network.</param>
/// <param name="layoutOf">Finds how the lines of a file hold sequences.</param>
internal sealed class SequencePredictor(Predictor predictor, Func<string, SequenceLayout> layoutOf)
{
    private const int AtOnce = 16, Granularity = 32;

    private readonly SymbolVocabulary _vocabulary = predictor.Info.Inputs is [{ Preprocessing: [SymbolVocabulary vocabulary, ..] }, ..] ? vocabulary
        : throw new ArgumentException($"{predictor.Network} takes no sequences", nameof(predictor));

    /// <summary>The predictions in the order of the inputs; a group of them is held in memory.</summary>
    /// <exception cref="DataException">An input can't be used at all.</exception>
    public PredictionList Predict(PredictInput input, CancellationToken cancel)
    {
        foreach ((string name, _) in input.Values)
            if (name is not ("text" or SequencesTask.Symbol or "sequence"))
                throw new TaskException($"the run predicts from sequences alone, so '{name}' can't be given", "a text");
        // What can't be read is refused here, not when the first prediction is asked for.
        SequenceSet[] sets = [.. input.Files.Select(file => SequenceSet.Read(file, layoutOf(file), null, cancel))];
        IEnumerable<Item> items = input.Values.Select(v => new Item("-", null, _vocabulary.Split(v.Value)))
            .Concat(sets.SelectMany(set => Enumerable.Range(0, set.Count)
                .Select(i => new Item(set.Source, i + 1, [.. set.SymbolsOf(i).ToArray().Select(s => set.Symbols.Names[s])]))));
        return new(input.Values.Count + sets.Sum(s => s.Count), "sequence", items.Chunk(AtOnce).SelectMany(part =>
        {
            cancel.ThrowIfCancellationRequested();
            return Answer(part);
        }));
    }

    private IEnumerable<Prediction> Answer(Item[] part)
    {
        int features = _vocabulary.Features, labels = predictor.Classes.Count;
        // Long ones are computed in pieces, as they were learned.
        (int Item, int Start, int Steps)[] pieces = [.. part.SelectMany((item, i) =>
            Enumerable.Range(0, (item.Symbols.Length + SequenceSet.MostSteps - 1) / SequenceSet.MostSteps)
            .Select(p => (i, p * SequenceSet.MostSteps, Math.Min(SequenceSet.MostSteps, item.Symbols.Length - p * SequenceSet.MostSteps))))];
        var found = new PositionLabel[part.Length][];
        var unknown = new HashSet<string>[part.Length];
        for (int i = 0; i < part.Length; i++) (found[i], unknown[i]) = (new PositionLabel[part[i].Symbols.Length], []);
        foreach ((int Item, int Start, int Steps)[] some in pieces.Chunk(AtOnce))
        {
            // Few different lengths, since a plan is recorded for each.
            int steps = (some.Max(p => p.Steps) + Granularity - 1) / Granularity * Granularity;
            Tensor symbols = Tensor.Create<int>(new Shape(some.Length, steps, features), values =>
            {
                values.Clear();
                for (int p = 0; p < some.Length; p++)
                    for (int s = 0; s < some[p].Steps; s++)
                    {
                        string symbol = part[some[p].Item].Symbols[some[p].Start + s];
                        if (!_vocabulary.Encode(symbol, values.Slice((p * steps + s) * features, features)) && features == 1) unknown[some[p].Item]
                            .Add(symbol);
                    }
            });
            float[] answers = predictor.Predict(symbols).ToArray<float>();
            for (int p = 0; p < some.Length; p++)
                for (int s = 0; s < some[p].Steps; s++)
                {
                    ReadOnlySpan<float> own = answers.AsSpan((p * steps + s) * labels, labels);
                    WeightCheck.RequireFinite(own);
                    int best = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(own);
                    int at = some[p].Start + s;
                    found[some[p].Item][at] = new(part[some[p].Item].Symbols[at], predictor.Classes[best], own[best]);
                }
        }
        for (int i = 0; i < part.Length; i++)
        {
            yield return new Prediction(part[i].Source, [], found[i].Length == 0 ? "there is no symbol in it" : null)
            {
                Row = part[i].Number, Positions = found[i], Note = unknown[i].Count == 0 ? null
                    : $"unknown symbols: {Wording.Names([.. unknown[i].Order(StringComparer.Ordinal)])}",
            };
        }
    }

    private readonly record struct Item(string Source, int? Number, string[] Symbols);
}
