using Lamina.Recorder.Ops;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Recorder;

/// <summary>Layers made of several ops: by torch's own function where it has one, else by their paper's formula on torch's tensors.</summary>
static class Blocks
{
    public static void Record(Recorder recorder)
    {
        RmsNorm(recorder.Layer("rms_norm"));
        InstanceNorm(recorder.Layer("instance_norm"));
        Highway(recorder.Layer("highway"));
        SqueezeExcitation(recorder.Layer("squeeze_excitation"));
        Upsample(recorder.Layer("upsample"));
        PixelShuffle(recorder.Layer("pixel_shuffle"));
        Separable(recorder.Layer("depthwise_separable_conv2d"));
        ConvTranspose1d(recorder.Layer("conv_transpose1d"));
        ConvTranspose2d(recorder.Layer("conv_transpose2d"));
        WeightNorm(recorder.Layer("weight_norm"));
        SpectralNorm(recorder.Layer("spectral_norm"));
        Stack(recorder.Layer("recurrent_stack"));
    }

    static void RmsNorm(LayerRecording layer)
    {
        Add("basic", 1e-6, layer.Draw.Normal(3, 5));
        Add("sequence", 1e-3, layer.Draw.Normal(2, 3, 7));

        void Add(string name, double epsilon, Tensor input) => layer.Add(name, new { epsilon }, input,
            (x, p) => x * (x.pow(2).mean([-1], keepdim: true) + epsilon).rsqrt() * p[0], ("weight", layer.Draw.Uniform(0.5, 2, input.shape[^1])));
    }

    static void InstanceNorm(LayerRecording layer)
    {
        Add("images", 1e-5, layer.Draw.Normal(2, 3, 4, 3));
        Add("series", 1e-3, layer.Draw.Normal(2, 5, 2));

        void Add(string name, double epsilon, Tensor input)
        {
            long channels = input.shape[^1];
            layer.Add(name, new { epsilon }, input, (x, p) => Layout.ChannelsLast(x, y => instance_norm(y, null, null, p[0], p[1], true, 0.1, epsilon)),
                ("weight", layer.Draw.Uniform(0.5, 2, channels)), ("bias", layer.Draw.Normal(channels)));
        }
    }

    /// <summary>The body is a linear layer and a relu.</summary>
    static void Highway(LayerRecording layer)
    {
        Add("basic", layer.Draw.Normal(4, 3));
        Add("sequence", layer.Draw.Normal(2, 3, 5));

        void Add(string name, Tensor input)
        {
            long n = input.shape[^1];
            layer.Add(name, new { features = n }, input, (x, p) =>
            {
                Tensor gate = linear(x, p[2].t(), p[3]).sigmoid();
                return gate * relu(linear(x, p[0].t(), p[1])) + (1 - gate) * x;
            }, ("body.0.weight", layer.Draw.Normal(n, n)), ("body.0.bias", layer.Draw.Normal(n)), ("weight", layer.Draw.Normal(n, n)), ("bias", layer.Draw.Normal(n)));
        }
    }

    static void SqueezeExcitation(LayerRecording layer)
    {
        Add("images", 2, layer.Draw.Normal(2, 3, 4, 6));
        Add("series", 16, layer.Draw.Normal(2, 5, 3));

        void Add(string name, long reduction, Tensor input)
        {
            long channels = input.shape[^1], values = Math.Max(1, channels / reduction);
            long[] places = [.. Enumerable.Range(1, input.shape.Length - 2).Select(i => (long)i)];
            layer.Add(name, new { channels, reduction }, input,
                (x, p) => x * linear(relu(linear(x.mean(places, keepdim: true), p[0].t(), p[1])), p[2].t(), p[3]).sigmoid(),
                ("squeeze.weight", layer.Draw.Normal(channels, values)), ("squeeze.bias", layer.Draw.Normal(values)),
                ("expand.weight", layer.Draw.Normal(values, channels)), ("expand.bias", layer.Draw.Normal(channels)));
        }
    }

    static void Upsample(LayerRecording layer)
    {
        Add("nearest", [2, 3], false, layer.Draw.Normal(2, 3, 2, 2));
        Add("bilinear", [2, 2], true, layer.Draw.Normal(2, 3, 4, 2));
        Add("bilinear_odd", [3, 5], true, layer.Draw.Normal(1, 4, 2, 3));
        Add("bilinear_rows", [4, 1], true, layer.Draw.Normal(1, 1, 3, 1));

        void Add(string name, long[] factor, bool bilinear, Tensor input) => layer.Add(name, new { factor, bilinear }, input,
            (x, _) => Layout.ChannelsLast(x, y => interpolate(y, scale_factor: [factor[0], factor[1]],
                mode: bilinear ? InterpolationMode.Bilinear : InterpolationMode.Nearest, align_corners: bilinear ? false : null)));
    }

