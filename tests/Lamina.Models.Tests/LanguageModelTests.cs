using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Models.Tests;

public class LanguageModelTests
{
    private static readonly LlamaOptions s_llama = new() { Vocabulary = 7, Context = 40, Layers = 2, Heads = 4, KeyValueHeads = 2, Width = 16, Hidden = 24 };

    private static Tensor Tokens(int batch, int steps)
    {
        var random = new Random(1);
        return Tensor.From([.. Enumerable.Range(0, batch * steps).Select(_ => (long)random.Next(7))], new Shape(batch, steps));
    }

    private static T Drawn<T>(T model) where T : Layer
    {
        model.Build([5], DType.Int64);
        model.Initialize(1);
        return model;
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(5, false)]
    [InlineData(1, false)]
    [InlineData(null, true)]
    public void ALlamaWritesOnAsItReads(int? window, bool tied)
    {
        Llama model = Drawn(new Llama(s_llama with { Window = window, Tied = tied }));
        Same(model, 3, 20);
    }

    [Theory]
    [InlineData(RecurrentCell.Rnn)]
    [InlineData(RecurrentCell.Gru)]
    [InlineData(RecurrentCell.Lstm)]
    public void ARecurrentModelWritesOnAsItReads(RecurrentCell cell) =>
        Same(Drawn(new RecurrentLanguageModel(new RecurrentLanguageModelOptions { Vocabulary = 7, Layers = 2, Width = 12, Cell = cell })), 3, 20);

    // The memory's logits of each step are those of the whole text; twice, so that it is known to forget.
    private static void Same<T>(T model, int batch, int steps) where T : Layer, ILanguageModel
    {
        Tensor tokens = Tokens(batch, steps), all = model.Forward(tokens);
        TokenMemory memory = model.CreateMemory(batch);
        for (int round = 0; round < 2; round++, memory.Clear())
            for (int t = 0; t < steps; t++)
            {
                Tensor logits = memory.Next(tokens[.., t..(t + 1)]), expected = all[.., t..(t + 1)].Reshape(batch, 7);
                // Sums of up to 24 products of values near 1, in another order.
                for (int i = 0; i < logits.Count; i++) Assert.Equal(expected.Element(i), logits.Element(i), 1e-5);
            }
    }

    [Fact]
    public void BeyondTheContextALlamaLooksThroughAWindow()
    {
        // The weights of a network with a context of 8, in one that takes more steps but sees 8 back.
        Llama small = Drawn(new Llama(s_llama with { Context = 8 })), wide = Drawn(new Llama(s_llama with { Window = 8 }));
        Tensor tokens = Tokens(1, 30), all = wide.Forward(tokens);
        TokenMemory memory = small.CreateMemory();
        for (int t = 0; t < 30; t++)
        {
            Tensor logits = memory.Next(tokens[.., t..(t + 1)]), expected = all[.., t..(t + 1)].Reshape(1, 7);
            for (int i = 0; i < logits.Count; i++) Assert.Equal(expected.Element(i), logits.Element(i), 1e-5);
        }
    }

    [Fact]
    public void ReplayedStepsAllocateNothing()
    {
        foreach (TokenMemory memory in (TokenMemory[])[Drawn(new Llama(s_llama with { Context = 5 })).CreateMemory(2),
            Drawn(new RecurrentLanguageModel(new RecurrentLanguageModelOptions { Vocabulary = 7, Width = 8 })).CreateMemory(2)])
        {
            Tensor token = Tokens(2, 1);
            for (int i = 0; i < 4; i++, memory.Clear())
                for (int j = 0; j < 7; j++) memory.Next(token);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 9; i++) memory.Next(token);
            memory.Clear();
            memory.Next(token);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void EachLearnsWhatFollowsWhat()
    {
        // Each token is the one before it plus two, modulo seven.
        long[] text = [.. Enumerable.Range(0, 4 * 13).Select(i => (i / 13 * 3 + i % 13 * 2) % 7L)];
        Tensor texts = Tensor.From(text, new Shape(4, 13));
        var batch = new Batch(texts[.., ..12].Keep(), texts[.., 1..].Keep());
        foreach (Layer model in (Layer[])[new Llama(s_llama), new RecurrentLanguageModel(new RecurrentLanguageModelOptions { Vocabulary = 7, Width = 16 })])
        {
            var step = new TrainStep(Drawn(model), new CrossEntropy(), new AdamW());
            double first = step.Run(batch, 0, 0.01).Loss.Item(), last = first;
            for (int i = 1; i < 80; i++) last = step.Run(batch, i, 0.01).Loss.Item();
            Assert.InRange(first, 1.7, 2.3);    // ln 7 = 1.95: it knows nothing
            Assert.InRange(last, 0, 0.1);
        }
    }

    [Fact]
    public void SaysWhatDoesNotFit()
    {
        Assert.Contains("41 steps are more than the context of 40", Assert.Throws<TensorException>(() => Drawn(new Llama(s_llama)).Forward(Tokens(1, 41))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Llama(s_llama with { KeyValueHeads = 3 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Llama(s_llama with { Width = 12 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Llama(s_llama with { Window = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentLanguageModel(new RecurrentLanguageModelOptions { Vocabulary = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Drawn(new Llama(s_llama)).CreateMemory(0));
    }
}
