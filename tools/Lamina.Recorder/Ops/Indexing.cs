using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Recorder.Ops;

/// <summary>Ops that read or write by position, and ops that order.</summary>
static class Indexing
{
    public static void Record(Recorder recorder)
    {
        Gather(recorder.Op("gather"));
        ScatterAdd(recorder.Op("scatter_add"));
        Rows(recorder.Op("rows"));
        OneHot(recorder.Op("one_hot"));
        Sort(recorder.Op("sort"));
        TopK(recorder.Op("topk"));
    }

    static void Gather(OpRecording op)
    {
        Add("basic", 1, op.Draw.Normal(3, 5), op.Draw.Integers(0, 5, 3, 4));
        Add("first_axis", 0, op.Draw.Normal(4, 3), op.Draw.Integers(0, 4, 6, 3));
        Add("negative_axis", -2, op.Draw.Normal(2, 5, 3), op.Draw.Integers(0, 5, 2, 2, 3));
        Add("smaller_index", 1, op.Draw.Normal(4, 5), op.Draw.Integers(0, 5, 2, 3));
        Add("repeated", 0, op.Draw.Normal(3), tensor([1L, 1, 1, 2]));

        void Add(string name, long axis, Tensor input, Tensor index) =>
            op.Add(name, new { axis }, x => x[0].gather(axis, x[1]), input, index);
    }

    static void ScatterAdd(OpRecording op)
    {
        Add("basic", 1, op.Draw.Normal(3, 5), op.Draw.Integers(0, 5, 3, 4), op.Draw.Normal(3, 4));
        Add("first_axis", 0, op.Draw.Normal(4, 3), op.Draw.Integers(0, 4, 6, 3), op.Draw.Normal(6, 3));
        Add("negative_axis", -2, op.Draw.Normal(2, 5, 3), op.Draw.Integers(0, 5, 2, 2, 3), op.Draw.Normal(2, 2, 3));
        Add("repeated", 0, zeros(3, float64), tensor([1L, 1, 1, 2]), op.Draw.Normal(4));

        void Add(string name, long axis, Tensor self, Tensor index, Tensor source) =>
            op.Add(name, new { axis }, x => x[0].scatter_add(axis, x[1], x[2]), self, index, source);
    }

    static void Rows(OpRecording op)
    {
        Add("basic", op.Draw.Normal(5, 3), op.Draw.Integers(0, 5, 4));
        Add("sequences", op.Draw.Normal(7, 4), op.Draw.Integers(0, 7, 2, 6));
        Add("repeated", op.Draw.Normal(3, 2), tensor([1L, 1, 1, 2]));

        void Add(string name, Tensor table, Tensor index) => op.Add(name, null, x => x[0].index_select(0, x[1].flatten()).unflatten(0, x[1].shape), table, index);
    }

    static void OneHot(OpRecording op)
    {
        Add("basic", 4, op.Draw.Integers(0, 4, 6));
        Add("two_axes", 3, op.Draw.Integers(0, 3, 2, 5));
        Add("scalar", 5, tensor(3L));
        Add("unused_classes", 9, tensor([0L, 8]));

        void Add(string name, long classes, Tensor labels) => op.Add(name, new { classes }, x => one_hot(x[0], classes), labels);
    }

    static void Sort(OpRecording op)
    {
        Add("basic", 1, false, op.Draw.Distinct(3, 5));
        Add("descending", 1, true, op.Draw.Distinct(3, 5));
        Add("negative_axis", -2, false, op.Draw.Distinct(2, 5, 3));
        Add("ties", 0, false, op.Draw.Integers(0, 3, 12).to(float64));
        Add("ties_descending", 0, true, op.Draw.Integers(0, 3, 12).to(float64));
        Add("non_finite", 0, false, tensor([1, double.NaN, double.NegativeInfinity, 0, double.PositiveInfinity, double.NaN, -1]));
        Add("non_finite_descending", 0, true, tensor([1, double.NaN, double.NegativeInfinity, 0, double.PositiveInfinity, double.NaN, -1]));

        void Add(string name, long axis, bool descending, Tensor input) =>
            op.AddMany(name, new { axis, descending }, x => Both(x[0].sort(axis, descending, stable: true)), input);
    }

    static void TopK(OpRecording op)
    {
        Add("basic", 2, 1, op.Draw.Distinct(3, 5));
        Add("first_axis", 3, 0, op.Draw.Distinct(6, 2));
        Add("negative_axis", 1, -1, op.Draw.Distinct(2, 3, 4));
        Add("all", 5, 0, op.Draw.Distinct(5));

        void Add(string name, int k, int axis, Tensor input) =>
            op.AddMany(name, new { k, axis }, x => Both(x[0].topk(k, axis, largest: true, sorted: true)), input);
    }

    static Tensor[] Both((Tensor Values, Tensor Indices) pair) => [pair.Values, pair.Indices];
}
