using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Epilogues;

/// <summary>
/// Runs an element-wise chain on the blocks of a product's or convolution's result as they are finished. Operand 0 of
/// the chain is that result; the others lie like it, are one row for all rows, or are a scalar.
/// </summary>
internal sealed unsafe class MapEpilogue(MapProgram program) : BlockEpilogue
{
    private readonly View[] _operands = new View[program.Operands];
    private readonly Feed[] _feeds = new Feed[program.Operands];
    private readonly nint[] _targets = new nint[program.Results.Length];
    private readonly int[] _sizes = new int[program.Results.Length];
    private int _columns;
    private ulong _scalars;
    private bool _bound;
    // What the chain begins with that a kernel can do: so many instructions, their rows by touch (0 for none), the value that the product becomes.
    private readonly int[] _rows = new int[(int)EpilogueStep.Rectifies];
    private int _endings, _ended, _endedResult, _begin;
    private bool _rectifies;
    private RowEpilogue _rowEpilogue;

    private enum Feed : byte { Whole, Row, Repeated, Scalar }

    /// <summary>The chain.</summary>
    public MapProgram Program => program;

    /// <summary>Whether an operand of this shape and these strides can be read block by block.</summary>
    public static bool Takes(Shape shape, Strides strides, Shape result) => Classify(new View(null, default, shape, strides), result) is not null;

    /// <summary>
    /// Sets the memory of the operands (the first being the product's result) and of the results, which have the chain's shape. Shapes are those of
    /// the first time.
    /// </summary>
    public void Bind(in View product, ReadOnlySpan<View> operands, ReadOnlySpan<View> results)
    {
        if (!_bound) BindShapes(results[0].Shape, operands);
        _operands[0] = product;
        for (int i = 0; i < operands.Length; i++) _operands[i + 1] = operands[i];
        for (int i = 0; i < results.Length; i++) (_targets[i], _sizes[i]) = ((nint)results[i].Data, results[i].DType.Size);
        // It is done in the product's place: where nothing else reads that, which is where a result lies there, the ended value or one behind it.
        bool ends = _endings > 0 && (_endedResult >= 0 ? _targets[_endedResult] == (nint)product.Data : IsTarget((nint)product.Data));
        _rowEpilogue = ends ? new(Row(EpilogueStep.Subtracts), Row(EpilogueStep.Multiplies), Row(EpilogueStep.Adds), _rectifies) : default;
        _begin = ends ? _endings : 0;
    }

    public override BlockEpilogue? Take(out RowEpilogue rowEpilogue)
    {
        rowEpilogue = _rowEpilogue;
        _rowEpilogue = default;
        return _begin < program.Instructions.Length ? this : null;
    }

    private void BindShapes(Shape shape, ReadOnlySpan<View> operands)
    {
        _columns = shape[^1];
        for (int i = 1; i <= operands.Length; i++)
        {
            _feeds[i] = Classify(operands[i - 1], shape)!.Value;
            if (_feeds[i] != Feed.Repeated || !program.TakesScalar[i]) continue;
            _feeds[i] = Feed.Scalar;
            _scalars |= 1UL << i;
        }
        FindEnding();
        _endedResult = Array.IndexOf(program.Results, _ended);
        _bound = true;
    }

    private float* Row(EpilogueStep touch) => _rows[(int)touch] > 0 ? (float*)_operands[_rows[(int)touch]].Data : null;

    private void FindEnding()
    {
        EpilogueStep last = EpilogueStep.Other;
        foreach (MapInstruction x in program.Instructions)
        {
            EpilogueStep touch = x.Op.EpilogueStep;
            if (touch <= last || x.Types[0] != DType.Float32 || !x.Reads(_ended) || !IsReadOnce(_ended, _endings)) return;
            if (touch != EpilogueStep.Rectifies)
            {
                int row = x.Sources[0] == _ended ? x.Sources[1] : x.Sources[0];
                if (row == _ended || row >= program.Operands || _feeds[row] != Feed.Row || touch == EpilogueStep.Subtracts && x.Sources[0] == row) return;
                _rows[(int)touch] = row;
            }
            _rectifies = touch == EpilogueStep.Rectifies;
            (last, _ended) = (touch, x.First);
            _endings++;
        }
    }

    // Whether an operand is a row that only the ended instructions read.
    private bool IsEnded(int operand)
    {
        for (int i = _begin; i < program.Instructions.Length; i++)
            if (program.Instructions[i].Reads(operand)) return false;
        return true;
    }

    private bool IsTarget(nint address)
    {
        foreach (nint target in _targets)
            if (target == address) return true;
        return false;
    }

