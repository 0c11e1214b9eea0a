namespace Lamina.Tensors.Shapes;

/// <summary>The type of a tensor's elements.</summary>
public enum DType : byte
{
    /// <summary>IEEE 754 single precision: the type that networks train in.</summary>
    Float32,
    /// <summary>IEEE 754 double precision: for checking gradients.</summary>
    Float64,
    /// <summary>32-bit signed integer.</summary>
    Int32,
    /// <summary>64-bit signed integer.</summary>
    Int64,
    /// <summary>8-bit unsigned integer: pixels.</summary>
    UInt8,
    /// <summary>Truth values, one byte each, 0 or 1.</summary>
    Bool,
    /// <summary>IEEE 754 half precision: storage only; cast before computing.</summary>
    Float16,
    /// <summary>bfloat16, the upper half of a float32: storage only; cast before computing.</summary>
    BFloat16,
}

/// <summary>Facts about element types.</summary>
public static class DTypes
{
    extension(DType type)
    {
        /// <summary>The size of one element in bytes.</summary>
        // A digit for each type, the first one on the right.
        public int Size => 0x22118484 >> (4 * (int)type) & 15;

        /// <summary>True for the types that ops compute gradients in: float32 and float64.</summary>
        public bool IsFloat => type is DType.Float32 or DType.Float64;

        /// <summary>True for int32, int64 and uint8.</summary>
        public bool IsInteger => type is DType.Int32 or DType.Int64 or DType.UInt8;

        /// <summary>The least value of an integer type.</summary>
        internal long Least => type switch { DType.Int32 => int.MinValue, DType.Int64 => long.MinValue, _ => 0 };

        /// <summary>The largest value of an integer type.</summary>
        internal long Largest => type switch { DType.Int32 => int.MaxValue, DType.Int64 => long.MaxValue, _ => byte.MaxValue };

        /// <summary>The name as other frameworks write it: <c>float32</c>, <c>bool</c> …</summary>
        public string Text => type.ToString().ToLowerInvariant();
    }

    /// <summary>The element type that holds <typeparamref name="T"/>.</summary>
    /// <exception cref="TensorException">No tensor holds elements of type <typeparamref name="T"/>.</exception>
    public static DType Of<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? DType.Float32 :
        typeof(T) == typeof(double) ? DType.Float64 :
        typeof(T) == typeof(int) ? DType.Int32 :
        typeof(T) == typeof(long) ? DType.Int64 :
        typeof(T) == typeof(byte) ? DType.UInt8 :
        typeof(T) == typeof(bool) ? DType.Bool :
        typeof(T) == typeof(Half) ? DType.Float16 :
        throw new TensorException($"no tensor holds elements of type {typeof(T).Name}",
            "float, double, int, long, byte, bool or Half; classes that have names are numbered from 0");
}
