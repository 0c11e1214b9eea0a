using System.Runtime.CompilerServices;

namespace Lamina.Tensors.Engines.Cpu.Vectors;

/// <summary>One float64: the same kernels at full precision, for checking gradients rather than for speed.</summary>
internal readonly unsafe struct D64(double value) : ILanes<D64>
{
    private readonly double _v = value;

    public static int Count => 1;
    public static int Size => sizeof(double);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static D64 Of(double value) => new(value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static D64 Load(void* from) => new(*(double*)from);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static D64 LoadPart(void* from, int count) => count > 0 ? Load(from) : default;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static D64 LoadOne(void* from) => Load(from);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(D64 value, void* to) => *(double*)to = value._v;
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void StoreStream(D64 value, void* to) => Store(value, to);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void StorePart(D64 value, void* to, int count) { if (count > 0) Store(value, to); }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static D64 operator +(D64 a, D64 b) => new(a._v + b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static D64 operator -(D64 a, D64 b) => new(a._v - b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static D64 operator *(D64 a, D64 b) => new(a._v * b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static D64 operator /(D64 a, D64 b) => new(a._v / b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static D64 operator -(D64 a) => new(-a._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static D64 Fma(D64 a, D64 b, D64 c) => new(Math.FusedMultiplyAdd(a._v, b._v, c._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static D64 FmaOne(void* a, D64 b, D64 c) => Fma(LoadOne(a), b, c);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static D64 Sqrt(D64 a) => new(Math.Sqrt(a._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static D64 Abs(D64 a) => new(Math.Abs(a._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static D64 Floor(D64 a) => new(Math.Floor(a._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static D64 Max(D64 a, D64 b) => new(Math.Max(a._v, b._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static D64 Min(D64 a, D64 b) => new(Math.Min(a._v, b._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static D64 Greater(D64 a, D64 b) => Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] private static D64 Mask(bool set) => new(BitConverter.Int64BitsToDouble(set ? -1 : 0));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] private static D64 OfBits(long bits) => new(BitConverter.Int64BitsToDouble(bits));
    private long Bits { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => BitConverter.DoubleToInt64Bits(_v); }

    public static D64 Equal(D64 a, D64 b) => Mask(a._v == b._v);
    public static D64 Less(D64 a, D64 b) => Mask(a._v < b._v);
    public static D64 LessOrEqual(D64 a, D64 b) => Mask(a._v <= b._v);
    public static D64 Select(D64 mask, D64 then, D64 otherwise) => OfBits((mask.Bits & then.Bits) | (~mask.Bits & otherwise.Bits));
    public static D64 And(D64 a, D64 b) => OfBits(a.Bits & b.Bits);
    public static D64 Or(D64 a, D64 b) => OfBits(a.Bits | b.Bits);
    public static D64 Not(D64 a) => OfBits(~a.Bits);
    public static bool Any(D64 mask) => mask.Bits < 0;
    public static D64 Clamp(D64 a, D64 low, D64 high) => new(a._v < low._v ? low._v : a._v > high._v ? high._v : a._v);
    public static D64 Round(D64 a) => new(Math.Round(a._v));
    public static D64 ScaleByPowerOfTwo(D64 a, D64 n) => new(Math.ScaleB(a._v, (int)n._v));

    public static D64 SplitExponent(D64 a, out D64 exponent)
    {
        const long Lowest = 0x3FE6A09E667F3BCD;                                 // √½
        long shifted = a.Bits - Lowest;
        exponent = new(shifted >> 52);
        return OfBits((shifted & 0xFFFFFFFFFFFFF) + Lowest);
    }

    public static D64 Exp(D64 a) => new(Math.Exp(a._v));
    public static D64 Log(D64 a) => new(Math.Log(a._v));
    public static D64 Tanh(D64 a) => new(Math.Tanh(a._v));
    public static D64 Erf(D64 a) => new(Erf(a._v));
    public static D64 Sin(D64 a) => new(Math.Sin(a._v));
    public static D64 Cos(D64 a) => new(Math.Cos(a._v));
    public static D64 Pow(D64 a, D64 b) => new(Math.Pow(a._v, b._v));
    public static D64 SumLanes(D64 a) => a;
    public static D64 MaxLanes(D64 a) => a;
    public static D64 MinLanes(D64 a) => a;

    public static D64 Sigmoid(D64 a)
    {
        double e = Math.Exp(-Math.Abs(a._v));
        return new((a._v < 0 ? e : 1) / (1 + e));
    }

    /// <summary>The error function to about 1e-15: a series of positive terms up to 3, the continued fraction of erfc beyond.</summary>
    internal static double Erf(double x)
    {
        double t = Math.Abs(x), square = x * x;
        if (double.IsNaN(x) || x == 0) return x;
        if (t >= 6) return Math.CopySign(1, x);
        if (t >= 3)
        {
            double fraction = t;
            for (int k = 60; k > 0; k--) fraction = t + k * 0.5 / fraction;
            return Math.CopySign(1 - Math.Exp(-square) / (fraction * Math.Sqrt(Math.PI)), x);
        }
        // erf x = 2/√π · e^(-x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1))
        double term = x, sum = x;
        for (int n = 1; n < 200 && Math.Abs(term) > Math.Abs(sum) * 1e-17; n++)
        {
            term *= 2 * square / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-square) * sum;
    }
}
