using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lamina.Tensors.Engines.Cpu.Vectors;

/// <summary>Eight float32 lanes: AVX2; elsewhere two 128-bit halves.</summary>
internal readonly unsafe struct F256(Vector256<float> value) : ILanes<F256>
{
    private readonly Vector256<float> _v = value;

    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 8; }
    public static int Size { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => sizeof(float); }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Of(double value) => new(Vector256.Create((float)value));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Load(void* from) => new(Vector256.Load((float*)from));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 LoadOne(void* from) => new(Vector256.Create(*(float*)from));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(F256 value, void* to) => value._v.Store((float*)to);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void StoreStream(F256 value, void* to) => value._v.StoreAlignedNonTemporal((float*)to);

    internal Vector256<float> Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => _v; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 LoadPart(void* from, int count)
    {
        if (Avx.IsSupported)
            return new(Avx.MaskLoad((float*)from, Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle()));
        return count < 4
            ? new(Vector256.Create(F128.LoadPart(from, count).Value, Vector128<float>.Zero))
            : new(Vector256.Create(Vector128.Load((float*)from), F128.LoadPart((float*)from + 4, count - 4).Value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePart(F256 value, void* to, int count)
    {
        // Masked stores are slow on some cores; halves are quick on all.
        float* p = (float*)to;
        Vector128<float> rest = value._v.GetLower();
        if (count >= 4)
        {
            rest.Store(p);
            rest = value._v.GetUpper();
            p += 4;
            count -= 4;
        }
        F128.StorePart(new(rest), p, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 operator +(F256 a, F256 b) => new(a._v + b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 operator -(F256 a, F256 b) => new(a._v - b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 operator *(F256 a, F256 b) => new(a._v * b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 operator /(F256 a, F256 b) => new(a._v / b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 operator -(F256 a) => new(-a._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Fma(F256 a, F256 b, F256 c) => new(Vector256.FusedMultiplyAdd(a._v, b._v, c._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 FmaOne(void* a, F256 b, F256 c) =>
        new(Vector256.FusedMultiplyAdd(b._v, Vector256.Create(*(float*)a), c._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Sqrt(F256 a) => new(Vector256.Sqrt(a._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Abs(F256 a) => new(Vector256.Abs(a._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Floor(F256 a) => new(Vector256.Floor(a._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Max(F256 a, F256 b) => new(Vector256.Max(a._v, b._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Min(F256 a, F256 b) => new(Vector256.Min(a._v, b._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Greater(F256 a, F256 b) => new(Vector256.MaxNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Equal(F256 a, F256 b) => new(Vector256.Equals(a._v, b._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Less(F256 a, F256 b) => new(Vector256.LessThan(a._v, b._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 LessOrEqual(F256 a, F256 b) => new(Vector256.LessThanOrEqual(a._v, b._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Select(F256 mask, F256 then, F256 otherwise) =>
        new(Vector256.ConditionalSelect(mask._v, then._v, otherwise._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 And(F256 a, F256 b) => new(a._v & b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Or(F256 a, F256 b) => new(a._v | b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Not(F256 a) => new(~a._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static bool Any(F256 mask) => Vector256.ExtractMostSignificantBits(mask._v) != 0;

    // The operand order matters: x86 gives the second operand where one is NaN, Arm gives NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Clamp(F256 a, F256 low, F256 high) =>
        new(Vector256.MinNative(high._v, Vector256.MaxNative(low._v, a._v)));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Round(F256 a) => new(Vector256.Round(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 ScaleByPowerOfTwo(F256 a, F256 n)
    {
        // Two factors, each a normal number: the first product is exact, so only the second rounds.
        Vector256<int> whole = Vector256.ConvertToInt32Native(n._v), half = whole >> 1, bias = Vector256.Create(127);
        return new(a._v * ((half + bias) << 23).AsSingle() * ((whole - half + bias) << 23).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F256 SplitExponent(F256 a, out F256 exponent)
    {
        Vector256<int> lowest = Vector256.Create(0x3F3504F3);                // √½
        Vector256<int> shifted = a._v.AsInt32() - lowest;
        exponent = new(Vector256.ConvertToSingle(shifted >> 23));
        return new(((shifted & Vector256.Create(0x7FFFFF)) + lowest).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Exp(F256 a) => FloatMath.Exp(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Log(F256 a) => FloatMath.Log(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Tanh(F256 a) => FloatMath.Tanh(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Sigmoid(F256 a) => FloatMath.Sigmoid(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Erf(F256 a) => FloatMath.Erf(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Sin(F256 a) => FloatMath.Sin(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Cos(F256 a) => FloatMath.Cos(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 Pow(F256 a, F256 b) => FloatMath.Pow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 SumLanes(F256 a) => Twice(F128.SumLanes(new(a._v.GetLower() + a._v.GetUpper())));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 MaxLanes(F256 a) =>
        Twice(F128.MaxLanes(new(Vector128.Max(a._v.GetLower(), a._v.GetUpper()))));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F256 MinLanes(F256 a) =>
        Twice(F128.MinLanes(new(Vector128.Min(a._v.GetLower(), a._v.GetUpper()))));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] private static F256 Twice(F128 a) => new(Vector256.Create(a.Value, a.Value));
}
