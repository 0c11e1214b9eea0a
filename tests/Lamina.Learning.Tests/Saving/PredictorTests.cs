using System.Diagnostics;
using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Learning.Saving;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Saving;

using Tensors = Lamina.Tensors.Tensors;

public sealed class PredictorTests : IDisposable
{
    private static readonly Normalization s_scale = new([1f, -2f, 0.5f], [2f, 0.25f, 1f]);

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"lamina-{Guid.NewGuid():N}.safetensors");

    public void Dispose() => File.Delete(_path);

    private static Sequential Network()
    {
        var network = new Sequential(new Linear(16), new Tanh(), new BatchNorm(), new Linear(2));
        network.Build([3]);
        network.Initialize(3);
        return network;
    }

    private static Tensor Input(int rows, int seed = 1)
    {
        var random = new RandomStream((ulong)seed);
        return Tensor.Create<float>([rows, 3], values => { foreach (ref float value in values) value = random.NextSingle(); });
    }

    private Predictor Loaded(Network network, ModelInfo info)
    {
        Model.Save(_path, network, info);
        return Predictor.Load(_path);
    }

    [Fact]
    public void RowsAreNormalisedAndClassesHaveNames()
    {
        Sequential network = Network();
        Predictor predictor = Loaded(network, ModelInfo.Of([new NumberColumns(["a", "b", "c"]), new NormalizeNumbers(s_scale)], new ClassLabels(["no", "yes"])));
        float[] row = [3f, -1f, 0.25f], normal = new float[3];
        s_scale.Apply(row, normal);
        float[] expected = network.Forward(Tensor.From(normal, [1, 3])).Softmax().Read<float>().ToArray();
        Assert.Equal(expected, predictor.PredictRow(row).Read<float>().ToArray());
        Assert.Equal(expected, predictor.PredictRows([["3", "-1", "2.5e-1"]]).Read<float>().ToArray());
        ClassScore best = Assert.Single(Assert.Single(predictor.Classify(Tensor.From(row, [1, 3]))));
        Assert.Equal((expected[0] > expected[1] ? "no" : "yes", (double)expected.Max()), (best.Name, best.Probability));
        Assert.Equal(2, predictor.Classify(Tensor.From(row, [1, 3]), top: 2)[0].Count);
        Assert.Contains("row 0, column b: 'x' is no number", Assert.Throws<FormatException>(() => predictor.PredictRows([["1", "x", "2"]])).Message);
        Assert.Contains("was not saved as a model of texts", Assert.Throws<InvalidOperationException>(() => predictor.PredictTexts("a")).Message);
    }

    [Fact]
    public void IndependentLabelsHaveAProbabilityEach()
    {
        Sequential network = Network();
        Predictor predictor = Loaded(network, ModelInfo.Of(output: new IndependentLabels(["a", "b"])));
        Tensor x = Input(3);
        Assert.Equal(network.Forward(x).Sigmoid().Read<float>().ToArray(), predictor.Predict(x).Read<float>().ToArray());
        Assert.Equal(["a", "b"], Assert.IsType<IndependentLabels>(predictor.Info.Outputs[0].Meaning).Names);
        Assert.Empty(predictor.Classes);
        Assert.Contains("3 labels have names", Assert.Throws<TensorException>(() =>
            new Predictor(network, ModelInfo.Of(output: new IndependentLabels(["a", "b", "c"]))).Predict(x)).Message);
    }

    [Fact]
    public void PixelsAreScaledAsInTraining()
    {
        var network = new Flatten();
        byte[] pixels = [0, 17, 255, 128, 1, 254];
        var expected = new float[6];
        s_scale.Apply(pixels, expected);
        Tensor answer = Loaded(network, ModelInfo.Of([new NormalizePixels(s_scale)])).Predict(Tensor.From(pixels, [1, 1, 2, 3]));
        Assert.Equal(expected, answer.Read<float>().ToArray());
    }

    [Fact]
    public void TextsBecomeTheirCharacters()
    {
        var network = new Embedding(3, 2);
        Predictor predictor = Loaded(network, ModelInfo.Of([new CharacterTokens("abc")]));
        Assert.Equal(network.Forward(Tensor.From([2L, 0L], [1, 2])).Read<float>().ToArray(), predictor.PredictTexts("ca").Read<float>().ToArray());
        Assert.Contains("'d' is not in the alphabet", Assert.Throws<FormatException>(() => predictor.PredictTexts("ad")).Message);
        Assert.Contains("the same length", Assert.Throws<FormatException>(() => predictor.PredictTexts("ab", "a")).Message);
    }

    [Fact]
    public void QuantitiesComeInTheirUnits()
    {
        Sequential network = Network();
        Predictor predictor = Loaded(network, ModelInfo.Of(output: new Quantities(["u", "v"], ["m", "kg"], [2f, 3f], [10f, -1f])));
        float[] y = network.Forward(Input(1)).Read<float>().ToArray();
        Assert.Equal([y[0] * 2 + 10, y[1] * 3 - 1], predictor.Predict(Input(1)).Read<float>().ToArray());
    }

    [Fact]
    public void LargeBatchesAreAnsweredInParts()
    {
        Sequential network = Network();
        var predictor = new Predictor(network) { BatchSize = 4 };
        Tensor x = Input(11);
        float[] expected = network.Forward(x).Read<float>().ToArray(), given = new float[22];
        Near(expected, predictor.Predict(x).Read<float>());
        predictor.Predict(x, given);
        Near(expected, given);
        Assert.Throws<ArgumentException>(() => predictor.Predict(Input(2), new float[3]));
        Assert.Throws<TensorException>(() => predictor.Predict(Tensor.Of(1f)));

        // A product of few rows may add in another order than one of many.
        static void Near(ReadOnlySpan<float> expected, ReadOnlySpan<float> found)
        {
            Assert.Equal(expected.Length, found.Length);
            for (int i = 0; i < found.Length; i++) Assert.Equal(expected[i], found[i], 1e-5f);
        }
    }

    [Fact]
    public void SeveralInputsAndOutputs()
    {
        var network = new TwoInputs(4);
        Tensors x = [Input(2), Input(2, 5)], y = network.Forward(x), z = new Predictor(network).Predict(x);
        Assert.Equal(2, z.Count);
        for (int i = 0; i < 2; i++) Assert.Equal(y[i].ReadBytes().ToArray(), z[i].ReadBytes().ToArray());
    }

    [Fact]
    public void EightThreadsGetTheirOwnAnswers()
    {
        Sequential network = Network();
        Predictor predictor = Loaded(network, ModelInfo.Of(output: new ClassLabels(["no", "yes"])));
        Tensor[] inputs = [.. Enumerable.Range(0, 32).Select(i => Input(1 + i % 5, i))];
        float[][] expected = [.. inputs.Select(x => network.Forward(x).Softmax().Read<float>().ToArray())];
        int wrong = 0;
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(t => new Thread(() =>
        {
            var answer = new float[10];
            for (int i = 0; i < 400; i++)
            {
                int at = (i * 7 + t * 3) % inputs.Length;
                Span<float> to = answer.AsSpan(0, expected[at].Length);
                predictor.Predict(inputs[at], to);
                if (!to.SequenceEqual(expected[at])) Interlocked.Increment(ref wrong);
                if (i % 50 == 0 && !predictor.Predict(inputs[at]).Read<float>().SequenceEqual(expected[at])) Interlocked.Increment(ref wrong);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void ACallAllocatesNothingButTheAnswer()
    {
        Predictor predictor = Loaded(Network(), ModelInfo.Of([new NormalizeNumbers(s_scale)], new ClassLabels(["no", "yes"])));
        Tensor x = Input(3);
        var answer = new float[6];
        for (int i = 0; i < 3; i++) predictor.Predict(x, answer);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) predictor.Predict(x, answer);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void TwoCallersDoMoreThanOne()
    {
        if (Environment.ProcessorCount < 2) return;
        Predictor predictor = Loaded(new Sequential(new Linear(3, 256), new Tanh(), new Linear(256, 256), new Tanh(), new Linear(256, 2)), new ModelInfo());
        Tensor x = Input(8);
        double one = 0, two = 0;
        // The most of each over interleaved tries: other work on the machine can only make either less. While other tests have both cores, two
        // callers have to wait for a moment of their own.
        for (int i = 0; i < 5 || i < 30 && two < 1.7 * one || i < 200 && two < 1.2 * one; i++) (one, two) = (Math.Max(one, Calls(1)), Math.Max(two, Calls(2)));
        TestContext.Current.TestOutputHelper?.WriteLine($"two callers did {two / one:F2} times as much as one");
        // 1.7 on a quiet machine; callers that waited for each other would do 1.0 at most.
        Assert.True(two >= 1.2 * one, $"two callers did {two / one:F2} times as much as one");

        double Calls(int callers)
        {
            long[] done = new long[callers];
            Thread[] threads = [.. Enumerable.Range(0, callers).Select(t => new Thread(() =>
            {
                var answer = new float[16];
                var watch = Stopwatch.StartNew();
                long count = 0;
                for (; watch.ElapsedMilliseconds < 60; count++) predictor.Predict(x, answer);
                done[t] = count;
            }))];
            foreach (Thread thread in threads) thread.Start();
            foreach (Thread thread in threads) thread.Join();
            return done.Sum();
        }
    }
}
