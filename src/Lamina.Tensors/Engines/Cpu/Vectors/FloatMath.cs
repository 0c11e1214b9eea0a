using System.Runtime.CompilerServices;

namespace Lamina.Tensors.Engines.Cpu.Vectors;

/// <summary>
/// Elementary functions on float32 lanes, written once for every tier. Polynomials are minimax fits (Remez) made for
/// this file; all errors are relative, against float64. The base library's vector functions are not reliably inlined
/// into optimised kernels and cost two to three times as much.
/// </summary>
internal static unsafe class FloatMath
{
    private const double Log2E = 1.4426950216293335, Ln2High = 0.693145751953125, Ln2Low = 1.42860682030941723e-6;
    /// <summary>Beyond this the reduction by π/2 loses bits and sine and cosine go lane by lane.</summary>
    private const double LargestAngle = 1e5;
    /// <summary>Where the tail of the normal distribution is below all of float32's numbers.</summary>
    private const double TailEnd = 14.6;

    /// <summary>e^r - 1 for |r| ≤ ln 2 / 2, to 1.4e-8 before rounding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpMinusOne<V>(V r) where V : struct, ILanes<V>
    {
        V p = V.Fma(V.Of(0.001388239674270153), r, V.Of(0.008367180824279785));
        p = V.Fma(p, r, V.Of(0.04166722297668457));
        p = V.Fma(p, r, V.Of(0.16666539013385773));
        p = V.Fma(p, r, V.Of(0.4999999701976776));
        return V.Fma(p, r * r, r);
    }

    /// <summary>x = n · ln 2 + r; the upper half of ln 2 has trailing zeros, so its product is exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ReduceByLn2<V>(V x, out V n) where V : struct, ILanes<V>
    {
        n = V.Round(x * V.Of(Log2E));
        return V.Fma(n, V.Of(-Ln2Low), V.Fma(n, V.Of(-Ln2High), x));
    }

    /// <summary>e^x, to 1.3e-7: infinite above 88.73, denormal below -87.3, zero below -103.97.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<V>(V x) where V : struct, ILanes<V>
    {
        V r = ReduceByLn2(V.Clamp(x, V.Of(-105), V.Of(90)), out V n);
        return V.ScaleByPowerOfTwo(V.Of(1) + ExpMinusOne(r), n);
    }

    /// <summary>2^x for x ≤ 126, to 1.3e-7: zero from -150 down. The fraction of x is exact, which saves half of <see cref="Exp"/>'s reduction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V PowerOfTwo<V>(V x) where V : struct, ILanes<V>
    {
        x = V.Clamp(x, V.Of(-152), V.Of(126));
        V n = V.Round(x), f = x - n;
        // ExpMinusOne's coefficients times powers of ln 2.
        V p = V.Fma(V.Of(0.00015396330251461311), f, V.Of(0.001338771504506587));
        p = V.Fma(p, f, V.Of(0.0096182575235063026));
        p = V.Fma(p, f, V.Of(0.055503683547927131));
        p = V.Fma(p, f, V.Of(0.24022649264048509));
        p = V.Fma(p, f, V.Of(0.69314718055994531));
        return V.ScaleByPowerOfTwo(V.Fma(p, f, V.Of(1)), n);
    }

    /// <summary>ln x, to 1.5e-7: -∞ at zero, NaN below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log<V>(V x) where V : struct, ILanes<V>
    {
        V tiny = V.Less(x, V.Of(1.17549435e-38));
        V m = V.SplitExponent(V.Select(tiny, x * V.Of(8388608), x), out V e);
        e = V.Select(tiny, e - V.Of(23), e);
        V f = m - V.Of(1), square = f * f;
        V p = V.Fma(V.Of(0.06746646761894226), f, V.Of(-0.11675654351711273));
        p = V.Fma(p, f, V.Of(0.11888160556554794));
        p = V.Fma(p, f, V.Of(-0.1240558847784996));
        p = V.Fma(p, f, V.Of(0.14219552278518677));
        p = V.Fma(p, f, V.Of(-0.1666799634695053));
        p = V.Fma(p, f, V.Of(0.2000211924314499));
        p = V.Fma(p, f, V.Of(-0.25000008940696716));
        p = V.Fma(p, f, V.Of(0.3333331346511841));
        p = V.Fma(p, square * f, e * V.Of(Ln2Low));
        p = V.Fma(V.Of(-0.5), square, p) + f;
        V result = V.Fma(e, V.Of(Ln2High), p);
        // Zero, negatives, infinity and NaN have no mantissa to speak of.
        result = V.Select(V.Less(V.Of(0), x), result, V.Select(V.Equal(x, V.Of(0)), V.Of(double.NegativeInfinity), V.Of(double.NaN)));
        return V.Select(V.Equal(x, V.Of(double.PositiveInfinity)), x, result);
    }

