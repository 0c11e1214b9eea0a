using System.Numerics;
using System.Runtime.CompilerServices;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu;

/// <summary>Runs a function over a tile in the vector width of the tier.</summary>
internal static unsafe class Lanes
{
    private const long StreamBytes = 16 << 20;

    /// <summary>A vector of which <paramref name="count"/> elements are there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<V>(void* from, int count) where V : struct, ILanes<V> => count >= V.Count ? V.Load(from) : V.LoadPart(from, count);

    /// <summary>Stores the elements that are there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<V>(V value, void* to, int count) where V : struct, ILanes<V>
    {
        if (count >= V.Count) V.Store(value, to);
        else V.StorePart(value, to, count);
    }

    /// <summary>
    /// Whether a result is stored past the caches: with what it is made from it fills them, and would only be fetched there to be overwritten.
    /// </summary>
    public static bool Streams(in View result) => (long)result.Count * result.DType.Size >= StreamBytes;

    /// <summary>The same for rows of this many columns, which must begin at multiples of a register.</summary>
    public static bool Streams(in View result, int columns) => Streams(result) && ((nint)result.Data & 63) == 0 && columns * result.DType.Size % 64 == 0;

    /// <summary>Stores the elements that are there, past the caches where <paramref name="streams"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<V>(V value, byte* to, int count, bool streams) where V : struct, ILanes<V>
    {
        if (streams) V.StoreStream(value, to);
        else Store(value, to, count);
    }

    public static void Unary<F>(in Tile t, F f) where F : struct, IUnary
    {
        if (t.Type == DType.Float64) { Loop1<F, D64>(f, t); return; }
        switch (Tiers.Current)
        {
            case Tier.Vector512: Loop1<F, F512>(f, t); break;
            case Tier.Vector256: Loop1<F, F256>(f, t); break;
            default: Loop1<F, F128>(f, t); break;
        }
    }

    public static void Binary<F>(in Tile t, F f) where F : struct, IBinary
    {
        if (t.Type == DType.Float64) { Loop2<F, D64>(f, t); return; }
        switch (Tiers.Current)
        {
            case Tier.Vector512: Loop2<F, F512>(f, t); break;
            case Tier.Vector256: Loop2<F, F256>(f, t); break;
            default: Loop2<F, F128>(f, t); break;
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void Loop1<F, V>(F f, in Tile t) where F : struct, IUnary where V : struct, ILanes<V>
    {
        byte* x = (byte*)t.A, y = (byte*)t.Result;
        int count = t.Count, bytes = V.Count * V.Size, i = 0;
        bool streams = t.StreamsTo(y);
        for (; i <= count - V.Count; i += V.Count, x += bytes, y += bytes) Store(f.Apply(V.Load(x)), y, V.Count, streams);
        if (i < count) V.StorePart(f.Apply(V.LoadPart(x, count - i)), y, count - i);
    }

    [MethodImpl(Jit.Kernel)]
    private static void Loop2<F, V>(F f, in Tile t) where F : struct, IBinary where V : struct, ILanes<V>
    {
        byte* x = (byte*)t.A, y = (byte*)t.B, z = (byte*)t.Result;
        int count = t.Count, bytes = V.Count * V.Size, i = 0;
        // A scalar is read again for every vector.
        nint stepX = (t.Scalars & 1) != 0 ? 0 : bytes, stepY = (t.Scalars & 2) != 0 ? 0 : bytes;
        bool streams = t.StreamsTo(z);
        for (; i <= count - V.Count; i += V.Count, x += stepX, y += stepY, z += bytes) Store(f.Apply(V.Load(x), V.Load(y)), z, V.Count, streams);
        if (i < count) V.StorePart(f.Apply(V.LoadPart(x, count - i), V.LoadPart(y, count - i)), z, count - i);
    }
}

/// <summary>A function of one integer.</summary>
internal interface IWholeUnary
{
    static abstract T Apply<T>(T x) where T : unmanaged, IBinaryInteger<T>;
}

/// <summary>A function of two integers.</summary>
internal interface IWholeBinary
{
    static abstract T Apply<T>(T x, T y) where T : unmanaged, IBinaryInteger<T>;
}

/// <summary>A test of two numbers of any type.</summary>
internal interface ITest
{
    static abstract bool Holds<T>(T x, T y) where T : unmanaged, INumber<T>;
}

/// <summary>Runs a function over a tile element by element, for the types that networks hold but don't train in.</summary>
internal static unsafe class Wholes
{
    public static void Unary<F>(in Tile t) where F : struct, IWholeUnary
    {
        switch (t.Type)
        {
            case DType.Int32: Loop<F, int>(t); break;
            case DType.Int64: Loop<F, long>(t); break;
            default: Loop<F, byte>(t); break;
        }
    }

    public static void Binary<F>(in Tile t) where F : struct, IWholeBinary
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

    private static void Loop<F, T>(in Tile t) where F : struct, IWholeUnary where T : unmanaged, IBinaryInteger<T>
    {
        T* x = (T*)t.A, y = (T*)t.Result;
        for (int i = 0; i < t.Count; i++) y[i] = F.Apply(x[i]);
    }

    private static void Loop2<F, T>(in Tile t) where F : struct, IWholeBinary where T : unmanaged, IBinaryInteger<T>
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
