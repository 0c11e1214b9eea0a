using System.Runtime.CompilerServices;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Vectors;

/// <summary>Loads and stores of whole and partial vectors, and the choice of stores that bypass the caches.</summary>
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
}
