using System.Runtime.CompilerServices;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu;

/// <summary>Some hidden units of one row at one step, as the backward pass sees them.</summary>
/// <param name="Row">The row of the batch.</param>
/// <param name="Step">The step.</param>
/// <param name="Unit">The first hidden unit.</param>
/// <param name="Count">So many units, a vector or less.</param>
/// <param name="IsLast">Whether this is the last step, with which the pass begins: nothing is carried over yet.</param>
internal readonly record struct CellPlace(int Row, int Step, int Unit, int Count, bool IsLast);

/// <summary>The gradient of a recurrent cell at a step.</summary>
internal unsafe interface IBackwardCell
{
    /// <summary>Gradients for each hidden unit: pieces of <see cref="GateBlocks"/>.</summary>
    static abstract int Products { get; }

    /// <summary>Which gate each of them belongs to, and whether the weights of the state, the input or both give it.</summary>
    static abstract CellProduct Product(int index);

    /// <summary>Bytes of what the first state's gradient has beside the product, a sum that the cell carries through the steps; or null.</summary>
    byte* Carried { get; }

    /// <summary>
    /// From the gradient by the new state, those by all that the gates' functions are taken of: as pieces
    /// <paramref name="apart"/> bytes apart, and, of those that go through the recurrent weights, side by side <paramref name="to"/>
    /// where the step before takes them from, a gate every <paramref name="hidden"/> bytes; added to the biases'
    /// <paramref name="sums"/>.
    /// </summary>
    void Back<V>(V gradient, V before, in CellPlace place, byte* pieces, nint apart, byte* to, nint hidden, byte* sums) where V : struct, ILanes<V>;
}

/// <summary>What the backward pass of any recurrent cell reads and writes.</summary>
internal unsafe struct RecurrentTrace
{
    /// <summary>(batch, steps, features), (batch, hidden), (batch, steps, hidden) and the gradient by them: the input, the first state, all states.</summary>
    public byte* X, Initial, Y, By;

    /// <summary>(hidden, gates · hidden).</summary>
    public byte* RecurrentWeight;

    /// <summary>The gradients: by the weights, by the biases side by side, and by the first state.</summary>
    public byte* ByInputWeight, ByRecurrentWeight, ByBias, ByInitial;

    /// <summary>Values of the biases.</summary>
    public int Biases;
}

/// <summary>
/// Takes gradients back through the steps of a recurrent cell: at each, the product of the gates' gradients at the step
/// after with the transposed recurrent weights, which are packed once; the gates follow while a tile is in the first cache.
/// The weights' gradients are summed up every few steps, and put together at the end.
/// </summary>
internal unsafe struct RecurrentBackward<TCell> : IWide where TCell : struct, IBackwardCell
{
    private RecurrentShape _shape;
    private TCell _cell;
    private RecurrentTrace _trace;
    private RecurrentWeightGradient<TCell> _weights;
    private byte* _panels, _states, _counters, _biases, _positions, _gates;

    /// <summary>Runs the cell back through all steps.</summary>
    public static void Run(CpuPool pool, RecurrentShape shape, TCell cell, RecurrentTrace trace, byte* workspace)
    {
        int size = shape.Type.Size;
        if (shape.Batch == 0)
        {
            new Span<byte>(trace.ByInputWeight, shape.Features * shape.Inner * size).Clear();
            new Span<byte>(trace.ByRecurrentWeight, shape.Hidden * shape.Inner * size).Clear();
            new Span<byte>(trace.ByBias, trace.Biases * size).Clear();
            return;
        }
        int groups = shape.Groups(RecurrentShape.Width(shape.Type));
        Wide.For(pool, shape.Type, groups, 1, new PackTransposed { Shape = shape, From = trace.RecurrentWeight, To = workspace });

        var body = new RecurrentBackward<TCell> { _shape = shape, _cell = cell, _trace = trace, _panels = workspace };
        body._states = workspace + shape.PanelBytes(shape.Inner);
        body._counters = body._states + shape.AllStateBytes;
        body._positions = body._counters + shape.CounterBytes;
        body._gates = body._positions + PositionBytes(shape);
        byte* sums = body._gates + GateBytes(shape);
        body._weights = new RecurrentWeightGradient<TCell>(shape, sums, trace.ByInputWeight, trace.ByRecurrentWeight);
        body._biases = sums + RecurrentWeightGradient<TCell>.Bytes(shape);
        new Span<byte>(body._states, (int)(shape.AllStateBytes + shape.CounterBytes)).Clear();
        new Span<byte>(body._biases, shape.Chains * trace.Biases * size).Clear();
        Wide.For(pool, shape.Type, shape.Units, 1, body);
        Wide.For(pool, shape.Type, groups, 1, body._weights);
        Wide.For(pool, shape.Type, 1, 1, new AddChains { From = body._biases, To = trace.ByBias, Chains = shape.Chains, Count = trace.Biases });
    }

