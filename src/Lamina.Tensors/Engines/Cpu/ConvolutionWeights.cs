using System.Runtime.CompilerServices;

namespace Lamina.Tensors.Engines.Cpu;

/// <summary>
/// The gradient of a convolution's weights: rows are the weights of one output channel (tap and input channel), the sum
/// runs over pixels. Images are summed in a few parts whose number depends on the shape alone; a unit is one part of
/// some rows.
/// </summary>
internal unsafe struct WeightProduct<V> : IRegion where V : struct, ILanes<V>
{
    private const int LongestSlice = 384, MostParts = 8, UnitsAimedAt = 32;
    private const int WindowSlot = 1;

    private readonly ConvShape _shape;
    private readonly PixelGrid _grid;
    private readonly int* _taps, _pixels;
    private readonly float* _dy, _target;
    private readonly int _slice, _blockRows, _rowBlocks;

    /// <param name="shape">The convolution.</param>
    /// <param name="grid">Its pixels over x.</param>
    /// <param name="taps">For each row the distance from a window's corner.</param>
    /// <param name="pixels">For each pixel of an image the distance of its window's corner from the first.</param>
    /// <param name="dy">(batch, out height, out width, out).</param>
    /// <param name="target">dW, or room for all parts.</param>
    public WeightProduct(in ConvShape shape, PixelGrid grid, int* taps, int* pixels, float* dy, float* target)
    {
        (_shape, _grid) = (shape, grid);
        _taps = taps;
        _pixels = pixels;
        _dy = dy;
        _target = target;
        int slices = Math.Max(1, (shape.OutPixels + LongestSlice - 1) / LongestSlice);
        _slice = Math.Max(1, (shape.OutPixels + slices - 1) / slices);
        int blocks = Math.Clamp(UnitsAimedAt / Parts(shape), 1, Math.Max(1, shape.Depth / (4 * MicroKernel.Rows)));
        _blockRows = ((shape.Depth + blocks - 1) / blocks + MicroKernel.Rows - 1) / MicroKernel.Rows * MicroKernel.Rows;
        _rowBlocks = (shape.Depth + _blockRows - 1) / _blockRows;
    }

    /// <summary>Partial sums: by image, few where weights are many.</summary>
    public static int Parts(in ConvShape shape) =>
        (int)Math.Clamp((1 << 22) / Math.Max(1L, (long)shape.Depth * shape.OutChannels), 1, Math.Min(MostParts, shape.Batch));

    public readonly int Units => Parts(_shape) * _rowBlocks;

    public void Run(int begin, int end)
    {
        for (int unit = begin; unit < end; unit++)
        {
            int parts = Parts(_shape), part = unit / _rowBlocks, row = unit % _rowBlocks * _blockRows, rows = Math.Min(_blockRows, _shape.Depth - row);
            int first = (int)((long)part * _shape.Batch / parts), after = (int)((long)(part + 1) * _shape.Batch / parts);
            float* target = _target + (nint)part * _shape.Depth * _shape.OutChannels;
            for (int image = first; image < after; image++)
            {
                float* window = _grid.Window(image, 0, _grid.Rows, WindowSlot);
                for (int pixel = 0; pixel < _shape.OutPixels; pixel += _slice)
                    for (int group = 0; group < _shape.Groups; group++)
                        Rows(window + group * _shape.GroupIn, image, pixel, group, target + group * _shape.GroupOut, row, rows, image > first || pixel > 0);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Rows(float* window, int image, int pixel, int group, float* target, int row, int rows, bool accumulate)
    {
        int depth = Math.Min(_slice, _shape.OutPixels - pixel), columns = _shape.GroupOut;
        float* dy = _dy + ((nint)image * _shape.OutPixels + pixel) * _shape.OutChannels + group * columns;
        float** a = stackalloc float*[2 * MicroKernel.Rows], c = a + MicroKernel.Rows;
        for (int i = row; i < row + rows; i += MicroKernel.Rows)
        {
            int tile = Math.Min(MicroKernel.Rows, row + rows - i);
            for (int r = 0; r < MicroKernel.Rows; r++)
            {
                int at = i + Math.Min(r, tile - 1);
                a[r] = window + _taps[at];
                c[r] = target + (nint)at * _shape.OutChannels;
            }
            for (int j = 0; j < columns; j += 2 * V.Count)
                MicroKernel.Run<V, TableWalk>(
                    a, (nint)(_pixels + pixel), sizeof(int), depth, dy + j, _shape.OutChannels, c, j, tile, Math.Min(2 * V.Count, columns - j), accumulate);
        }
    }
}

/// <summary>Adds partial sums in their order. A unit is a vector of elements.</summary>
internal readonly unsafe struct SumParts<V>(float* parts, int count, int size, float* to) : IRegion where V : struct, ILanes<V>
{
    public int Units => (size + V.Count - 1) / V.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int begin, int end)
    {
        for (int i = begin * V.Count; i < end * V.Count; i += V.Count)
        {
            int lanes = Math.Min(V.Count, size - i);
            V sum = Load(parts + i, lanes);
            for (int p = 1; p < count; p++) sum += Load(parts + (nint)p * size + i, lanes);
            if (lanes == V.Count) V.Store(sum, to + i);
            else V.StorePart(sum, to + i, lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Load(float* from, int lanes) => lanes == V.Count ? V.Load(from) : V.LoadPart(from, lanes);
}
