using System.Numerics;
using System.Numerics.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu;

/// <summary>Converts a tile from any element type to any other.</summary>
internal static unsafe class Conversion
{
    public static void Run(in Tile t)
    {
        switch (t.Type)
        {
            case DType.Float32: From<float>(t); break;
            case DType.Float64: From<double>(t); break;
            case DType.Int32: From<int>(t); break;
            case DType.Int64: From<long>(t); break;
            case DType.Float16: From<Half>(t); break;
            case DType.BFloat16:
                float* wide = stackalloc float[t.Count];
                for (int i = 0; i < t.Count; i++) wide[i] = BitConverter.Int32BitsToSingle(((ushort*)t.A)[i] << 16);
                From<float>(new Tile(wide, null, null, t.Result, t.Count, DType.Float32, DType.Float32, t.ResultType));
                break;
            default: From<byte>(t); break;
        }
    }

    private static void From<T>(in Tile t) where T : unmanaged, INumber<T>
    {
        var from = new ReadOnlySpan<T>(t.A, t.Count);
        switch (t.ResultType)
        {
            case DType.Float32: TensorPrimitives.ConvertSaturating(from, new Span<float>(t.Result, t.Count)); break;
            case DType.Float64: TensorPrimitives.ConvertSaturating(from, new Span<double>(t.Result, t.Count)); break;
            case DType.Int32: TensorPrimitives.ConvertSaturating(from, new Span<int>(t.Result, t.Count)); break;
            case DType.Int64: TensorPrimitives.ConvertSaturating(from, new Span<long>(t.Result, t.Count)); break;
            case DType.UInt8: TensorPrimitives.ConvertSaturating(from, new Span<byte>(t.Result, t.Count)); break;
            case DType.Float16: TensorPrimitives.ConvertSaturating(from, new Span<Half>(t.Result, t.Count)); break;
            case DType.BFloat16:
                for (int i = 0; i < t.Count; i++) ((ushort*)t.Result)[i] = ToBFloat16(float.CreateSaturating(from[i]));
                break;
            default:
                for (int i = 0; i < t.Count; i++) ((bool*)t.Result)[i] = from[i] != T.Zero;
                break;
        }
    }

    // Round to nearest, ties to even, on the upper sixteen bits; a NaN keeps a bit of its payload so that it stays one.
    internal static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value)) return (ushort)((bits >> 16) | 0x40);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
