using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Recurrent;

/// <summary>One of the products that a hidden unit needs: a gate's column of the weights, by the state, the input or both.</summary>
internal readonly record struct CellProduct(int Gate, bool TakesState, bool TakesInput);

/// <summary>Recurrent cell: computes a step's state from its products.</summary>
internal unsafe interface IForwardCell
{
    /// <summary>Products for each hidden unit.</summary>
    static abstract int Products { get; }

    /// <summary>One of them; in a tile they lie one after the other.</summary>
    static abstract CellProduct Product(int index);

    /// <summary>Puts the products of a tile, so many elements each, through the gates' functions.</summary>
    static abstract void Activate<V>(byte* tile, int count) where V : struct, ILanes<V>;

    /// <summary>
    /// The new state of some hidden units: <paramref name="tile"/> has their first product, the others <paramref name="apart"/>
    /// bytes on.
    /// </summary>
    V Next<V>(byte* tile, nint apart, V state, int row, int step, int unit, int count) where V : struct, ILanes<V>;
}

/// <summary>
/// Runs a recurrent cell over whole sequences. Each step is one product, [input | state] · [input | recurrent weights],
/// whose tiles go through the gates while they are in L1; the weights are packed once for all steps.
/// </summary>
internal unsafe struct RecurrentForward<TCell> : IVectorRegion where TCell : struct, IForwardCell
{
    private RecurrentShape _shape;
    private TCell _cell;
    private byte* _x, _y, _panels, _states, _counters;

    /// <summary>x (batch, steps, features) through the cell to y (batch, steps, hidden), from <paramref name="initial"/> (batch, hidden) on.</summary>
    public static void Run(CpuPool pool, RecurrentShape shape, TCell cell, byte* x, RecurrentWeights weights, byte* initial, byte* y, byte* workspace)
    {
        if (shape.Batch == 0) return;
        if (shape.IsSingle)
        {
            RecurrentSequence<TCell>.Run(pool, shape, cell, x, weights, initial, y, workspace);
            return;
        }
        int groups = shape.Groups(RecurrentShape.Width(shape.Type));
        var pack = new PackCell<TCell> { Shape = shape, Weights = weights, To = workspace, WithState = true };
        VectorRegion.For(pool, shape.Type, groups, 1, pack);

        byte* states = workspace + shape.PanelBytes(PanelRows(shape)), counters = states + shape.AllStateBytes;
        new Span<byte>(counters, (int)shape.CounterBytes).Clear();
        var body = new RecurrentForward<TCell> { _shape = shape, _cell = cell, _x = x, _y = y, _panels = workspace, _states = states, _counters = counters };
        body.Begin(initial);
        VectorRegion.For(pool, shape.Type, shape.Units, 1, body);
    }

    /// <summary>Bytes of working memory.</summary>
    public static long Workspace(RecurrentShape shape) =>
        shape.IsSingle ? RecurrentSequence<TCell>.Workspace(shape) : shape.PanelBytes(PanelRows(shape)) + shape.AllStateBytes + shape.CounterBytes;

    /// <summary>Rows that a product's panel has: where the sum starts, then the weights.</summary>
    internal static int RowsOf(RecurrentShape shape, CellProduct product, bool withState = true) =>
        1 + (product.TakesInput ? shape.Features : 0) + (withState && product.TakesState ? shape.Hidden : 0);

    internal static nint PanelRows(RecurrentShape shape, bool withState = true)
    {
        nint rows = 0;
        for (int i = 0; i < TCell.Products; i++) rows += RowsOf(shape, TCell.Product(i), withState);
        return rows;
    }

    // The first step's [input | state]; rows that only fill up a tile are zeros.
    private readonly void Begin(byte* initial)
    {
        new Span<byte>(_states, (int)_shape.AllStateBytes).Clear();
        int size = _shape.Type.Size, row = _shape.Hidden * size;
        for (int chain = 0; chain < _shape.Chains; chain++)
        {
            byte* state = _shape.State(_states, chain, 0) + _shape.StateAt;
            for (int i = 0; i < _shape.RowsOf(chain); i++, state += _shape.Pitch)
                Unsafe.CopyBlockUnaligned(state, initial + (nint)(chain * _shape.Rows + i) * row, (uint)row);
            Feed(chain, 0, 0, _shape.RowsOf(chain));
        }
    }

