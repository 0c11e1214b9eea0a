using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Recorder.Ops;

/// <summary>Convolutions of images (batch, height, width, channels) and series (batch, steps, channels).</summary>
static class Convolutions
{
    public static void Record(Recorder recorder)
    {
        Images(recorder.Op("conv2d"));
        Series(recorder.Op("conv1d"));
    }

    static void Images(OpRecording op)
    {
        Add("basic", [1, 1], [0, 0, 0, 0], [1, 1], 1, op.Draw.Normal(2, 5, 6, 3), op.Draw.Normal(3, 3, 3, 4));
        Add("same", [1, 1], [1, 1, 1, 1], [1, 1], 1, op.Draw.Normal(1, 5, 7, 2), op.Draw.Normal(3, 3, 2, 3));
        Add("strided", [2, 2], [1, 1, 1, 1], [1, 1], 1, op.Draw.Normal(1, 7, 8, 3), op.Draw.Normal(3, 3, 3, 5));
        Add("pointwise", [1, 1], [0, 0, 0, 0], [1, 1], 1, op.Draw.Normal(2, 3, 3, 5), op.Draw.Normal(1, 1, 5, 7));
        Add("pointwise_strided", [2, 2], [0, 0, 0, 0], [1, 1], 1, op.Draw.Normal(1, 5, 4, 3), op.Draw.Normal(1, 1, 3, 2));
        Add("uneven", [2, 1], [1, 0, 2, 1], [1, 2], 1, op.Draw.Normal(1, 6, 7, 2), op.Draw.Normal(2, 3, 2, 3));
        Add("dilated", [1, 1], [2, 2, 2, 2], [2, 2], 1, op.Draw.Normal(1, 7, 6, 2), op.Draw.Normal(3, 3, 2, 2));
        Add("groups", [1, 1], [1, 1, 1, 1], [1, 1], 2, op.Draw.Normal(1, 5, 5, 4), op.Draw.Normal(3, 3, 2, 6));
        Add("depthwise", [1, 1], [1, 1, 1, 1], [1, 1], 5, op.Draw.Normal(1, 5, 4, 5), op.Draw.Normal(3, 3, 1, 5));
        Add("depthwise_strided", [2, 2], [1, 1, 1, 1], [1, 1], 3, op.Draw.Normal(1, 6, 5, 3), op.Draw.Normal(3, 3, 1, 6));
        Add("five_by_five", [1, 1], [2, 2, 2, 2], [1, 1], 1, op.Draw.Normal(1, 6, 6, 1), op.Draw.Normal(5, 5, 1, 3));
        Add("many_channels", [1, 1], [1, 1, 1, 1], [1, 1], 1, op.Draw.Normal(1, 6, 6, 8), op.Draw.Normal(3, 3, 8, 17));

        void Add(string name, long[] stride, long[] padding, long[] dilation, long groups, Tensor input, Tensor weight) =>
            op.Add(name, new { stride, padding, dilation, groups }, x => Conv2d(x[0], x[1], stride, padding, dilation, groups), input, weight);
    }

    /// <summary>torch takes one padding for both sides of an axis, so the border is put on first.</summary>
    public static Tensor Conv2d(Tensor x, Tensor w, long[] stride, long[] padding, long[] dilation, long groups, Tensor? bias = null) =>
        Layout.ChannelsLast(x, y => conv2d(
            pad(y, [padding[2], padding[3], padding[0], padding[1]]), Layout.ToTorchKernel(w), bias,
            strides: stride, dilation: dilation, groups: groups));

    static void Series(OpRecording op)
    {
        Add("basic", 1, [0, 0], 1, 1, op.Draw.Normal(2, 9, 3), op.Draw.Normal(3, 3, 4));
        Add("same", 1, [2, 2], 1, 1, op.Draw.Normal(1, 11, 2), op.Draw.Normal(5, 2, 3));
        Add("strided", 3, [1, 1], 1, 1, op.Draw.Normal(1, 13, 2), op.Draw.Normal(4, 2, 3));
        Add("causal_dilated", 1, [4, 0], 2, 1, op.Draw.Normal(2, 8, 3), op.Draw.Normal(3, 3, 2));
        Add("groups", 1, [1, 1], 1, 2, op.Draw.Normal(1, 7, 4), op.Draw.Normal(3, 2, 6));
        Add("depthwise", 2, [1, 0], 1, 3, op.Draw.Normal(1, 8, 3), op.Draw.Normal(2, 1, 3));

        void Add(string name, long stride, long[] padding, long dilation, long groups, Tensor input, Tensor weight) =>
            op.Add(name, new { stride, padding, dilation, groups }, x => Conv1d(x[0], x[1], stride, padding, dilation, groups), input, weight);
    }

    public static Tensor Conv1d(Tensor x, Tensor w, long stride, long[] padding, long dilation, long groups, Tensor? bias = null) =>
        Layout.ChannelsLast(x, y => conv1d(
            pad(y, padding), Layout.ToTorchKernel(w), bias, stride: stride, dilation: dilation, groups: groups));
}
