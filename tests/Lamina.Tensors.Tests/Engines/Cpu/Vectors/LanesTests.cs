using Lamina.Tensors.Engines.Cpu.Vectors;
using Xunit;

namespace Lamina.Tensors.Tests.Engines.Cpu.Vectors;

/// <summary>Every lane type against float64: the wide ones run everywhere, in halves where the machine is narrower.</summary>
public unsafe class LanesTests
{
    private static readonly float[] Special =
    [
        0f, -0f, 1f, -1f, 0.5f, float.Epsilon, -float.Epsilon, 1e-40f, -1e-40f, 1.17549435e-38f, float.MaxValue, float.MinValue,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN, 88.7f, 88.73f, 89f, -87.4f, -100f, -103.9f, -104f, -200f, 9.1f, -9.1f, 20f, -20f,
    ];

    [Fact] public void F128_computes_elementary_functions() => Check<F128>();
    [Fact] public void F256_computes_elementary_functions() => Check<F256>();
    [Fact] public void F512_computes_elementary_functions() => Check<F512>();

    private static void Check<V>() where V : struct, ILanes<V>
    {
        float[] small = Sweep(-1e-3, 1e-3), unit = Sweep(-1.2, 1.2), ten = Sweep(-12, 12), wide = Sweep(-110, 95);
        foreach (float[] x in new[] { small, unit, ten, wide, Spread(), Special })
        {
            Compare<V>("exp", V.Exp, Math.Exp, x, 3e-7);
            Compare<V>("tanh", V.Tanh, Math.Tanh, x, 3e-7);
            Compare<V>("sigmoid", V.Sigmoid, v => v < 0 ? Math.Exp(v) / (1 + Math.Exp(v)) : 1 / (1 + Math.Exp(-v)), x, 3e-7);
            Compare<V>("log", V.Log, Math.Log, x, 3e-7);
            Compare<V>("erf", V.Erf, D64.Erf, x, 5e-7);
        }
        foreach (float[] x in new[] { small, unit, ten, wide, Sweep(-1e5, 1e5), [0f, -0f, float.NaN, float.PositiveInfinity, 2e5f, -3e7f] })
        {
            Compare<V>("sin", V.Sin, Math.Sin, x, 3e-7);
            Compare<V>("cos", V.Cos, Math.Cos, x, 3e-7);
        }
    }

    [Fact] public void F128_simple_operations() => Simple<F128>();
    [Fact] public void F256_simple_operations() => Simple<F256>();
    [Fact] public void F512_simple_operations() => Simple<F512>();

    private static void Simple<V>() where V : struct, ILanes<V>
    {
        int n = V.Count;
        float[] a = new float[n], b = new float[n], to = new float[n + 1];
        for (int i = 0; i < n; i++) { a[i] = Special[i]; b[i] = i % 3 - 1; }
        Lanes<V>(a, b, V.Max, MathF.Max);
        Lanes<V>(a, b, V.Min, MathF.Min);
        Lanes<V>(a, b, V.Pow, MathF.Pow);
        Lanes<V>(b, a, V.Pow, MathF.Pow);
        Lanes<V>(a, b, (x, y) => V.Select(V.Less(x, y), x, y), (x, y) => x < y ? x : y);
        Lanes<V>(a, b, (x, y) => V.Select(V.LessOrEqual(x, y), x, y), (x, y) => x <= y ? x : y);
        Lanes<V>(a, b, (x, y) => V.Select(V.Not(V.Equal(x, y)), x, -y), (x, y) => x != y ? x : -y);
        Lanes<V>(a, b, (x, y) => V.Fma(x, y, x), (x, y) => MathF.FusedMultiplyAdd(x, y, x));
        for (int i = 0; i < n; i++) a[i] = i + 1;
        fixed (float* pa = a, pt = to)
        {
            for (int count = 0; count < n; count++)
            {
                Array.Fill(to, -7);
                V.StorePart(V.LoadPart(pa, count) + V.Of(0), pt, n);
                for (int i = 0; i < n; i++) Assert.Equal(i < count ? i + 1 : 0, to[i]);
                Array.Fill(to, -7);
                V.StorePart(V.Load(pa), pt, count);
                for (int i = 0; i < n; i++) Assert.Equal(i < count ? i + 1 : -7, to[i]);
            }
            foreach ((V value, float expected) in new[] { (V.SumLanes(V.Load(pa)), n * (n + 1) / 2f), (V.MaxLanes(V.Load(pa)), n), (V.MinLanes(V.Load(pa)), 1f) })
            {
                V.Store(value, pt);
                for (int i = 0; i < n; i++) Assert.Equal(expected, to[i]);
            }
            a[n / 2] = float.NaN;
            V.Store(V.MaxLanes(V.Load(pa)), pt);
            Assert.True(float.IsNaN(to[0]));
        }
    }

