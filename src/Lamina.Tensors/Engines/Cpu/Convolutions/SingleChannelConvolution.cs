using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;

namespace Lamina.Tensors.Engines.Cpu.Convolutions;

/// <summary>
/// A convolution from one channel to a few, where pixels fill vectors and channels don't: a vector of neighbouring pixels
/// times one weight, for each tap and channel; the results are interleaved at the end. The sums have the order and the bits
/// of <see cref="PixelProduct{V}"/>. A unit is some rows of an image.
/// </summary>
internal readonly unsafe struct SingleChannelProduct<V>(PixelGrid grid, int* taps, int depth, float* w, int channels, float* y, BlockEpilogue? epilogue,
    RowEpilogue rowEpilogue) : IRegion
    where V : struct, ILanes<V>
{
    private const int FewChannels = ChannelPlanes.MostChannels, WindowSlot = 1, WeightSlot = 0;

    private int UnitRows => grid.RowsOfUnit((long)depth * channels, 2 * Gemm.SerialWork, 1);
    private int UnitsOfImage => (grid.Rows + UnitRows - 1) / UnitRows;

    /// <summary>By the shape alone: rows as long as a vector, channels that would fill half of one at most.</summary>
    public static bool Suits(in ConvShape s) => s is { InChannels: 1, Groups: 1, StrideW: 1, OutChannels: <= FewChannels } && 2 * s.OutChannels <= V.Count
        && s.OutWidth >= V.Count;

    /// <param name="pool">The threads.</param>
    /// <param name="images">Images.</param>
    public void Run(CpuPool pool, int images)
    {
        SingleChannelProduct<V> self = this;
        pool.For(images * UnitsOfImage, 1, ref self);
    }

    public void Run(int begin, int end)
    {
        float* planes = (float*)Scratch.Get(WeightSlot, (depth + F512.Count) * (long)FewChannels * sizeof(float)), weights = planes + FewChannels * F512.Count;
        // Weights of channels that aren't there are zero.
        new Span<float>(weights, depth * FewChannels).Clear();
        for (int t = 0; t < depth; t++)
            for (int c = 0; c < channels; c++) weights[t * FewChannels + c] = w[t * channels + c];
        for (int unit = begin; unit < end; unit++)
        {
            int image = unit / UnitsOfImage, row = unit % UnitsOfImage * UnitRows, rows = Math.Min(UnitRows, grid.Rows - row);
            float* window = grid.Window(image, row, rows, WindowSlot);
            int first = (image * grid.Rows + row) * grid.Columns;
            float* to = y + (nint)first * channels;
            for (int r = 0; r < rows; r++, to += (nint)grid.Columns * channels)
                // The last vector of a row lies over the one before.
                for (int x = 0; x < grid.Columns; x += V.Count)
                {
                    int at = Math.Min(x, grid.Columns - V.Count);
                    float* pixels = window + (nint)r * grid.StepY * grid.Pitch + at;
                    if (channels <= 4) Pixels<FourRows>(pixels, weights, planes);
                    else if (channels <= 6) Pixels<SixRows>(pixels, weights, planes);
                    else Pixels<EightRows>(pixels, weights, planes);
                    if (!rowEpilogue.IsNone) End(planes);
                    ChannelPlanes.Join(planes, V.Count, channels, V.Count, to + (nint)at * channels, at + V.Count == grid.Columns);
                }
            epilogue?.Finish(first, rows * grid.Columns, 0, channels);
        }
    }

    [MethodImpl(Jit.Kernel)]
    private void End(float* planes)
    {
        for (int c = 0; c < channels; c++, planes += V.Count) V.Store(rowEpilogue.Across<V>(c).Of(V.Load(planes)), planes);
    }

    // planes[channel][pixel]
    [MethodImpl(Jit.Kernel)]
    private void Pixels<R>(float* x, float* weight, float* planes) where R : struct, IRows
    {
        V c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
        int* tap = taps, end = taps + depth;
        for (; tap != end; tap++, weight += FewChannels)
        {
            V v = V.Load(x + *tap);
            c0 = V.FmaOne(weight, v, c0);
            c1 = V.FmaOne(weight + 1, v, c1);
            c2 = V.FmaOne(weight + 2, v, c2);
            c3 = V.FmaOne(weight + 3, v, c3);
            if (R.Count < 6) continue;
            c4 = V.FmaOne(weight + 4, v, c4);
            c5 = V.FmaOne(weight + 5, v, c5);
            if (R.Count < 8) continue;
            c6 = V.FmaOne(weight + 6, v, c6);
            c7 = V.FmaOne(weight + 7, v, c7);
        }
        V.Store(c0, planes);
        V.Store(c1, planes + V.Count);
        V.Store(c2, planes + 2 * V.Count);
        V.Store(c3, planes + 3 * V.Count);
        V.Store(c4, planes + 4 * V.Count);
        V.Store(c5, planes + 5 * V.Count);
        V.Store(c6, planes + 6 * V.Count);
        V.Store(c7, planes + 7 * V.Count);
    }
}