    /// <summary>Bytes of working memory.</summary>
    public static long Workspace(RecurrentShape shape, int biases) =>
        shape.PanelBytes(shape.Inner) + shape.AllStateBytes + shape.CounterBytes + PositionBytes(shape) + GateBytes(shape)
        + RecurrentWeightGradient<TCell>.Bytes(shape) + (long)shape.Chains * biases * shape.Type.Size;

    // [state | input] of the steps that are being summed up, by any thread, and of those that follow meanwhile; gates' gradients
    // are summed up by the thread that writes them next.
    private static nint PositionBytes(RecurrentShape shape) => 2 * shape.Chains * RecurrentWeightGradient<TCell>.StepsOf(shape) * (shape.Rows * shape.TracePitch);

    private static nint GateBytes(RecurrentShape shape) =>
        shape.Chains * RecurrentWeightGradient<TCell>.StepsOf(shape) * new GateBlocks(shape.Rows, shape.Hidden, TCell.Products).Step * shape.Type.Size;

    private readonly byte* PositionsOf(int chain, int done)
    {
        int slots = 2 * RecurrentWeightGradient<TCell>.StepsOf(_shape);
        return _positions + ((nint)chain * slots + done % slots) * (_shape.Rows * _shape.TracePitch);
    }

    private readonly byte* GatesOf(int chain) => _gates + GateBytes(_shape) / _shape.Chains * chain;

    public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
    {
        byte* tile = stackalloc byte[RecurrentTile.MostRows * 2 * 64 + 64];
        tile = (byte*)((nint)(tile + 63) & ~63);
        for (int unit = begin; unit < end; unit++)
        {
            int chain = unit % _shape.Chains;
            // One step more than there are: to the first state.
            var tickets = new StepTickets((int*)(_counters + (nint)chain * StepTickets.Bytes), _shape.Steps + 1, _shape.Blocks, _shape.HomeOf(unit));
            while (tickets.Next(out int done, out int block))
            {
                Step<V>(chain, done, block, tile);
                tickets.Finish();
            }
        }
    }

    private readonly void Step<V>(int chain, int done, int block, byte* tile) where V : struct, ILanes<V>
    {
        int width = 2 * V.Count, rows = _shape.RowsOf(chain), first = chain * _shape.Rows, step = _shape.Steps - 1 - done;
        nint pitch = _shape.Pitch, panelPitch = (nint)_shape.Inner * width * V.Size;
        byte* after = _shape.State(_states, chain, done), to = _shape.State(_states, chain, done + 1);
        int chunk = RecurrentWeightGradient<TCell>.StepsOf(_shape);
        if (done > 0 && (done % chunk == 0 || step < 0))
        {
            int began = (done - 1) / chunk * chunk;
            for (int group = _shape.GroupOf(block, width); group < _shape.GroupOf(block + 1, width); group++)
                _weights.Add<V>(chain, group, PositionsOf(chain, began), GatesOf(chain), done - began, began == 0);
        }
        for (int group = _shape.GroupOf(block, width); group < _shape.GroupOf(block + 1, width); group++)
            for (int row = 0, take; row < rows; row += take)
            {
                take = RecurrentTile.RowsFor<V>(rows - row);
                if (step >= 0) Ask<V>(first + row, Math.Min(take, rows - row), step, group * width);
                // At the last step this is the product of zeros.
                if (done > 0) RecurrentTile.Multiply<V>(after + row * pitch, pitch, _shape.Inner, _panels + group * panelPitch, false, tile, take);
                else new Span<byte>(tile, take * width * V.Size).Clear();
                if (step >= 0) Finish<V>(chain, done, row, Math.Min(take, rows - row), group * width, tile, to + row * pitch);
                else Begin<V>(first + row, Math.Min(take, rows - row), group * width, tile);
            }
        if (step >= 0) Feed(chain, done, rows * block / _shape.Blocks, rows * (block + 1) / _shape.Blocks);
    }

    // A step's rows lie all steps apart, where the processor doesn't look ahead by itself.
    [MethodImpl(Jit.Kernel)]
    private readonly void Ask<V>(int row, int rows, int step, int unit) where V : struct, ILanes<V>
    {
        nint bytes = (nint)Math.Min(2 * V.Count, _shape.Hidden - unit) * V.Size, hidden = (nint)_shape.Hidden * V.Size;
        for (int end = row + rows; row < end; row++)
        {
            nint place = ((nint)row * _shape.Steps + step) * hidden + (nint)unit * V.Size;
            Nearer.AskLines(_trace.By + place, bytes);
            if (step > 0) Nearer.AskLines(_trace.Y + place - hidden, bytes);
        }
    }