    static void PixelShuffle(LayerRecording layer)
    {
        Add("two", 2, layer.Draw.Normal(2, 2, 3, 8));
        Add("three", 3, layer.Draw.Normal(1, 2, 1, 9));

        void Add(string name, long factor, Tensor input) => layer.Add(name, new { factor }, input, (x, _) => Layout.ChannelsLast(x, y => pixel_shuffle(y, factor)));
    }

    static void Separable(LayerRecording layer)
    {
        Add("basic", [3, 3], [1, 1], [1, 1, 1, 1], [1, 1], 1, 5, layer.Draw.Normal(2, 4, 5, 3));
        Add("strided_twice", [3, 2], [2, 1], [1, 0, 0, 1], [1, 2], 2, 4, layer.Draw.Normal(1, 6, 5, 3));

        void Add(string name, long[] kernel, long[] stride, long[] padding, long[] dilation, long multiplier, long channels, Tensor input)
        {
            long groups = input.shape[3];
            layer.Add(name, new { kernel, channels, stride, padding, dilation, multiplier }, input,
                (x, p) => Convolutions.Conv2d(Convolutions.Conv2d(x, p[0], stride, padding, dilation, groups), p[1], [1, 1], [0, 0, 0, 0], [1, 1], 1, p[2]),
                ("depthwiseWeight", layer.Draw.Normal(kernel[0], kernel[1], 1, groups * multiplier)),
                ("pointwiseWeight", layer.Draw.Normal(1, 1, groups * multiplier, channels)), ("bias", layer.Draw.Normal(channels)));
        }
    }

    static void ConvTranspose1d(LayerRecording layer)
    {
        Add("basic", [3, 4, 2], 1, 0, 0, 1, 1, layer.Draw.Normal(2, 5, 2));
        Add("strided", [4, 2, 3], 2, 1, 1, 1, 1, layer.Draw.Normal(1, 4, 3));
        Add("dilated_groups", [3, 1, 4], 3, 2, 2, 2, 2, layer.Draw.Normal(1, 5, 4));

        void Add(string name, long[] weight, long stride, long padding, long outputPadding, long dilation, long groups, Tensor input) =>
            layer.Add(name, new { kernel = weight[0], channels = weight[1] * groups, stride, padding, outputPadding, dilation, groups }, input,
                (x, p) => Layout.ChannelsLast(x, y => conv_transpose1d(y, Transposed(p[0]), p[1], stride: stride, padding: padding,
                    output_padding: outputPadding, dilation: dilation, groups: groups)),
                ("weight", layer.Draw.Normal(weight)), ("bias", layer.Draw.Normal(weight[1] * groups)));
    }

    static void ConvTranspose2d(LayerRecording layer)
    {
        Add("basic", [3, 3, 4, 2], [1, 1], [0, 0], [0, 0], [1, 1], 1, layer.Draw.Normal(2, 3, 4, 2));
        Add("doubled", [4, 4, 3, 5], [2, 2], [1, 1], [0, 0], [1, 1], 1, layer.Draw.Normal(1, 4, 3, 5));
        Add("output_padding", [3, 2, 2, 3], [2, 3], [1, 0], [1, 2], [1, 1], 1, layer.Draw.Normal(1, 3, 3, 3));
        Add("dilated_groups", [3, 2, 1, 4], [1, 2], [1, 1], [0, 1], [2, 1], 2, layer.Draw.Normal(1, 4, 3, 4));

        void Add(string name, long[] weight, long[] stride, long[] padding, long[] outputPadding, long[] dilation, long groups, Tensor input) =>
            layer.Add(name, new { kernel = weight[..2], channels = weight[2] * groups, stride, padding, outputPadding, dilation, groups }, input,
                (x, p) => Layout.ChannelsLast(x, y => conv_transpose2d(y, Transposed(p[0]), p[1], stride, padding, outputPadding, dilation: dilation, groups: groups)),
                ("weight", layer.Draw.Normal(weight)), ("bias", layer.Draw.Normal(weight[2] * groups)));
    }

    /// <summary>(kernel…, out / groups, in) to torch's (in, out / groups, kernel…).</summary>
    static Tensor Transposed(Tensor w) => Layout.ToTorchKernel(w);

