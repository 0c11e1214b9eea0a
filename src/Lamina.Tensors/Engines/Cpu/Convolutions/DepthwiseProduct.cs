using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;

namespace Lamina.Tensors.Engines.Cpu.Convolutions;

/// <summary>
/// A convolution in which each channel sees itself alone: lanes are channels, four pixels side by side share the loads
/// of the weights. A unit is some rows of an image's grid.
/// </summary>
internal unsafe struct DepthwiseProduct<V> : IRegion where V : struct, ILanes<V>
{
    private const int WindowSlot = 1;

    private readonly PixelGrid _grid;
    private readonly int* _spots;
    private readonly float* _weights, _result;
    private readonly int _count, _unitRows;
    private readonly nint _image, _row, _pixel;
    private readonly BlockEpilogue? _epilogue;

    /// <param name="grid">Result pixels and what they see.</param>
    /// <param name="spots">For each tap its distance from a window's corner, and of its weights from the first.</param>
    /// <param name="count">Taps.</param>
    /// <param name="weights">A row of channels for each tap.</param>
    /// <param name="result">The first pixel's result.</param>
    /// <param name="strides">From one result to the next, by image, row and pixel.</param>
    /// <param name="epilogue">What follows on finished rows; only where the grid is the whole result.</param>
    public DepthwiseProduct(PixelGrid grid, int* spots, int count, float* weights, float* result, (nint Image, nint Row, nint Pixel) strides,
        BlockEpilogue? epilogue)
    {
        (_grid, _count, _epilogue) = (grid, count, epilogue);
        _spots = spots;
        _weights = weights;
        _result = result;
        (_image, _row, _pixel) = strides;
        _unitRows = grid.RowsOfUnit((long)count * grid.Channels * 4, 4 * Gemm.SerialWork, 1);
    }

    public readonly int UnitsOfImage => (_grid.Rows + _unitRows - 1) / _unitRows;

    public void Run(int begin, int end)
    {
        nint down = (nint)_grid.StepY * _grid.Pitch * _grid.Channels, right = (nint)_grid.StepX * _grid.Channels;
        for (int unit = begin; unit < end; unit++)
        {
            int image = unit / UnitsOfImage, row = unit % UnitsOfImage * _unitRows, rows = Math.Min(_unitRows, _grid.Rows - row);
            float* window = _grid.Window(image, row, rows, WindowSlot), result = _result + image * _image + row * _row;
            for (int y = 0; y < rows; y++)
            {
                for (int x = 0; x < _grid.Columns; x += 4)
                {
                    // Past the edge the last pixel is computed again, into the same place.
                    int last = Math.Min(3, _grid.Columns - 1 - x);
                    Pixels(window + y * down + x * right, right, result + y * _row + x * _pixel, Math.Min(1, last), Math.Min(2, last), last);
                }
                _epilogue?.Finish((image * _grid.Rows + row + y) * _grid.Columns, _grid.Columns, 0, _grid.Channels);
            }
        }
    }

