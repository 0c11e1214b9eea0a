using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Reductions;

/// <summary>The distance from a value of the column, such as its first.</summary>
internal unsafe struct Distance<V> : ITerm<V> where V : struct, ILanes<V>
{
    public byte* X, From;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V At(nint offset, nint column, int count) => Lanes.Load<V>(X + offset, count) - Lanes.Load<V>(From + column, count);
}

/// <summary>The squared distance from the column's mean.</summary>
internal unsafe struct SquaredDistance<V> : ITerm<V> where V : struct, ILanes<V>
{
    public byte* X, Means;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V At(nint offset, nint column, int count)
    {
        V distance = Lanes.Load<V>(X + offset, count) - Lanes.Load<V>(Means + column, count);
        return distance * distance;
    }
}

/// <summary>dy · (x − the column's mean).</summary>
internal unsafe struct Covariance<V> : ITerm<V> where V : struct, ILanes<V>
{
    public byte* X, By, Means;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V At(nint offset, nint column, int count) =>
        Lanes.Load<V>(By + offset, count) * (Lanes.Load<V>(X + offset, count) - Lanes.Load<V>(Means + column, count));
}

/// <summary>Partition of a matrix's rows into blocks whose column sums are added up in order: by its size alone.</summary>
internal readonly struct RowBlocks
{
    private const int Elements = 16 * 1024, Most = 256;

    public RowBlocks(int rows, int columns)
    {
        Rows = rows;
        Size = Math.Max(Math.Max(1, Elements / Math.Max(columns, 1)), (rows + Most - 1) / Most);
        Count = Math.Max(1, (rows + Size - 1) / Size);
    }

    /// <summary>All rows; the rows of a block; the number of blocks, 256 at most.</summary>
    public readonly int Rows, Size, Count;

    /// <summary>The rows of one block; the last may have fewer.</summary>
    public int RowsOf(int block) => Math.Min(Size, Rows - block * Size);
}
