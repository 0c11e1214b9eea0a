using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Recurrent;

/// <summary>
/// Runs a recurrent cell over one sequence. What a step takes is the time to read the recurrent weights, so they are read where
/// they lie, all columns of some hidden units together; what comes of the input is worked out several steps ahead. Sums run in
/// the same order as <see cref="RecurrentForward{TCell}"/>'s.
/// </summary>
internal unsafe struct RecurrentSequence<TCell> : IVectorRegion where TCell : struct, IForwardCell
{
    // Steps whose inputs are multiplied together; with fewer in all the input's weights aren't worth packing.
    private const int Ahead = RecurrentTile.MostRows;
    private const int MostProducts = 4;

    private RecurrentShape _shape;
    private TCell _cell;
    private RecurrentWeights _weights;
    private byte* _x, _y, _initial, _counters, _ahead, _panels;

    /// <summary>x (1, steps, features) through the cell to y (1, steps, hidden), from <paramref name="initial"/> (1, hidden) on.</summary>
    public static void Run(CpuPool pool, RecurrentShape shape, TCell cell, byte* x, RecurrentWeights weights, byte* initial, byte* y, byte* workspace)
    {
        var body = new RecurrentSequence<TCell> { _shape = shape, _cell = cell, _weights = weights, _x = x, _y = y, _initial = initial, _counters = workspace };
        new Span<byte>(workspace, (int)shape.CounterBytes).Clear();
        if (shape.Steps >= Ahead)
        {
            body._ahead = workspace + shape.CounterBytes;
            body._panels = body._ahead + AheadBytes(shape);
            VectorRegion.For(pool, shape.Type, shape.Groups(RecurrentShape.Width(shape.Type)), 1,
                new PackCell<TCell> { Shape = shape, Weights = weights, To = body._panels });
        }
        VectorRegion.For(pool, shape.Type, shape.Units, 1, body);
    }

    /// <summary>Bytes of working memory.</summary>
    public static long Workspace(RecurrentShape shape) =>
        shape.CounterBytes + (shape.Steps < Ahead ? 0 : AheadBytes(shape) + shape.PanelBytes(RecurrentForward<TCell>.PanelRows(shape, false)));

    private static nint AheadBytes(RecurrentShape shape) => shape.PanelBytes(TCell.Products * Ahead);

    public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
    {
        byte* tile = stackalloc byte[MostProducts * 2 * 64 + 64];
        tile = (byte*)((nint)(tile + 63) & ~63);
        for (int unit = begin; unit < end; unit++)
        {
            var tickets = new StepTickets((int*)_counters, _shape.Steps, _shape.Blocks, _shape.HomeOf(unit));
            try
            {
                while (tickets.Next(out int step, out int block))
                {
                    for (int group = _shape.GroupOf(block, 2 * V.Count); group < _shape.GroupOf(block + 1, 2 * V.Count); group++) Step<V>(step, group, tile);
                    tickets.Finish();
                }
            }
            catch
            {
                tickets.Abandon();
                throw;
            }
        }
    }

    // A step of two vectors of hidden units.
    private readonly void Step<V>(int step, int group, byte* tile) where V : struct, ILanes<V>
    {
        nint vector = V.Count * V.Size, hidden = (nint)_shape.Hidden * V.Size, at = group * 2 * vector;
        byte* state = step > 0 ? _y + (step - 1) * hidden : _initial;
        if (_panels != null)
        {
            if (step % Ahead == 0) Multiply<V>(step, group);
            for (int i = 0; i < TCell.Products; i++) Unsafe.CopyBlockUnaligned(tile + i * 2 * vector, AheadOf<V>(group, i, step), (uint)(2 * vector));
        }
        else
        {
            for (int i = 0; i < TCell.Products; i++) _weights.Start<V>(TCell.Product(i), TCell.Product(i).Gate * hidden + at, 2 * V.Count,
                tile + i * 2 * vector);
            Add<V>(_x + (nint)step * _shape.Features * V.Size, _shape.Features, _weights.Input + at, false, tile);
        }
        Add<V>(state, _shape.Hidden, _weights.Recurrent + at, true, tile);
        TCell.Activate<V>(tile, 2 * V.Count);
        for (int j = 0; j < 2; j++, at += vector)
            V.Store(_cell.Next(tile + j * vector, 2 * vector, V.Load(state + at), 0, step, (2 * group + j) * V.Count, V.Count), _y + step * hidden + at);
    }

    // What a group's product at a step starts from.
    private readonly byte* AheadOf<V>(int group, int product, int step) where V : struct, ILanes<V> =>
        _ahead + (((nint)group * TCell.Products + product) * Ahead + step % Ahead) * 2 * V.Count * V.Size;

