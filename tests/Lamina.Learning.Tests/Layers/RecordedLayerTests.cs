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

    private static void Check(string file, Func<JsonElement, Layer> make)
    {
        foreach (JsonElement test in Recorded.Cases("layers/" + file))
        {
            Layer layer = make(test.GetProperty("attributes"));
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

    private static void CheckPass(Layer layer, Pass pass, JsonElement input, JsonElement output, JsonElement upstream, JsonElement gradients, string what)
    {
        Tensor x = input.Tensor().Track(), y = layer.Forward(x, pass);
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
