using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Products;

/// <summary>
/// A product that is over in about a microsecond: tile after tile on the calling thread, with nothing to plan. Bits are
/// those of <see cref="TiledProduct{V}"/>, whose slices of k are no shorter.
/// </summary>
internal static unsafe class SmallProduct<V> where V : struct, ILanes<V>
{
    private const long MostWork = 64 * 1024;
    private const int MostDepth = 256, PackedPanels = 0;

    /// <summary>True where this is the better way.</summary>
    public static bool Suits(Matrix a, Matrix c, int batches) => batches == 1 && a.Columns <= MostDepth && (long)c.Rows * c.Columns * a.Columns <= MostWork;

    public static void Run(Matrix a, Matrix b, Matrix c, bool accumulate, BlockEpilogue? epilogue)
    {
        float* panels = (float*)b.Data;
        nint next = b.RowStride, panelStride = 2 * V.Count;
        if (b.ColumnStride != 1 && c.Columns > 1)
        {
            var pack = new PackColumns<V>(panels, next, b.ColumnStride, a.Columns, c.Columns, null);
            pack = pack.To(panels = (float*)Scratch.Get(PackedPanels, pack.Bytes));
            pack.Run(0, pack.Panels);
            next = 2 * V.Count;
            panelStride = next * a.Columns;
        }
        RowEpilogue rowEpilogue = default;
        epilogue = epilogue?.Take(out rowEpilogue);
        RowEpilogue* end = rowEpilogue.IsNone ? null : &rowEpilogue;
        if (TileRows.Of<V>() == 8) Tiles<EightRows>(a, panels, next, panelStride, c, accumulate, end);
        else Tiles<SixRows>(a, panels, next, panelStride, c, accumulate, end);
        epilogue?.Finish(0, c.Rows, 0, c.Columns);
    }

    [MethodImpl(Jit.Kernel)]
    private static void Tiles<R>(Matrix a, float* panels, nint next, nint panelStride, Matrix c, bool accumulate, RowEpilogue* end) where R : struct, IRows
    {
        float** pa = stackalloc float*[2 * MicroKernel.MostRows], pc = pa + MicroKernel.MostRows;
        for (int i = 0; i < c.Rows; i += R.Count)
        {
            int rows = Math.Min(R.Count, c.Rows - i);
            for (int r = 0; r < R.Count; r++)
            {
                pa[r] = (float*)a.Data + (i + Math.Min(r, rows - 1)) * a.RowStride;
                pc[r] = (float*)c.Data + (i + Math.Min(r, rows - 1)) * c.RowStride;
            }
            float* panel = panels;
            for (int j = 0; j < c.Columns; j += 2 * V.Count, panel += panelStride)
                MicroKernel.Run<V, EvenWalk, R>(pa, 0, a.ColumnStride, a.Columns, panel, next, pc, j, rows, Math.Min(2 * V.Count, c.Columns - j), accumulate,
                    end);
        }
    }
}