    // The products of the inputs of the steps from this one on.
    private readonly void Multiply<V>(int step, int group) where V : struct, ILanes<V>
    {
        nint row = 2 * V.Count * V.Size, pitch = (nint)_shape.Features * V.Size;
        byte* panel = _panels + group * RecurrentForward<TCell>.PanelRows(_shape, false) * row;
        for (int i = 0; i < TCell.Products; i++)
        {
            int panelRows = RecurrentForward<TCell>.RowsOf(_shape, TCell.Product(i), false);
            for (int done = 0, left = Math.Min(Ahead, _shape.Steps - step), take; left > 0; done += take, left -= take)
            {
                // A tile with more rows than there are would read beyond the input.
                for (take = RecurrentTile.RowsFor<V>(left); take > left;) take /= 2;
                RecurrentTile.Multiply<V>(_x + (step + done) * pitch, pitch, new RowRuns(panelRows - 1), panel, true, AheadOf<V>(group, i, step + done), take);
            }
            panel += panelRows * row;
        }
    }

    // Adds the products of the state, or of the input, with the weights of some hidden units.
    private readonly void Add<V>(byte* a, int depth, byte* weights, bool state, byte* tile) where V : struct, ILanes<V>
    {
        nint pitch = (nint)_weights.Gates * _shape.Hidden * V.Size;
        nint* sums = stackalloc nint[MostProducts], columns = stackalloc nint[MostProducts];
        int count = 0;
        for (int i = 0; i < TCell.Products; i++)
        {
            CellProduct product = TCell.Product(i);
            if (state ? !product.TakesState : !product.TakesInput) continue;
            sums[count] = (nint)i * 2 * V.Count * V.Size;
            columns[count++] = (nint)product.Gate * _shape.Hidden * V.Size;
        }
        if (count == 1) Rows<V, OneRow>(a, depth, weights, pitch, columns, tile, sums);
        else if (count == 3) Rows<V, ThreeRows>(a, depth, weights, pitch, columns, tile, sums);
        else Rows<V, FourRows>(a, depth, weights, pitch, columns, tile, sums);
    }

    // Several sums of two vectors each, so that additions to one don't wait for those before.
    [MethodImpl(Jit.Kernel)]
    private static void Rows<V, TSums>(byte* a, int depth, byte* b, nint pitch, nint* columns, byte* to, nint* sums) where V : struct, ILanes<V>
        where TSums : struct, IRows
    {
        nint vector = V.Count * V.Size;
        nint at1 = TSums.Count > 1 ? columns[1] - columns[0] : 0, at2 = TSums.Count > 1 ? columns[2] - columns[0] : 0, at3 = TSums.Count > 3
            ? columns[3] - columns[0] : 0;
        byte* to0 = to + sums[0], to1 = TSums.Count > 1 ? to + sums[1] : to, to2 = TSums.Count > 1 ? to + sums[2] : to, to3 = TSums.Count > 3 ? to + sums[3]
            : to;
        V c00 = V.Load(to0), c01 = V.Load(to0 + vector), c10 = V.Load(to1), c11 = V.Load(to1 + vector);
        V c20 = V.Load(to2), c21 = V.Load(to2 + vector), c30 = V.Load(to3), c31 = V.Load(to3 + vector);
        b += columns[0];
        for (; depth > 0; depth--, a += V.Size, b += pitch)
        {
            V x = V.LoadOne(a);
            c00 = V.Fma(x, V.Load(b), c00);
            c01 = V.Fma(x, V.Load(b + vector), c01);
            if (TSums.Count == 1) continue;
            c10 = V.Fma(x, V.Load(b + at1), c10);
            c11 = V.Fma(x, V.Load(b + at1 + vector), c11);
            c20 = V.Fma(x, V.Load(b + at2), c20);
            c21 = V.Fma(x, V.Load(b + at2 + vector), c21);
            if (TSums.Count == 3) continue;
            c30 = V.Fma(x, V.Load(b + at3), c30);
            c31 = V.Fma(x, V.Load(b + at3 + vector), c31);
        }
        V.Store(c00, to0);
        V.Store(c01, to0 + vector);
        if (TSums.Count == 1) return;
        V.Store(c10, to1);
        V.Store(c11, to1 + vector);
        V.Store(c20, to2);
        V.Store(c21, to2 + vector);
        if (TSums.Count == 3) return;
        V.Store(c30, to3);
        V.Store(c31, to3 + vector);
    }
}
