using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Recorder.Ops;

/// <summary>Ops of one tensor, element by element.</summary>
static class UnaryOps
{
    static readonly double[] Extremes = [-1000, -100, -50, -20.5, -1, -1e-8, -0.0, 0, 1e-8, 0.5, 1, 20, 20.5, 50, 100, 1000];
    static readonly double[] PositiveExtremes = [0, 1e-300, 1e-8, 0.5, 1, 2, 1000, 1e300];
    static readonly double[] NonFinite = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    public static void Record(Recorder recorder)
    {
        Plain("neg", x => x.neg());
        Plain("abs", x => x.abs());
        Plain("sign", x => x.sign());
        Plain("exp", x => x.exp());
        Plain("sin", x => x.sin());
        Plain("cos", x => x.cos());
        Plain("tanh", x => x.tanh());
        Plain("sigmoid", x => x.sigmoid());
        Plain("relu", x => x.relu());
        Plain("silu", x => silu(x));
        Plain("softplus", x => softplus(x));
        Plain("erf", x => x.erf());
        Plain("floor", x => x.floor());
        Plain("reciprocal", x => x.reciprocal());
        Positive("log", x => x.log());
        Positive("sqrt", x => x.sqrt());
        Gelu(recorder.Op("gelu"));
        Clamp(recorder.Op("clamp"));
        Cast(recorder.Op("cast"));

        void Plain(string name, Func<Tensor, Tensor> f)
        {
            OpRecording op = recorder.Op(name);
            Cases(op, "", null, f);
        }

        void Positive(string name, Func<Tensor, Tensor> f)
        {
            OpRecording op = recorder.Op(name);
            op.Add("basic", null, x => f(x[0]), op.Draw.Uniform(0.1, 4, 2, 3));
            op.Add("odd", null, x => f(x[0]), op.Draw.Uniform(0.1, 4, 3, 1, 7));
            op.Add("extremes", null, x => f(x[0]), tensor(PositiveExtremes));
            op.Add("outside", null, x => f(x[0]), tensor([-0.0, -1e-8, -1.0]));
            op.Add("non_finite", null, x => f(x[0]), tensor(NonFinite));
        }
    }

    static void Cases(OpRecording op, string prefix, object? attributes, Func<Tensor, Tensor> f)
    {
        op.Add(prefix + "basic", attributes, x => f(x[0]), op.Draw.Normal(2, 3));
        op.Add(prefix + "odd", attributes, x => f(x[0]), op.Draw.Uniform(-4, 4, 3, 1, 7));
        op.Add(prefix + "scalar", attributes, x => f(x[0]), op.Draw.Normal());
        op.Add(prefix + "extremes", attributes, x => f(x[0]), tensor(Extremes));
        op.Add(prefix + "non_finite", attributes, x => f(x[0]), tensor(NonFinite));
    }

    static void Gelu(OpRecording op)
    {
        foreach ((string name, GELU.Approximate approximate) in new[] { ("none", GELU.Approximate.none), ("tanh", GELU.Approximate.tanh) })
            Cases(op, name + "_", new { approximate = name }, x => gelu(x, approximate));
    }

    static void Clamp(OpRecording op)
    {
        double infinity = double.PositiveInfinity;
        Add("basic", -0.75, 0.5, op.Draw.Normal(3, 5));
        Add("at_the_limits", -1, 6, tensor([-2.0, -1, -0.5, 0, 5.5, 6, 7]));
        Add("lower_only", 0, infinity, op.Draw.Normal(2, 4));
        Add("upper_only", -infinity, 1, op.Draw.Normal(2, 4));
        Add("non_finite", -1, 1, tensor(NonFinite));

        void Add(string name, double min, double max, Tensor input) =>
            op.Add(name, new { min, max }, x => x[0].clamp(min, max), input);
    }

    static void Cast(OpRecording op)
    {
        double[] halves = [1.9, -1.9, 0.5, -0.5, 2.5, -2.5, 1e6, -0.0, 0, 2147483647.5];
        // Around float16's and bfloat16's roundings, ties to even; largest values, overflow, subnormals.
        double[] roundings =
        [
            1 + 1 / 2048.0, 1 + 3 / 2048.0, 1 + 1 / 256.0, 1 + 3 / 256.0, 0.1, -1 / 3.0, 65504, 65519, 65520, -1e6,
            6.1e-5, 5.9604644775390625e-8, 2.9802322387695312e-8, 1e-8, 3.3895e38, 1e39,
        ];
        double[] whole = [16777217, -16777219, 2147483647, 4503599627370497];
        Add("float64_to_int32", "int32", tensor(halves));
        Add("float64_to_int64", "int64", tensor(halves));
        Add("float64_to_bool", "bool", tensor([0.0, -0.0, 0.1, -1, 1e-300, double.NaN, double.PositiveInfinity]));
        Add("float64_to_float32", "float32", tensor(roundings));
        Add("float64_to_float16", "float16", tensor(roundings));
        Add("float64_to_bfloat16", "bfloat16", tensor(roundings));
        Add("float16_to_float64", "float64", tensor(roundings).to(float16));
        Add("bfloat16_to_float64", "float64", tensor(roundings).to(bfloat16));
        Add("int64_to_float32", "float32", tensor(whole).to(int64));
        Add("int64_to_float64", "float64", op.Draw.Integers(-100, 100, 2, 3));
        Add("int64_to_bool", "bool", tensor([0L, 1, -1, 256]));
        Add("bool_to_float64", "float64", op.Draw.Booleans(2, 5));
        Add("bool_to_int64", "int64", op.Draw.Booleans(2, 5));

        void Add(string name, string to, Tensor input) =>
            op.Add(name, new { to }, x => x[0].to(Enum.Parse<ScalarType>(to, ignoreCase: true)), input);
    }
}