    [MethodImpl(Jit.Kernel)]
    private readonly void Pixels(float* window, nint right, float* to, int second, int third, int fourth)
    {
        float* w1 = window + second * right, w2 = window + third * right, w3 = window + fourth * right;
        for (int c = 0; c < _grid.Channels; c += V.Count)
        {
            int lanes = Math.Min(V.Count, _grid.Channels - c);
            V s0 = default, s1 = default, s2 = default, s3 = default;
            for (int t = 0; t < _count; t++)
            {
                nint spot = _spots[2 * t] + c;
                float* weights = _weights + _spots[2 * t + 1] + c;
                if (lanes == V.Count)
                {
                    V w = V.Load(weights);
                    s0 = V.Fma(V.Load(window + spot), w, s0);
                    s1 = V.Fma(V.Load(w1 + spot), w, s1);
                    s2 = V.Fma(V.Load(w2 + spot), w, s2);
                    s3 = V.Fma(V.Load(w3 + spot), w, s3);
                }
                else
                {
                    V w = V.LoadPart(weights, lanes);
                    s0 = V.Fma(V.LoadPart(window + spot, lanes), w, s0);
                    s1 = V.Fma(V.LoadPart(w1 + spot, lanes), w, s1);
                    s2 = V.Fma(V.LoadPart(w2 + spot, lanes), w, s2);
                    s3 = V.Fma(V.LoadPart(w3 + spot, lanes), w, s3);
                }
            }
            Store(s0, to + c, lanes);
            Store(s1, to + second * _pixel + c, lanes);
            Store(s2, to + third * _pixel + c, lanes);
            Store(s3, to + fourth * _pixel + c, lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(V value, float* to, int lanes)
    {
        if (lanes == V.Count) V.Store(value, to);
        else V.StorePart(value, to, lanes);
    }
}

/// <summary>
/// The gradient of depthwise weights. A unit is some rows of y over all images, their number fixed by the shape; its sums
/// go to a place of their own. Row by row, so that x and dY stay in the cache for all taps.
/// </summary>
internal readonly unsafe struct DepthwiseWeights<V>(ConvShape shape, float* x, float* dy, float* room) : IRegion where V : struct, ILanes<V>
{
    public static int Parts(in ConvShape shape) =>
        (int)Math.Clamp((long)shape.Batch * shape.OutPixels * shape.OutChannels * shape.KernelHeight * shape.KernelWidth / 200_000, 1,
            Math.Min(32, shape.Batch * shape.OutHeight));

    public void Run(int begin, int end)
    {
        int parts = Parts(shape), taps = shape.KernelHeight * shape.KernelWidth, channels = shape.InChannels;
        long lines = (long)shape.Batch * shape.OutHeight;
        for (int part = begin; part < end; part++)
        {
            float* sums = room + (nint)part * taps * channels;
            new Span<float>(sums, taps * channels).Clear();
            for (int line = (int)(part * lines / parts); line < (int)((part + 1) * lines / parts); line++)
                for (int tap = 0; tap < taps; tap++)
                {
                    int top = line % shape.OutHeight * shape.StrideH + tap / shape.KernelWidth * shape.DilationH - shape.PadTop;
                    int left = tap % shape.KernelWidth * shape.DilationW - shape.PadLeft;
                    if (top < 0 || top >= shape.Height || left >= shape.Width) continue;
                    // The outputs whose window has this tap inside the image.
                    int first = left >= 0 ? 0 : (-left + shape.StrideW - 1) / shape.StrideW;
                    int count = Math.Min(shape.OutWidth, (shape.Width - 1 - left) / shape.StrideW + 1) - first;
                    float* from = x + ((nint)(line / shape.OutHeight * shape.Height + top) * shape.Width + first * shape.StrideW + left) * channels;
                    Add(from, (nint)shape.StrideW * channels, dy + ((nint)line * shape.OutWidth + first) * channels, channels, count, sums + tap * channels);
                }
        }
    }

    /// <summary>Adds the products of a row of pixels, four vectors of channels at a time.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void Add(float* x, nint right, float* dy, int channels, int count, float* sums)
    {
        int c = 0;
        for (; c + 4 * V.Count <= channels; c += 4 * V.Count)
        {
            V s0 = default, s1 = default, s2 = default, s3 = default;
            float* a = x + c, b = dy + c;
            for (int i = 0; i < count; i++, a += right, b += channels)
            {
                s0 = V.Fma(V.Load(a), V.Load(b), s0);
                s1 = V.Fma(V.Load(a + V.Count), V.Load(b + V.Count), s1);
                s2 = V.Fma(V.Load(a + 2 * V.Count), V.Load(b + 2 * V.Count), s2);
                s3 = V.Fma(V.Load(a + 3 * V.Count), V.Load(b + 3 * V.Count), s3);
            }
            V.Store(V.Load(sums + c) + s0, sums + c);
            V.Store(V.Load(sums + c + V.Count) + s1, sums + c + V.Count);
            V.Store(V.Load(sums + c + 2 * V.Count) + s2, sums + c + 2 * V.Count);
            V.Store(V.Load(sums + c + 3 * V.Count) + s3, sums + c + 3 * V.Count);
        }
        for (; c < channels; c += V.Count)
        {
            int lanes = Math.Min(V.Count, channels - c);
            V s = default;
            float* a = x + c, b = dy + c;
            for (int i = 0; i < count; i++, a += right, b += channels)
                s = lanes == V.Count ? V.Fma(V.Load(a), V.Load(b), s) : V.Fma(V.LoadPart(a, lanes), V.LoadPart(b, lanes), s);
            if (lanes == V.Count) V.Store(V.Load(sums + c) + s, sums + c);
            else V.StorePart(V.LoadPart(sums + c, lanes) + s, sums + c, lanes);
        }
    }
}