    // Whether a value is read by this instruction only, and is no result.
    private bool IsReadOnce(int value, int by)
    {
        for (int i = by + 1; i < program.Instructions.Length; i++)
            if (program.Instructions[i].Reads(value)) return false;
        return Array.IndexOf(program.Results, value) < 0;
    }

    public override void Finish(int row, int rows, int column, int columns)
    {
        if (!_rowEpilogue.IsNone) _rowEpilogue.Run((float*)_operands[0].Data + (nint)row * _columns + column, rows, columns, _columns, column);
        if (_begin == program.Instructions.Length) return;
        byte* scratch = (byte*)Scratch.Get(6, (long)(program.Operands + program.Temporaries) * program.Pitch);
        byte* temporaries = scratch + (long)program.Operands * program.Pitch;
        void** values = stackalloc void*[program.Values];
        fixed (nint* targets = _targets)
        {
            // Whole rows lie behind one another: several make one tile.
            int rowsAtOnce = column == 0 && columns == _columns && columns <= MapKernel.TileSize ? MapKernel.TileSize / columns : 1;
            for (int c = column; c < column + columns; c += MapKernel.TileSize)
            {
                int width = Math.Min(MapKernel.TileSize, column + columns - c);
                Repeat(values, scratch, c, width, Math.Min(rowsAtOnce, rows));
                for (int r = row; r < row + rows; r += rowsAtOnce)
                {
                    int from = r * _columns + c, count = Math.Min(rowsAtOnce, row + rows - r) * width;
                    if (r + rowsAtOnce < row + rows) PrefetchTile((r + rowsAtOnce) * _columns + c, count);
                    for (int i = 0; i < program.Operands; i++)
                        if (_feeds[i] == Feed.Whole) values[i] = (byte*)_operands[i].Data + (nint)from * _operands[i].DType.Size;
                    if (_begin > 0) values[_ended] = values[0];
                    MapKernel.Chain(program, _begin, values, _scalars, (void**)targets, from, count, temporaries);
                }
            }
        }
    }

    /// <summary>Prefetches the next tile's operands and results; the product itself is in the cache.</summary>
    private void PrefetchTile(int from, int count)
    {
        if (!Prefetch.IsSupported) return;
        for (int i = 1; i < program.Operands; i++)
            if (_feeds[i] == Feed.Whole) Prefetch.Elements((byte*)_operands[i].Data, from, count, _operands[i].DType.Size);
        for (int i = 0; i < _targets.Length; i++)
            if (_targets[i] != (nint)_operands[0].Data) Prefetch.Elements((byte*)_targets[i], from, count, _sizes[i]);
    }

    // Rows and scalars are the same for every tile of the block.
    private void Repeat(void** values, byte* scratch, int column, int width, int times)
    {
        for (int i = 1; i < program.Operands; i++)
        {
            if (_feeds[i] == Feed.Whole || _begin > 0 && IsEnded(i)) continue;
            byte* buffer = scratch + (long)i * program.Pitch;
            int size = _operands[i].DType.Size, bytes = width * size;
            if (_feeds[i] == Feed.Row && times == 1) buffer = (byte*)_operands[i].Data + (nint)column * size;
            else if (_feeds[i] == Feed.Scalar) Strided.Fill(_operands[i].Data, size, buffer, Tile.ScalarBytes / size);
            else if (_feeds[i] == Feed.Repeated) Strided.Fill(_operands[i].Data, size, buffer, times * width);
            else
            {
                Unsafe.CopyBlockUnaligned(buffer, (byte*)_operands[i].Data + (nint)column * size, (uint)bytes);
                // What is there is copied behind itself, twice as much each time.
                for (int done = bytes, all = bytes * times; done < all; done *= 2) Unsafe.CopyBlockUnaligned(buffer + done, buffer,
                    (uint)Math.Min(done, all - done));
            }
            values[i] = buffer;
        }
    }

    private static Feed? Classify(in View x, Shape result)
    {
        bool constant = true;
        for (int axis = 0; axis < x.Shape.Rank; axis++) constant &= x.Shape[axis] == 1 || x.Strides[axis] == 0;
        if (constant) return Feed.Repeated;
        if (x.Shape == result && x.Strides.IsCompact(x.Shape)) return Feed.Whole;
        bool isRow = x.Shape.Rank > 0 && x.Shape[^1] == result[^1] && x.Strides[x.Shape.Rank - 1] == 1;
        for (int axis = 0; axis < x.Shape.Rank - 1; axis++) isRow &= x.Shape[axis] == 1 || x.Strides[axis] == 0;
        return isRow ? Feed.Row : null;
    }
}

/// <summary>An op whose kernel can finish its result block by block.</summary>
internal interface ITakesEpilogue
{
    void Run(in CpuCall c, BlockEpilogue epilogue);
}
