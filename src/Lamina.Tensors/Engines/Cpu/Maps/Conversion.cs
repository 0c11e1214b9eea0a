using System.Numerics;
using System.Numerics.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Maps;

/// <summary>Converts a tile from any element type to any other.</summary>
internal static unsafe class Conversion
{
    private const int Few = 16;

    public static void Run(void* from, DType type, void* to, DType toType, int count)
    {
        switch (type)
        {
            case DType.Float32: From<float>(from, to, toType, count); break;
            case DType.Float64: From<double>(from, to, toType, count); break;
            case DType.Int32: From<int>(from, to, toType, count); break;
            case DType.Int64: From<long>(from, to, toType, count); break;
            case DType.Float16: From<Half>(from, to, toType, count); break;
            case DType.BFloat16:
                float* wide = stackalloc float[count];
                for (int i = 0; i < count; i++) wide[i] = BitConverter.Int32BitsToSingle(((ushort*)from)[i] << 16);
                From<float>(wide, to, toType, count);
                break;
            default: From<byte>(from, to, toType, count); break;
        }
    }

    /// <summary>Writes one number as an element of a type, rounded once.</summary>
    public static void Store(Scalar value, DType type, void* to)
    {
        if (value.IsFloat || !value.TryWhole(out long whole))
        {
            double real = value.Value;
            Run(&real, DType.Float64, to, type, 1);
        }
        else Run(&whole, DType.Int64, to, type, 1);
    }

    private static void From<T>(void* source, void* to, DType type, int count) where T : unmanaged, INumber<T>
    {
        var from = new ReadOnlySpan<T>(source, count);
        switch (type)
        {
            case DType.Float32: Each(from, (float*)to); break;
            case DType.Float64: Each(from, (double*)to); break;
            case DType.Int32: Each(from, (int*)to); break;
            case DType.Int64: Each(from, (long*)to); break;
            case DType.UInt8: Each(from, (byte*)to); break;
            case DType.Float16: Each(from, (Half*)to); break;
            case DType.BFloat16:
                for (int i = 0; i < count; i++) ((ushort*)to)[i] = ToBFloat16(ToOdd(from[i]));
                break;
            default:
                for (int i = 0; i < count; i++) ((bool*)to)[i] = from[i] != T.Zero;
                break;
        }
    }

    // A few numbers, such as a step's, aren't worth the vectors that would have to be compiled for them.
    private static void Each<T, R>(ReadOnlySpan<T> from, R* to) where T : unmanaged, INumber<T> where R : unmanaged, INumber<R>
    {
        if (from.Length >= Few) TensorPrimitives.ConvertSaturating(from, new Span<R>(to, from.Length));
        else
            for (int i = 0; i < from.Length; i++) to[i] = R.CreateSaturating(from[i]);
    }

    // A float with the inexact numbers between two neighbours made the one whose last bit is set: what is rounded to
    // eight bits from there has the bits that it would have from the number itself (Boldo and Melquiond, 2008).
    private static float ToOdd<T>(T value) where T : unmanaged, INumber<T>
    {
        if (typeof(T) == typeof(double)) return DoubleToOdd((double)(object)value);
        if (typeof(T) == typeof(int)) return DoubleToOdd((int)(object)value);
        if (typeof(T) == typeof(long))
        {
            // The lowest eleven bits as one that stays set, so that a double holds the rest.
            long whole = (long)(object)value, lost = whole & 0x7FF;
            return DoubleToOdd((double)(whole is > -(1L << 53) and < 1L << 53 ? whole : lost == 0 ? whole : (whole & ~0x7FFL) | 0x800));
        }
        return float.CreateSaturating(value);
    }

    private static float DoubleToOdd(double value)
    {
        float nearest = (float)value;
        if (nearest == value || double.IsNaN(value) || double.IsInfinity(value)) return nearest;
        uint bits = BitConverter.SingleToUInt32Bits(nearest);
        if (Math.Abs((double)nearest) > Math.Abs(value)) bits--;
        return BitConverter.UInt32BitsToSingle(bits | 1);
    }

    // Round to nearest, ties to even, on the upper sixteen bits; a NaN keeps a bit of its payload so that it stays one.
    internal static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value)) return (ushort)((bits >> 16) | 0x40);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
