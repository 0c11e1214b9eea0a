using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Recorder.Ops;

/// <summary>Ops that move values: joins, cuts, borders and views.</summary>
static class Shaping
{
    public static void Record(Recorder recorder)
    {
        Join(recorder.Op("concat"), (x, axis) => cat(x, axis), op => [op.Draw.Normal(2, 3, 2), op.Draw.Normal(2, 1, 2), op.Draw.Normal(2, 4, 2)]);
        Join(recorder.Op("stack"), (x, axis) => stack(x, axis), op => [op.Draw.Normal(2, 3, 2), op.Draw.Normal(2, 3, 2)]);
        Split(recorder.Op("split"));
        Pad(recorder.Op("pad"));
        Slice(recorder.Op("slice"));
        Reshape(recorder.Op("reshape"));
        Transpose(recorder.Op("transpose"));
        Broadcast(recorder.Op("broadcast_to"));
    }

    static void Join(OpRecording op, Func<Tensor[], long, Tensor> join, Func<OpRecording, Tensor[]> middle)
    {
        Add("basic", 0, op.Draw.Normal(2, 3), op.Draw.Normal(2, 3));
        Add("middle_axis", 1, middle(op));
        Add("negative_axis", -2, middle(op));
        Add("last_axis", -1, op.Draw.Normal(3, 5), op.Draw.Normal(3, 5), op.Draw.Normal(3, 5));
        Add("single", 0, op.Draw.Normal(3));
        Add("integers", 0, op.Draw.Integers(-9, 10, 2, 2), op.Draw.Integers(-9, 10, 2, 2));

        void Add(string name, long axis, params Tensor[] inputs) => op.Add(name, new { axis }, x => join(x, axis), inputs);
    }

    static void Split(OpRecording op)
    {
        Add("basic", 0, [2, 3], op.Draw.Normal(5, 3));
        Add("negative_axis", -1, [1, 4, 2], op.Draw.Normal(2, 3, 7));
        Add("middle_axis", 1, [2, 2], op.Draw.Normal(2, 4, 3));
        Add("whole", 0, [3], op.Draw.Normal(3));

        void Add(string name, long axis, long[] sizes, Tensor input) =>
            op.AddMany(name, new { axis, sizes }, x => x[0].split(sizes, axis), input);
    }

    static void Pad(OpRecording op)
    {
        Add("basic", [1, 2], [0, 1], 0, op.Draw.Normal(2, 3));
        Add("value", [0, 3], [2, 0], -1.5, op.Draw.Normal(2, 3));
        Add("minus_infinity", [0, 1, 1, 0], [0, 1, 1, 0], double.NegativeInfinity, op.Draw.Normal(1, 3, 2, 2));
        Add("nothing", [0], [0], 7, op.Draw.Normal(4));
        Add("vector", [3], [2], 7, op.Draw.Normal(4));

        void Add(string name, long[] before, long[] after, double value, Tensor input) =>
            op.Add(name, new { before, after, value }, x => pad(x[0], Interleave(before, after), value: value), input);
    }

    /// <summary>torch takes (before, after) pairs, last axis first.</summary>
    static long[] Interleave(long[] before, long[] after) =>
        [.. before.Zip(after).Reverse().SelectMany(pair => new[] { pair.First, pair.Second })];

    static void Slice(OpRecording op)
    {
        Add("basic", [1, 0], [3, 4], [1, 1], op.Draw.Normal(4, 5));
        Add("steps", [0, 1], [7, 6], [3, 2], op.Draw.Normal(7, 6));
        Add("three_axes", [1, 0, 2], [2, 3, 7], [1, 2, 5], op.Draw.Normal(2, 3, 7));
        Add("empty", [2, 0], [2, 3], [1, 1], op.Draw.Normal(4, 3));
        Add("integers", [1], [8], [3], op.Draw.Integers(-9, 10, 9));

        void Add(string name, long[] start, long[] stop, long[] step, Tensor input) =>
            op.Add(name, new { start, stop, step }, x => Enumerable.Range(0, start.Length)
                .Aggregate(x[0], (y, axis) => y.slice(axis, start[axis], stop[axis], step[axis])), input);
    }

    static void Reshape(OpRecording op)
    {
        Add("basic", [3, 2], op.Draw.Normal(2, 3));
        Add("flatten", [24], op.Draw.Normal(2, 3, 4));
        Add("to_scalar", [], op.Draw.Normal(1, 1));
        Add("new_axes", [1, 5, 1, 3], op.Draw.Normal(5, 3));

        void Add(string name, long[] shape, Tensor input) => op.Add(name, new { shape }, x => x[0].reshape(shape), input);
    }

    static void Transpose(OpRecording op)
    {
        Add("basic", [1, 0], op.Draw.Normal(2, 3));
        Add("rotate", [2, 0, 1], op.Draw.Normal(2, 3, 5));
        Add("channels", [0, 3, 1, 2], op.Draw.Normal(2, 3, 4, 5));
        Add("identity", [0, 1], op.Draw.Normal(3, 2));

        void Add(string name, long[] axes, Tensor input) => op.Add(name, new { axes }, x => x[0].permute(axes), input);
    }

    static void Broadcast(OpRecording op)
    {
        Add("basic", [4, 3], op.Draw.Normal(3));
        Add("ones", [2, 3, 5], op.Draw.Normal(2, 1, 5));
        Add("both", [3, 2, 4], op.Draw.Normal(2, 1));
        Add("scalar", [2, 3], op.Draw.Normal());

        void Add(string name, long[] shape, Tensor input) => op.Add(name, new { shape }, x => x[0].broadcast_to(shape), input);
    }
}