    // Copies the input of a step beside the state: in place, rows lie far apart and on one another in L1.
    private readonly void Feed(int chain, int step, int begin, int end)
    {
        int bytes = _shape.Features * _shape.Type.Size, first = chain * _shape.Rows;
        byte* to = _shape.State(_states, chain, step) + _shape.InputAt;
        for (int i = begin; i < end; i++)
            Unsafe.CopyBlockUnaligned(to + i * _shape.Pitch, _x + ((nint)(first + i) * _shape.Steps + step) * bytes, (uint)bytes);
    }

    public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
    {
        byte* tile = stackalloc byte[RecurrentTile.MostRows * 4 * 2 * 64 + 64];
        tile = (byte*)((nint)(tile + 63) & ~63);
        for (int unit = begin; unit < end; unit++)
        {
            int chain = _shape.ChainOf(unit);
            var tickets = new StepTickets((int*)(_counters + (nint)chain * StepTickets.Bytes), _shape.Steps, _shape.Blocks, _shape.HomeOf(unit));
            try
            {
                while (tickets.Next(out int step, out int block))
                {
                    Step<V>(chain, step, block, tile);
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

    private readonly void Step<V>(int chain, int step, int block, byte* tile) where V : struct, ILanes<V>
    {
        int width = 2 * V.Count, rows = _shape.RowsOf(chain);
        nint pitch = _shape.Pitch, panelPitch = PanelRows(_shape) * width * V.Size;
        byte* state = _shape.State(_states, chain, step), next = _shape.State(_states, chain, step + 1);
        for (int group = _shape.GroupOf(block, width); group < _shape.GroupOf(block + 1, width); group++)
            for (int row = 0, take; row < rows; row += take)
            {
                take = RecurrentTile.RowsFor<V>(rows - row);
                byte* panel = _panels + group * panelPitch, a = state + row * pitch;
                Ask<V>(chain * _shape.Rows + row, Math.Min(take, rows - row), step, group * width);
                for (int i = 0; i < TCell.Products; i++)
                {
                    CellProduct product = TCell.Product(i);
                    int panelRows = RowsOf(_shape, product);
                    RecurrentTile.Multiply<V>(a + (product.TakesInput ? _shape.InputAt : _shape.StateAt), pitch, new RowRuns(panelRows - 1), panel, true,
                        tile + i * take * width * V.Size, take);
                    panel += (nint)panelRows * width * V.Size;
                }
                TCell.Activate<V>(tile, take * width);
                Finish<V>(chain, step, row, Math.Min(take, rows - row), group * width, tile, (nint)take * width * V.Size, a + _shape.StateAt,
                    next + row * pitch + _shape.StateAt);
            }
        if (step + 1 < _shape.Steps) Feed(chain, step + 1, rows * block / _shape.Blocks, rows * (block + 1) / _shape.Blocks);
    }

    // A step's rows lie all steps apart, where the processor doesn't look ahead by itself.
    [MethodImpl(Jit.Kernel)]
    private readonly void Ask<V>(int row, int rows, int step, int unit) where V : struct, ILanes<V>
    {
        nint bytes = (nint)Math.Min(2 * V.Count, _shape.Hidden - unit) * V.Size, hidden = (nint)_shape.Hidden * V.Size;
        for (int end = row + rows; row < end; row++) Prefetch.Lines(_y + ((nint)row * _shape.Steps + step) * hidden + (nint)unit * V.Size, bytes);
    }

    [MethodImpl(Jit.Kernel)]
    private readonly void Finish<V>(int chain, int step, int row, int rows, int unit, byte* tile, nint apart, byte* state, byte* next)
        where V : struct, ILanes<V>
    {
        int first = chain * _shape.Rows + row, columns = Math.Min(2 * V.Count, _shape.Hidden - unit);
        nint pitch = _shape.Pitch, hidden = _shape.Hidden;
        for (int i = 0; i < rows; i++, state += pitch, next += pitch)
        {
            nint place = (nint)(first + i) * _shape.Steps + step;
            for (int j = 0; j < columns; j += V.Count, tile += V.Count * V.Size)
            {
                int count = Math.Min(V.Count, columns - j);
                nint at = (unit + j) * V.Size;
                V h = _cell.Next(tile, apart, Lanes.Load<V>(state + at, count), first + i, step, unit + j, count);
                Lanes.Store(h, next + at, count);
                Lanes.Store(h, _y + place * hidden * V.Size + at, count);
            }
            if (columns <= V.Count) tile += V.Count * V.Size;
        }
    }
}

/// <summary>
/// The weights of a recurrent layer: (features, gates · hidden), (hidden, gates · hidden), and for each gate a bias and, where not null, one of the
/// recurrent product.
/// </summary>
internal readonly unsafe struct RecurrentWeights(void* input, void* recurrent, void* bias, void* recurrentBias, int gates)
{
    public readonly byte* Input = (byte*)input, Recurrent = (byte*)recurrent, Bias = (byte*)bias, RecurrentBias = (byte*)recurrentBias;
    public readonly int Gates = gates;

    /// <summary>What the sums of a product start from, for so many columns, two vectors or less, from <paramref name="column"/> bytes on: its biases.</summary>
    public void Start<V>(CellProduct product, nint column, int columns, byte* to) where V : struct, ILanes<V>
    {
        for (int j = 0; j < 2 * V.Count; j += V.Count, column += V.Count * V.Size, to += V.Count * V.Size)
        {
            int count = Math.Max(0, columns - j);
            V sum = product.TakesInput ? Lanes.Load<V>(Bias + column, count) : V.Of(0);
            if (product.TakesState && RecurrentBias != null) sum += Lanes.Load<V>(RecurrentBias + column, count);
            V.Store(sum, to);
        }
    }
}

/// <summary>Packs the weights of a cell: for each group of hidden units the panels of its products, one after the other.</summary>
internal unsafe struct PackCell<TCell> : IVectorRegion where TCell : struct, IForwardCell
{
    public RecurrentShape Shape;
    public RecurrentWeights Weights;
    public byte* To;

    /// <summary>Whether the recurrent weights are packed too.</summary>
    public bool WithState;

    public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
    {
        int width = 2 * V.Count;
        nint pitch = (nint)Weights.Gates * Shape.Hidden * V.Size;
        byte* to = To + begin * RecurrentForward<TCell>.PanelRows(Shape, WithState) * width * V.Size;
        for (int group = begin; group < end; group++)
            for (int i = 0; i < TCell.Products; i++)
            {
                CellProduct product = TCell.Product(i);
                nint column = ((nint)product.Gate * Shape.Hidden + group * width) * V.Size;
                int columns = Math.Min(width, Shape.Hidden - group * width);
                Weights.Start<V>(product, column, columns, to);
                to += width * V.Size;
                if (product.TakesInput) to = Copy<V>(Weights.Input + column, pitch, Shape.Features, columns, to);
                if (WithState && product.TakesState) to = Copy<V>(Weights.Recurrent + column, pitch, Shape.Hidden, columns, to);
            }
    }

    [MethodImpl(Jit.Kernel)]
    private static byte* Copy<V>(byte* from, nint pitch, int rows, int columns, byte* to) where V : struct, ILanes<V>
    {
        nint vector = V.Count * V.Size;
        int second = Math.Max(0, columns - V.Count);
        for (; rows > 0; rows--, from += pitch, to += 2 * vector)
        {
            V.Store(Lanes.Load<V>(from, columns), to);
            V.Store(Lanes.Load<V>(from + vector, second), to + vector);
        }
        return to;
    }
}