    static void WeightNorm(LayerRecording layer)
    {
        layer.Add("linear", new { channels = 4 }, layer.Draw.Normal(3, 5), (x, p) => linear(x, Scaled(p).t(), p[1]),
            ("body.weight", layer.Draw.Normal(5, 4)), ("body.bias", layer.Draw.Normal(4)), ("gain", layer.Draw.Uniform(0.5, 2, 4)));
        layer.Add("conv2d", new { channels = 4 }, layer.Draw.Normal(2, 4, 4, 2),
            (x, p) => Convolutions.Conv2d(x, Scaled(p), [1, 1], [0, 0, 0, 0], [1, 1], 1, p[1]),
            ("body.weight", layer.Draw.Normal(3, 3, 2, 4)), ("body.bias", layer.Draw.Normal(4)), ("gain", layer.Draw.Uniform(0.5, 2, 4)));

        static Tensor Scaled(Tensor[] p) => p[2] * p[0] / p[0].pow(2).sum([.. Enumerable.Range(0, (int)p[0].dim() - 1).Select(i => (long)i)]).sqrt();
    }

    /// <summary>Training steps from the vector (1, 0, …): one power iteration each, by which the gradient doesn't go.</summary>
    static void SpectralNorm(LayerRecording layer)
    {
        Add("linear", [5, 4], [3, 5]);
        Add("conv2d", [3, 3, 2, 4], [2, 4, 4, 2]);

        void Add(string name, long[] shape, long[] input)
        {
            Tensor vector = zeros(shape[^1], float64);
            vector[0] = 1;
            layer.AddSteps(name, new { channels = shape[^1] }, [.. Enumerable.Range(0, 3).Select(_ => layer.Draw.Normal(input))],
                [("body.weight", layer.Draw.Normal(shape)), ("body.bias", layer.Draw.Normal(shape[^1]))], [("vector", vector)],
                (x, p) => Compute(x, p, true), (x, p) => Compute(x, p, false));

            Tensor Compute(Tensor x, Tensor[] p, bool training)
            {
                Tensor matrix = p[0].reshape(-1, shape[^1]), left, right;
                using (no_grad())
                {
                    left = Unit(matrix.matmul(vector));
                    if (training)
                    {
                        vector.copy_(Unit(matrix.t().matmul(left)));
                        left = Unit(matrix.matmul(vector));
                    }
                    right = vector.clone();
                }
                Tensor weight = p[0] / left.dot(matrix.matmul(right));
                return shape.Length == 2 ? linear(x, weight.t(), p[1]) : Convolutions.Conv2d(x, weight, [1, 1], [0, 0, 0, 0], [1, 1], 1, p[1]);
            }
        }

        static Tensor Unit(Tensor x) => x / x.norm();
    }

    /// <summary>torch's own module, sequence by sequence where lengths are given, with zeros behind the end.</summary>
    static void Stack(LayerRecording layer)
    {
        foreach ((string cell, long gates, string[] biases) in new[] { ("rnn", 1L, new[] { "bias" }), ("lstm", 4L, ["bias"]), ("gru", 3L, ["bias", "recurrentBias"]) })
        {
            Add("stacked", 2, false, null);
            Add("both_ways", 2, true, null);
            Add("lengths", 2, true, [3, 5, 1]);

            void Add(string name, long layers, bool bidirectional, long[]? lengths)
            {
                const long Hidden = 3, Features = 2;
                long directions = bidirectional ? 2 : 1;
                var parameters = new List<(string, Tensor)>();
                for (int part = 0; part < layers * directions; part++)
                {
                    long inputs = part < directions ? Features : directions * Hidden;
                    parameters.Add(($"parts.{part}.inputWeight", layer.Draw.Uniform(-0.5, 0.5, inputs, gates * Hidden)));
                    parameters.Add(($"parts.{part}.recurrentWeight", layer.Draw.Uniform(-0.5, 0.5, Hidden, gates * Hidden)));
                    foreach (string bias in biases) parameters.Add(($"parts.{part}.{bias}", layer.Draw.Normal(gates * Hidden)));
                }
                layer.Add($"{cell}_{name}", new { cell, hidden = Hidden, layers, bidirectional, lengths }, layer.Draw.Normal(3, 5, Features),
                    (x, p) => Recurrent.Stack(cell, x, p, Hidden, layers, bidirectional, lengths), [.. parameters]);
            }
        }
    }
}