    [MethodImpl(Jit.Kernel)]
    private readonly void Finish<V>(int chain, int done, int from, int rows, int unit, byte* tile, byte* to) where V : struct, ILanes<V>
    {
        int columns = Math.Min(2 * V.Count, _shape.Hidden - unit), step = _shape.Steps - 1 - done, row = chain * _shape.Rows + from;
        nint hidden = (nint)_shape.Hidden * V.Size;
        var blocks = new GateBlocks(_shape.Rows, _shape.Hidden, TCell.Products);
        byte* position = PositionsOf(chain, done) + from * _shape.TracePitch;
        byte* gates = GatesOf(chain) + blocks.At(from, done % RecurrentWeightGradient<TCell>.StepsOf(_shape), unit) * V.Size;
        byte* sums = _biases + (nint)chain * _trace.Biases * V.Size;
        for (int end = row + rows; row < end; row++, to += _shape.Pitch, tile += 2 * V.Count * V.Size, position += _shape.TracePitch, gates += GateBlocks.Units * V.Size)
        {
            nint place = ((nint)row * _shape.Steps + step) * hidden;
            byte* before = step > 0 ? _trace.Y + place - hidden : _trace.Initial + row * hidden;
            for (int j = 0; j < columns; j += V.Count)
            {
                int count = Math.Min(V.Count, columns - j);
                nint at = (nint)(unit + j) * V.Size;
                V state = Lanes.Load<V>(before + at, count);
                Lanes.Store(state, position + at, count);
                V gradient = V.Load(tile + j * V.Size) + Lanes.Load<V>(_trace.By + place + at, count);
                _cell.Back(gradient, state, new CellPlace(row, step, unit + j, count, done == 0), gates + j * V.Size, blocks.Piece * V.Size, to + at, hidden, sums + at);
            }
        }
    }

    // The gradient by the first state.
    private readonly void Begin<V>(int row, int rows, int unit, byte* tile) where V : struct, ILanes<V>
    {
        int columns = Math.Min(2 * V.Count, _shape.Hidden - unit);
        for (int i = 0; i < rows; i++, tile += 2 * V.Count * V.Size)
            for (int j = 0; j < columns; j += V.Count)
            {
                int count = Math.Min(V.Count, columns - j);
                nint at = ((nint)(row + i) * _shape.Hidden + unit + j) * V.Size;
                V gradient = V.Load(tile + j * V.Size);
                if (_cell.Carried != null) gradient += Lanes.Load<V>(_cell.Carried + at, count);
                Lanes.Store(gradient, _trace.ByInitial + at, count);
            }
    }

    // Copies the input of a step beside the states, for some rows.
    private readonly void Feed(int chain, int done, int begin, int end)
    {
        int size = _shape.Type.Size, bytes = _shape.Features * size, step = _shape.Steps - 1 - done;
        byte* to = PositionsOf(chain, done) + (nint)_shape.Hidden * size;
        for (int row = begin; row < end; row++)
            Unsafe.CopyBlockUnaligned(to + row * _shape.TracePitch, _trace.X + ((nint)(chain * _shape.Rows + row) * _shape.Steps + step) * bytes, (uint)bytes);
    }

    /// <summary>The chains' sums, in order.</summary>
    private struct AddChains : IWide
    {
        public byte* From, To;
        public int Chains, Count;

        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            for (int i = 0; i < Count; i += V.Count)
            {
                int count = Math.Min(V.Count, Count - i);
                V sum = Lanes.Load<V>(From + (nint)i * V.Size, count);
                for (int chain = 1; chain < Chains; chain++) sum += Lanes.Load<V>(From + ((nint)chain * Count + i) * V.Size, count);
                Lanes.Store(sum, To + (nint)i * V.Size, count);
            }
        }
    }
}

/// <summary>Packs transposed recurrent weights: for each group of hidden units, a panel with a row for each of their gates' columns.</summary>
internal unsafe struct PackTransposed : IWide
{
    public RecurrentShape Shape;
    public byte* From, To;

    public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
    {
        int columns = Shape.Inner;
        if (V.Size == sizeof(float))
        {
            new PackColumns<V>((float*)From, 1, columns, columns, Shape.Hidden, (float*)To).Run(begin, end);
            return;
        }
        int width = 2 * V.Count;
        for (int group = begin; group < end; group++)
            for (int k = 0; k < columns; k++)
                for (int j = 0; j < width; j++)
                {
                    int unit = group * width + j;
                    V value = unit < Shape.Hidden ? V.LoadOne(From + ((nint)unit * columns + k) * V.Size) : V.Of(0);
                    V.StorePart(value, To + (((nint)group * columns + k) * width + j) * V.Size, 1);
                }
    }
}
