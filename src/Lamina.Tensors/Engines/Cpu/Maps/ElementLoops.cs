using System.Numerics;
using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Maps;

/// <summary>A function of one integer.</summary>
internal interface IIntegerUnary
{
    static abstract T Apply<T>(T x) where T : unmanaged, IBinaryInteger<T>;
}

/// <summary>A function of two integers.</summary>
internal interface IIntegerBinary
{
    static abstract T Apply<T>(T x, T y) where T : unmanaged, IBinaryInteger<T>;
}

/// <summary>A test of two numbers of any type.</summary>
internal interface ITest
{
    static abstract bool Holds<T>(T x, T y) where T : unmanaged, INumber<T>;
}

/// <summary>Runs a function over a tile element by element, for the types that networks hold but don't train in.</summary>
internal static unsafe class ElementLoops
{
    public static void Unary<F>(in Tile t) where F : struct, IIntegerUnary
    {
        switch (t.Type)
        {
            case DType.Int32: Loop<F, int>(t); break;
            case DType.Int64: Loop<F, long>(t); break;
            default: Loop<F, byte>(t); break;
        }
    }

    public static void Binary<F>(in Tile t) where F : struct, IIntegerBinary
    {
        switch (t.Type)
        {
            case DType.Int32: Loop2<F, int>(t); break;
            case DType.Int64: Loop2<F, long>(t); break;
            default: Loop2<F, byte>(t); break;
        }
    }

    /// <summary>Compares two operands of one type into truth values.</summary>
    public static void Test<F>(in Tile t) where F : struct, ITest
    {
        switch (t.Type)
        {
            case DType.Float32: Compare<F, float>(t); break;
            case DType.Float64: Compare<F, double>(t); break;
            case DType.Int32: Compare<F, int>(t); break;
            case DType.Int64: Compare<F, long>(t); break;
            default: Compare<F, byte>(t); break;
        }
    }

    private static void Loop<F, T>(in Tile t) where F : struct, IIntegerUnary where T : unmanaged, IBinaryInteger<T>
    {
        T* x = (T*)t.A, y = (T*)t.Result;
        for (int i = 0; i < t.Count; i++) y[i] = F.Apply(x[i]);
    }

    private static void Loop2<F, T>(in Tile t) where F : struct, IIntegerBinary where T : unmanaged, IBinaryInteger<T>
    {
        T* x = (T*)t.A, y = (T*)t.B, z = (T*)t.Result;
        for (int i = 0; i < t.Count; i++) z[i] = F.Apply(x[i], y[i]);
    }

    [MethodImpl(Jit.Kernel)]
    private static void Compare<F, T>(in Tile t) where F : struct, ITest where T : unmanaged, INumber<T>
    {
        T* x = (T*)t.A, y = (T*)t.B;
        bool* z = (bool*)t.Result;
        int count = t.Count;
        for (int i = 0; i < count; i++) z[i] = F.Holds(x[i], y[i]);
    }
}
