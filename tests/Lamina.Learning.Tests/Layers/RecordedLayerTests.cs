using System.Text.Json;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Xunit;

namespace Lamina.Learning.Tests.Layers;

public class RecordedLayerTests
{
    // The longest sums are those of weight gradients: over all places of an image.
    private const int Operations = 128;

    [Fact]
    public void Linear() => Check("linear", a => new Linear(a.Ints("out")[0], a.Flag("bias")));

    [Fact]
    public void Conv2d() => Check("conv2d", a => new Conv2d(a.Ints("channels")[0], Extent(a, "kernel"), Extent(a, "stride"), Padding(a), Extent(a, "dilation"), a.Ints("groups")[0]));

    [Fact]
    public void Conv1d() => Check("conv1d", a => new Conv1d(a.Ints("channels")[0], a.Ints("kernel")[0], a.Ints("stride")[0], Padding(a), a.Ints("dilation")[0], a.Ints("groups")[0]));

    [Fact]
    public void MaxPool() => Check("max_pool", a => new MaxPool2d(Extent(a, "kernel"), Extent(a, "stride"), Padding(a)));

    [Fact]
    public void AvgPool() => Check("avg_pool", a => new AvgPool2d(Extent(a, "kernel"), Extent(a, "stride"), Padding(a), a.Flag("countIncludePad")));

    [Fact]
    public void LayerNorm() => Check("layer_norm", a => new LayerNorm(a.Number("epsilon")));

    [Fact]
    public void GroupNorm() => Check("group_norm", a => new GroupNorm(a.Ints("groups")[0], a.Number("epsilon")));

    [Fact]
    public void MultiHeadAttention() => Check("multi_head_attention", a => new MultiHeadAttention(a.Ints("features")[0], a.Ints("heads")[0], a.Flag("causal")));

    [Fact]
    public void Rnn() => Check("rnn", a => new Rnn(a.Ints("hidden")[0]));

    [Fact]
    public void Lstm() => Check("lstm", a => new Lstm(a.Ints("hidden")[0]));

    [Fact]
    public void Gru() => Check("gru", a => new Gru(a.Ints("hidden")[0]));

    [Fact]
    public void RmsNorm() => Check("rms_norm", a => new RmsNorm(a.Number("epsilon")));

    [Fact]
    public void InstanceNorm() => Check("instance_norm", a => new InstanceNorm(a.Number("epsilon")));

    [Fact]
    public void Highway() => Check("highway", a => new Highway(new Sequential(new Linear(a.Ints("features")[0]), new Relu())));

    [Fact]
    public void SqueezeExcitation() => Check("squeeze_excitation", a => new SqueezeExcitation(a.Ints("channels")[0], a.Ints("reduction")[0]));

    [Fact]
    public void Upsample() => Check("upsample", a => new Upsample(Extent(a, "factor"), a.Flag("bilinear") ? UpsampleMode.Bilinear : UpsampleMode.Nearest));

    [Fact]
    public void PixelShuffle() => Check("pixel_shuffle", a => new PixelShuffle(a.Ints("factor")[0]));

    [Fact]
    public void DepthwiseSeparableConv2d() => Check("depthwise_separable_conv2d", a => new DepthwiseSeparableConv2d(
        a.Ints("channels")[0], Extent(a, "kernel"), Extent(a, "stride"), Padding(a), Extent(a, "dilation"), a.Ints("multiplier")[0]));

    [Fact]
    public void ConvTranspose1d() => Check("conv_transpose1d", a => new ConvTranspose1d(a.Ints("channels")[0], a.Ints("kernel")[0], a.Ints("stride")[0],
        a.Ints("padding")[0], a.Ints("outputPadding")[0], a.Ints("dilation")[0], a.Ints("groups")[0]));

    [Fact]
    public void ConvTranspose2d() => Check("conv_transpose2d", a => new ConvTranspose2d(a.Ints("channels")[0], Extent(a, "kernel"), Extent(a, "stride"),
        Learning.Layers.Padding.Of(a.Ints("padding")[0], a.Ints("padding")[1], a.Ints("padding")[0], a.Ints("padding")[1]), Extent(a, "outputPadding"),
        Extent(a, "dilation"), a.Ints("groups")[0]));

    [Fact]
    public void WeightNorm() => Check("weight_norm", (name, a) => new WeightNorm(Body(name, a)));

    [Fact]
    public void SpectralNormTrainsAndEvaluates()
    {
        foreach (JsonElement test in Recorded.Cases("layers/spectral_norm"))
        {
            var layer = new SpectralNorm(Body(test.Name(), test.GetProperty("attributes")));
            SetParameters(layer, test.GetProperty("parameters"));
            int channels = test.GetProperty("attributes").Ints("channels")[0], number = 0;
            layer.Vector.Ensure([channels]);
            layer.Vector.Value = Tensor.Create<float>([channels], values => { values.Clear(); values[0] = 1; });
            foreach (JsonElement step in test.GetProperty("steps").EnumerateArray())
            {
                string what = $"{test.Name()}, step {number}";
                CheckPass(layer, Pass.Training(1, number++), step.GetProperty("input"), step.GetProperty("output"), step.GetProperty("upstream"),
                    step.GetProperty("gradients"), what);
                Recorded.Matches(step.GetProperty("statistics").GetProperty("vector"), layer.Vector.Value, Operations, what);
            }
            float[] before = layer.Vector.Value.ToArray<float>();
            JsonElement evaluation = test.GetProperty("evaluation");
            Recorded.Matches(evaluation.GetProperty("output"), layer.Forward(evaluation.GetProperty("input").Tensor()), Operations, test.Name());
            Assert.Equal(before, layer.Vector.Value.ToArray<float>());
        }
    }

