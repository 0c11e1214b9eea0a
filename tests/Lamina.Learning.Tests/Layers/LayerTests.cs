using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Layers;

public class LayerTests
{
    private static readonly Tensor s_images = Tensor.Ones((2, 8, 6, 3));

    public static TheoryData<Layer, int[], string> Shapes => new()
    {
        { new Conv2d(5, 3), [2, 6, 4, 5], "Conv2d(5, 3×3)" },
        { new Conv2d(5, 3, 2, Padding.Same), [2, 4, 3, 5], "Conv2d(5, 3×3, stride 2, same)" },
        { new Conv2d(6, (3, 2), (1, 2), Padding.Of(1, 0, 2, 1), (2, 1), 3), [2, 7, 3, 6], "Conv2d(6, 3×2, stride 1×2, padding 1+2×0+1, dilation 2×1, groups 3)" },
        { new MaxPool2d(2), [2, 4, 3, 3], "MaxPool2d(2×2)" },
        { new MaxPool2d(3, 2, Padding.Same), [2, 4, 3, 3], "MaxPool2d(3×3, stride 2, same)" },
        { new AvgPool2d((2, 3)), [2, 4, 2, 3], "AvgPool2d(2×3)" },
        { new GlobalAveragePool(), [2, 3], "GlobalAveragePool" },
        { new Flatten(), [2, 144], "Flatten" },
        { new ReshapeTo(-1, 9), [2, 16, 9], "ReshapeTo(-1, 9)" },
        { new Linear(4, bias: false), [2, 8, 6, 4], "Linear(3, 4)" },
        { new BatchNorm(), [2, 8, 6, 3], "BatchNorm(3)" },
        { new LayerNorm(), [2, 8, 6, 3], "LayerNorm(3)" },
        { new GroupNorm(3), [2, 8, 6, 3], "GroupNorm(3 groups)" },
        { new Dropout(0.2), [2, 8, 6, 3], "Dropout(0.2)" },
        { new Gelu(approximate: true), [2, 8, 6, 3], "Gelu(tanh)" },
        { new Sequential(new ReshapeTo(-1, 6), new MultiHeadAttention(6, 3, causal: true)), [2, 24, 6], "Sequential(2 layers)" },
        { new Residual(new Conv2d(3, 3, padding: 1)), [2, 8, 6, 3], "Residual" },
        { new Sequential { new Relu(), new Tanh(), new Sigmoid(), new Silu(), new Softplus(), new Softmax(), new LeakyRelu() }, [2, 8, 6, 3], "Sequential(7 layers)" },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ShapesAreInferred(Layer layer, int[] shape, string text)
    {
        Assert.Equal(new Shape(shape), layer.Forward(s_images).Shape);
        Assert.Equal(new Shape(shape), layer.Forward(s_images, Pass.Training(1, 0)).Shape);
        Assert.Equal(text, layer.ToString());
    }

    [Fact]
    public void EmbeddingsAreRowsByNumber()
    {
        var layer = new Embedding(5, 3);
        Tensor y = layer.Forward(Tensor.From([4L, 0, 4, 2], [2, 2]));
        Assert.Equal(new Shape(2, 2, 3), y.Shape);
        float[] table = layer.Weight.Value.ToArray<float>();
        Assert.Equal([.. table[12..15], .. table[0..3], .. table[12..15], .. table[6..9]], y.ToArray<float>());
        Assert.Equal("Embedding(5, 3)", layer.ToString());
        Says(layer, Tensor.Ones((2, 2)), "the input is float32, not whole numbers");
        Says(layer, Tensor.From(1L, 5), "index 5 at (1) is out of range 0 to 4");
    }

    [Fact]
    public void AttentionLooksWhereItMay()
    {
        Tensor x = Tensor.From([.. Enumerable.Range(0, 40).Select(i => MathF.Sin(i))], (1, 5, 8)), changed = Tensor.Concat([x[.., ..3], x[.., 3..] * 7], 1);
        var causal = new MultiHeadAttention(8, 2, causal: true);
        Assert.Equal("MultiHeadAttention(8, 2 heads, causal)", causal.ToString());
        float[] before = causal.Forward(x).ToArray<float>(), after = causal.Forward(changed).ToArray<float>();
        Assert.Equal(before[..24], after[..24]);
        Assert.NotEqual(before[24], after[24]);

        var all = new MultiHeadAttention(8, 2);
        Tensor mask = Tensor.From([true, true, true, false, false], [5]);
        Assert.NotEqual(all.Forward(x)[.., ..3].ToArray<float>(), all.Forward(changed)[.., ..3].ToArray<float>());
        Assert.Equal(all.Attend(x, mask)[.., ..3].ToArray<float>(), all.Attend(changed, mask)[.., ..3].ToArray<float>());
        Says(all, Tensor.Ones((5, 8)), "the input has shape (5, 8), not (batch, steps, 8)");
        Assert.Throws<ArgumentOutOfRangeException>(() => new MultiHeadAttention(8, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MultiHeadAttention(8, 4, keyValueHeads: 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MultiHeadAttention(8, 4, window: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MultiHeadAttention(12, 4, rotary: new RotaryEmbedding()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RotaryEmbedding(1));
    }

    // A variant of attention is plain attention with other weights, or with a mask.
    [Fact]
    public void GroupsShareKeysAndValues()
    {
        Tensor x = Tensor.From([.. Enumerable.Range(0, 40).Select(i => MathF.Sin(i))], (1, 5, 8));
        var grouped = new MultiHeadAttention(8, 4, causal: true, keyValueHeads: 2);
        Assert.Equal("MultiHeadAttention(8, 4 heads, 2 of keys and values, causal)", grouped.ToString());
        grouped.Initialize(3);
        var plain = new MultiHeadAttention(8, 4, causal: true);
        plain.Initialize(4);
        // Columns: 8 of queries, then keys of 2 heads of 2, then values.
        int[] columns = [.. Enumerable.Range(0, 8), 8, 9, 8, 9, 10, 11, 10, 11, 12, 13, 12, 13, 14, 15, 14, 15];
        Tensor weight = grouped.Projection.Weight.Value;
        plain.Projection.Weight.Value = Tensor.Concat([.. columns.Select(c => weight.Narrow(1, c, 1))], 1);
        plain.Output.Weight.Value = grouped.Output.Weight.Value;
        Near(plain.Forward(x), grouped.Forward(x));
    }

    [Fact]
    public void AWindowIsAMask()
    {
        Tensor x = Tensor.From([.. Enumerable.Range(0, 48).Select(i => MathF.Sin(i))], (1, 6, 8));
        foreach (bool causal in (bool[])[false, true])
        {
            MultiHeadAttention near = new(8, 2, causal, window: 3), all = new(8, 2, causal);
            near.Initialize(3);
            all.Initialize(3);
            Tensor mask = Tensor.From([.. Enumerable.Range(0, 36).Select(i => Math.Abs(i / 6 - i % 6) < 3)], [6, 6]);
            Near(all.Attend(x, mask), near.Forward(x));
            // Together with a mask of padding, as bool and as numbers that are added.
            Tensor steps = Tensor.From([1f, 1, 1, 1, 0, 0], [1, 6]), padding = MultiHeadAttention.Padding(steps);
            Near(all.Attend(x, Tensor.Where(padding, mask, Tensor.From([false], []))), near.Attend(x, padding));
            Tensor added = Tensor.Where(padding, Tensor.Full([], 0, DType.Float32), Tensor.Full([], float.NegativeInfinity, DType.Float32));
            Near(near.Attend(x, padding), near.Attend(x, added));
        }
    }

    [Fact]
    public void AttentionToItselfAsAnotherIsAttention()
    {
        Tensor x = Tensor.From([.. Enumerable.Range(0, 40).Select(i => MathF.Sin(i))], (1, 5, 8));
        var layer = new MultiHeadAttention(8, 2);
        layer.Initialize(3);
        Near(layer.Forward(x), layer.AttendTo(x, x));
        Assert.Equal(new Shape(1, 2, 8), layer.AttendTo(x[.., ..2], x).Shape);
        Near(layer.Forward(x)[.., ..2], layer.AttendTo(x[.., ..2], x));
    }

    [Fact]
    public void RotationTurnsByPosition()
    {
        // Published: feature i and i + half are a point, turned by position · base^(−2i / width).
        var layer = new RotaryEmbedding(100);
        Tensor x = Tensor.From([.. Enumerable.Range(0, 2 * 3 * 2 * 4).Select(i => MathF.Cos(i))], (2, 3, 2, 4)), y = layer.Forward(x);
        for (int b = 0; b < 2; b++)
            for (int t = 0; t < 3; t++)
                for (int h = 0; h < 2; h++)
                    for (int i = 0; i < 2; i++)
                    {
                        int at = ((b * 3 + t) * 2 + h) * 4 + i;
                        double angle = t * Math.Pow(100, -i / 2.0), first = x.Element(at), second = x.Element(at + 2);
                        Assert.Equal(first * Math.Cos(angle) - second * Math.Sin(angle), y.Element(at), 1e-6);
                        Assert.Equal(second * Math.Cos(angle) + first * Math.Sin(angle), y.Element(at + 2), 1e-6);
                    }
        for (int t = 0; t < 3; t++) Near(y[.., t..(t + 1)], layer.At(x[.., t..(t + 1)], Tensor.Of((long)t)));
        // Far out it still turns: the angle of step 10,000,019 by double arithmetic.
        Tensor one = Tensor.From([1f, 0, 0, 0], (1, 1, 1, 4)), far = layer.At(one, Tensor.Of(10_000_019L));
        Assert.Equal(Math.Cos(10_000_019), far.Element(0), 1e-6);
        Assert.Equal(Math.Sin(10_000_019), far.Element(2), 1e-6);
        Says(layer, Tensor.Ones((2, 3, 2, 3)), "not (batch, steps, heads, an even width)");
    }

    // Sums of up to 16 products of values below 1, in another order.
    private static void Near(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        for (int i = 0; i < expected.Count; i++) Assert.Equal(expected.Element(i), actual.Element(i), 2e-6);
    }

    [Fact]
    public void SequencesKeepTheirOrder()
    {
        Tensor x = Tensor.Ones((2, 9, 3));
        Assert.Equal(new Shape(2, 9, 4), new Conv1d(4, 3, padding: Padding.Causal, dilation: 2).Forward(x).Shape);
        Assert.Equal(new Shape(2, 5, 4), new Conv1d(4, 3, 2, Padding.Same).Forward(x).Shape);
        Assert.Equal(new Shape(2, 4, 3), new MaxPool1d(2).Forward(x).Shape);
        Assert.Equal(new Shape(2, 5, 3), new AvgPool1d(2, padding: Padding.Of(0, 1)).Forward(x).Shape);
        Assert.Equal(new Shape(2, 3), new GlobalAveragePool().Forward(x).Shape);
        Assert.Equal(new Shape(2, 9, 4), new Rnn(4).Forward(x).Shape);
        Assert.Equal(new Shape(2, 9, 4), new Lstm(4).Forward(x).Shape);
        Assert.Equal(new Shape(2, 9, 4), new Gru(4).Forward(x).Shape);

        var causal = new Conv1d(1, 3, padding: Padding.Causal);
        float[] before = causal.Forward(x).ToArray<float>(), after = causal.Forward(Tensor.Concat([x[.., ..5], x[.., 5..] * 7], 1)).ToArray<float>();
        Assert.Equal(before[..5], after[..5]);
        Assert.NotEqual(before[5], after[5]);
    }

    [Fact]
    public void InputsThatDoNotFitSayWhatFits()
    {
        Says(new Conv2d(5, 3), Tensor.Ones((8, 6, 3)), "Conv2d(5, 3×3): the input has shape (8, 6, 3), not (batch, height, width, channels)\n  in  Conv2d\n  try Unsqueeze(0)");
        Says(new Conv2d(4, 3, groups: 2), s_images, "Conv2d(4, 3×3, groups 2): the input (2, 8, 6, 3) has 3 channels, which can't be cut into 2 groups");
        Says(new Conv1d(5, 3), s_images, "not (batch, steps, channels)");
        Says(new Lstm(5), s_images, "Lstm(5): the input has shape (2, 8, 6, 3), not (batch, steps, channels)");
        Says(new Gru(5), Tensor.Ones((2, 0, 3)), "Gru(5): the input (2, 0, 3) has no steps");
        Says(new Linear(7, 2), s_images, "with 3 features, the layer takes 7");
        Says(new Linear(8, 2), s_images, "channels are the last axis here");
        Says(new MaxPool2d(7), s_images, "the window is larger than the input (2, 8, 6, 3)");
        Says(new Conv2d(4, 9), s_images, "the kernel covers 9×9");
        Says(new Residual(new Conv2d(4, 1)), s_images, "the body gives (2, 8, 6, 4), the input is (2, 8, 6, 3)");
        Says(new ReshapeTo(7), s_images, "has 144 elements, which don't fill (7)");
        Says(new GroupNorm(2), s_images, "can't be cut into 2 groups");
        Says(new Linear(2), Tensor.Ones([3]), "not (batch, features)");

        var network = new Sequential(new Conv2d(4, 3), new Flatten(), new Sequential(new Linear(7, 2)));
        Says(network, s_images, "in  [2][0]");
        var batchNorm = new BatchNorm();
        Assert.Contains("a batch's variance needs two or more", Assert.Throws<TensorException>(() => batchNorm.Forward(Tensor.Ones((1, 3)), Pass.Training(1, 0))).Message);
    }

    [Fact]
    public void BadOptionsAreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Linear(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Conv2d(3, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Conv2d(3, 3, padding: Padding.Causal));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Conv2d(3, 3, padding: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Conv2d(3, 3, groups: 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MaxPool2d(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReshapeTo(-1, -1));
        Assert.Contains("rate must be at least 0 and less than 1", Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout(1)).Message);
    }

    [Fact]
    public void ParametersAreNamedByTheirPlaces()
    {
        var network = new Sequential(new Conv2d(4, 3), new BatchNorm(), new Residual(new Linear(4), new Linear(4, bias: false)));
        Assert.Equal(
            ["0.weight", "0.bias", "1.weight", "1.bias", "1.runningMean", "1.runningVariance", "2.body.weight", "2.body.bias", "2.shortcut.weight"],
            network.Variables.Select(v => v.Path));
        network.Forward(s_images);
        Assert.Equal(3 * 3 * 3 * 4 + 4 + 4 + 4 + 16 + 4 + 16, network.ParameterCount);
        Assert.Same(network[1], network.Modules.Single(m => m.Path == "1").Module);
    }

    [Fact]
    public void BatchNormLeavesRunningValuesThatAreRight()
    {
        foreach (double momentum in (double[])[0.1, 0.3, 0.01])
        {
            var layer = new BatchNorm(momentum);
            Tensor x = Tensor.From([-1f, 1, -1, 1, 0], (5, 1)); // mean 0, variance 0.8, unbiased 1
            for (int step = 0; step < 100; step++) layer.Forward(x, Pass.Training(1, step));
            Assert.Equal(0, layer.RunningMean.Value.Item());
            Assert.Equal(1, layer.RunningVariance.Value.Item());
        }
    }

    [Theory]
    [InlineData(41, 1048576)]
    [InlineData(41, 104857.6)]
    [InlineData(300, 0.1)]
    public void NormsOfEqualValuesAreZero(int features, double value)
    {
        Tensor x = Tensor.Full((3, features), value), column = Tensor.Full((features, 3), value);
        foreach (Tensor y in (Tensor[])[new LayerNorm().Forward(x), new GroupNorm(1).Forward(x), new BatchNorm().Forward(column, Pass.Training(1, 0))])
            Assert.All(y.ToArray<float>(), v => Assert.Equal(0, v));
    }

    [Fact]
    public void LeakyReluOfNoSlopeIsARelu() => Assert.Equal([0f, 0, 3], new LeakyRelu(0).Forward(Tensor.From(float.NegativeInfinity, -1, 3)).ToArray<float>());

    [Fact]
    public void BatchNormChangesItsRunningValuesInTrainingOnly()
    {
        var layer = new BatchNorm();
        Tensor x = Tensor.From(new float[,] { { 1, 10 }, { 3, 30 } });
        Assert.Equal([1, 10, 3, 30], layer.Forward(x).ToArray<float>().Select(v => MathF.Round(v, 3)));
        Assert.Equal([0, 0], layer.RunningMean.Value.ToArray<float>());
        layer.Forward(x, Pass.Training(1, 0));
        Assert.Equal([0.2, 2], layer.RunningMean.Value.ToArray<float>().Select(v => Math.Round(v, 6)));
        Assert.Equal([0.9 + 0.2, 0.9 + 20], layer.RunningVariance.Value.ToArray<float>().Select(v => Math.Round(v, 5)));
        Assert.Equal(2, layer.Parameters.Count());
    }

    [Fact]
    public void DropoutDropsInTrainingOnlyAndTheSameForOneStep()
    {
        var layer = new Dropout(0.25);
        Tensor x = Tensor.Ones([4000]);
        Assert.Same(x, layer.Forward(x));
        float[] a = layer.Forward(x, Pass.Training(1, 5)).ToArray<float>(), b = layer.Forward(x, Pass.Training(1, 5)).ToArray<float>();
        Assert.Equal(a, b);
        Assert.NotEqual(a, layer.Forward(x, Pass.Training(1, 6)).ToArray<float>());
        Assert.InRange(a.Count(v => v == 0), 850, 1150); // 1000 ± 5.5 σ
        Assert.All(a, v => Assert.True(v == 0 || MathF.Abs(v - 1 / 0.75f) < 1e-6f));
        Pass pass = Pass.Training(1, 5);
        Assert.NotEqual(layer.Forward(x, pass).ToArray<float>(), layer.Forward(x, pass).ToArray<float>());
    }

    [Fact]
    public void TheSameSeedGivesTheSameNetwork()
    {
        float[] First(ulong seed)
        {
            var layer = new Linear(3, 2);
            layer.Initialize(seed);
            return layer.Weight.Value.ToArray<float>();
        }
        Assert.Equal(First(4), First(4));
        Assert.NotEqual(First(4), First(5));
    }

    private static void Says(Layer layer, Tensor x, string text) => Assert.Contains(text, Assert.Throws<TensorException>(() => layer.Forward(x)).Message);
}
