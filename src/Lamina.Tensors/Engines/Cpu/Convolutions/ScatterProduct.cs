using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;

namespace Lamina.Tensors.Engines.Cpu.Convolutions;

/// <summary>
/// dX of few channels, which would leave a vector half empty: the pixels of dY times all taps at once, a product as wide as
/// taps times channels, whose rows are then added to the windows of dX that they belong to. Of a window's row the taps and
/// channels lie side by side, so each is a few vectors. A unit is an image.
/// </summary>
internal readonly unsafe struct ScatterProduct<V>(ConvShape shape, float* dy, float* panels, float* dx, BlockEpilogue? epilogue) : IRegion
    where V : struct, ILanes<V>
{
    private const int FewChannels = 8, SomeImages = 4, ColumnSlot = 5;
    /// <summary>Floats of the product that are made at once.</summary>
    private const int Room = 12_288;

    private static int Width => 2 * V.Count;

    /// <summary>By the shape alone: narrow pixels, taps that fill the vectors, images enough to share out.</summary>
    public static bool Suits(in ConvShape s) =>
        s is { Groups: 1, InChannels: <= FewChannels, OutChannels: >= 8, Batch: >= SomeImages, DilationW: 1 } && s.OutPixels > 0 && s.Depth >= 64;

    public static void Run(CpuPool pool, in ConvShape shape, float* dy, float* w, float* dx, BlockEpilogue? epilogue)
    {
        var pack = new PackColumns<V>(w, 1, shape.OutChannels, shape.OutChannels, shape.Depth, null);
        float* panels = (float*)Scratch.Get(ConvolutionSlots.Weights, pack.Bytes);
        pack = pack.To(panels);
        pool.For(pack.Panels, pack.Grain, ref pack);
        var product = new ScatterProduct<V>(shape, dy, panels, dx, epilogue);
        pool.For(shape.Batch, 1, ref product);
    }

    public void Run(int begin, int end)
    {
        int pitch = (shape.Depth + Width - 1) / Width * Width, image = shape.Height * shape.Width;
        int rowsAtOnce = Math.Clamp(Room / (shape.OutWidth * pitch), 1, shape.OutHeight);
        float* columns = (float*)Scratch.Get(ColumnSlot, (long)rowsAtOnce * shape.OutWidth * pitch * sizeof(float));
        for (int n = begin; n < end; n++)
        {
            float* to = dx + (nint)n * image * shape.InChannels;
            new Span<float>(to, image * shape.InChannels).Clear();
            for (int y = 0; y < shape.OutHeight; y += rowsAtOnce)
            {
                int rows = Math.Min(rowsAtOnce, shape.OutHeight - y);
                Multiply(dy + ((nint)n * shape.OutHeight + y) * shape.OutWidth * shape.OutChannels, rows * shape.OutWidth, columns, pitch);
                for (int r = 0; r < rows; r++) Scatter(columns + (nint)r * shape.OutWidth * pitch, pitch, y + r, to);
            }
            epilogue?.Finish(n * image, image, 0, shape.InChannels);
        }
    }

    // (pixels, taps · channels) = some rows of dY · turned weights
    private void Multiply(float* row, int pixels, float* columns, int pitch)
    {
        float* panel = panels;
        for (int j = 0; j < pitch; j += Width, panel += (nint)Width * shape.OutChannels)
            PlaneProduct.Run<V>(row, shape.OutChannels, 1, shape.OutChannels, panel, Width, columns + j, pitch, pixels, Width, false);
    }

    [MethodImpl(Jit.Kernel)]
    private void Scatter(float* columns, int pitch, int y, float* to)
    {
        int channels = shape.InChannels, run = shape.KernelWidth * channels, line = shape.Width * channels, step = shape.StrideW * channels;
        int first = y * shape.StrideH - shape.PadTop;
        // Neighbouring windows overlap: a window's rows come one after the other, so that none waits for the one before.
        for (int x = 0, at = -shape.PadLeft * channels; x < shape.OutWidth; x++, at += step, columns += pitch)
        {
            // Taps beside the image have nothing to add to.
            int skip = Math.Max(0, -at), count = Math.Min(run, line - at) - skip;
            float* from = columns + skip, target = to + at + skip;
            for (int i = 0, row = first; i < shape.KernelHeight; i++, row += shape.DilationH, from += run)
            {
                if ((uint)row >= (uint)shape.Height) continue;
                float* s = from, t = target + (nint)row * line;
                int left = count;
                for (; left >= V.Count; left -= V.Count, s += V.Count, t += V.Count) V.Store(V.Load(t) + V.Load(s), t);
                if (left > 0) V.StorePart(V.LoadPart(t, left) + V.LoadPart(s, left), t, left);
            }
        }
    }
}
