using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lamina.Tensors.Engines.Cpu.Vectors;

/// <summary>Sixteen float32 lanes: AVX-512; elsewhere two 256-bit halves.</summary>
internal readonly unsafe struct F512(Vector512<float> value) : ILanes<F512>
{
    private readonly Vector512<float> _v = value;

    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 16; }
    public static int Size { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => sizeof(float); }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Of(double value) => new(Vector512.Create((float)value));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Load(void* from) => new(Vector512.Load((float*)from));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 LoadOne(void* from) => new(Vector512.Create(*(float*)from));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(F512 value, void* to) => value._v.Store((float*)to);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void StoreStream(F512 value, void* to) => value._v.StoreAlignedNonTemporal((float*)to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F512 LoadPart(void* from, int count)
    {
        if (Avx512F.IsSupported) return new(Avx512F.MaskLoad((float*)from, First(count), Vector512<float>.Zero));
        return count < 8
            ? new(Vector512.Create(F256.LoadPart(from, count).Value, Vector256<float>.Zero))
            : new(Vector512.Create(Vector256.Load((float*)from), F256.LoadPart((float*)from + 8, count - 8).Value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePart(F512 value, void* to, int count)
    {
        float* p = (float*)to;
        if (Avx512F.IsSupported) { Avx512F.MaskStore(p, First(count), value._v); return; }
        Vector256<float> rest = value._v.GetLower();
        if (count >= 8)
        {
            rest.Store(p);
            rest = value._v.GetUpper();
            p += 8;
            count -= 8;
        }
        F256.StorePart(new(rest), p, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> First(int count) => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 operator +(F512 a, F512 b) => new(a._v + b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 operator -(F512 a, F512 b) => new(a._v - b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 operator *(F512 a, F512 b) => new(a._v * b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 operator /(F512 a, F512 b) => new(a._v / b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 operator -(F512 a) => new(-a._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Fma(F512 a, F512 b, F512 c) => new(Vector512.FusedMultiplyAdd(a._v, b._v, c._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 FmaOne(void* a, F512 b, F512 c) =>
        new(Vector512.FusedMultiplyAdd(b._v, Vector512.Create(*(float*)a), c._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Sqrt(F512 a) => new(Vector512.Sqrt(a._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Abs(F512 a) => new(Vector512.Abs(a._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Floor(F512 a) => new(Vector512.Floor(a._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Max(F512 a, F512 b) => new(Vector512.Max(a._v, b._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Min(F512 a, F512 b) => new(Vector512.Min(a._v, b._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Greater(F512 a, F512 b) => new(Vector512.MaxNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Equal(F512 a, F512 b) => new(Vector512.Equals(a._v, b._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Less(F512 a, F512 b) => new(Vector512.LessThan(a._v, b._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 LessOrEqual(F512 a, F512 b) => new(Vector512.LessThanOrEqual(a._v, b._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Select(F512 mask, F512 then, F512 otherwise) =>
        new(Vector512.ConditionalSelect(mask._v, then._v, otherwise._v));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 And(F512 a, F512 b) => new(a._v & b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Or(F512 a, F512 b) => new(a._v | b._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Not(F512 a) => new(~a._v);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static bool Any(F512 mask) => Vector512.ExtractMostSignificantBits(mask._v) != 0;

    // The operand order matters: x86 gives the second operand where one is NaN, Arm gives NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Clamp(F512 a, F512 low, F512 high) =>
        new(Vector512.MinNative(high._v, Vector512.MaxNative(low._v, a._v)));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Round(F512 a) => new(Vector512.Round(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F512 ScaleByPowerOfTwo(F512 a, F512 n)
    {
        if (Avx512F.IsSupported) return new(Avx512F.Scale(a._v, n._v));
        // Two factors, each a normal number: the first product is exact, so only the second rounds.
        Vector512<int> whole = Vector512.ConvertToInt32Native(n._v), half = whole >> 1, bias = Vector512.Create(127);
        return new(a._v * ((half + bias) << 23).AsSingle() * ((whole - half + bias) << 23).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F512 SplitExponent(F512 a, out F512 exponent)
    {
        Vector512<int> lowest = Vector512.Create(0x3F3504F3);                // √½
        Vector512<int> shifted = a._v.AsInt32() - lowest;
        exponent = new(Vector512.ConvertToSingle(shifted >> 23));
        return new(((shifted & Vector512.Create(0x7FFFFF)) + lowest).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Exp(F512 a) => FloatMath.Exp(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Log(F512 a) => FloatMath.Log(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Tanh(F512 a) => FloatMath.Tanh(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Sigmoid(F512 a) => FloatMath.Sigmoid(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Erf(F512 a) => FloatMath.Erf(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Sin(F512 a) => FloatMath.Sin(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Cos(F512 a) => FloatMath.Cos(a);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 Pow(F512 a, F512 b) => FloatMath.Pow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 SumLanes(F512 a) => Twice(F256.SumLanes(new(a._v.GetLower() + a._v.GetUpper())));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 MaxLanes(F512 a) =>
        Twice(F256.MaxLanes(new(Vector256.Max(a._v.GetLower(), a._v.GetUpper()))));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static F512 MinLanes(F512 a) =>
        Twice(F256.MinLanes(new(Vector256.Min(a._v.GetLower(), a._v.GetUpper()))));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] private static F512 Twice(F256 a) => new(Vector512.Create(a.Value, a.Value));
}
