using static TorchSharp.torch;

namespace Lamina.Recorder.Ops;

/// <summary>Ops of two tensors, element by element with broadcasting, and the choice between two.</summary>
static class BinaryOps
{
    static readonly double[] Left = [0, -0.0, 1, -1, 1e300, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 2, 2];
    static readonly double[] Right = [0, 0, 0, -1, 1e300, 1, double.PositiveInfinity, 1, double.NaN, 3];

    public static void Record(Recorder recorder)
    {
        Arithmetic("add", (a, b) => a + b, whole: true);
        Arithmetic("subtract", (a, b) => a - b, whole: true);
        Arithmetic("multiply", (a, b) => a * b, whole: true);
        Arithmetic("divide", (a, b) => a / b, whole: false);
        Arithmetic("maximum", maximum, whole: true);
        Arithmetic("minimum", minimum, whole: true);
        Comparison("equal", eq);
        Comparison("not_equal", ne);
        Comparison("less", lt);
        Comparison("less_equal", le);
        Comparison("greater", gt);
        Comparison("greater_equal", ge);
        Power(recorder.Op("power"));
        Where(recorder.Op("where"));

        void Arithmetic(string name, Func<Tensor, Tensor, Tensor> f, bool whole)
        {
            OpRecording op = recorder.Op(name);
            Broadcasts(op, f);
            op.Add("ties_and_non_finite", null, x => f(x[0], x[1]), tensor(Left), tensor(Right));
            if (whole)
                op.Add("integers", null, x => f(x[0], x[1]), op.Draw.Integers(-9, 10, 2, 3), op.Draw.Integers(-9, 10, 3));
        }

        void Comparison(string name, Func<Tensor, Tensor, Tensor> f)
        {
            OpRecording op = recorder.Op(name);
            op.Add("basic", null, x => f(x[0], x[1]), op.Draw.Normal(2, 3), op.Draw.Normal(2, 3));
            op.Add("broadcast", null, x => f(x[0], x[1]), op.Draw.Integers(0, 3, 3, 1, 4), op.Draw.Integers(0, 3, 2, 1));
            op.Add("ties_and_non_finite", null, x => f(x[0], x[1]), tensor(Left), tensor(Right));
        }
    }

    static void Broadcasts(OpRecording op, Func<Tensor, Tensor, Tensor> f)
    {
        op.Add("basic", null, x => f(x[0], x[1]), op.Draw.Normal(2, 3), op.Draw.Normal(2, 3));
        op.Add("broadcast_row", null, x => f(x[0], x[1]), op.Draw.Normal(4, 5), op.Draw.Normal(5));
        op.Add("broadcast_both", null, x => f(x[0], x[1]), op.Draw.Normal(3, 1, 4), op.Draw.Normal(2, 1));
        op.Add("scalar", null, x => f(x[0], x[1]), op.Draw.Normal(), op.Draw.Normal(7));
    }

    static void Power(OpRecording op)
    {
        Add("basic", op.Draw.Uniform(0.1, 3, 2, 3), op.Draw.Uniform(-2, 3, 2, 3));
        Add("broadcast_both", op.Draw.Uniform(0.1, 3, 3, 1, 4), op.Draw.Uniform(-2, 3, 2, 1));
        Add("scalar_exponent", op.Draw.Normal(3, 5), tensor(2.0));
        Add("negative_base", tensor([-2.0, -2, -0.5, -3, -2]), tensor([2.0, 3, -2, 0, 0.5]));
        Add("zero_base", tensor([0.0, 0, 0, 0, -0.0]), tensor([0.0, 1, 2, -1, 3]));
        Add("extremes", tensor([1000.0, 1000, 1e-3, 1]), tensor([50.0, -200, 200, 1000]));

        void Add(string name, Tensor a, Tensor b) => op.Add(name, null, x => pow(x[0], x[1]), a, b);
    }

    static void Where(OpRecording op)
    {
        Add("basic", op.Draw.Booleans(2, 3), op.Draw.Normal(2, 3), op.Draw.Normal(2, 3));
        Add("broadcast_condition", op.Draw.Booleans(3, 1), op.Draw.Normal(3, 5), op.Draw.Normal(3, 5));
        Add("broadcast_all", op.Draw.Booleans(2, 1, 4), op.Draw.Normal(3, 1), op.Draw.Normal());
        Add("non_finite", tensor([true, false, true, false]),
            tensor([double.NaN, double.NaN, 1, double.PositiveInfinity]), tensor([1.0, 2, double.NaN, 3]));

        void Add(string name, Tensor condition, Tensor a, Tensor b) =>
            op.Add(name, null, x => where(x[0], x[1], x[2]), condition, a, b);
    }
}
