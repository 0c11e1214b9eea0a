using System.Runtime.CompilerServices;

namespace Lamina.Tensors.Engines.Cpu;

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
    public DepthwiseProduct(PixelGrid grid, int* spots, int count, float* weights, float* result, (nint Image, nint Row, nint Pixel) strides, BlockEpilogue? epilogue)
    {
        (_grid, _count, _epilogue) = (grid, count, epilogue);
        _spots = spots;
        _weights = weights;
        _result = result;
        (_image, _row, _pixel) = strides;
        _unitRows = grid.RowsOfUnit((long)count * grid.Channels * 4, 4 * Gemm.SerialWork);
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

/// <summary>The gradient of depthwise weights: for a tap and a vector of channels a sum over all pixels, row sums first. That is a unit.</summary>
internal readonly unsafe struct DepthwiseWeights<V>(ConvShape shape, float* x, float* dy, float* dw) : IRegion where V : struct, ILanes<V>
{
    private int Vectors => (shape.InChannels + V.Count - 1) / V.Count;

    public int Units => shape.KernelHeight * shape.KernelWidth * Vectors;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int begin, int end)
    {
        int channels = shape.InChannels;
        for (int unit = begin; unit < end; unit++)
        {
            int c = unit % Vectors * V.Count, tap = unit / Vectors, lanes = Math.Min(V.Count, channels - c);
            int top = tap / shape.KernelWidth * shape.DilationH - shape.PadTop, left = tap % shape.KernelWidth * shape.DilationW - shape.PadLeft;
            // The outputs whose window has this tap inside the picture.
            int first = left >= 0 ? 0 : (-left + shape.StrideW - 1) / shape.StrideW, after = Math.Min(shape.OutWidth, (shape.Width - 1 - left + shape.StrideW) / shape.StrideW);
            V sum = default;
            for (int row = 0; row < shape.Batch * shape.OutHeight; row++)
            {
                int line = row % shape.OutHeight * shape.StrideH + top;
                if (line < 0 || line >= shape.Height || left >= shape.Width) continue;
                float* from = x + ((nint)(row / shape.OutHeight * shape.Height + line) * shape.Width + first * shape.StrideW + left) * channels + c;
                float* grad = dy + ((nint)row * shape.OutWidth + first) * channels + c;
                V part = default;
                for (int i = first; i < after; i++, from += (nint)shape.StrideW * channels, grad += channels)
                    part = lanes == V.Count ? V.Fma(V.Load(from), V.Load(grad), part) : V.Fma(V.LoadPart(from, lanes), V.LoadPart(grad, lanes), part);
                sum += part;
            }
            if (lanes == V.Count) V.Store(sum, dw + tap * channels + c);
            else V.StorePart(sum, dw + tap * channels + c, lanes);
        }
    }
}
