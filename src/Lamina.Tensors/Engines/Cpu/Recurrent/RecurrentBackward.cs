using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Recurrent;

/// <summary>The gradient of a recurrent cell at a step.</summary>
internal unsafe interface IBackwardCell
{
    /// <summary>Gradients for each hidden unit: pieces of <see cref="GateBlocks"/>.</summary>
    static abstract int Products { get; }

    /// <summary>Which gate each of them belongs to, and whether the weights of the state, the input or both give it; those of the state come first.</summary>
    static abstract CellProduct Product(int index);

    /// <summary>Bytes of what the first state's gradient has beside the product, a sum that the cell carries through the steps; or null.</summary>
    byte* Carried { get; }

    /// <summary>
    /// From the gradient by the new state, those by all that the gates' functions are taken of: as pieces
    /// <paramref name="apart"/> bytes apart; added to the biases' <paramref name="sums"/>, a gate every <paramref name="hidden"/> bytes.
    /// They are those of <paramref name="count"/> units, a vector or less, of a row of the batch at a step; nothing is carried over yet at
    /// the <paramref name="last"/> one, with which the pass begins.
    /// </summary>
    void Back<V>(V gradient, V before, int row, int step, int unit, int count, bool last, byte* pieces, nint apart, nint hidden, byte* sums)
        where V : struct, ILanes<V>;
}

/// <summary>Memory that the backward pass of any recurrent cell reads and writes.</summary>
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
/// after with the transposed recurrent weights, which are packed once; the gates follow while a tile is in L1.
/// The weights' gradients are summed up every few steps, and put together at the end.
/// </summary>
internal unsafe struct RecurrentBackward<TCell> : IVectorRegion where TCell : struct, IBackwardCell
{
    private RecurrentShape _shape;
    private TCell _cell;
    private RecurrentTrace _trace;
    private RecurrentWeightGradient<TCell> _weights;
    private byte* _panels, _counters, _biases, _positions, _gates;

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
        VectorRegion.For(pool, shape.Type, groups, 1, new PackTransposed<TCell> { Shape = shape, From = trace.RecurrentWeight, To = workspace });