    /// <summary>tanh x, to 2.5e-7 from zero up: e / (e + 2) with e = e^2|x| - 1, which is exactly 1 from |x| ≈ 9.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<V>(V x) where V : struct, ILanes<V>
    {
        V twice = V.Clamp(V.Abs(x), V.Of(0), V.Of(10)) * V.Of(2);
        V r = ReduceByLn2(twice, out V n);
        V scale = V.ScaleByPowerOfTwo(V.Of(1), n);
        V e = V.Fma(ExpMinusOne(r), scale, scale - V.Of(1));
        return WithSign(e / (e + V.Of(2)), x);
    }

    /// <summary>1 / (1 + e^-x), to 2e-7 also where it's tiny: the exponential of -|x| never overflows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<V>(V x) where V : struct, ILanes<V>
    {
        V e = Exp(-V.Abs(x));
        return V.Select(V.Less(x, V.Of(0)), e, V.Of(1)) / (V.Of(1) + e);
    }

    /// <summary>The error function, to 2e-7: x · P(x²) near zero, 1 - e^(t · Q(t)) beyond 0.927.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erf<V>(V x) where V : struct, ILanes<V>
    {
        V t = V.Clamp(V.Abs(x), V.Of(0), V.Of(3.95)), square = x * x;
        V near = V.Fma(V.Of(-0.0005953741492703557), square, V.Of(0.004985940642654896));
        near = V.Fma(near, square, V.Of(-0.026761719956994057));
        near = V.Fma(near, square, V.Of(0.11281682550907135));
        near = V.Fma(near, square, V.Of(-0.3761247992515564));
        near = V.Fma(near, square, V.Of(0.12837915122509003));
        near = V.Fma(near, x, x);
        V far = V.Fma(V.Of(-1.123132915381575e-05), t, V.Of(0.00032280408777296543));
        far = V.Fma(far, t, V.Of(-0.0036424598656594753));
        far = V.Fma(far, t, V.Of(0.023762064054608345));
        far = V.Fma(far, t, V.Of(-0.10623688250780106));
        far = V.Fma(far, t, V.Of(-0.6351513266563416));
        far = V.Fma(far, t, V.Of(-1.1286485195159912));
        far = WithSign(V.Of(1) - Exp(far * t), x);
        return V.Select(V.Less(V.Of(0.927), t), far, near);
    }

    /// <summary>
    /// Φ(-t), the tail of the standard normal distribution for t ≥ 0, to 1.2e-7 of 1 up to <see cref="TailEnd"/>: 2^(t · Q(t)) / 2. Half
    /// the work of <see cref="Erf"/>, which is to have a small relative error around zero too.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V NormalTail<V>(V t) where V : struct, ILanes<V>
    {
        V q = V.Fma(V.Of(3.223088972372621e-08), t, V.Of(-1.2649375115813305e-06));
        q = V.Fma(q, t, V.Of(1.7282314442135407e-05));
        q = V.Fma(q, t, V.Of(-7.83029154631843e-05));
        q = V.Fma(q, t, V.Of(-0.0003904326904285675));
        q = V.Fma(q, t, V.Of(0.007371817380747173));
        q = V.Fma(q, t, V.Of(-0.05268589198041917));
        q = V.Fma(q, t, V.Of(-0.45915587981947503));
        q = V.Fma(q, t, V.Of(-1.1511098114196803));
        q *= t;
        // As in PowerOfTwo, the coefficients halved; nothing to clamp.
        V n = V.Round(q), f = q - n;
        V p = V.Fma(V.Of(7.698165125730656e-05), f, V.Of(0.0006693857522532935));
        p = V.Fma(p, f, V.Of(0.004809128761753151));
        p = V.Fma(p, f, V.Of(0.027751841773963566));
        p = V.Fma(p, f, V.Of(0.12011324632024255));
        p = V.Fma(p, f, V.Of(0.34657359027997264));
        return V.ScaleByPowerOfTwo(V.Fma(p, f, V.Of(0.5)), n);
    }

