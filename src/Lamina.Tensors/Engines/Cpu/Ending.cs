using System.Runtime.CompilerServices;

namespace Lamina.Tensors.Engines.Cpu;

/// <summary>What an element-wise op does to a result, as far as kernels know how to do it themselves; in the order in which they do it.</summary>
internal enum Touch : byte { Other, Subtracts, Multiplies, Adds, Rectifies }

/// <summary>
/// What an epilogue begins with, as far as a kernel can do it while its result is in registers: a row subtracted from all rows of
/// the result, one multiplied with them, one added to them (a batch norm's in a network that isn't trained, a bias), then a
/// rectifier. The bits are those of the ops that it stands for.
/// </summary>
internal readonly unsafe struct Ending(float* subtracted, float* multiplied, float* added, bool rectifies)
{
    private readonly float* _subtracted = subtracted, _multiplied = multiplied, _added = added;
    private readonly bool _rectifies = rectifies;

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsNone => _subtracted == null && _multiplied == null && _added == null && !_rectifies;

    /// <summary>The same, for a kernel whose columns begin at one of the result's.</summary>
    public Ending From(nint column) => new(At(_subtracted, column), At(_multiplied, column), At(_added, column), _rectifies);

    private static float* At(float* row, nint column) => row == null ? null : row + column;

    /// <summary>Does it to a block of the result, in place, whose first column is one of the result's; <paramref name="pitch"/> numbers from row to row.</summary>
    public void Run(float* x, int rows, int columns, nint pitch, int column)
    {
        switch (Tiers.Current)
        {
            case Tier.Vector512: Run<F512>(x, rows, columns, pitch, column); break;
            case Tier.Vector256: Run<F256>(x, rows, columns, pitch, column); break;
            default: Run<F128>(x, rows, columns, pitch, column); break;
        }
    }

    [MethodImpl(Jit.Kernel)]
    private void Run<V>(float* x, int rows, int columns, nint pitch, int column) where V : struct, ILanes<V>
    {
        for (; columns > 0; columns -= V.Count, column += V.Count, x += V.Count)
        {
            EndingOf<V> end = At<V>(column, columns);
            V subtracted = end.Subtracted, multiplied = end.Multiplied, added = end.Added, least = end.Least;
            float* p = x;
            if (columns < V.Count)
                for (int r = rows; r > 0; r--, p += pitch) Lanes.Store(V.Max((Lanes.Load<V>(p, columns) - subtracted) * multiplied + added, least), p, columns);
            else if (_subtracted != null || _multiplied != null)
                for (int r = rows; r > 0; r--, p += pitch) V.Store(V.Max((V.Load(p) - subtracted) * multiplied + added, least), p);
            else
                for (int r = rows; r > 0; r--, p += pitch) V.Store(V.Max(V.Load(p) + added, least), p);
        }
    }

    /// <summary>It for a vector of the result that begins at a column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public EndingOf<V> At<V>(nint column) where V : struct, ILanes<V> => new()
    {
        Subtracted = _subtracted == null ? V.Of(0) : V.Load(_subtracted + column),
        Multiplied = _multiplied == null ? V.Of(1) : V.Load(_multiplied + column),
        Added = _added == null ? V.Of(-0.0) : V.Load(_added + column),
        Least = V.Of(_rectifies ? 0 : double.NegativeInfinity),
    };

    /// <summary>The same for the first <paramref name="count"/> lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public EndingOf<V> At<V>(nint column, int count) where V : struct, ILanes<V> => new()
    {
        Subtracted = _subtracted == null ? V.Of(0) : Lanes.Load<V>(_subtracted + column, count),
        Multiplied = _multiplied == null ? V.Of(1) : Lanes.Load<V>(_multiplied + column, count),
        Added = _added == null ? V.Of(-0.0) : Lanes.Load<V>(_added + column, count),
        Least = V.Of(_rectifies ? 0 : double.NegativeInfinity),
    };

    /// <summary>The same for a vector of rows in one column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public EndingOf<V> Across<V>(nint column) where V : struct, ILanes<V> => new()
    {
        Subtracted = _subtracted == null ? V.Of(0) : V.LoadOne(_subtracted + column),
        Multiplied = _multiplied == null ? V.Of(1) : V.LoadOne(_multiplied + column),
        Added = _added == null ? V.Of(-0.0) : V.LoadOne(_added + column),
        Least = V.Of(_rectifies ? 0 : double.NegativeInfinity),
    };
}

/// <summary>An <see cref="Ending"/> in registers. What it doesn't do, it does with numbers that leave every bit as it is.</summary>
internal struct EndingOf<V> where V : struct, ILanes<V>
{
    public V Subtracted, Multiplied, Added, Least;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V Of(V x) => V.Max((x - Subtracted) * Multiplied + Added, Least);
}