        var body = new RecurrentBackward<TCell> { _shape = shape, _cell = cell, _trace = trace, _panels = workspace };
        body._counters = workspace + shape.PanelBytes(shape.Inner);
        body._positions = body._counters + shape.CounterBytes;
        body._gates = body._positions + PositionBytes(shape);
        byte* sums = body._gates + GateBytes(shape);
        body._weights = new RecurrentWeightGradient<TCell>(shape, sums, trace.ByInputWeight, trace.ByRecurrentWeight);
        body._biases = sums + RecurrentWeightGradient<TCell>.Bytes(shape);
        new Span<byte>(body._counters, (int)shape.CounterBytes).Clear();
        new Span<byte>(body._biases, shape.Chains * trace.Biases * size).Clear();
        VectorRegion.For(pool, shape.Type, shape.Units, 1, body);
        VectorRegion.For(pool, shape.Type, groups, 1, body._weights);
        VectorRegion.For(pool, shape.Type, 1, 1, new AddChains { From = body._biases, To = trace.ByBias, Chains = shape.Chains, Count = trace.Biases });
    }

    /// <summary>Bytes of working memory.</summary>
    public static long Workspace(RecurrentShape shape, int biases) =>
        shape.PanelBytes(shape.Inner) + shape.CounterBytes + PositionBytes(shape) + GateBytes(shape)
        + RecurrentWeightGradient<TCell>.Bytes(shape) + (long)shape.Chains * biases * shape.Type.Size;

    // [state | input] of the steps that are being summed up, by any thread, and of those that follow meanwhile; gates' gradients
    // are summed up by the thread that writes them next.
    private static nint PositionBytes(RecurrentShape shape) =>
        2 * shape.Chains * RecurrentWeightGradient<TCell>.StepsOf(shape) * (shape.Rows * shape.TracePitch);

    private static nint GateBytes(RecurrentShape shape) =>
        shape.Chains * RecurrentWeightGradient<TCell>.StepsOf(shape) * new GateBlocks(shape.Rows, shape.Hidden, TCell.Products).Step * shape.Type.Size;

    private readonly byte* PositionsOf(int chain, int done)
    {
        int slots = 2 * RecurrentWeightGradient<TCell>.StepsOf(_shape);
        return _positions + ((nint)chain * slots + done % slots) * (_shape.Rows * _shape.TracePitch);
    }

    private readonly byte* GatesOf(int chain) => _gates + GateBytes(_shape) / _shape.Chains * chain;

    // Where the gates' gradients of some rows and units at a step are kept until they are summed up.
    private readonly byte* GatesAt(int chain, int done, int row, int unit)
    {
        var blocks = new GateBlocks(_shape.Rows, _shape.Hidden, TCell.Products);
        return GatesOf(chain) + blocks.At(row, done % RecurrentWeightGradient<TCell>.StepsOf(_shape), unit) * _shape.Type.Size;
    }

    public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
    {
        byte* tile = stackalloc byte[RecurrentTile.MostRows * 2 * 64 + 64];
        tile = (byte*)((nint)(tile + 63) & ~63);
        for (int unit = begin; unit < end; unit++)
        {
            int chain = _shape.ChainOf(unit);
            // One step more than there are: to the first state.
            var tickets = new StepTickets((int*)(_counters + (nint)chain * StepTickets.Bytes), _shape.Steps + 1, _shape.Blocks, _shape.HomeOf(unit));
            try
            {
                while (tickets.Next(out int done, out int block))
                {
                    Step<V>(chain, done, block, tile);
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

    private readonly void Step<V>(int chain, int done, int block, byte* tile) where V : struct, ILanes<V>
    {
        int width = 2 * V.Count, rows = _shape.RowsOf(chain), first = chain * _shape.Rows, step = _shape.Steps - 1 - done;
        nint panelPitch = (nint)_shape.Inner * width * V.Size, piece = new GateBlocks(_shape.Rows, _shape.Hidden, TCell.Products).Piece * V.Size;
        // A tile that has more rows than there are reads what follows, for results that nobody takes.
        var runs = new RowRuns(_shape.Hidden, GateBlocks.Units, _shape.Inner / _shape.Hidden, piece, TCell.Products * piece);
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
                if (done > 0) RecurrentTile.Multiply<V>(GatesAt(chain, done - 1, row, 0), GateBlocks.Units * V.Size, runs, _panels + group * panelPitch,
                    false, tile, take);
                else new Span<byte>(tile, take * width * V.Size).Clear();
                if (step < 0) Begin<V>(first + row, Math.Min(take, rows - row), group * width, tile);
                else if ((group + 1) * width <= _shape.Hidden) Finish<V, TwoVectors>(chain, done, row, Math.Min(take, rows - row), group * width, tile);
                else Finish<V, OneAndPart>(chain, done, row, Math.Min(take, rows - row), group * width, tile);
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
            Prefetch.Lines(_trace.By + place, bytes);
            if (step > 0) Prefetch.Lines(_trace.Y + place - hidden, bytes);
        }
    }

    [MethodImpl(Jit.Kernel)]
    private readonly void Finish<V, TColumns>(int chain, int done, int from, int rows, int unit, byte* tile) where V : struct, ILanes<V>
        where TColumns : struct, IColumns
    {
        int columns = TColumns.Whole ? 2 * V.Count : _shape.Hidden - unit, step = _shape.Steps - 1 - done, row = chain * _shape.Rows + from;
        nint hidden = (nint)_shape.Hidden * V.Size, apart = new GateBlocks(_shape.Rows, _shape.Hidden, TCell.Products).Piece * V.Size;
        byte* position = PositionsOf(chain, done) + from * _shape.TracePitch;
        byte* gates = GatesAt(chain, done, from, unit);
        byte* sums = _biases + (nint)chain * _trace.Biases * V.Size;
        for (int end = row + rows; row < end; row++, tile += 2 * V.Count * V.Size, position += _shape.TracePitch, gates += GateBlocks.Units * V.Size)
        {
            nint place = ((nint)row * _shape.Steps + step) * hidden;
            byte* before = step > 0 ? _trace.Y + place - hidden : _trace.Initial + row * hidden;
            for (int j = 0; j < columns; j += V.Count)
            {
                int count = TColumns.Whole ? V.Count : Math.Min(V.Count, columns - j);
                nint at = (nint)(unit + j) * V.Size;
                V state = Lanes.Load<V>(before + at, count);
                Lanes.Store(state, position + at, count);
                V gradient = V.Load(tile + j * V.Size) + Lanes.Load<V>(_trace.By + place + at, count);
                _cell.Back(gradient, state, row, step, unit + j, count, done == 0, gates + j * V.Size, apart, hidden, sums + at);
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
    private struct AddChains : IVectorRegion
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

/// <summary>
/// Packs transposed recurrent weights: for each group of hidden units, a panel with a row for each of their gates' columns, in the
/// order in which the gates' gradients lie as <see cref="GateBlocks"/>.
/// </summary>
internal unsafe struct PackTransposed<TCell> : IVectorRegion where TCell : struct, IBackwardCell
{
    public RecurrentShape Shape;
    public byte* From, To;

    public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
    {
        int width = 2 * V.Count, pieces = Shape.Inner / Shape.Hidden;
        for (int group = begin; group < end; group++)
        {
            byte* to = To + (nint)group * Shape.Inner * width * V.Size;
            for (int unit = 0; unit < Shape.Hidden; unit += GateBlocks.Units)
                for (int piece = 0, rows = Math.Min(GateBlocks.Units, Shape.Hidden - unit); piece < pieces; piece++, to += (nint)rows * width * V.Size)
                    Copy<V>(group * width, TCell.Product(piece).Gate * Shape.Hidden + unit, rows, to);
        }
    }

    // Some of the gates' columns, for a group's units.
    private readonly void Copy<V>(int first, int column, int rows, byte* to) where V : struct, ILanes<V>
    {
        int width = 2 * V.Count, units = Math.Min(width, Shape.Hidden - first);
        byte* from = From + ((nint)first * Shape.Inner + column) * V.Size;
        if (V.Size == sizeof(float))
        {
            new PackColumns<V>((float*)from, 1, Shape.Inner, rows, units, (float*)to).Run(0, 1);
            return;
        }
        for (int k = 0; k < rows; k++, from += V.Size)
            for (int j = 0; j < width; j++, to += V.Size)
                V.StorePart(j < units ? V.LoadOne(from + (nint)j * Shape.Inner * V.Size) : V.Of(0), to, 1);
    }
}
