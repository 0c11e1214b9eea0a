using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;

namespace Lamina.Tensors.Engines.Cpu.Convolutions;

/// <summary>
/// A convolution as a product without im2col: rows are pixels, and a table says where each term of the sum lies as seen
/// from a pixel. A unit is some rows of an image's grid.
/// </summary>
internal unsafe struct PixelProduct<V> : IRegion where V : struct, ILanes<V>
{
    /// <summary>The longest slice of the sum: longer ones push the pixels out of L1.</summary>
    private const int LongestSlice = 640;
    /// <summary>Floats of a slice of weights that may wait in L2.</summary>
    private const int SliceOfWeights = 65_536;
    /// <summary>A unit reads all its columns' weights: this many pixels, if the image has them, pay for that.</summary>
    private const int PixelsOfUnit = 60;
    private const int WindowSlot = 1, UnitsAimedAt = 16;

    private readonly PixelGrid _grid;
    private readonly int* _taps;
    private readonly float* _weights, _result;
    private readonly int _tileRows, _depth, _slice, _blockColumns, _groups, _groupIn, _groupOut, _unitRows, _rowUnits, _unitColumns, _columnUnits;
    private readonly nint _ldb, _panelStride, _groupWeights, _image, _row, _pixel;
    private readonly BlockEpilogue? _epilogue;
    private readonly RowEpilogue _rowEpilogue;

    /// <param name="images">Images.</param>
    /// <param name="grid">Result pixels and what they see.</param>
    /// <param name="taps">For each term of the sum the distance from a window's corner, in elements.</param>
    /// <param name="depth">Terms of the sum.</param>
    /// <param name="weights">(depth, group out) for each group.</param>
    /// <param name="ldb">From one term's weights to the next.</param>
    /// <param name="panelStride">From one panel of columns to the next.</param>
    /// <param name="groupWeights">From one group's weights to the next.</param>
    /// <param name="channels">Groups, and the channels of each in source and result.</param>
    /// <param name="result">The first pixel's result.</param>
    /// <param name="strides">From one result to the next, by image, row and pixel.</param>
    /// <param name="epilogue">What follows on finished pixels; only where the grid is the whole result.</param>
    public PixelProduct(
        int images, PixelGrid grid, int* taps, int depth, float* weights, nint ldb, nint panelStride, nint groupWeights,
        (int Groups, int In, int Out) channels, float* result, (nint Image, nint Row, nint Pixel) strides, BlockEpilogue? epilogue)
    {
        (_grid, _depth) = (grid, depth);
        _epilogue = epilogue?.Take(out _rowEpilogue);
        _taps = taps;
        _weights = weights;
        _result = result;
        (_ldb, _panelStride, _groupWeights) = (ldb, panelStride, groupWeights);
        (_groups, _groupIn, _groupOut) = channels;
        (_image, _row, _pixel) = strides;
        _tileRows = V.Count == 16 || _groupOut <= V.Count ? 8 : MicroKernel.Rows;
        int slices = Math.Max(1, (depth + LongestSlice - 1) / LongestSlice), panel = 2 * V.Count;
        _slice = Math.Max(1, (depth + slices - 1) / slices);
        _blockColumns = Math.Max(panel, SliceOfWeights / _slice / panel * panel);
        _unitRows = grid.RowsOfUnit((long)depth * _groupOut * _groups, 4 * Gemm.SerialWork, PixelsOfUnit);
        _rowUnits = (grid.Rows + _unitRows - 1) / _unitRows;
        // Few images, many channels: columns go to units of their own.
        int columns = Math.Clamp(UnitsAimedAt / (images * _rowUnits), 1, Math.Max(1, _groupOut / panel));
        _unitColumns = ((_groupOut + columns - 1) / columns + panel - 1) / panel * panel;
        _columnUnits = (_groupOut + _unitColumns - 1) / _unitColumns;
        Units = images * _rowUnits * _columnUnits;
    }

    public int Units { get; }

    /// <summary>Units that make a chunk worth a thread.</summary>
    public readonly int Grain => (int)Math.Clamp(Gemm.SerialWork / Math.Max(1,
        (long)_depth * Math.Min(_unitColumns, _groupOut) * _groups * _unitRows * _grid.Columns), 1, 1024);

    public void Run(int begin, int end)
    {
        for (int unit = begin; unit < end; unit++)
        {
            int first = unit % _columnUnits * _unitColumns, block = unit / _columnUnits;
            int image = block / _rowUnits, row = block % _rowUnits * _unitRows, rows = Math.Min(_unitRows, _grid.Rows - row);
            int after = Math.Min(_groupOut, first + _unitColumns);
            float* window = _grid.Window(image, row, rows, WindowSlot);
            for (int group = 0; group < _groups; group++)
                for (int k = 0; k == 0 || k < _depth; k += _slice)
                    for (int column = first; column < after; column += _blockColumns)
                        Tiles(window, image, row, rows, group, k, column, Math.Min(_blockColumns, after - column));
        }
    }

    /// <summary>All pixels of the unit, tile by tile, against one slice of some columns' weights.</summary>
    private void Tiles(float* window, int image, int row, int rows, int group, int k, int column, int columns)
    {
        int depth = Math.Min(_slice, _depth - k), pixels = rows * _grid.Columns, finished = 0;
        bool last = k + depth >= _depth;
        nint down = (nint)_grid.StepY * _grid.Pitch * _grid.Channels, right = (nint)_grid.StepX * _grid.Channels;
        float* weights = _weights + group * _groupWeights + column / (2 * V.Count) * _panelStride + k * _ldb;
        float* result = _result + image * _image + row * _row + group * _groupOut + column;
        window += group * _groupIn;
        RowEpilogue rowEpilogue = _rowEpilogue.From(group * _groupOut + column);
        RowEpilogue* end = last && !rowEpilogue.IsNone ? &rowEpilogue : null;
        float** a = stackalloc float*[2 * MicroKernel.MostRows], c = a + MicroKernel.MostRows;
        for (int p = 0, y = 0, x = 0; p < pixels; p += _tileRows)
        {
            int tile = Math.Min(_tileRows, pixels - p);
            for (int r = 0; r < _tileRows; r++)
            {
                a[r] = window + y * down + x * right;
                c[r] = result + y * _row + x * _pixel;
                if (r < tile - 1 || tile == _tileRows)
                    if (++x == _grid.Columns) (x, y) = (0, y + 1);
            }
            Panels(a, _taps + k, depth, weights, c, tile, columns, k > 0, end);
            if (last && _epilogue is not null && (p + tile == pixels || (p + tile - finished) * columns >= 2048))
            {
                _epilogue.Finish((image * _grid.Rows + row) * _grid.Columns + finished, p + tile - finished, group * _groupOut + column, columns);
                finished = p + tile;
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    private readonly void Panels(float** a, int* taps, int depth, float* weights, float** c, int rows, int columns, bool accumulate, RowEpilogue* end)
    {
        for (int j = 0; j < columns; j += 2 * V.Count, weights += _panelStride)
            if (_tileRows == 8) MicroKernel.Run<V, TableWalk, EightRows>(a, (nint)taps, sizeof(int), depth, weights, _ldb, c, j, rows,
                Math.Min(2 * V.Count, columns - j), accumulate, end);
            else MicroKernel.Run<V, TableWalk>(a, (nint)taps, sizeof(int), depth, weights, _ldb, c, j, rows, Math.Min(2 * V.Count, columns - j), accumulate,
                end);
    }
}
