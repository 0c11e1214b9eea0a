using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Windows;

/// <summary>The sizes of a pooling: images (batch, height, width, channels), and the window that moves over them.</summary>
internal struct PoolGeometry
{
    public int Batch, Height, Width, Channels, OutHeight, OutWidth;
    public int KernelHeight, KernelWidth, StrideHeight, StrideWidth, PadTop, PadLeft;

    /// <summary>Whether no two windows share a pixel row.</summary>
    public readonly bool RowsAreApart => StrideHeight >= KernelHeight;

    /// <summary>The window of an output place, cut to the image.</summary>
    public readonly PoolWindow At(int batch, int row, int column)
    {
        int top = row * StrideHeight - PadTop, bottom = Math.Min(top + KernelHeight, Height);
        top = Math.Max(top, 0);
        return Along(column, bottom - top, (nint)(batch * Height + top) * Width, (nint)(batch * OutHeight + row) * OutWidth);
    }

    /// <summary>
    /// The window of an output place, given what all of its row have in common: pixel rows, and the pixels of image and output before the row.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly PoolWindow Along(int column, int rows, nint before, nint outputsBefore)
    {
        int left = column * StrideWidth - PadLeft, right = Math.Min(left + KernelWidth, Width);
        left = Math.Max(left, 0);
        return new PoolWindow { Rows = rows, Columns = right - left, Input = (before + left) * Channels, Output = (outputsBefore + column) * Channels,
            Step = (nint)StrideWidth * Channels, Count = 1 };
    }
}

/// <summary>
/// Windows of one size side by side on an image: where the first's first pixel and its output lie (in elements), how many pixels
/// each has, how many they are and how far they lie apart; outputs lie one pixel apart.
/// </summary>
internal struct PoolWindow
{
    public nint Input, Output, Step;
    public int Rows, Columns, Count;

    public readonly bool IsQuad => Rows == 2 && Columns == 2;
}

/// <summary>Body of a pooling: computes one window.</summary>
internal interface IPoolBody
{
    /// <summary>Takes each window's pixels together, or spreads a value over them, for all channels.</summary>
    /// <param name="window">The windows.</param>
    /// <param name="channels">The number of channels.</param>
    /// <param name="pitch">The distance between pixel rows, in elements.</param>
    /// <param name="lanes">How many elements of a pixel are read and written: its channels, or a whole vector where what lies behind them may be.</param>
    void Run<V>(in PoolWindow window, int channels, int pitch, int lanes) where V : struct, ILanes<V>;
}

/// <summary>Moves a window over images, channels last, vectorised over the channels.</summary>
internal static unsafe class PoolKernel
{
    private const int Grain = 16 * 1024;

    /// <summary>Calls <paramref name="body"/> for every window, in any order: it only writes to its output place.</summary>
    public static void Gather<B>(in PoolGeometry geometry, DType type, B body, CpuPool pool) where B : struct, IPoolBody
    {
        var region = new Region<B> { Body = body, Geometry = geometry, RowsInUnit = 1 };
        VectorRegion.For(pool, type, geometry.Batch * geometry.OutHeight, Grain / Work(geometry, geometry.OutWidth), region, geometry.Channels);
    }

    /// <summary>
    /// Clears <paramref name="to"/>, the size of the images, and calls <paramref name="body"/> for every window, which
    /// may add to its pixels: windows that share some come in order on one thread. Rows of pixels go to the epilogue when they
    /// are final. Nothing is cleared where the windows are known to <paramref name="cover"/> the images.
    /// </summary>
    public static void Scatter<B>(in PoolGeometry geometry, DType type, void* to, B body, CpuPool pool, bool cover = false, BlockEpilogue? epilogue = null)
        where B : struct, IPoolBody
    {
        int rows = geometry.RowsAreApart ? 1 : Math.Max(geometry.OutHeight, 1);
        var region = new Region<B> { Body = body, Geometry = geometry, RowsInUnit = rows, Cleared = (byte*)to, IsCovered = cover, Overlaps = !cover,
            Epilogue = epilogue };
        VectorRegion.For(pool, type, geometry.Batch * Math.Max(geometry.OutHeight, 1) / rows, Grain / Work(geometry, (long)geometry.OutWidth * rows), region,
            geometry.Channels);
    }

    private static long Work(in PoolGeometry g, long windows) => Math.Max(1, windows * g.KernelHeight * g.KernelWidth * g.Channels);

    private struct Region<B> : IVectorRegion where B : struct, IPoolBody
    {
        public B Body;
        public PoolGeometry Geometry;
        public int RowsInUnit;
        public byte* Cleared;
        public bool IsCovered, Overlaps;
        public BlockEpilogue? Epilogue;

        [MethodImpl(Jit.Kernel)]
        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            B body = Body;
            PoolGeometry g = Geometry;
            int pitch = g.Width * g.Channels;
            // Narrow pixels are read and written as whole vectors, whose rest the next window mends; not where there is nothing behind.
            int behind = g.Width - 1 + g.PadLeft - g.KernelWidth;
            int whole = Overlaps || behind < 0 || g.Channels <= V.Count / 2 || g.Channels > V.Count ? 0 : Math.Min(g.OutWidth - 1, behind / g.StrideWidth + 1);
            // Columns whose windows aren't cut.
            int inside = (g.PadLeft + g.StrideWidth - 1) / g.StrideWidth, outside = Math.Min(g.OutWidth, behind < -1 ? 0 : (behind + 1) / g.StrideWidth + 1);
            for (int line = begin * RowsInUnit; line < end * RowsInUnit; line++)
            {
                int batch = line / g.OutHeight, row = line % g.OutHeight;
                (int from, int after) = Rows(row);
                if (Cleared != null && !IsCovered && (RowsInUnit == 1 || row == 0)) new Span<byte>(Cleared + ((nint)batch * g.Height + from) * pitch * V.Size,
                    (after - from) * pitch * V.Size).Clear();
                int top = Math.Max(row * g.StrideHeight - g.PadTop, 0), rows = Math.Min(row * g.StrideHeight - g.PadTop + g.KernelHeight, g.Height) - top;
                for (int column = 0; column < g.OutWidth;)
                {
                    PoolWindow windows = g.Along(column, rows, (nint)(batch * g.Height + top) * g.Width, (nint)line * g.OutWidth);
                    if (column >= inside && column < outside) windows.Count = (column < whole ? Math.Min(whole, outside) : outside) - column;
                    body.Run<V>(windows, g.Channels, pitch, column < whole ? V.Count : g.Channels);
                    column += windows.Count;
                }
                if (Epilogue is { } epilogue && (RowsInUnit == 1 || row == g.OutHeight - 1)) epilogue.Finish((batch * g.Height + from) * g.Width,
                    (after - from) * g.Width, 0, g.Channels);
            }
        }

        // The pixel rows that belong to an output row: from its window's first to before the next one's; all, where rows come together.
        private readonly (int From, int After) Rows(int row)
        {
            int from = 0, after = Geometry.Height;
            if (RowsInUnit == 1 && row > 0) from = Math.Clamp(row * Geometry.StrideHeight - Geometry.PadTop, 0, after);
            if (RowsInUnit == 1 && row < Geometry.OutHeight - 1) after = Math.Clamp((row + 1) * Geometry.StrideHeight - Geometry.PadTop, 0, after);
            return (from, after);
        }
    }
}
