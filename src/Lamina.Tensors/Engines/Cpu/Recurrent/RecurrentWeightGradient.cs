using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Recurrent;

/// <summary>
/// The gradients of a recurrent layer's weights, [state | input]ᵀ · gates' gradients, summed up a few steps at a time while
/// what the backward pass left of them is in the cache: written out for all steps it would go to memory and back. Each
/// chain has sums of its own, panels of tiles, which are added up in the end.
/// </summary>
internal readonly unsafe struct RecurrentWeightGradient<TCell>(RecurrentShape shape, byte* sums, byte* byInput, byte* byState) : IVectorRegion
    where TCell : struct, IBackwardCell
{
    // Two vectors of each gate's gradients and eight values of each [state | input] at so many positions fill L1.
    private const int SlicePositions = 128;

    private readonly RecurrentShape _shape = shape;

    /// <summary>Steps that are summed up at once.</summary>
    public static int StepsOf(RecurrentShape shape) => Math.Clamp(SlicePositions / shape.Rows, 1, shape.Steps);

    /// <summary>Bytes of all chains' sums.</summary>
    public static nint Bytes(RecurrentShape shape) => shape.Chains * ChainBytes(shape);

    private static nint ChainBytes(RecurrentShape shape) => shape.PanelBytes(TCell.Products * (nint)(Whole(shape.Hidden) + Whole(shape.Features)));

    // Rows in whole tiles.
    private static int Whole(int rows) => (rows + RecurrentTile.MostRows - 1) / RecurrentTile.MostRows * RecurrentTile.MostRows;

    private byte* Sums<V>(int chain, int group) where V : struct, ILanes<V> =>
        sums + chain * ChainBytes(_shape) + group * (TCell.Products * (nint)(Whole(_shape.Hidden) + Whole(_shape.Features)) * 2 * V.Count * V.Size);

    /// <summary>Adds the products of so many steps to a chain's sums for a group of hidden units, or begins them.</summary>
    public void Add<V>(int chain, int group, byte* states, byte* gates, int steps, bool first) where V : struct, ILanes<V>
    {
        var blocks = new GateBlocks(_shape.Rows, _shape.Hidden, TCell.Products);
        int tile = RecurrentTile.RowsFor<V>(RecurrentTile.MostRows), rows = _shape.RowsOf(chain);
        nint bytes = (nint)tile * 2 * V.Count * V.Size, pitch = _shape.TracePitch, step = blocks.Step * V.Size;
        byte* to = Sums<V>(chain, group), inputs = states + (nint)_shape.Hidden * V.Size;
        gates += blocks.At(0, 0, group * 2 * V.Count) * V.Size;
        for (int i = 0; i < TCell.Products; i++, gates += blocks.Piece * V.Size)
        {
            CellProduct product = TCell.Product(i);
            if (product.TakesState)
                for (int k = 0; k < _shape.Hidden; k += tile, to += bytes)
                    RecurrentTile.Accumulate<V>(states + (nint)k * V.Size, pitch, gates, step, steps, rows, _shape.Rows, to, first);
            if (product.TakesInput)
                for (int k = 0; k < _shape.Features; k += tile, to += bytes)
                    RecurrentTile.Accumulate<V>(inputs + (nint)k * V.Size, pitch, gates, step, steps, rows, _shape.Rows, to, first);
        }
    }

    /// <summary>Adds up the chains' sums of some groups, in order, into the rows of the weights' gradients.</summary>
    public void Run<V>(int begin, int end) where V : struct, ILanes<V>
    {
        for (int group = begin; group < end; group++)
        {
            nint at = 0;
            for (int i = 0; i < TCell.Products; i++)
            {
                CellProduct product = TCell.Product(i);
                nint column = ((nint)product.Gate * _shape.Hidden + group * 2 * V.Count) * V.Size;
                if (product.TakesState) at = Deliver<V>(group, at, _shape.Hidden, byState + column);
                if (product.TakesInput) at = Deliver<V>(group, at, _shape.Features, byInput + column);
            }
        }
    }

    private nint Deliver<V>(int group, nint at, int rows, byte* to) where V : struct, ILanes<V>
    {
        int width = 2 * V.Count, columns = Math.Min(width, _shape.Hidden - group * width), tile = RecurrentTile.RowsFor<V>(RecurrentTile.MostRows);
        byte* from = Sums<V>(0, group) + at;
        for (int row = 0; row < rows; row++, from += width * V.Size, to += (nint)_shape.Inner * V.Size)
            for (int j = 0; j < columns; j += V.Count)
            {
                V sum = V.Load(from + j * V.Size);
                for (int chain = 1; chain < _shape.Chains; chain++) sum += V.Load(from + chain * ChainBytes(_shape) + j * V.Size);
                Lanes.Store(sum, to + j * V.Size, Math.Min(V.Count, columns - j));
            }
        return at + (nint)((rows + tile - 1) / tile * tile) * width * V.Size;
    }
}
