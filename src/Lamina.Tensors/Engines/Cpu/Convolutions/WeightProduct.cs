using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;

namespace Lamina.Tensors.Engines.Cpu.Convolutions;

/// <summary>
/// The gradient of a convolution's weights: rows are the weights of one output channel (tap and input channel), the sum
/// runs over pixels. Images are summed in a few parts whose number depends on the shape alone; a unit is one part of
/// some rows.
/// </summary>
internal unsafe struct WeightProduct<V> : IRegion where V : struct, ILanes<V>
{
    private const int LongestSlice = 144, MostParts = 8, UnitsAimedAt = 32;
    private const int WindowSlot = 1;

    private readonly ConvShape _shape;
    private readonly PixelGrid _grid;
    private readonly int* _taps, _pixels;
    private readonly float* _dy, _target;
    private readonly int _tileRows, _together, _slice, _blockRows, _rowBlocks;

    /// <param name="shape">The convolution.</param>
    /// <param name="grid">Its pixels over x.</param>
    /// <param name="taps">For each row the distance from a window's corner.</param>
    /// <param name="pixels">For each pixel of the images taken together the distance of its window's corner from the first.</param>
    /// <param name="dy">(batch, out height, out width, out).</param>
    /// <param name="target">dW, or room for all parts.</param>
    public WeightProduct(in ConvShape shape, PixelGrid grid, int* taps, int* pixels, float* dy, float* target)
    {
        (_shape, _grid) = (shape, grid);
        _taps = taps;
        _pixels = pixels;
        _dy = dy;
        _target = target;
        _together = ImagesTogether(shape);
        int pixelsAtOnce = _together * shape.OutPixels, slices = (pixelsAtOnce + LongestSlice - 1) / LongestSlice;
        _slice = (pixelsAtOnce + slices - 1) / slices;
        // Eight rows where there are registers for them, unless the last tile would be mostly empty.
        bool eight = (V.Count == 16 || shape.GroupOut <= V.Count) && 10 * Rounded(shape.Depth, 8) <= 11 * Rounded(shape.Depth, MicroKernel.Rows);
        _tileRows = eight ? 8 : MicroKernel.Rows;
        int blocks = Math.Clamp(UnitsAimedAt / Parts(shape), 1, Math.Max(1, shape.Depth / (4 * _tileRows)));
        _blockRows = Rounded((shape.Depth + blocks - 1) / blocks, _tileRows);
        _rowBlocks = (shape.Depth + _blockRows - 1) / _blockRows;
    }

    private static int Rounded(int size, int multiple) => (size + multiple - 1) / multiple * multiple;

    /// <summary>Partial sums: by image, few where weights are many.</summary>
    public static int Parts(in ConvShape shape) =>
        (int)Math.Clamp((1 << 22) / Math.Max(1L, (long)shape.Depth * shape.OutChannels), 1, Math.Min(MostParts, shape.Batch));

    /// <summary>Small images are summed several at a time, so that dW is not read and written for a handful of pixels.</summary>
    public static int ImagesTogether(in ConvShape shape) => Math.Clamp(LongestSlice / shape.OutPixels, 1, shape.Batch);

    public readonly int Units => Parts(_shape) * _rowBlocks;

    public void Run(int begin, int end)
    {
        for (int unit = begin; unit < end; unit++)
        {
            int parts = Parts(_shape), part = unit / _rowBlocks, row = unit % _rowBlocks * _blockRows, rows = Math.Min(_blockRows, _shape.Depth - row);
            int first = (int)((long)part * _shape.Batch / parts), after = (int)((long)(part + 1) * _shape.Batch / parts);
            float* target = _target + (nint)part * _shape.Depth * _shape.OutChannels;
            for (int image = first; image < after; image += _together)
            {
                int images = Math.Min(_together, after - image), pixels = images * _shape.OutPixels;
                float* window = _grid.Windows(image, images, WindowSlot);
                for (int pixel = 0; pixel < pixels; pixel += _slice)
                    for (int group = 0; group < _shape.Groups; group++)
                        Rows(
                            window + group * _shape.GroupIn, image, pixel, Math.Min(_slice, pixels - pixel), group,
                            target + group * _shape.GroupOut, row, rows, image > first || pixel > 0);
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    private void Rows(float* window, int image, int pixel, int depth, int group, float* target, int row, int rows, bool accumulate)
    {
        int columns = _shape.GroupOut;
        float* dy = _dy + ((nint)image * _shape.OutPixels + pixel) * _shape.OutChannels + group * columns;
        float** a = stackalloc float*[2 * MicroKernel.MostRows], c = a + MicroKernel.MostRows;
        for (int i = row; i < row + rows; i += _tileRows)
        {
            int tile = Math.Min(_tileRows, row + rows - i);
            for (int r = 0; r < _tileRows; r++)
            {
                int at = i + Math.Min(r, tile - 1);
                a[r] = window + _taps[at];
                c[r] = target + (nint)at * _shape.OutChannels;
            }
            for (int j = 0; j < columns; j += 2 * V.Count)
                if (_tileRows == 8)
                    MicroKernel.Run<V, TableWalk, EightRows>(
                        a, (nint)(_pixels + pixel), sizeof(int), depth, dy + j, _shape.OutChannels, c, j, tile, Math.Min(2 * V.Count, columns - j), accumulate);
                else
                    MicroKernel.Run<V, TableWalk>(
                        a, (nint)(_pixels + pixel), sizeof(int), depth, dy + j, _shape.OutChannels, c, j, tile, Math.Min(2 * V.Count, columns - j), accumulate);
        }
    }
}
