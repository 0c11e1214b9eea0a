using Lamina.Learning.Data;
using Lamina.Learning.Generation;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Models.Tests;

public class TranslatorTests
{
    private static readonly TranslatorOptions s_options = new() { Vocabulary = 12, EncoderLayers = 2, DecoderLayers = 2, Heads = 2, Width = 16, Hidden = 24, Dropout = 0 };

    private static TransformerTranslator Make()
    {
        var model = new TransformerTranslator(s_options);
        model.Build([new Spec(DType.Int32, [7]), new Spec(DType.Int32, [5])]);
        model.Initialize(1);
        return model;
    }

    // Sentences of 3 to 7 tokens from 3 on, padded with 0.
    private static Tensor Source(int batch, int steps = 7)
    {
        var random = new Random(3);
        return Tensor.From((int[])[.. Enumerable.Range(0, batch).SelectMany(_ =>
        {
            int length = random.Next(3, steps + 1);
            return Enumerable.Range(0, steps).Select(i => i < length ? random.Next(3, 12) : 0);
        })], new Shape(batch, steps));
    }

    [Fact]
    public void WritesOnAsItReadsWhateverRowsChangePlaces()
    {
        TransformerTranslator model = Make();
        Tensor source = Source(4), target = Tensor.From((int[])[.. Enumerable.Range(0, 20).Select(i => i * 7 % 12)], new Shape(4, 5));
        Tensor all = model.Forward([source, target])[0];
        Assert.Equal(new Shape(4, 5, 12), all.Shape);
        var memory = new TranslatorMemory(model, 4, 7, 6);
        for (int round = 0; round < 2; round++)
        {
            memory.Begin(source);
            for (int t = 0; t < 5; t++)
            {
                Tensor logits = memory.Write(target[.., t..(t + 1)], Tensor.From(0L, 1, 2, 3)), expected = all[.., t..(t + 1)].Reshape(4, 12);
                for (int i = 0; i < logits.Count; i++) Assert.Equal(expected.Element(i), logits.Element(i), 1e-5);
            }
        }
        // Sentences that are all the same: rows may be taken from one another.
        Tensor same = Tensor.Concat([source[..1], source[..1], source[..1], source[..1]], 0);
        memory.Begin(same);
        memory.Write(target[.., ..1], Tensor.From(0L, 1, 2, 3));
        Tensor swapped = memory.Write(target[.., 1..2], Tensor.From(2L, 2, 0, 1));
        Tensor text = Tensor.Concat([target.Rows(Tensor.From(2L, 2, 0, 1))[.., ..1], target[.., 1..2]], 1);
        Tensor whole = model.Forward([same, text])[0][.., 1..].Reshape(4, 12);
        for (int i = 0; i < swapped.Count; i++) Assert.Equal(whole.Element(i), swapped.Element(i), 1e-5);
    }

    [Fact]
    public void PaddingChangesNothing()
    {
        TransformerTranslator model = Make();
        Tensor source = Source(1, 4), target = Tensor.From((int[])[1, 5, 6], new Shape(1, 3));
        Tensor padded = Tensor.Concat([source, Tensor.From((int[])[0, 0, 0], new Shape(1, 3))], 1);
        Tensor expected = model.Forward([source, target])[0], actual = model.Forward([padded, target])[0];
        for (int i = 0; i < expected.Count; i++) Assert.Equal(expected.Element(i), actual.Element(i), 1e-5);
    }

    [Fact]
    public void LearnsToTurnSentencesRound()
    {
        // Target: the source backwards; 1 begins, 2 ends.
        const int Steps = 4;
        var random = new Random(5);
        int[][] sentences = [.. Enumerable.Range(0, 64).Select(_ => Enumerable.Range(0, Steps).Select(_ => random.Next(3, 12)).ToArray())];
        Tensor Of(Func<int[], IEnumerable<int>> tokens, int length) => Tensor.From((int[])[.. sentences.SelectMany(tokens)], new Shape(64, length));
        var batch = new Batch([Of(s => s, Steps), Of(s => [1, .. s.Reverse()], Steps + 1)], [Of(s => [.. s.Reverse(), 2], Steps + 1)]);
        TransformerTranslator model = Make();
        var step = new TrainStep(new Supervised(model, new CrossEntropy(labelSmoothing: 0.05, ignoreIndex: 0)), new AdamW());
        for (int i = 0; i < 250; i++) step.Run(batch, i, 0.005);

        var memory = new TranslatorMemory(model, 4 * 2, Steps, Steps + 2);
        int[][] some = sentences[..4];
        memory.Begin(Tensor.From((int[])[.. some.SelectMany(s => s.Concat(s))], new Shape(8, Steps)));
        int[][] found = new BeamSearch(12, 2, 2).Search([.. Enumerable.Repeat(Steps + 1, 4)], 1, (tokens, from) =>
            memory.Write(Tensor.From(tokens, new Shape(8, 1)), Tensor.From(from, new Shape(8))).Read<float>(), 0, 1);
        for (int i = 0; i < 4; i++) Assert.Equal(some[i].Reverse(), found[i]);
    }

    // Cross-attention computes a part of its projection at a time, and the table of vectors stands at both ends: each counts once.
    [Fact]
    public void TheRowsOfASummaryAddUp()
    {
        Spec steps = new(DType.Int32, [4]);
        Summary summary = Summary.Of(Make(), [steps, steps]);
        Assert.Equal(summary.Parameters, summary.Rows.Where(r => r.IsLeaf).Sum(r => r.Parameters));
    }

    [Fact]
    public void SaysWhatDoesNotFit()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransformerTranslator(s_options with { Heads = 3 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransformerTranslator(s_options with { Vocabulary = 2 }));
        var memory = new TranslatorMemory(Make(), 2, 7, 1);
        Assert.Contains("not (2, 7)", Assert.Throws<TensorException>(() => memory.Begin(Source(1))).Message);
        memory.Begin(Source(2));
        Tensor one = Tensor.From((int[])[1, 1], new Shape(2, 1)), rows = Tensor.From(0L, 1);
        memory.Write(one, rows);
        Assert.Contains("the memory is full", Assert.Throws<TensorException>(() => memory.Write(one, rows)).Message);
    }
}
