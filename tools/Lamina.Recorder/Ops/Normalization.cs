using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Recorder.Ops;

/// <summary>Softmax, and the norms over features, groups and batches.</summary>
static class Normalization
{
    public static void Record(Recorder recorder)
    {
        Softmax(recorder.Op("softmax"), (x, axis) => softmax(x, axis));
        Softmax(recorder.Op("log_softmax"), (x, axis) => log_softmax(x, axis));
        LayerNorm(recorder.Op("layer_norm"));
        GroupNorm(recorder.Op("group_norm"));
        BatchNorm(recorder.Op("batch_norm"));
    }

    static void Softmax(OpRecording op, Func<Tensor, long, Tensor> f)
    {
        double infinity = double.PositiveInfinity;
        Add("basic", 1, op.Draw.Normal(3, 5));
        Add("first_axis", 0, op.Draw.Normal(4, 3));
        Add("negative_axis", -2, op.Draw.Normal(2, 5, 3));
        Add("odd", -1, op.Draw.Normal(2, 17));
        Add("size_one", -1, op.Draw.Normal(3, 1));
        Add("extremes", 1, tensor([50.0, -50, 0, 1000, -1000, 0, 1000, 1000, 999, -1000, -1000, -1001], 4, 3));
        Add("masked", 1, tensor([1, -infinity, 2, -infinity, -infinity, 3], 2, 3));
        Add("non_finite", 1, tensor([double.NaN, 1, 2, infinity, 1, 2, -infinity, -infinity, -infinity], 3, 3));

        void Add(string name, long axis, Tensor input) => op.Add(name, new { axis }, x => f(x[0], axis), input);
    }

    static void LayerNorm(OpRecording op)
    {
        Add("basic", 1e-5, op.Draw.Normal(3, 5));
        Add("sequence", 1e-6, op.Draw.Normal(2, 3, 7));
        Add("odd", 1e-5, op.Draw.Normal(2, 17));
        Add("far_from_zero", 1e-5, op.Draw.Normal(2, 8) + 1e4);
        Add("constant", 1e-3, ones(2, 5, float64) * 3);

        void Add(string name, double epsilon, Tensor input) => op.Add(name, new { epsilon },
            x => layer_norm(x[0], [input.shape[^1]], x[1], x[2], epsilon), input, Scale(op, input), Shift(op, input));
    }

    static void GroupNorm(OpRecording op)
    {
        Add("basic", 2, 1e-5, op.Draw.Normal(2, 3, 3, 4));
        Add("one_group", 1, 1e-5, op.Draw.Normal(2, 2, 3, 3));
        Add("a_group_a_channel", 5, 1e-5, op.Draw.Normal(1, 3, 4, 5));
        Add("series", 3, 1e-3, op.Draw.Normal(2, 5, 6));

        void Add(string name, long groups, double epsilon, Tensor input) => op.Add(name, new { groups, epsilon },
            x => Layout.ChannelsLast(x[0], y => group_norm(y, groups, x[1], x[2], epsilon)), input, Scale(op, input), Shift(op, input));
    }

    static void BatchNorm(OpRecording op)
    {
        Add("basic", 1e-5, op.Draw.Normal(6, 4));
        Add("images", 1e-5, op.Draw.Normal(2, 3, 4, 3));
        Add("series", 1e-3, op.Draw.Normal(3, 5, 2));
        Add("far_from_zero", 1e-5, op.Draw.Normal(8, 3) + 1e4);

        void Add(string name, double epsilon, Tensor input) => op.AddMany(name, new { epsilon },
            x => TrainingBatchNorm(x[0], x[1], x[2], epsilon), input, Scale(op, input), Shift(op, input));
    }

    /// <summary>The output, and the batch's mean and biased variance, which take no part in the gradient.</summary>
    static Tensor[] TrainingBatchNorm(Tensor x, Tensor gamma, Tensor beta, double epsilon)
    {
        long channels = x.shape[^1];
        Tensor y = Layout.ChannelsLast(x, z => batch_norm(
            z, zeros(channels, float64), ones(channels, float64), gamma, beta, training: true, eps: epsilon));
        long[] rest = [.. Enumerable.Range(0, (int)x.ndim - 1).Select(axis => (long)axis)];
        Tensor statistics = x.detach();
        return [y, statistics.mean(rest), statistics.var(rest, unbiased: false)];
    }

    static Tensor Scale(OpRecording op, Tensor input) => op.Draw.Uniform(0.5, 2, input.shape[^1]);

    static Tensor Shift(OpRecording op, Tensor input) => op.Draw.Normal(input.shape[^1]);
}
