using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;

namespace Lamina.Tensors.Engines.Cpu.Winograd;

/// <summary>Sets up Winograd's convolutions at one vector width.</summary>
internal static unsafe class WinogradOf<V, F> where V : struct, ILanes<V> where F : IWinograd
{
    public static void Forward(CpuPool pool, in ConvShape s, float* x, float* w, float* y, BlockEpilogue? epilogue)
    {
        var grid = new TileGrid(s.Batch, s.OutHeight, s.OutWidth, F.TileRows, F.TileColumns, s.DilationW);
        var windows = new Patches((nint)x, s.Height, s.Width, s.InChannels, F.WindowRows, F.TileColumns + 2, s.PadTop, s.PadLeft, s.InChannels % V.Count == 0);
        Run(pool, new(grid, windows, w, false, y, s.OutChannels, epilogue));
    }

    /// <summary>dx is the convolution of dy with the weights turned by half a circle, channels exchanged.</summary>
    public static void InputGradient(CpuPool pool, in ConvShape s, float* dy, float* w, float* dx, BlockEpilogue? epilogue)
    {
        var grid = new TileGrid(s.Batch, s.Height, s.Width, F.TileRows, F.TileColumns, s.DilationW);
        var windows = new Patches(
            (nint)dy, s.OutHeight, s.OutWidth, s.OutChannels, F.WindowRows, F.TileColumns + 2, s.SpanH - 1 - s.PadTop, s.SpanW - 1 - s.PadLeft,
                s.OutChannels % V.Count == 0);
        Run(pool, new(grid, windows, w, true, dx, s.InChannels, epilogue));
    }

    private static void Run(CpuPool pool, WinogradProduct<V, F> product) => pool.For(product.Units, product.Grain, ref product);

    /// <summary>False where dw isn't to be relied on, and has to be computed by another way.</summary>
    public static bool WeightGradient(CpuPool pool, in ConvShape s, float* x, float* dy, float* dw)
    {
        (TileGrid grid, Patches windows, Patches tiles) = Backward(s, x, dy);
        var gradient = new WinogradWeightGradient<V, F>(grid, windows, tiles);
        gradient.To((float*)Scratch.Get(ConvolutionSlots.Parts, gradient.Floats * sizeof(float)));
        pool.For(gradient.Units, 1, ref gradient);
        int spoiled = 0;
        WinogradTurn<V, F> turn = gradient.Turn(dw, &spoiled);
        pool.For(s.InChannels, turn.Grain, ref turn);
        return spoiled == 0;
    }

    /// <summary>
    /// Computes both gradients at once; false where this shape can't be handled so. Where <paramref name="isSpoiled"/>, dw isn't to be
    /// relied on, and has to be computed by another way.
    /// </summary>
    public static bool TryGradients(CpuPool pool, in ConvShape s, float* x, float* w, float* dy, float* dx, float* dw, BlockEpilogue? epilogue,
        out bool isSpoiled)
    {
        isSpoiled = false;
        if (!WinogradGradients<V, F>.Suits(s)) return false;
        (TileGrid grid, Patches windows, Patches tiles) = Backward(s, x, dy);
        float* sums = (float*)Scratch.Get(ConvolutionSlots.Parts, WinogradGradients<V, F>.Floats(grid, s) * sizeof(float));
        var gradients = new WinogradGradients<V, F>(grid, windows, tiles, w, dx, sums, epilogue);
        pool.For(gradients.Units, 1, ref gradients);
        int spoiled = 0;
        WinogradTurn<V, F> turn = gradients.Turn(dw, &spoiled);
        pool.For(s.InChannels, turn.Grain, ref turn);
        isSpoiled = spoiled != 0;
        return true;
    }

    private static (TileGrid Grid, Patches Windows, Patches Tiles) Backward(in ConvShape s, float* x, float* dy) =>
    (
        new(s.Batch, s.OutHeight, s.OutWidth, F.TileRows, F.TileColumns, s.DilationW),
        new((nint)x, s.Height, s.Width, s.InChannels, F.WindowRows, F.TileColumns + 2, s.PadTop, s.PadLeft, s.InChannels % V.Count == 0),
        new((nint)dy, s.OutHeight, s.OutWidth, s.OutChannels, F.TileRows, F.TileColumns, 0, 0, s.OutChannels % V.Count == 0)
    );
}
