using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Models.Tests;

public class GptTests
{
    private static readonly GptOptions s_options = new() { Vocabulary = 7, Context = 12, Layers = 2, Heads = 2, Width = 16 };

    private static Gpt Make(ulong seed = 1)
    {
        var model = new Gpt(s_options);
        model.Initialize(seed);
        return model;
    }

    private static Tensor Tokens(int batch, int steps, int seed = 1)
    {
        var random = new Random(seed);
        return Tensor.From([.. Enumerable.Range(0, batch * steps).Select(_ => (long)random.Next(s_options.Vocabulary))], new Shape(batch, steps));
    }

    [Fact]
    public void GivesLogitsForEachStep()
    {
        Gpt model = Make();
        Assert.Equal(new Shape(3, 5, 7), model.Forward(Tokens(3, 5)).Shape);
        Assert.Equal("Gpt(2 × 16, 2 heads, context 12, 7 tokens)", model.ToString());
        // Embeddings; per block two norms, the projections and the dense layers, with biases; the last norm; the head without one.
        const int Block = 2 * 2 * 16 + (16 * 48 + 48) + (16 * 16 + 16) + (16 * 64 + 64) + (64 * 16 + 16);
        Assert.Equal((7 + 12) * 16 + 2 * Block + 2 * 16 + 16 * 7, model.ParameterCount);
    }

    [Fact]
    public void AStepSeesNothingOfWhatFollows()
    {
        Gpt model = Make();
        Tensor tokens = Tokens(2, 10), changed = Tensor.Concat([tokens[.., ..6], 6 - tokens[.., 6..]], 1);
        float[] before = model.Forward(tokens)[.., ..6].ToArray<float>(), after = model.Forward(changed)[.., ..6].ToArray<float>();
        Assert.Equal(before, after);
        Assert.NotEqual(model.Forward(tokens)[.., 6..].ToArray<float>(), model.Forward(changed)[.., 6..].ToArray<float>());
    }

    [Fact]
    public void LearnsWhatFollowsWhat()
    {
        // Each token is the one before it plus two, modulo seven.
        long[] text = [.. Enumerable.Range(0, 4 * 13).Select(i => (i / 13 * 3 + i % 13 * 2) % 7L)];
        Tensor texts = Tensor.From(text, new Shape(4, 13));
        var batch = new Batch(texts[.., ..12].Keep(), texts[.., 1..].Keep());
        Gpt model = Make();
        var step = new TrainStep(model, new CrossEntropy(), new AdamW());
        double first = step.Run(batch, 0, 0.01).Loss.Item(), last = first;
        for (int i = 1; i < 60; i++) last = step.Run(batch, i, 0.01).Loss.Item();
        Assert.InRange(first, 1.8, 2.1);    // ln 7 = 1.95: it knows nothing
        Assert.InRange(last, 0, 0.05);

        var memory = new KeyValueMemory(model);
        Tensor token = Tensor.From([3L], new Shape(1, 1));
        for (int i = 0; i < 8; i++)
        {
            Tensor next = memory.Next(token).ArgMax(-1).Reshape(1, 1);
            Assert.Equal((token.Item() + 2) % 7, next.Item());
            token = next;
        }
    }

    [Fact]
    public void WritingOnGivesWhatTheWholeTextGives()
    {
        Gpt model = Make();
        Tensor tokens = Tokens(3, 12), all = model.Forward(tokens);
        var memory = new KeyValueMemory(model, 3);
        for (int round = 0; round < 2; round++, memory.Clear())
            for (int t = 0; t < 12; t++)
            {
                Tensor logits = memory.Next(tokens[.., t..(t + 1)]), expected = all[.., t..(t + 1)].Reshape(3, 7);
                Assert.Equal(t + 1, memory.Count);
                // Sums of up to 64 products of values near 1, in another order.
                for (int i = 0; i < logits.Count; i++) Assert.Equal(expected.Element(i), logits.Element(i), 1e-5);
            }
    }

    [Fact]
    public void BeyondTheContextTheNewerHalfIsReadAgain()
    {
        Gpt model = Make();
        Tensor tokens = Tokens(2, 30);
        var memory = new KeyValueMemory(model, 2);
        for (int t = 0, begin = 0; t < 30; t++)
        {
            if (t - begin == 12) begin = t - 6;
            Tensor logits = memory.Next(tokens[.., t..(t + 1)].Keep()), expected = model.Forward(tokens[.., begin..(t + 1)])[.., ^1..].Reshape(2, 7);
            for (int i = 0; i < logits.Count; i++) Assert.Equal(expected.Element(i), logits.Element(i), 1e-5);
        }
    }

    [Fact]
    public void AReplayedStepAllocatesNothing()
    {
        var memory = new KeyValueMemory(Make(), 2);
        Tensor token = Tokens(2, 1);
        for (int i = 0; i < 6; i++, memory.Clear())
            for (int j = 0; j < 3; j++) memory.Next(token);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 5; i++) memory.Next(token);
        memory.Clear();
        memory.Next(token);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void SaysWhatDoesNotFit()
    {
        Gpt model = Make();
        Assert.Contains("13 steps are more than the context of 12", Assert.Throws<TensorException>(() => model.Forward(Tokens(1, 13))).Message);
        Assert.Contains("takes tokens (batch, steps), not (5)", Assert.Throws<TensorException>(() => model.Forward(Tensor.From(1L, 2, 3, 4, 5))).Message);
        Assert.Contains("out of range 0 to 6", Assert.Throws<TensorException>(() => model.Forward(Tensor.From([7L], new Shape(1, 1)))).Message);
        var memory = new KeyValueMemory(model, 2);
        Assert.Contains("has shape (2, 1), not (1, 1)", Assert.Throws<TensorException>(() => memory.Next(Tokens(1, 1))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Gpt(s_options with { Heads = 3 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Gpt(s_options with { Vocabulary = 1 }));
    }
}
