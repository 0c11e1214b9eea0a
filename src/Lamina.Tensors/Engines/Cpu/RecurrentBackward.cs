using System.Runtime.CompilerServices;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu;

/// <summary>Some hidden units of one row at one step, as the backward pass sees them.</summary>
/// <param name="Row">The row of the batch.</param>
/// <param name="Place">row · steps + step.</param>
/// <param name="Unit">The first hidden unit.</param>
/// <param name="Count">So many units, a vector or less.</param>
/// <param name="IsFirst">Whether this is the first step of the sequence.</param>
/// <param name="IsLast">Whether this is the last step, with which the pass begins: nothing is carried over yet.</param>
internal readonly record struct CellPlace(nint Row, nint Place, int Unit, int Count, bool IsFirst, bool IsLast);

/// <summary>The gradient of a recurrent cell at a step.</summary>
internal unsafe interface IBackwardCell
{
    /// <summary>
    /// From the gradient by the new state, the gradients by all that the gates' functions are taken of: written to the
    /// results, added to the biases' <paramref name="sums"/>, and those that go through the recurrent weights
    /// <paramref name="to"/> where the step before takes them from, a gate every <paramref name="apart"/> bytes.
    /// </summary>
    void Back<V>(V gradient, V before, in CellPlace place, byte* to, nint apart, byte* sums) where V : struct, ILanes<V>;
}

/// <summary>
/// Takes gradients back through the steps of a recurrent cell: at each, the product of the gates' gradients at the step
/// after with the transposed recurrent weights, which are packed once; the gates follow while a tile is in the first cache.
/// </summary>
internal unsafe struct RecurrentBackward<TCell> : IWide where TCell : struct, IBackwardCell
{
    private RecurrentShape _shape;
    private TCell _cell;
    private RecurrentTrace _trace;
    private int _sums;
    private byte* _panels, _states, _counters, _biases;

    /// <summary>
    /// Runs the cell back through all steps. The bias gradients, <paramref name="sums"/> values side by side, are added up
    /// chain by chain to <paramref name="bias"/>.
    /// </summary>
    public static void Run(CpuPool pool, RecurrentShape shape, TCell cell, RecurrentTrace trace, byte* recurrentWeight, int sums, byte* bias, byte* workspace)
    {
        if (shape.Batch == 0)
        {
            new Span<byte>(bias, sums * shape.Type.Size).Clear();
            return;
        }
        var pack = new PackTransposed { Shape = shape, From = recurrentWeight, To = workspace };
        Wide.For(pool, shape.Type, shape.Groups(RecurrentShape.Width(shape.Type)), 1, pack);

        byte* states = workspace + shape.PanelBytes(shape.Inner), counters = states + shape.AllStateBytes, biases = counters + shape.CounterBytes;
        new Span<byte>(states, (int)(shape.AllStateBytes + shape.CounterBytes)).Clear();
        new Span<byte>(biases, shape.Chains * sums * shape.Type.Size).Clear();
        Wide.For(pool, shape.Type, shape.Units, 1, new RecurrentBackward<TCell>
        {
            _shape = shape, _cell = cell, _trace = trace, _sums = sums, _panels = workspace, _states = states, _counters = counters, _biases = biases,
        });
        Wide.For(pool, shape.Type, 1, 1, new AddChains { From = biases, To = bias, Chains = shape.Chains, Count = sums });
    }

    /// <summary>Bytes of working memory.</summary>
    public static long Workspace(RecurrentShape shape, int sums) =>
        shape.PanelBytes(shape.Inner) + shape.AllStateBytes + shape.CounterBytes + (long)shape.Chains * sums * shape.Type.Size;

    public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
    {
        byte* tile = stackalloc byte[RecurrentTile.MostRows * 2 * 64 + 64];
        tile = (byte*)((nint)(tile + 63) & ~63);
        for (int unit = begin; unit < end; unit++)
        {
            int chain = unit % _shape.Chains;
            var tickets = new StepTickets((int*)(_counters + (nint)chain * StepTickets.Bytes), _shape.Steps, _shape.Blocks, _shape.HomeOf(unit));
            while (tickets.Next(out int done, out int block))
            {
                Step<V>(chain, done, block, tile);
                tickets.Finish();
            }
        }
    }

    private readonly void Step<V>(int chain, int done, int block, byte* tile) where V : struct, ILanes<V>
    {
        int width = 2 * V.Count, rows = _shape.RowsOf(chain), step = _shape.Steps - 1 - done;
        nint pitch = _shape.Pitch, panelPitch = (nint)_shape.Inner * width * V.Size;
        byte* after = _shape.State(_states, chain, done), to = _shape.State(_states, chain, done + 1);
        for (int group = _shape.GroupOf(block, width); group < _shape.GroupOf(block + 1, width); group++)
            for (int row = 0, take; row < rows; row += take)
            {
                take = RecurrentTile.RowsFor<V>(rows - row);
                // At the last step this is the product of zeros.
                if (done > 0) RecurrentTile.Multiply<V>(after + row * pitch, pitch, _shape.Inner, _panels + group * panelPitch, false, tile, take);
                else new Span<byte>(tile, take * width * V.Size).Clear();
                Finish<V>(chain, step, row, Math.Min(take, rows - row), group * width, tile, to + row * pitch);
            }
    }

    [MethodImpl(Jit.Kernel)]
    private readonly void Finish<V>(int chain, int step, int row, int rows, int unit, byte* tile, byte* to) where V : struct, ILanes<V>
    {
        int first = chain * _shape.Rows + row, columns = Math.Min(2 * V.Count, _shape.Hidden - unit);
        nint hidden = (nint)_shape.Hidden * V.Size;
        byte* sums = _biases + (nint)chain * _sums * V.Size;
        for (int i = 0; i < rows; i++, to += _shape.Pitch)
        {
            nint place = (nint)(first + i) * _shape.Steps + step;
            byte* before = step > 0 ? _trace.Y + (place - 1) * hidden : _trace.Initial + (first + i) * hidden;
            for (int j = 0; j < columns; j += V.Count)
            {
                int count = Math.Min(V.Count, columns - j);
                nint at = (nint)(unit + j) * V.Size;
                V state = Lanes.Load<V>(before + at, count);
                Lanes.Store(state, _trace.Previous + place * hidden + at, count);
                V gradient = V.Load(tile + ((nint)i * 2 * V.Count + j) * V.Size) + Lanes.Load<V>(_trace.By + place * hidden + at, count);
                _cell.Back(gradient, state, new CellPlace(first + i, place, unit + j, count, step == 0, step == _shape.Steps - 1), to + at, hidden, sums + at);
            }
        }
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

/// <summary>What the backward pass of any recurrent cell reads and writes.</summary>
/// <param name="initial">(batch, hidden): the state before the first step.</param>
/// <param name="y">(batch, steps, hidden): the states.</param>
/// <param name="by">The gradient by them.</param>
/// <param name="previous">Gets the state before each step: what the recurrent weight's gradient is a product with.</param>
internal readonly unsafe struct RecurrentTrace(void* initial, void* y, void* by, void* previous)
{
    public readonly byte* Initial = (byte*)initial, Y = (byte*)y, By = (byte*)by, Previous = (byte*)previous;
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
