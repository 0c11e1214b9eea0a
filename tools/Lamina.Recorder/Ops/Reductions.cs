using static TorchSharp.torch;

namespace Lamina.Recorder.Ops;

/// <summary>Sums, means, extremes and statistics over axes, and sums along one.</summary>
static class Reductions
{
    delegate Tensor Reduce(Tensor x, long[] axes, bool keepDims);

    public static void Record(Recorder recorder)
    {
        Over(recorder.Op("sum"), (x, axes, keep) => x.sum(axes, keep));
        Over(recorder.Op("mean"), (x, axes, keep) => x.mean(axes, keep), whole: false);
        Over(recorder.Op("prod"), Product, AddZeros);
        Over(recorder.Op("max"), (x, axes, keep) => x.amax(axes, keep), AddTies((x, axes, keep) => x.amax(axes, keep)));
        Over(recorder.Op("min"), (x, axes, keep) => x.amin(axes, keep), AddTies((x, axes, keep) => x.amin(axes, keep)));
        Position(recorder.Op("argmax"), (x, axis, keep) => x.argmax(axis, keep));
        Position(recorder.Op("argmin"), (x, axis, keep) => x.argmin(axis, keep));
        CumulativeSum(recorder.Op("cumsum"));
        Variance(recorder.Op("variance"));
    }

    static void Over(OpRecording op, Reduce f, Action<OpRecording>? more = null, bool whole = true)
    {
        Add("basic", [1], false, op.Draw.Distinct(3, 5));
        Add("negative_axis", [-1], true, op.Draw.Distinct(2, 3, 7));
        Add("two_axes", [0, 2], false, op.Draw.Distinct(3, 4, 5));
        Add("all_axes", [0, 1, 2], true, op.Draw.Distinct(2, 3, 5));
        Add("all_axes_to_scalar", [0, 1], false, op.Draw.Distinct(3, 7));
        Add("size_one", [1], false, op.Draw.Normal(4, 1));
        Add("non_finite", [1], false, tensor([double.NaN, 1, 2, double.PositiveInfinity, 1, 2, double.NegativeInfinity, 1, 2], 3, 3));
        if (whole)
            Add("integers", [1], false, op.Draw.Integers(-9, 10, 3, 4));
        more?.Invoke(op);

        void Add(string name, long[] axes, bool keepDims, Tensor input) =>
            op.Add(name, new { axes, keepDims }, x => f(x[0], axes, keepDims), input);
    }

    /// <summary>torch multiplies along one axis at a time.</summary>
    static Tensor Product(Tensor x, long[] axes, bool keepDims)
    {
        foreach (long axis in axes.Select(a => a < 0 ? a + x.ndim : a).OrderDescending())
            x = x.prod(axis, keepDims);
        return x;
    }

    static void AddZeros(OpRecording op) =>
        op.Add("zeros", new { axes = new[] { 1 }, keepDims = false }, x => x[0].prod(1), tensor([2.0, 3, 4, 2, 0, 4, 0, 3, 0], 3, 3));

    static Action<OpRecording> AddTies(Reduce f) => op =>
    {
        Tensor tied = tensor([2.0, 2, 1, 1, 3, 3, 3, 0, 0, 0, 0, 0], 3, 4);
        op.Add("ties", new { axes = new[] { 1 }, keepDims = false }, x => f(x[0], [1], false), tied);
        op.Add("ties_over_all", new { axes = new[] { 0, 1 }, keepDims = false }, x => f(x[0], [0, 1], false), tied);
    };

    static void Position(OpRecording op, Func<Tensor, long, bool, Tensor> f)
    {
        Add("basic", 1, false, op.Draw.Distinct(3, 5));
        Add("first_axis", 0, false, op.Draw.Distinct(4, 3));
        Add("negative_axis", -2, true, op.Draw.Distinct(2, 5, 3));
        Add("ties", 1, false, tensor([2.0, 2, 1, 1, 3, 3, 0, 0, 0], 3, 3));
        Add("nan", 1, false, tensor([1.0, double.NaN, 2, double.NaN, 0, double.PositiveInfinity], 2, 3));

        void Add(string name, long axis, bool keepDims, Tensor input) =>
            op.Add(name, new { axis, keepDims }, x => f(x[0], axis, keepDims), input);
    }

    static void CumulativeSum(OpRecording op)
    {
        Add("basic", 1, op.Draw.Normal(3, 5));
        Add("first_axis", 0, op.Draw.Normal(7, 2));
        Add("negative_axis", -2, op.Draw.Normal(2, 5, 3));
        Add("integers", 0, op.Draw.Integers(-5, 6, 9));

        void Add(string name, long axis, Tensor input) => op.Add(name, new { axis }, x => x[0].cumsum(axis), input);
    }

    static void Variance(OpRecording op)
    {
        Add("basic", [1], false, 0, op.Draw.Normal(3, 5));
        Add("unbiased", [1], false, 1, op.Draw.Normal(3, 5));
        Add("negative_axis", [-1], true, 1, op.Draw.Normal(2, 3, 7));
        Add("two_axes", [0, 2], false, 0, op.Draw.Normal(3, 4, 5));
        Add("all_axes", [0, 1], false, 1, op.Draw.Normal(3, 7));
        Add("far_from_zero", [1], false, 0, op.Draw.Normal(2, 9) + 1e6);
        Add("constant", [1], false, 0, ones(2, 5, float64) * 3);

        void Add(string name, long[] axes, bool keepDims, int correction, Tensor input) =>
            op.Add(name, new { axes, keepDims, correction }, x => x[0].var(axes, correction == 1, keepDims), input);
    }
}