    [Fact]
    public void An_element_has_the_same_bits_in_every_lane()
    {
        foreach (float x in new[] { 0.3f, -2.7f, 17.5f, 1e-40f, 88.5f, -95f, 99_999f })
        {
            uint[] bits = [.. Bits<F128>(x), .. Bits<F256>(x), .. Bits<F512>(x)];
            for (int f = 0; f < 7; f++)
                for (int i = f; i < bits.Length; i += 7) Assert.Equal(bits[f], bits[i]);
        }
    }

    [Theory]
    [InlineData(0.5, 0.5204998778130465)]
    [InlineData(-1, -0.8427007929497149)]
    [InlineData(2.9, 0.9999589021219005)]
    [InlineData(3.1, 0.9999883513426328)]
    [InlineData(5.5, 0.9999999999999927)]
    public void Erf_in_float64(double x, double expected) => Assert.Equal(expected, D64.Erf(x), 1e-15);

    /// <summary>Every lane of every function, lane by lane: x among other values must give what it gives alone.</summary>
    private static uint[] Bits<V>(float x) where V : struct, ILanes<V>
    {
        float* lanes = stackalloc float[V.Count];
        uint[] bits = new uint[7 * V.Count];
        for (int lane = 0; lane < V.Count; lane++)
        {
            for (int i = 0; i < V.Count; i++) lanes[i] = i == lane ? x : i * 1e6f;
            V v = V.Load(lanes);
            int f = 0;
            foreach (V y in new[] { V.Exp(v), V.Log(v), V.Tanh(v), V.Sigmoid(v), V.Erf(v), V.Sin(v), V.Cos(v) })
            {
                V.Store(y, lanes);
                bits[lane * 7 + f++] = BitConverter.SingleToUInt32Bits(float.IsNaN(lanes[lane]) ? float.NaN : lanes[lane]);
            }
        }
        return bits;
    }

    private static float[] Sweep(double low, double high) => [.. Enumerable.Range(0, 40_001).Select(i => (float)(low + (high - low) * i / 40_000))];

    /// <summary>Values over all exponents, both signs.</summary>
    private static float[] Spread() => [.. Enumerable.Range(0, 65_536).Select(i => BitConverter.UInt32BitsToSingle((uint)i << 16 | (uint)(i * 40503) & 0xFFFF)).Where(float.IsFinite)];

    private static void Lanes<V>(float[] a, float[] b, Func<V, V, V> lanes, Func<float, float, float> scalar) where V : struct, ILanes<V>
    {
        float[] to = new float[V.Count];
        fixed (float* pa = a, pb = b, pt = to) V.Store(lanes(V.Load(pa), V.Load(pb)), pt);
        for (int i = 0; i < V.Count; i++) Assert.Equal(scalar(a[i], b[i]), to[i]);
    }

    private static void Compare<V>(string name, Func<V, V> lanes, Func<double, double> exact, float[] x, double bound) where V : struct, ILanes<V>
    {
        float* from = stackalloc float[V.Count], to = stackalloc float[V.Count];
        double worst = 0, at = 0;
        for (int begin = 0; begin < x.Length; begin += V.Count)
        {
            int count = Math.Min(V.Count, x.Length - begin);
            for (int i = 0; i < V.Count; i++) from[i] = x[begin + i % count];
            V.Store(lanes(V.Load(from)), to);
            for (int i = 0; i < count; i++)
            {
                double want = exact(from[i]);
                float rounded = (float)want;
                if (float.IsNaN(rounded))
                {
                    if (!float.IsNaN(to[i])) Assert.Fail($"{name}({from[i]:R}) = {to[i]}");
                    continue;
                }
                if (float.IsInfinity(rounded) || rounded == 0)
                {
                    // Within rounding of the largest and of the smallest number either side is right.
                    bool near = float.IsInfinity(rounded) ? Math.Abs(want) < 3.4028238e38 && Math.Abs(to[i]) > 3.4028e38f : Math.Abs(to[i]) <= float.Epsilon && want != 0;
                    if (!near && !(rounded == to[i] && float.IsNegative(rounded) == float.IsNegative(to[i]))) Assert.Fail($"{name}({from[i]:R}) = {to[i]}, not {want}");
                    continue;
                }
                // A denormal is as good as its last bit.
                double error = Math.Abs(to[i] - want) / Math.Max(Math.Abs(want), 1.17549435e-38);
                if (!(error <= worst)) (worst, at) = (error, from[i]);
            }
        }
        Assert.True(worst <= bound, $"{name}: relative error {worst:g3} at {at:R}");
    }
}
