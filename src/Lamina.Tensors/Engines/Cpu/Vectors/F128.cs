using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lamina.Tensors.Engines.Cpu.Vectors;

/// <summary>Four float32 lanes: SSE, Neon, and the portable fallback.</summary>
internal readonly unsafe struct F128(Vector128<float> value) : ILanes<F128>
{
    private readonly Vector128<float> _v = value;

    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 4; }
    public static int Size { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => sizeof(float); }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Of(double value) => new(Vector128.Create((float)value));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Load(void* from) => new(Vector128.Load((float*)from));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 LoadOne(void* from) => new(Vector128.Create(*(float*)from));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(F128 value, void* to) => value._v.Store((float*)to);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void StoreStream(F128 value, void* to) => value._v.StoreAlignedNonTemporal((float*)to);

    internal Vector128<float> Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => _v; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 LoadPart(void* from, int count)
    {
        float* p = (float*)from;
        return count switch
        {
            0 => default,
            1 => new(Vector128.CreateScalar(*p)),
            2 => new(Vector128.CreateScalar(*(double*)p).AsSingle()),
            3 => new(Vector128.Create(Vector64.Load(p), Vector64.CreateScalar(p[2]))),
            _ => new(Vector128.Load(p)),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePart(F128 value, void* to, int count)
    {
        float* p = (float*)to;
        Vector128<float> rest = value._v;
        if (count >= 4) { rest.Store(p); return; }
        if (count >= 2)
        {
            *(double*)p = rest.AsDouble().ToScalar();
            rest = Vector128.Shuffle(rest, Vector128.Create(2, 3, 2, 3));
            p += 2;
        }
        if ((count & 1) != 0) *p = rest.ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 operator +(F128 a, F128 b) => new(a._v + b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 operator -(F128 a, F128 b) => new(a._v - b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 operator *(F128 a, F128 b) => new(a._v * b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 operator /(F128 a, F128 b) => new(a._v / b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 operator -(F128 a) => new(-a._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Fma(F128 a, F128 b, F128 c) => new(Vector128.FusedMultiplyAdd(a._v, b._v, c._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 FmaOne(void* a, F128 b, F128 c) =>
        new(Vector128.FusedMultiplyAdd(b._v, Vector128.Create(*(float*)a), c._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Sqrt(F128 a) => new(Vector128.Sqrt(a._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Abs(F128 a) => new(Vector128.Abs(a._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Floor(F128 a) => new(Vector128.Floor(a._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Max(F128 a, F128 b) => new(Vector128.Max(a._v, b._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Min(F128 a, F128 b) => new(Vector128.Min(a._v, b._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Greater(F128 a, F128 b) => new(Vector128.MaxNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Equal(F128 a, F128 b) => new(Vector128.Equals(a._v, b._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Less(F128 a, F128 b) => new(Vector128.LessThan(a._v, b._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 LessOrEqual(F128 a, F128 b) => new(Vector128.LessThanOrEqual(a._v, b._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Select(F128 mask, F128 then, F128 otherwise) =>
        new(Vector128.ConditionalSelect(mask._v, then._v, otherwise._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 And(F128 a, F128 b) => new(a._v & b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Or(F128 a, F128 b) => new(a._v | b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Not(F128 a) => new(~a._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static bool Any(F128 mask) => Vector128.ExtractMostSignificantBits(mask._v) != 0;

    // The operand order matters: x86 gives the second operand where one is NaN, Arm gives NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Clamp(F128 a, F128 low, F128 high) =>
        new(Vector128.MinNative(high._v, Vector128.MaxNative(low._v, a._v)));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Round(F128 a) => new(Vector128.Round(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 ScaleByPowerOfTwo(F128 a, F128 n)
    {
        // Two factors, each a normal number: the first product is exact, so only the second rounds.
        Vector128<int> whole = Vector128.ConvertToInt32Native(n._v), half = whole >> 1, bias = Vector128.Create(127);
        return new(a._v * ((half + bias) << 23).AsSingle() * ((whole - half + bias) << 23).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 SplitExponent(F128 a, out F128 exponent)
    {
        Vector128<int> lowest = Vector128.Create(0x3F3504F3);                // √½
        Vector128<int> shifted = a._v.AsInt32() - lowest;
        exponent = new(Vector128.ConvertToSingle(shifted >> 23));
        return new(((shifted & Vector128.Create(0x7FFFFF)) + lowest).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Exp(F128 a) => FloatMath.Exp(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Log(F128 a) => FloatMath.Log(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Tanh(F128 a) => FloatMath.Tanh(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Sigmoid(F128 a) => FloatMath.Sigmoid(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Erf(F128 a) => FloatMath.Erf(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Sin(F128 a) => FloatMath.Sin(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Cos(F128 a) => FloatMath.Cos(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F128 Pow(F128 a, F128 b) => FloatMath.Pow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 SumLanes(F128 a)
    {
        Vector128<float> pairs = a._v + Vector128.Shuffle(a._v, Vector128.Create(2, 3, 0, 1));
        return new(pairs + Vector128.Shuffle(pairs, Vector128.Create(1, 0, 3, 2)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 MaxLanes(F128 a)
    {
        Vector128<float> pairs = Vector128.Max(a._v, Vector128.Shuffle(a._v, Vector128.Create(2, 3, 0, 1)));
        return new(Vector128.Max(pairs, Vector128.Shuffle(pairs, Vector128.Create(1, 0, 3, 2))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F128 MinLanes(F128 a)
    {
        Vector128<float> pairs = Vector128.Min(a._v, Vector128.Shuffle(a._v, Vector128.Create(2, 3, 0, 1)));
        return new(Vector128.Min(pairs, Vector128.Shuffle(pairs, Vector128.Create(1, 0, 3, 2))));
    }
}
