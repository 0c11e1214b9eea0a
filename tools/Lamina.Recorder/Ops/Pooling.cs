using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Recorder.Ops;

/// <summary>Pooling of images (batch, height, width, channels).</summary>
static class Pooling
{
    public static void Record(Recorder recorder)
    {
        Largest(recorder.Op("max_pool2d"));
        Average(recorder.Op("avg_pool2d"));
        Global(recorder.Op("global_avg_pool"));
    }

    static void Largest(OpRecording op)
    {
        Add("basic", [2, 2], [2, 2], [0, 0, 0, 0], op.Draw.Distinct(2, 4, 6, 3));
        Add("overlapping", [3, 3], [2, 2], [1, 1, 1, 1], op.Draw.Distinct(1, 7, 6, 2));
        Add("rest_left_over", [2, 3], [2, 3], [0, 0, 0, 0], op.Draw.Distinct(1, 5, 7, 2));
        Add("uneven", [3, 2], [1, 2], [1, 0, 0, 1], op.Draw.Distinct(1, 4, 5, 2));
        Add("all_negative", [2, 2], [2, 2], [1, 1, 1, 1], op.Draw.Distinct(1, 4, 4, 1) - 10);
        Add("ties", [2, 2], [1, 1], [0, 0, 0, 0], op.Draw.Integers(0, 2, 1, 4, 4, 2).to(float64));

        void Add(string name, long[] kernel, long[] stride, long[] padding, Tensor input) =>
            op.Add(name, new { kernel, stride, padding }, x => MaxPool2d(x[0], kernel, stride, padding), input);
    }

    /// <summary>A border of minus infinity is torch's own padding, and may differ from side to side.</summary>
    public static Tensor MaxPool2d(Tensor x, long[] kernel, long[] stride, long[] padding) =>
        Layout.ChannelsLast(x, y => max_pool2d(Border(y, padding, double.NegativeInfinity), kernel, stride));

    static void Average(OpRecording op)
    {
        Add("basic", [2, 2], [2, 2], [0, 0, 0, 0], true, op.Draw.Normal(2, 4, 6, 3));
        Add("overlapping", [3, 3], [2, 2], [1, 1, 1, 1], true, op.Draw.Normal(1, 7, 6, 2));
        Add("overlapping_exclude_pad", [3, 3], [2, 2], [1, 1, 1, 1], false, op.Draw.Normal(1, 7, 6, 2));
        Add("rest_left_over", [2, 3], [2, 3], [0, 0, 0, 0], false, op.Draw.Normal(1, 5, 7, 2));
        Add("uneven", [3, 2], [1, 2], [1, 0, 0, 1], true, op.Draw.Normal(1, 4, 5, 2));
        Add("uneven_exclude_pad", [3, 2], [1, 2], [1, 0, 0, 1], false, op.Draw.Normal(1, 4, 5, 2));

        void Add(string name, long[] kernel, long[] stride, long[] padding, bool countIncludePad, Tensor input) =>
            op.Add(name, new { kernel, stride, padding, countIncludePad }, x => AvgPool2d(x[0], kernel, stride, padding, countIncludePad), input);
    }

    /// <summary>
    /// torch's own padding where both sides of an axis have the same. Where they differ, the border is put on first, and what
    /// it adds to the count is divided out again by the share of the window that lies inside.
    /// </summary>
    public static Tensor AvgPool2d(Tensor x, long[] kernel, long[] stride, long[] padding, bool countIncludePad) => Layout.ChannelsLast(x, y =>
    {
        if (padding[0] == padding[1] && padding[2] == padding[3])
            return avg_pool2d(y, kernel, stride, [padding[0], padding[2]], count_include_pad: countIncludePad);
        Tensor average = Pool(y);
        return countIncludePad ? average : average / Pool(ones_like(y));

        Tensor Pool(Tensor z) => avg_pool2d(Border(z, padding, 0), kernel, stride);
    });

    /// <summary>Puts (top, bottom, left, right) around a channels-second image.</summary>
    static Tensor Border(Tensor x, long[] padding, double value) =>
        pad(x, [padding[2], padding[3], padding[0], padding[1]], value: value);

    static void Global(OpRecording op)
    {
        Add("basic", op.Draw.Normal(2, 3, 4, 5));
        Add("odd", op.Draw.Normal(3, 7, 1, 2));
        Add("one_pixel", op.Draw.Normal(2, 1, 1, 3));

        void Add(string name, Tensor input) =>
            op.Add(name, null, x => adaptive_avg_pool2d(Layout.ToChannelsSecond(x[0]), 1).flatten(1), input);
    }
}
