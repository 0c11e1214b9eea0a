using Lamina.Recorder.Ops;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Recorder;

/// <summary>Layers with their parameters in Lamina's layout.</summary>
static class Layers
{
    public static void Record(Recorder recorder)
    {
        Linear(recorder.Layer("linear"));
        Conv1d(recorder.Layer("conv1d"));
        Conv2d(recorder.Layer("conv2d"));
        MaxPool(recorder.Layer("max_pool"));
        AvgPool(recorder.Layer("avg_pool"));
        BatchNorm(recorder.Layer("batch_norm"));
        LayerNorm(recorder.Layer("layer_norm"));
        GroupNorm(recorder.Layer("group_norm"));
        MultiHeadAttention(recorder.Layer("multi_head_attention"));
        Recurrent(recorder.Layer("rnn"), 1, ["bias"], (x, p, state) => Ops.Recurrent.Rnn(x, p[0], p[1], p[2], state));
        Recurrent(recorder.Layer("lstm"), 4, ["bias"], (x, p, state) => Ops.Recurrent.Lstm(x, p[0], p[1], p[2], state, state)[0]);
        Recurrent(recorder.Layer("gru"), 3, ["bias", "recurrentBias"], (x, p, state) => Ops.Recurrent.Gru(x, p[0], p[1], p[2], p[3], state));
    }

    static void Recurrent(LayerRecording layer, long gates, string[] biases, Func<Tensor, Tensor[], Tensor, Tensor> compute)
    {
        Add("basic", layer.Draw.Normal(2, 3, 4), 5);
        Add("odd", layer.Draw.Normal(1, 7, 3), 17);

        void Add(string name, Tensor input, long hidden) => layer.Add(name, new { hidden }, input,
            (x, p) => compute(x, p, zeros(x.shape[0], hidden, float64)),
            [("inputWeight", layer.Draw.Uniform(-0.5, 0.5, input.shape[2], gates * hidden)), ("recurrentWeight", layer.Draw.Uniform(-0.5, 0.5, hidden, gates * hidden)),
                .. biases.Select(bias => (bias, layer.Draw.Normal(gates * hidden)))]);
    }

    static void Linear(LayerRecording layer)
    {
        Add("basic", 3, 5, layer.Draw.Normal(4, 3));
        Add("sequence", 5, 2, layer.Draw.Normal(2, 3, 5));
        Add("odd", 13, 7, layer.Draw.Normal(1, 13));
        layer.Add("without_bias", new { @in = 4, @out = 3, bias = false }, layer.Draw.Normal(5, 4),
            (x, p) => linear(x, p[0].t()), ("weight", layer.Draw.Normal(4, 3)));

        void Add(string name, long @in, long @out, Tensor input) => layer.Add(name, new { @in, @out, bias = true }, input,
            (x, p) => linear(x, p[0].t(), p[1]), ("weight", layer.Draw.Normal(@in, @out)), ("bias", layer.Draw.Normal(@out)));
    }

    static void Conv1d(LayerRecording layer)
    {
        Add("basic", [3, 2, 4], 1, [1, 1], 1, 1, layer.Draw.Normal(2, 7, 2));
        Add("strided_groups", [4, 2, 6], 2, [1, 1], 1, 3, layer.Draw.Normal(1, 9, 6));
        Add("causal_dilated", [3, 3, 2], 1, [4, 0], 2, 1, layer.Draw.Normal(1, 8, 3));

        void Add(string name, long[] weight, long stride, long[] padding, long dilation, long groups, Tensor input) =>
            layer.Add(name, new { kernel = weight[0], channels = weight[^1], stride, padding, dilation, groups }, input,
                (x, p) => Convolutions.Conv1d(x, p[0], stride, padding, dilation, groups, p[1]),
                ("weight", layer.Draw.Normal(weight)), ("bias", layer.Draw.Normal(weight[^1])));
    }

    static void Conv2d(LayerRecording layer)
    {
        Add("basic", [3, 3, 3, 4], [1, 1], [1, 1, 1, 1], [1, 1], 1, layer.Draw.Normal(2, 5, 6, 3));
        Add("strided", [3, 3, 2, 5], [2, 2], [0, 1, 0, 1], [1, 1], 1, layer.Draw.Normal(1, 6, 7, 2));
        Add("depthwise", [3, 3, 1, 4], [1, 1], [1, 1, 1, 1], [1, 1], 4, layer.Draw.Normal(1, 5, 5, 4));
        Add("pointwise", [1, 1, 5, 3], [1, 1], [0, 0, 0, 0], [1, 1], 1, layer.Draw.Normal(1, 3, 4, 5));

        void Add(string name, long[] weight, long[] stride, long[] padding, long[] dilation, long groups, Tensor input) =>
            layer.Add(name, new { kernel = weight[..2], channels = weight[^1], stride, padding, dilation, groups }, input,
                (x, p) => Convolutions.Conv2d(x, p[0], stride, padding, dilation, groups, p[1]),
                ("weight", layer.Draw.Normal(weight)), ("bias", layer.Draw.Normal(weight[^1])));
    }