    [Fact]
    public void RecurrentStack()
    {
        foreach (JsonElement test in Recorded.Cases("layers/recurrent_stack"))
        {
            JsonElement a = test.GetProperty("attributes");
            var cell = Enum.Parse<RecurrentCell>(a.GetProperty("cell").GetString()!, ignoreCase: true);
            var stack = new RecurrentStack(cell, a.Ints("hidden")[0], a.Ints("layers")[0], a.Flag("bidirectional"));
            SetParameters(stack, test.GetProperty("parameters"));
            JsonElement lengths = a.GetProperty("lengths");
            Tensor? given = lengths.ValueKind == JsonValueKind.Null ? null : Tensor.From([.. a.Ints("lengths").Select(length => (long)length)]);
            CheckPass(stack, x => stack.Run(x, given, pass: Pass.Training(1, 0)).States, test.GetProperty("inputs")[0], test.GetProperty("outputs")[0],
                test.GetProperty("upstream")[0], test.GetProperty("gradients"), test.Name());
        }
    }

    private static Layer Body(string name, JsonElement a) => name == "linear" ? new Linear(a.Ints("channels")[0]) : new Conv2d(a.Ints("channels")[0], 3);

    [Fact]
    public void BatchNormTrainsAndEvaluates()
    {
        foreach (JsonElement test in Recorded.Cases("layers/batch_norm"))
        {
            JsonElement options = test.GetProperty("attributes");
            var layer = new BatchNorm(options.Number("momentum"), options.Number("epsilon"));
            SetParameters(layer, test.GetProperty("parameters"));
            int number = 0;
            foreach (JsonElement step in test.GetProperty("steps").EnumerateArray())
            {
                string what = $"{test.Name()}, step {number}";
                CheckPass(layer, Pass.Training(1, number++), step.GetProperty("input"), step.GetProperty("output"), step.GetProperty("upstream"), step.GetProperty("gradients"), what);
                JsonElement statistics = step.GetProperty("statistics");
                Recorded.Matches(statistics.GetProperty("runningMean"), layer.RunningMean.Value, Operations, what);
                Recorded.Matches(statistics.GetProperty("runningVariance"), layer.RunningVariance.Value, Operations, what);
            }
            JsonElement evaluation = test.GetProperty("evaluation");
            Recorded.Matches(evaluation.GetProperty("output"), layer.Forward(evaluation.GetProperty("input").Tensor()), Operations, test.Name());
        }
    }

    private static void Check(string file, Func<JsonElement, Layer> make) => Check(file, (_, a) => make(a));

    private static void Check(string file, Func<string, JsonElement, Layer> make)
    {
        foreach (JsonElement test in Recorded.Cases("layers/" + file))
        {
            Layer layer = make(test.Name(), test.GetProperty("attributes"));
            SetParameters(layer, test.GetProperty("parameters"));
            CheckPass(layer, Pass.Training(1, 0), test.GetProperty("inputs")[0], test.GetProperty("outputs")[0], test.GetProperty("upstream")[0], test.GetProperty("gradients"), $"{file} {test.Name()}");
        }
    }

    private static void SetParameters(Layer layer, JsonElement parameters)
    {
        Assert.Equal(parameters.EnumerateObject().Select(p => p.Name), layer.Variables.Where(v => v.Variable is Parameter).Select(v => v.Path));
        foreach ((string path, Variable variable) in layer.Variables)
        {
            if (variable is not Parameter parameter) continue;
            Tensor value = parameters.GetProperty(path).Tensor();
            parameter.Ensure(value.Shape);
            parameter.Value = value;
        }
    }

    private static void CheckPass(Layer layer, Pass pass, JsonElement input, JsonElement output, JsonElement upstream, JsonElement gradients, string what) =>
        CheckPass(layer, x => layer.Forward(x, pass), input, output, upstream, gradients, what);

    private static void CheckPass(
        Layer layer, Func<Tensor, Tensor> compute, JsonElement input, JsonElement output, JsonElement upstream, JsonElement gradients, string what)
    {
        Tensor x = input.Tensor().Track(), y = compute(x);
        Recorded.Matches(output, y, Operations, what);
        NamedVariable[] parameters = [.. layer.Variables.Where(v => v.Variable is Parameter)];
        Tensor[] found = Gradient.Of(y, [x, .. parameters.Select(p => p.Variable.Value)], upstream.Tensor());
        Recorded.Matches(gradients.GetProperty("input"), found[0], Operations, what + ", gradient by the input");
        for (int i = 0; i < parameters.Length; i++)
            Recorded.Matches(gradients.GetProperty(parameters[i].Path), found[i + 1], Operations, $"{what}, gradient by {parameters[i].Path}");
    }

    private static Extent Extent(JsonElement options, string name) => (options.Ints(name)[0], options.Ints(name)[1]);

    // Recorded as top, bottom, left, right.
    private static Padding Padding(JsonElement options) => options.Ints("padding") is [int top, int bottom, int left, int right]
        ? Learning.Layers.Padding.Of(top, left, bottom, right) : Learning.Layers.Padding.Of(options.Ints("padding")[0], options.Ints("padding")[1]);
}
