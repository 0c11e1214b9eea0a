using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Epilogues;

/// <summary>
/// What an epilogue begins with, as far as a kernel can do it itself, while its result is in registers or L1: a row subtracted from all rows of
/// the result, one multiplied with them, one added to them (a batch norm's in a network that isn't trained, a bias), then a
/// rectifier. The bits are those of the ops that it stands for.
/// </summary>
internal readonly unsafe struct RowEpilogue(float* subtracted, float* multiplied, float* added, bool rectifies)
{
    private readonly float* _subtracted = subtracted, _multiplied = multiplied, _added = added;
    private readonly bool _rectifies = rectifies;

    /// <summary>Numbers that stay in L1 while the next columns are worked on.</summary>
    private const int Room = 2048;

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsNone => _subtracted == null && _multiplied == null && _added == null && !_rectifies;

    /// <summary>The same, for a kernel whose columns begin at one of the result's.</summary>
    public RowEpilogue From(nint column) => new(At(_subtracted, column), At(_multiplied, column), At(_added, column), _rectifies);

    private static float* At(float* row, nint column) => row == null ? null : row + column;

    /// <summary>
    /// Does it to a block of the result, in place, whose first column is one of the result's; <paramref name="pitch"/> numbers from row to row.
    /// </summary>
    public void Run(float* x, int rows, int columns, nint pitch, int column)
    {
        int some = Math.Max(1, Room / columns);
        for (; rows > 0; rows -= some, x += some * pitch)
            switch (Tiers.Current)
            {
                case Tier.Vector512: Run<F512>(x, Math.Min(rows, some), pitch, column, columns); break;
                case Tier.Vector256: Run<F256>(x, Math.Min(rows, some), pitch, column, columns); break;
                default: Run<F128>(x, Math.Min(rows, some), pitch, column, columns); break;
            }
    }

    [MethodImpl(Jit.Kernel)]
    private void Run<V>(float* x, int rows, nint pitch, nint column, int columns) where V : struct, ILanes<V>
    {
        for (; columns > 0; columns -= V.Count, column += V.Count, x += V.Count)
        {
            (V subtracted, V multiplied, V added, V least, V zero) = At<V>(column, columns);
            float* p = x;
            if (columns < V.Count)
                for (int r = 0; r < rows; r++, p += pitch) Lanes.Store(V.Greater(least, (Lanes.Load<V>(p, columns) - subtracted) * multiplied + added) + zero,
                    p, columns);
            else
                for (int r = 0; r < rows; r++, p += pitch) V.Store(V.Greater(least, (V.Load(p) - subtracted) * multiplied + added) + zero, p);
        }
    }

    /// <summary>Does it to some columns of rows anywhere, whose addresses are those of the first column.</summary>
    [MethodImpl(Jit.Kernel)]
    public void Run<V>(float** lines, int rows, nint column, int columns) where V : struct, ILanes<V>
    {
        for (; columns > 0; columns -= V.Count, column += V.Count)
        {
            (V subtracted, V multiplied, V added, V least, V zero) = At<V>(column, columns);
            for (int r = 0; r < rows; r++)
            {
                float* p = lines[r] + column;
                Lanes.Store(V.Greater(least, (Lanes.Load<V>(p, columns) - subtracted) * multiplied + added) + zero, p, columns);
            }
        }
    }

    /// <summary>The epilogue for a vector of the result that begins at a column, or for its first <paramref name="count"/> lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RowEpilogueLanes<V> At<V>(nint column, int count) where V : struct, ILanes<V> => Of(
        _subtracted == null ? V.Of(0) : Lanes.Load<V>(_subtracted + column, count),
        _multiplied == null ? V.Of(1) : Lanes.Load<V>(_multiplied + column, count),
        _added == null ? V.Of(-0.0) : Lanes.Load<V>(_added + column, count));

    /// <summary>The epilogue for a vector of rows in one column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RowEpilogueLanes<V> Across<V>(nint column) where V : struct, ILanes<V> => Of(
        _subtracted == null ? V.Of(0) : V.LoadOne(_subtracted + column),
        _multiplied == null ? V.Of(1) : V.LoadOne(_multiplied + column),
        _added == null ? V.Of(-0.0) : V.LoadOne(_added + column));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RowEpilogueLanes<V> Of<V>(V subtracted, V multiplied, V added) where V : struct, ILanes<V> => new()
    {
        Subtracted = subtracted, Multiplied = multiplied, Added = added, Least = V.Of(_rectifies ? 0 : double.NegativeInfinity),
            Zero = V.Of(_rectifies ? 0 : -0.0),
    };
}

/// <summary>An <see cref="RowEpilogue"/> in registers. What it doesn't do, it does with numbers that leave every bit as it is.</summary>
internal struct RowEpilogueLanes<V> where V : struct, ILanes<V>
{
    public V Subtracted, Multiplied, Added, Least, Zero;

    // V.Max, which the rectifier is, takes several instructions where no operand is known. This is the greater one, or x where that is
    // NaN (on x86 by the order of operands, on Arm in any), with a zero added that makes a rectifier's negative zero positive.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V Of(V x) => V.Greater(Least, (x - Subtracted) * Multiplied + Added) + Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Deconstruct(out V subtracted, out V multiplied, out V added, out V least, out V zero) =>
        (subtracted, multiplied, added, least, zero) = (Subtracted, Multiplied, Added, Least, Zero);
}
