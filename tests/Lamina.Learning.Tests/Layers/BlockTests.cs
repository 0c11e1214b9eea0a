using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Layers;

/// <summary>Layers made of several ops, beside their definitions; values of libtorch are in <see cref="RecordedLayerTests"/>.</summary>
public class BlockTests
{
    private static readonly Tensor s_images = Values(2, 4, 6, 4), s_steps = Values(2, 5, 4), s_rows = Values(3, 4);

    public static TheoryData<Layer, int[], string> Shapes => new()
    {
        { new RmsNorm(), [2, 4, 6, 4], "RmsNorm(4)" },
        { new InstanceNorm(), [2, 4, 6, 4], "InstanceNorm" },
        { new InstanceNorm(affine: false), [2, 4, 6, 4], "InstanceNorm(no scale)" },
        { new StochasticDepth(0.3), [2, 4, 6, 4], "StochasticDepth(0.3)" },
        { new Highway(new Linear(4)), [2, 4, 6, 4], "Highway(Linear(4, 4))" },
        { new SqueezeExcitation(4), [2, 4, 6, 4], "SqueezeExcitation(4, reduction 16)" },
        { new Upsample(2), [2, 8, 12, 4], "Upsample(2, nearest)" },
        { new Upsample((3, 1), UpsampleMode.Bilinear), [2, 12, 6, 4], "Upsample(3×1, bilinear)" },
        { new PixelShuffle(2), [2, 8, 12, 1], "PixelShuffle(2)" },
        { new DepthwiseSeparableConv2d(5, 3, 2, Padding.Same, multiplier: 2), [2, 2, 3, 5], "DepthwiseSeparableConv2d(5, 3×3, stride 2, same, multiplier 2)" },
        { new ConvTranspose2d(3, 3, 2, Padding.Same), [2, 8, 12, 3], "ConvTranspose2d(3, 3×3, stride 2, same)" },
        { new ConvTranspose2d(3, 2, 3, Padding.Same), [2, 12, 18, 3], "ConvTranspose2d(3, 2×2, stride 3, same)" },
        { new ConvTranspose2d(2, 3, 2, 1, 1, groups: 2), [2, 8, 12, 2], "ConvTranspose2d(2, 3×3, stride 2, padding 1, output padding 1, groups 2)" },
        { new DenseBlock(2, 3), [2, 4, 6, 10], "DenseBlock(2, growth 3, bottleneck 4)" },
        { new WeightNorm(new Conv2d(3, 3)), [2, 2, 4, 3], "WeightNorm(Conv2d(3, 3×3))" },
        { new SpectralNorm(new Linear(3), 2), [2, 4, 6, 3], "SpectralNorm(Linear(4, 3), 2 iterations)" },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ShapesAreInferred(Layer layer, int[] shape, string text)
    {
        Assert.Equal(new Shape(shape), layer.Forward(s_images).Shape);
        Assert.Equal(new Shape(shape), layer.Forward(s_images, Pass.Training(1, 0)).Shape);
        Assert.Equal(new Shape(shape).With(0, 0), layer.Forward(s_images[..0]).Shape);
        Assert.Equal(text, layer.ToString());
    }

    // (input without the batch, layer, whether the pass is one of training)
    private static readonly (Shape Example, Func<Layer> Make, bool IsTraining)[] s_differentiable =
    [
        ([4], () => new RmsNorm(), true),
        ([3, 2, 2], () => new InstanceNorm(), true),
        ([3, 2], () => new InstanceNorm(affine: false), true),
        ([2, 3], () => new StochasticDepth(0.5), true),
        ([3], () => new Highway(new Sequential(new Linear(3), new Tanh())), true),
        ([3, 2, 4], () => new SqueezeExcitation(4, 2), true),
        ([2, 3, 2], () => new Upsample((2, 3)), true),
        ([2, 3, 2], () => new Upsample((3, 4), UpsampleMode.Bilinear), true),
        ([2, 3, 4], () => new PixelShuffle(2), true),
        ([4, 5, 2], () => new DepthwiseSeparableConv2d(3, (3, 2), (2, 1), 1, multiplier: 2), true),
        ([4, 3], () => new ConvTranspose1d(2, 3, 2, 1, 1), true),
        ([3, 2, 4], () => new ConvTranspose2d(2, 3, (2, 1), Padding.Of(1, 0, 0, 1), dilation: (1, 2), groups: 2), true),
        ([3, 3, 2], () => new DenseBlock(2, 2, 2), true),
        ([4], () => new WeightNorm(new Linear(3)), true),
        ([5, 2], () => new WeightNorm(new Conv1d(4, 3, groups: 2)), true),
        ([4], () => new SpectralNorm(new Linear(3)), false),
        ([4, 4, 2], () => new SpectralNorm(new Conv2d(3, 3, 1, 1)), false),
    ];

    public static TheoryData<int> Differentiable => [.. Enumerable.Range(0, s_differentiable.Length)];

    [Theory]
    [MemberData(nameof(Differentiable))]
    public void GradientsAreThoseOfDifferences(int row)
    {
        (Shape example, Func<Layer> make, bool isTraining) = s_differentiable[row];
        Layer layer = Differences.InDouble(make, example);
        Differences.Match(layer, Differences.Values(example.Insert(0, 3)), x => layer.Forward(x, isTraining ? Pass.Training(1, 4) : Pass.Evaluation), $"{layer}");
    }

    [Fact]
    public void RmsNormAtTheEnds()
    {
        var layer = new RmsNorm();
        Assert.Equal([0f, 0, 0], layer.Forward(Tensor.Zeros((1, 3))).ToArray<float>());
        Tensor zero = Tensor.Zeros((1, 3)).Track();
        Tensor slope = Gradient.Of(layer.Forward(zero, Pass.Evaluation), [zero], Tensor.Ones((1, 3)))[0];
        Assert.All(slope.ToArray<float>(), g => Assert.Equal(1000, g, 0.01)); // 1 / √ε
        Close(Tensor.From(1f, -1, 1).Reshape(1, 3), layer.Forward(Tensor.From(1e18f, -1e18f, 1e18f).Reshape(1, 3)));
        Assert.Equal([1f], new RmsNorm().Forward(Tensor.Full((1, 1), 5), Pass.Training(1, 0)).ToArray<float>().Select(v => MathF.Round(v, 5)));
        Assert.All(layer.Forward(Tensor.From(float.NaN, 1, 2).Reshape(1, 3)).ToArray<float>(), v => Assert.True(float.IsNaN(v)));
    }

    [Fact]
    public void InstanceNormIsGroupNormOfSingleChannels()
    {
        Assert.Equal(new GroupNorm(4).Forward(s_images).ToArray<float>(), new InstanceNorm().Forward(s_images).ToArray<float>());
        Assert.Equal(new GroupNorm(4).Forward(s_images).ToArray<float>(), new InstanceNorm(affine: false).Forward(s_images).ToArray<float>());
        Assert.All(new InstanceNorm().Forward(Tensor.Full((2, 3, 2), 1e6)).ToArray<float>(), v => Assert.Equal(0, v));
    }

    [Fact]
    public void StochasticDepthDropsWholeExamplesInTrainingOnly()
    {
        var layer = new StochasticDepth(0.25);
        Tensor x = Tensor.Ones((4000, 2, 3));
        Assert.Same(x, layer.Forward(x));
        float[] y = layer.Forward(x, Pass.Training(1, 5)).ToArray<float>();
        Assert.Equal(y, layer.Forward(x, Pass.Training(1, 5)).ToArray<float>());
        Assert.NotEqual(y, layer.Forward(x, Pass.Training(1, 6)).ToArray<float>());
        Assert.All(y.Chunk(6), example => Assert.Single(example.Distinct()));
        Assert.All(y, v => Assert.True(v == 0 || MathF.Abs(v - 1 / 0.75f) < 1e-6f));
        Assert.InRange(y.Chunk(6).Count(example => example[0] == 0), 850, 1150); // 1000 ± 5.5 σ
        // What is dropped may be anything.
        Assert.Contains(layer.Forward(Tensor.Full((50, 2), float.NaN), Pass.Training(1, 5)).ToArray<float>(), v => v == 0);
        Assert.Same(x, new StochasticDepth(0).Forward(x, Pass.Training(1, 0)));
    }

    [Fact]
    public void HighwayPassesItsInputAtFirst()
    {
        var closed = new Highway(new Linear(4), gateBias: -200);
        Assert.Equal(s_rows.ToArray<float>(), closed.Forward(s_rows).ToArray<float>());
        var open = new Highway(new Linear(4), gateBias: 200);
        Close(open.Body.Forward(s_rows), open.Forward(s_rows));
    }

    [Fact]
    public void UpsampleRepeatsOrInterpolates()
    {
        Tensor x = Values(1, 3, 4, 2);
        foreach (UpsampleMode mode in Enum.GetValues<UpsampleMode>())
            foreach ((int a, int b) in ((int, int)[])[(1, 1), (2, 3), (5, 2)])
            {
                Tensor y = new Upsample((a, b), mode).Forward(x);
                for (int row = 0; row < 3 * a; row++)
                    for (int column = 0; column < 4 * b; column++)
                        for (int channel = 0; channel < 2; channel++)
                            Assert.Equal(Slow(mode, row, column, channel, a, b), y.Element((row * 4 * b + column) * 2 + channel), 1e-6);
            }
        Assert.All(new Upsample(3, UpsampleMode.Bilinear).Forward(Tensor.Full((1, 1, 1, 1), 7)).ToArray<float>(), v => Assert.Equal(7, v, 1e-6f));

        double Slow(UpsampleMode mode, int row, int column, int channel, int a, int b)
        {
            double At(int r, int c) => x.Element((Math.Clamp(r, 0, 2) * 4 + Math.Clamp(c, 0, 3)) * 2 + channel);
            if (mode == UpsampleMode.Nearest) return At(row / a, column / b);
            double r = (row + 0.5) / a - 0.5, c = (column + 0.5) / b - 0.5;
            (int top, int left) = ((int)Math.Floor(r), (int)Math.Floor(c));
            (double down, double right) = (r - top, c - left);
            return (1 - down) * ((1 - right) * At(top, left) + right * At(top, left + 1))
                + down * ((1 - right) * At(top + 1, left) + right * At(top + 1, left + 1));
        }
    }

    [Fact]
    public void TransposedConvolutionsAddMultiplesOfTheirKernel()
    {
        foreach (Padding padding in (Padding[])[Padding.Valid, 1, Padding.Of(0, 1, 1, 0), Padding.Same])
        {
            var layer = new ConvTranspose2d(3, (2, 3), (2, 1), padding);
            Tensor x = Values(2, 3, 4, 2), y = layer.Forward(x), w = layer.Weight.Value;
            (int height, int width) = (y.Shape[1], y.Shape[2]);
            // Everything that a pixel reaches lies in (3 − 1) · 2 + 2 by 4 − 1 + 3; same padding keeps 6 by 4 of it, one column off either side.
            (int top, int left) = padding == Padding.Same ? (0, 1) : padding == 1 ? (1, 1) : padding == Padding.Valid ? (0, 0) : (0, 1);
            var expected = new double[y.Count];
            for (int b = 0; b < 2; b++)
                for (int i = 0; i < 3 * 4 * 2 * 3 * 2 * 3; i++)
                {
                    (int row, int column, int from, int to, int r, int c) = (i / 144, i / 36 % 4, i / 18 % 2, i / 6 % 3, i / 3 % 2, i % 3);
                    (int atRow, int atColumn) = (row * 2 + r - top, column + c - left);
                    if (atRow < 0 || atRow >= height || atColumn < 0 || atColumn >= width) continue;
                    expected[((b * height + atRow) * width + atColumn) * 3 + to] +=
                        x.Element(((b * 3 + row) * 4 + column) * 2 + from) * w.Element(((r * 3 + c) * 3 + to) * 2 + from);
                }
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], y.Element(i), 1e-5);
        }
    }

    [Fact]
    public void ATransposedConvolutionOfSequencesIsOneOfLowImages()
    {
        var steps = new ConvTranspose1d(3, 4, 2, 1, 1);
        var images = new ConvTranspose2d(3, (1, 4), (1, 2), Padding.Of(0, 1, 0, 1), (0, 1));
        Tensor y = steps.Forward(s_steps);
        Assert.Equal(new Shape(2, 4 * 2 - 2 + 3 + 1 + 1, 3), y.Shape);
        images.Weight.Ensure([1, 4, 3, 4]);
        images.Weight.Value = steps.Weight.Value.Unsqueeze(0);
        Assert.Equal(images.Forward(s_steps.Unsqueeze(1)).ToArray<float>(), y.ToArray<float>());
        // A weight is drawn as one of so many inputs, whatever its layout: the variance is 2 / (4 · 4).
        var wide = new ConvTranspose1d(500, 4);
        wide.Forward(s_steps);
        Assert.Equal(2.0 / 16, wide.Weight.Value.ToArray<float>().Average(v => v * v), 0.01);
    }

    [Fact]
    public void ASeparableConvolutionIsTwoConvolutions()
    {
        var layer = new DepthwiseSeparableConv2d(5, 3, padding: 1, multiplier: 2);
        Tensor y = layer.Forward(s_images);
        Conv2d depthwise = new(8, 3, padding: 1, groups: 4, bias: false), pointwise = new(5, 1);
        depthwise.Weight.Ensure([3, 3, 1, 8]);
        depthwise.Weight.Value = layer.DepthwiseWeight.Value;
        pointwise.Weight.Ensure([1, 1, 8, 5]);
        pointwise.Weight.Value = layer.PointwiseWeight.Value;
        Close(pointwise.Forward(depthwise.Forward(s_images)), y);
    }

    [Fact]
    public void ADenseBlockKeepsItsInputAndAddsToIt()
    {
        var block = new DenseBlock(3, 2);
        Tensor y = block.Forward(s_images), first = block.Units[0].Forward(s_images), two = Tensor.Concat([s_images, first], 3);
        Assert.Equal(new Shape(2, 4, 6, 10), y.Shape);
        Assert.Equal(s_images.ToArray<float>(), y.Narrow(3, 0, 4).ToArray<float>());
        Close(first, y.Narrow(3, 4, 2));
        Close(block.Units[1].Forward(two), y.Narrow(3, 6, 2));
        Assert.Equal(6, block.Units[0].Count);
        Assert.Equal(4, new DenseBlock(1, 2, 0, 0.5).Units[0].Count);
    }

    [Fact]
    public void WeightNormBeginsAsItsBodyIs()
    {
        foreach ((Layer body, Tensor x) in ((Layer, Tensor)[])[(new Linear(3), s_rows), (new Conv2d(3, 3), s_images), (new Conv1d(4, 2, groups: 2), s_steps)])
        {
            var layer = new WeightNorm(body);
            layer.Build(x.Shape.Without(0));
            Close(body.Forward(x), layer.Forward(x));
            layer.Initialize(9);
            Close(body.Forward(x), layer.Forward(x));
            Assert.Equal(layer.Body.Variables.Count + 1, layer.Parameters.Count());
        }
        // The length of the direction changes nothing; one of zero gives zero, and a gradient that is finite.
        var linear = new Linear(4, 3, bias: false);
        var norm = new WeightNorm(linear);
        float[] before = norm.Forward(s_rows).ToArray<float>();
        linear.Weight.Value = linear.Weight.Value * 7;
        Close(Tensor.From(before, (3, 3)), norm.Forward(s_rows));
        linear.Weight.Value = Tensor.Zeros((4, 3));
        Tensor y = norm.Forward(s_rows, Pass.Training(1, 0));
        Assert.All(y.ToArray<float>(), v => Assert.Equal(0, v));
        Assert.All(Gradient.Of(y, [linear.Weight.Value], Tensor.Ones((3, 3)))[0].ToArray<float>(), g => Assert.True(float.IsFinite(g)));
    }

    [Fact]
    public void SpectralNormDividesByTheLargestSingularValue()
    {
        var linear = new Linear(2, bias: false);
        var layer = new SpectralNorm(linear);
        layer.Forward(s_rows);
        linear.Weight.Value = Values(4, 2) * 5;
        for (int step = 0; step < 60; step++) layer.Forward(s_rows, Pass.Training(1, step));
        float[] w = linear.Weight.Value.ToArray<float>();
        double a = 0, b = 0, c = 0; // of wᵀw
        for (int i = 0; i < 4; i++) (a, b, c) = (a + w[2 * i] * w[2 * i], b + w[2 * i] * w[2 * i + 1], c + w[2 * i + 1] * w[2 * i + 1]);
        double largest = Math.Sqrt((a + c) / 2 + Math.Sqrt((a - c) * (a - c) / 4 + b * b));
        Close(s_rows.MatMul(linear.Weight.Value) * (1 / largest), layer.Forward(s_rows));

        // First values are close to it without any training, and evaluation moves nothing.
        var fresh = new SpectralNorm(new Linear(2, bias: false));
        fresh.Build([4]);
        fresh.Initialize(2);
        float[] vector = fresh.Vector.Value.ToArray<float>();
        fresh.Forward(s_rows);
        Assert.Equal(vector, fresh.Vector.Value.ToArray<float>());
        fresh.Forward(s_rows, Pass.Training(1, 0));
        Assert.Equal(vector[0], fresh.Vector.Value.ToArray<float>()[0], 0.01f);
        Assert.DoesNotContain(fresh.Parameters, p => ReferenceEquals(p, fresh.Vector));

        linear.Weight.Value = Tensor.Zeros((4, 2));
        Assert.All(layer.Forward(s_rows, Pass.Training(1, 0)).ToArray<float>(), v => Assert.Equal(0, v));
    }

    [Fact]
    public void TheyAreTrainedTogether()
    {
        Layer[] layers =
        [
            new WeightNorm(new Conv2d(4, 3, padding: 1)), new InstanceNorm(),
            new Residual(new Sequential(new DepthwiseSeparableConv2d(4, 3, padding: 1), new StochasticDepth())),
            new DenseBlock(1, 4), new SqueezeExcitation(8, 2), new ConvTranspose2d(4, 2, 2), new PixelShuffle(2),
            new Upsample(2, UpsampleMode.Bilinear), new AvgPool2d(4),
            new ReshapeTo(-1, 4), new RecurrentStack(RecurrentCell.Lstm, 4, 2, bidirectional: true, dropout: 0.1),
            new RmsNorm(), new Highway(new Linear(8)), new GlobalAveragePool(),
            new SpectralNorm(new Linear(8)), new Linear(1),
        ];
        var network = new Sequential(layers);
        var batch = new Batch(Values(8, 4, 4, 4), Values(8, 1));
        network.Build([4, 4, 4]);
        network.Initialize(3);
        float[] vector = ((SpectralNorm)network[network.Count - 2]).Vector.Value.ToArray<float>();
        var step = new TrainStep(network, new MeanSquaredError(), new Adam(0.01));
        double[] losses = [.. Enumerable.Range(0, 60).Select(i => step.Run(batch, i).Loss.Item())];
        Assert.True(losses[^10..].Average() < 0.5 * losses[..5].Average(), string.Join(" ", losses));
        Assert.NotEqual(vector, ((SpectralNorm)network[network.Count - 2]).Vector.Value.ToArray<float>());
        foreach (NamedVariable variable in network.Variables)
            Assert.All(variable.Variable.Value.ToArray<float>(), v => Assert.True(float.IsFinite(v), variable.Path));
    }

    [Fact]
    public void InputsThatDoNotFitSayWhatFits()
    {
        Says(new RmsNorm(features: 3), s_rows, "RmsNorm(3): the input has shape (3, 4) with 4 features, the layer takes 3");
        Says(new InstanceNorm(), s_rows, "not (batch, …, channels) with a place or more");
        Assert.Contains("has 1 value in each channel",
            Assert.Throws<TensorException>(() => new InstanceNorm().Forward(Tensor.Ones((2, 1, 3)), Pass.Training(1, 0))).Message);
        Says(new StochasticDepth(), Tensor.Ones([3]), "not (batch, …)");
        Says(new StochasticDepth(), Tensor.From([1L, 2], (1, 2)), "the input is int64");
        Says(new Highway(new Linear(3)), s_rows, "the body gives (3, 3), the input is (3, 4)");
        Says(new SqueezeExcitation(3), s_images, "with 4 features, the layer takes 3");
        Says(new SqueezeExcitation(4), s_rows, "not (batch, height, width, channels) or (batch, steps, channels)");
        Says(new Upsample(2), s_steps, "not (batch, height, width, channels)");
        Says(new PixelShuffle(3), s_images, "has 4 channels, which can't be cut into squares of 3×3");
        Says(new DepthwiseSeparableConv2d(3, 9), s_images, "the kernel covers 9×9");
        Says(new ConvTranspose1d(3, 2, padding: 9), s_steps, "of the input (2, 5, 4) nothing is left");
        Says(new ConvTranspose2d(3, 2, padding: 9), s_images, "of the input (2, 4, 6, 4) nothing is left");
        Says(new ConvTranspose2d(3, 2, groups: 3), s_images, "can't be cut into 3 groups");
        Says(new DenseBlock(1, 2), s_steps, "not (batch, height, width, channels)");
        Says(new WeightNorm(new Linear(7, 2)), s_rows, "with 4 features, the layer takes 7");
        Says(new SpectralNorm(new Conv2d(3, 9)), s_images, "the kernel covers 9×9");
    }

    [Fact]
    public void BadOptionsAreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RmsNorm(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new InstanceNorm(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new StochasticDepth(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Highway(new Relu(), double.NegativeInfinity));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SqueezeExcitation(4, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Upsample(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Upsample(2, (UpsampleMode)7));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PixelShuffle(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DepthwiseSeparableConv2d(3, 3, padding: Padding.Causal));
        Assert.Contains("outputPadding must be less than the stride, which is 2",
            Assert.Throws<ArgumentOutOfRangeException>(() => new ConvTranspose2d(3, 3, 2, outputPadding: 2)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConvTranspose1d(3, 3, 2, Padding.Same, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConvTranspose1d(3, 3, padding: Padding.Causal));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DenseBlock(0, 3));
        Assert.Contains("Relu can't be wrapped: the layer must be a Linear, Conv1d or Conv2d",
            Assert.Throws<ArgumentException>(() => new WeightNorm(new Relu())).Message);
        Assert.Throws<ArgumentException>(() => new SpectralNorm(new Sequential(new Linear(3))));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SpectralNorm(new Linear(3), 0));
    }

    private static Tensor Values(params int[] shape) => Differences.Values(new Shape(shape)).Cast(DType.Float32);

    private static void Close(Tensor expected, Tensor found)
    {
        Assert.Equal(expected.Spec, found.Spec);
        for (int i = 0; i < expected.Count; i++) Assert.Equal(expected.Element(i), found.Element(i), 2e-6 * Math.Max(1, Math.Abs(expected.Element(i))));
    }

    private static void Says(Layer layer, Tensor x, string text) => Assert.Contains(text, Assert.Throws<TensorException>(() => layer.Forward(x)).Message);
}
