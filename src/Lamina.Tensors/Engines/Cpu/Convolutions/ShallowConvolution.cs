using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;

namespace Lamina.Tensors.Engines.Cpu.Convolutions;

/// <summary>
/// A convolution whose sums have few terms, such as the first one of a network: setting up the tiles of
/// <see cref="PixelProduct{V}"/> would take longer than they do. Six pixels side by side by one or two vectors of channels;
/// the sums have the same order and bits. A unit is some rows of an image.
/// </summary>
internal readonly unsafe struct ShallowProduct<V>(PixelGrid grid, int* taps, int depth, float* w, int channels, float* y, BlockEpilogue? epilogue,
    RowEpilogue rowEpilogue) : IRegion
    where V : struct, ILanes<V>
{
    private const int PixelsAtOnce = 6, FewTerms = 32, WindowSlot = 1;

    private int UnitRows => grid.RowsOfUnit((long)depth * channels, Gemm.SerialWork, PixelsAtOnce);
    private int UnitsOfImage => (grid.Rows + UnitRows - 1) / UnitRows;

    public static bool Suits(in ConvShape s) => s.Groups == 1 && s.Depth <= FewTerms && s.OutChannels % V.Count == 0 && s.OutWidth >= PixelsAtOnce;

    /// <param name="pool">The threads.</param>
    /// <param name="images">Images.</param>
    public void Run(CpuPool pool, int images)
    {
        ShallowProduct<V> self = this;
        pool.For(images * UnitsOfImage, 1, ref self);
    }

    public void Run(int begin, int end)
    {
        for (int unit = begin; unit < end; unit++)
        {
            int image = unit / UnitsOfImage, row = unit % UnitsOfImage * UnitRows, rows = Math.Min(UnitRows, grid.Rows - row);
            float* window = grid.Window(image, row, rows, WindowSlot);
            int first = (image * grid.Rows + row) * grid.Columns;
            for (int r = 0; r < rows; r++)
            {
                float* x = window + (nint)r * grid.StepY * grid.Pitch * grid.Channels, to = y + ((nint)first + r * grid.Columns) * channels;
                int column = 0;
                for (; column + 2 * V.Count <= channels; column += 2 * V.Count) Row<TwoVectors>(x, column, to);
                if (column < channels) Row<OneVector>(x, column, to);
            }
            epilogue?.Finish(first, rows * grid.Columns, 0, channels);
        }
    }

    [MethodImpl(Jit.Kernel)]
    private void Row<TColumns>(float* x, int column, float* to) where TColumns : struct, IColumns
    {
        nint right = (nint)grid.StepX * grid.Channels;
        int* end = taps + depth;
        for (int p = 0; p < grid.Columns; p += PixelsAtOnce)
        {
            // The last pixels of a row lie over those before.
            int at = Math.Min(p, grid.Columns - PixelsAtOnce);
            float* x0 = x + at * right, x1 = x0 + right, x2 = x1 + right, x3 = x2 + right, x4 = x3 + right, x5 = x4 + right, weight = w + column;
            V a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default;
            V b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default;
            for (int* tap = taps; tap != end; tap++, weight += channels)
            {
                nint k = *tap;
                V first = V.Load(weight);
                if (!TColumns.Two)
                {
                    a0 = V.FmaOne(x0 + k, first, a0);
                    a1 = V.FmaOne(x1 + k, first, a1);
                    a2 = V.FmaOne(x2 + k, first, a2);
                    a3 = V.FmaOne(x3 + k, first, a3);
                    a4 = V.FmaOne(x4 + k, first, a4);
                    a5 = V.FmaOne(x5 + k, first, a5);
                    continue;
                }
                V second = V.Load(weight + V.Count), v = V.LoadOne(x0 + k);
                a0 = V.Fma(v, first, a0);
                b0 = V.Fma(v, second, b0);
                v = V.LoadOne(x1 + k);
                a1 = V.Fma(v, first, a1);
                b1 = V.Fma(v, second, b1);
                v = V.LoadOne(x2 + k);
                a2 = V.Fma(v, first, a2);
                b2 = V.Fma(v, second, b2);
                v = V.LoadOne(x3 + k);
                a3 = V.Fma(v, first, a3);
                b3 = V.Fma(v, second, b3);
                v = V.LoadOne(x4 + k);
                a4 = V.Fma(v, first, a4);
                b4 = V.Fma(v, second, b4);
                v = V.LoadOne(x5 + k);
                a5 = V.Fma(v, first, a5);
                b5 = V.Fma(v, second, b5);
            }
            float* result = to + (nint)at * channels + column;
            RowEpilogueLanes<V> end0 = rowEpilogue.At<V>(column, V.Count), end1 = TColumns.Two ? rowEpilogue.At<V>(column + V.Count, V.Count) : end0;
            Store<TColumns>(result, a0, b0, end0, end1);
            Store<TColumns>(result + channels, a1, b1, end0, end1);
            Store<TColumns>(result + 2 * channels, a2, b2, end0, end1);
            Store<TColumns>(result + 3 * channels, a3, b3, end0, end1);
            Store<TColumns>(result + 4 * channels, a4, b4, end0, end1);
            Store<TColumns>(result + 5 * channels, a5, b5, end0, end1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TColumns>(float* to, V first, V second, in RowEpilogueLanes<V> end0, in RowEpilogueLanes<V> end1)
        where TColumns : struct, IColumns
    {
        V.Store(end0.Of(first), to);
        if (TColumns.Two) V.Store(end1.Of(second), to + V.Count);
    }
}
