using System.Runtime.CompilerServices;

namespace Lamina.Tensors.Engines.Cpu;

/// <summary>
/// The gradients of a recurrent layer's weights once all steps are done: [state | input]ᵀ · gates' gradients, summed over
/// steps and batch, both as the backward pass left them. A unit of work is a group of hidden units, with all of their gates:
/// its part of the result stays in the second cache while slices of positions pass through the first.
/// </summary>
internal unsafe struct RecurrentWeightGradient<TCell> : IWide where TCell : struct, IBackwardCell
{
    /// <summary>Positions of a slice: two vectors of each, and eight values of their [state | input], fill the first cache.</summary>
    private const int SlicePositions = 128;

    public RecurrentShape Shape;
    public byte* States, Gates, Sums, ByInput, ByState;

    /// <summary>Bytes of sums.</summary>
    public static long Workspace(RecurrentShape shape) =>
        shape.PanelBytes(TCell.Products * (Up(shape.Hidden) + Up(shape.Features)));

    // Whole tiles.
    private static int Up(int rows) => (rows + RecurrentTile.MostRows - 1) / RecurrentTile.MostRows * RecurrentTile.MostRows;

    public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
    {
        int width = 2 * V.Count, tile = RecurrentTile.RowsFor<V>(RecurrentTile.MostRows);
        int rows = Math.Max(1, Math.Min(Shape.Batch, SlicePositions)), steps = Math.Max(1, SlicePositions / rows);
        for (int group = begin; group < end; group++)
        {
            byte* sums = Sums + group * (TCell.Products * (nint)(Up(Shape.Hidden) + Up(Shape.Features)) * width * V.Size);
            bool first = true;
            for (int step = 0; step < Shape.Steps; step += steps)
                for (int row = 0; row < Shape.Batch; row += rows, first = false)
                    Slice<V>(group * width, step, Math.Min(steps, Shape.Steps - step), row, Math.Min(rows, Shape.Batch - row), tile, sums, first);
            Deliver<V>(group * width, tile, sums);
        }
    }

    private readonly void Slice<V>(int unit, int step, int steps, int row, int rows, int tile, byte* sums, bool first) where V : struct, ILanes<V>
    {
        var blocks = new GateBlocks(Shape.Batch, Shape.Hidden, TCell.Products);
        nint bytes = (nint)tile * 2 * V.Count * V.Size, pitch = Shape.TracePitch;
        byte* states = States + ((nint)step * Shape.Batch + row) * pitch;
        for (int i = 0; i < TCell.Products; i++)
        {
            CellProduct product = TCell.Product(i);
            byte* gates = Gates + (blocks.At(row, step, unit) + i * blocks.Piece) * V.Size;
            if (product.TakesState)
                for (int k = 0; k < Shape.Hidden; k += tile, sums += bytes)
                    RecurrentTile.Accumulate<V>(states + (nint)k * V.Size, pitch, gates, blocks.Step * V.Size, steps, rows, Shape.Batch, sums, first);
            if (product.TakesInput)
                for (int k = 0; k < Shape.Features; k += tile, sums += bytes)
                    RecurrentTile.Accumulate<V>(states + (nint)(Shape.Hidden + k) * V.Size, pitch, gates, blocks.Step * V.Size, steps, rows, Shape.Batch, sums, first);
        }
    }

    // From tiles to rows of the weights.
    private readonly void Deliver<V>(int unit, int tile, byte* sums) where V : struct, ILanes<V>
    {
        for (int i = 0; i < TCell.Products; i++)
        {
            CellProduct product = TCell.Product(i);
            nint column = (nint)product.Gate * Shape.Hidden + unit;
            if (product.TakesState) sums = Deliver<V>(ByState + column * V.Size, Shape.Hidden, unit, tile, sums);
            if (product.TakesInput) sums = Deliver<V>(ByInput + column * V.Size, Shape.Features, unit, tile, sums);
        }
    }

    private readonly byte* Deliver<V>(byte* to, int rows, int unit, int tile, byte* sums) where V : struct, ILanes<V>
    {
        int width = 2 * V.Count, columns = Math.Min(width, Shape.Hidden - unit);
        for (int row = 0; row < rows; row++)
            for (int j = 0; j < columns; j += V.Count)
                Lanes.Store(V.Load(sums + ((nint)row * width + j) * V.Size), to + ((nint)row * Shape.Inner + j) * V.Size, Math.Min(V.Count, columns - j));
        return sums + (nint)((rows + tile - 1) / tile * tile) * width * V.Size;
    }
}
