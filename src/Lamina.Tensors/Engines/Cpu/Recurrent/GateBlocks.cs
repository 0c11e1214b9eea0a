using System.Runtime.CompilerServices;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Recurrent;

/// <summary>
/// How what a recurrent cell keeps of every step lies in memory: (steps, blocks of 32 hidden units, pieces, batch, 32). What
/// a tile of rows and units reads or writes of a piece lies side by side; by rows it would be scattered over as many pages.
/// Units that only fill the last block up are zeros.
/// </summary>
internal readonly struct GateBlocks(int batch, int hidden, int pieces)
{
    /// <summary>Hidden units of a block.</summary>
    public const int Units = 32;

    /// <summary>Blocks of hidden units.</summary>
    public static int Count(int hidden) => (hidden + Units - 1) / Units;

    /// <summary>The shape over so many steps.</summary>
    public Shape Over(int steps) => [steps, Count(hidden), pieces, batch, Units];

    /// <summary>Elements from one piece to the next.</summary>
    public nint Piece => (nint)batch * Units;

    /// <summary>Elements from one step to the next.</summary>
    public nint Step => Count(hidden) * pieces * Piece;

    /// <summary>Offset of the first piece of a hidden unit of a row, in elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint At(int row, int step, int unit) => step * Step + unit / Units * (pieces * Piece) + (nint)row * Units + unit % Units;

    /// <summary>Clears what no unit writes to: all, where there is any.</summary>
    public unsafe void ClearMargin(void* data, int steps, int size)
    {
        if (hidden % Units == 0) return;
        for (nint step = 0; step < steps; step++) new Span<byte>((byte*)data + step * Step * size, (int)(Step * size)).Clear();
    }
}
