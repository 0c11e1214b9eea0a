using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Products;

/// <summary>Number of rows of a tile: six fill sixteen registers, eight suit thirty-two; recurrent layers use fewer.</summary>
internal interface IRows
{
    static abstract int Count { get; }
}

internal struct OneRow : IRows { public static int Count => 1; }
internal struct TwoRows : IRows { public static int Count => 2; }
internal struct ThreeRows : IRows { public static int Count => 3; }
internal struct FourRows : IRows { public static int Count => 4; }
internal struct SixRows : IRows { public static int Count => 6; }
internal struct EightRows : IRows { public static int Count => 8; }

/// <summary>The rows that fit: sixteen accumulators of thirty-two registers, or twelve of sixteen.</summary>
internal static class TileRows
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of<V>() where V : struct, ILanes<V> => V.Count == F512.Count ? 8 : 6;
}