    /// <summary>Φ(x), the standard normal distribution, to 1.2e-7 of 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V NormalDistribution<V>(V x) where V : struct, ILanes<V> => NormalDistribution(x, NormalTail(V.Clamp(V.Abs(x), V.Of(0), V.Of(TailEnd))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V NormalDistribution<V>(V x, V tail) where V : struct, ILanes<V> => V.Select(V.Less(x, V.Of(0)), tail, V.Of(1) - tail);

    /// <summary>x · Φ(x), to 1.2e-7 of x: what is positive of x, less |x| · Φ(-|x|), which is 0 at -∞.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Gelu<V>(V x) where V : struct, ILanes<V> => Gelu(x, out _);

    /// <summary>The same, and Φ(x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Gelu<V>(V x, out V distribution) where V : struct, ILanes<V>
    {
        V t = V.Clamp(V.Abs(x), V.Of(0), V.Of(TailEnd)), tail = NormalTail(t);
        distribution = NormalDistribution(x, tail);
        return V.Fma(-t, tail, V.Greater(V.Of(0), x));
    }

    /// <summary>sin x, to 2e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sin<V>(V x) where V : struct, ILanes<V> =>
        V.Any(V.Less(V.Of(LargestAngle), V.Abs(x))) ? SinByLane(x) : Wave(x, 0);

    /// <summary>cos x, to 2e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Cos<V>(V x) where V : struct, ILanes<V> =>
        V.Any(V.Less(V.Of(LargestAngle), V.Abs(x))) ? CosByLane(x) : Wave(x, 1);

    /// <summary>sin(x + quarters · π/2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Wave<V>(V x, int quarters) where V : struct, ILanes<V>
    {
        // π/2 in three parts; the first product leaves at most 24 bits, so that difference is exact.
        V n = V.Round(x * V.Of(2 / Math.PI));
        V r = V.Fma(n, V.Of(-1.5707963705062866), x);
        r = V.Fma(n, V.Of(4.371138828673793e-08), r);
        r = V.Fma(n, V.Of(1.7151245100058819e-15), r);
        V square = r * r;
        V sin = V.Fma(V.Of(2.718046516747563e-06), square, V.Of(-0.0001983930415008217));
        sin = V.Fma(sin, square, V.Of(0.008333329111337662));
        sin = V.Fma(sin, square, V.Of(-0.1666666716337204));
        sin = V.Fma(sin, square * r, r);
        V cos = V.Fma(V.Of(2.443241282890085e-05), square, V.Of(-0.0013887309469282627));
        cos = V.Fma(cos, square, V.Of(0.04166664555668831));
        cos = V.Fma(cos, square * square, V.Fma(V.Of(-0.5), square, V.Of(1)));
        // The quadrant n mod 4: an odd one is a cosine, the upper two are negative. Floats hold it without integers.
        n += V.Of(quarters);
        V half = V.Floor(n * V.Of(0.5)), odd = n - (half + half);
        V negative = half - V.Floor(half * V.Of(0.5)) * V.Of(2);
        V value = V.Select(V.Equal(odd, V.Of(0)), sin, cos);
        value = V.Select(V.Equal(negative, V.Of(0)), value, -value);
        // Where the sine was zero the sign of zero is the angle's.
        return quarters == 0 ? V.Select(V.Equal(x, V.Of(0)), x, value) : value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V WithSign<V>(V magnitude, V sign) where V : struct, ILanes<V> => V.Or(magnitude, V.And(sign, V.Of(-0.0)));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static V SinByLane<V>(V x) where V : struct, ILanes<V> => WaveByLane(x, 0);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static V CosByLane<V>(V x) where V : struct, ILanes<V> => WaveByLane(x, 1);

    /// <summary>Lanes out of reach go through the base library; the others keep the bits that they have elsewhere.</summary>
    private static V WaveByLane<V>(V x, int quarters) where V : struct, ILanes<V>
    {
        float* lanes = stackalloc float[V.Count];
        V.Store(x, lanes);
        for (int i = 0; i < V.Count; i++) lanes[i] = quarters == 0 ? MathF.Sin(lanes[i]) : MathF.Cos(lanes[i]);
        return V.Select(V.Less(V.Of(LargestAngle), V.Abs(x)), V.Load(lanes), Wave(x, quarters));
    }

    /// <summary>a to the power b lane by lane, with the special cases of C's <c>pow</c>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static V Pow<V>(V a, V b) where V : struct, ILanes<V>
    {
        float* x = stackalloc float[2 * V.Count], y = x + V.Count;
        V.Store(a, x);
        V.Store(b, y);
        for (int i = 0; i < V.Count; i++) x[i] = MathF.Pow(x[i], y[i]);
        return V.Load(x);
    }
}