    static void MaxPool(LayerRecording layer)
    {
        Add("basic", [2, 2], [2, 2], [0, 0, 0, 0], layer.Draw.Distinct(2, 4, 6, 2));
        Add("overlapping", [3, 3], [2, 2], [1, 1, 1, 1], layer.Draw.Distinct(1, 7, 6, 2));

        void Add(string name, long[] kernel, long[] stride, long[] padding, Tensor input) =>
            layer.Add(name, new { kernel, stride, padding }, input, (x, _) => Pooling.MaxPool2d(x, kernel, stride, padding));
    }

    static void AvgPool(LayerRecording layer)
    {
        Add("basic", [2, 2], [2, 2], [0, 0, 0, 0], true, layer.Draw.Normal(2, 4, 6, 2));
        Add("overlapping", [3, 3], [2, 2], [1, 1, 1, 1], false, layer.Draw.Normal(1, 7, 6, 2));

        void Add(string name, long[] kernel, long[] stride, long[] padding, bool countIncludePad, Tensor input) =>
            layer.Add(name, new { kernel, stride, padding, countIncludePad }, input,
                (x, _) => Pooling.AvgPool2d(x, kernel, stride, padding, countIncludePad));
    }

    /// <summary>torch's momentum is the share of the new; its running variance is of the unbiased batch variance.</summary>
    static void BatchNorm(LayerRecording layer)
    {
        Add("table", 0.1, 1e-5, [6, 3]);
        Add("images", 0.1, 1e-5, [2, 3, 4, 3]);
        Add("series_quick", 0.5, 1e-3, [3, 5, 2]);

        void Add(string name, double momentum, double epsilon, long[] shape)
        {
            long channels = shape[^1];
            Tensor mean = zeros(channels, float64), variance = ones(channels, float64);
            layer.AddSteps(name, new { channels, momentum, epsilon },
                [.. Enumerable.Range(1, 4).Select(i => layer.Draw.Normal(shape) * i + i)],
                Affine(layer, channels),
                [("runningMean", mean), ("runningVariance", variance)],
                (x, p) => Normalize(x, p, training: true), (x, p) => Normalize(x, p, training: false));

            Tensor Normalize(Tensor x, Tensor[] p, bool training) =>
                Layout.ChannelsLast(x, y => batch_norm(y, mean, variance, p[0], p[1], training, momentum, epsilon));
        }
    }

    static void LayerNorm(LayerRecording layer)
    {
        Add("basic", 1e-5, layer.Draw.Normal(3, 5));
        Add("sequence", 1e-6, layer.Draw.Normal(2, 3, 7));

        void Add(string name, double epsilon, Tensor input)
        {
            long channels = input.shape[^1];
            layer.Add(name, new { channels, epsilon }, input,
                (x, p) => layer_norm(x, [channels], p[0], p[1], epsilon), Affine(layer, channels));
        }
    }

    static void GroupNorm(LayerRecording layer)
    {
        Add("basic", 2, 1e-5, layer.Draw.Normal(2, 3, 3, 4));
        Add("series", 3, 1e-3, layer.Draw.Normal(2, 5, 6));

        void Add(string name, long groups, double epsilon, Tensor input)
        {
            long channels = input.shape[^1];
            layer.Add(name, new { channels, groups, epsilon }, input,
                (x, p) => Layout.ChannelsLast(x, y => group_norm(y, groups, p[0], p[1], epsilon)), Affine(layer, channels));
        }
    }

    static void MultiHeadAttention(LayerRecording layer)
    {
        Add("basic", 2, false, layer.Draw.Normal(2, 3, 6));
        Add("causal", 2, true, layer.Draw.Normal(2, 7, 8));
        Add("one_head", 1, true, layer.Draw.Normal(1, 5, 5));

        void Add(string name, long heads, bool causal, Tensor input)
        {
            long features = input.shape[^1];
            layer.Add(name, new { features, heads, causal }, input,
                (x, p) => linear(Attention.Attend(linear(x, p[0].t(), p[1]), heads, causal), p[2].t(), p[3]),
                ("projection.weight", layer.Draw.Normal(features, 3 * features) * 0.5), ("projection.bias", layer.Draw.Normal(3 * features)),
                ("output.weight", layer.Draw.Normal(features, features)), ("output.bias", layer.Draw.Normal(features)));
        }
    }

    static (string Name, Tensor Value)[] Affine(LayerRecording layer, long channels) =>
        [("weight", layer.Draw.Uniform(0.5, 2, channels)), ("bias", layer.Draw.Normal(channels))];
}
