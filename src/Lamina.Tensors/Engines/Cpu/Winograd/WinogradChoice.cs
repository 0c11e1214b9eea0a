using Lamina.Tensors.Engines.Cpu.Convolutions;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;

namespace Lamina.Tensors.Engines.Cpu.Winograd;

/// <summary>Choice of Winograd's filtering for a convolution, by its shape, and the sizes of its working memory.</summary>
internal static class WinogradChoice
{
    /// <summary>
    /// The finite points that transforms interpolate at, beside 0: ±A and ±B. Rounding errors are magnified up to 24 times
    /// along an axis; at ±1 and ±2, the usual points, up to 48 (Barabasz, Anderson, Soodhalter and Gregg, 2020: "Error analysis
    /// and improving the accuracy of Winograd convolution for deep neural networks"). All powers that are used are exact.
    /// </summary>
    internal const double A = 5 / 8.0, B = 3 / 2.0;

    /// <summary>The products of a point's distances from the others: of 0, of ±A and of ±B.</summary>
    internal const double NormZero = A * A * B * B, NormA = 2 * A * A * (A * A - B * B), NormB = 2 * B * B * (B * B - A * A);

    /// <summary>Where the planes of a thread's tiles lie, beside the slots of <see cref="Convolution"/>.</summary>
    internal const int PlaneSlot = 5;

    /// <summary>Floats of the planes that are worked on at once: they stay in L2.</summary>
    private const int Room = 98_304;
    internal const int MostTiles = 128;
    private const int RoomOfPatches = 4096;
    /// <summary>Transformed weights beyond this don't pay for themselves.</summary>
    private const int MostWeights = 1 << 22;

    private static long s_calls;
    [ThreadStatic] private static long s_call;
    [ThreadStatic] private static bool s_isWild;

    /// <summary>Whether the weights that this thread has transformed for the call in progress hold what can't be transformed.</summary>
    public static bool WeightsAreWild { get => s_isWild; set => s_isWild = value; }

    /// <summary>Numbers for a convolution in progress, the first of so many in a row.</summary>
    public static long NewCalls(int count = 1) => Interlocked.Add(ref s_calls, count) - count + 1;

    /// <summary>True for a thread's first part of a call, which is done before the next one begins.</summary>
    public static bool TryEnter(long call)
    {
        bool isNew = s_call != call;
        s_call = call;
        return isNew;
    }

    /// <summary>Kernels of 3×3 whose elements are neighbours.</summary>
    public static bool SuitsSquare(in ConvShape s) => s is { KernelHeight: 3, KernelWidth: 3, DilationH: 1, DilationW: 1 } && Pays<WinogradSquare>(s);

    /// <summary>Kernels of 3 along a row, at any distance, over rows that go on at their right.</summary>
    public static bool SuitsLine(in ConvShape s) => s is { KernelHeight: 1, KernelWidth: 3, PadRight: > 0 } && Pays<WinogradLine>(s);

    /// <summary>
    /// The same over rows that may be steps in time: no result may depend on what comes later, not even in its last bit.
    /// </summary>
    public static bool SuitsPair(in ConvShape s) => s is { KernelHeight: 1, KernelWidth: 3, PadRight: 0 } && Pays<WinogradPair>(s);

    /// <summary>
    /// By the shape alone: the multiplications that are saved are more than the transforms cost, of the weights (about those
    /// of eight tiles) among them, and the weights, four times larger in the square's planes, stay of a size.
    /// </summary>
    private static bool Pays<F>(in ConvShape s) where F : IWinograd
    {
        if (s is not { StrideH: 1, StrideW: 1, Groups: 1, InChannels: >= 8, OutChannels: >= 8 } || s.Batch == 0 || s.OutPixels == 0) return false;
        long pairs = (long)s.InChannels * s.OutChannels;
        if (pairs * F.Planes > MostWeights) return false;
        var grid = new TileGrid(s.Batch, s.OutHeight, s.OutWidth, F.TileRows, F.TileColumns, s.DilationW);
        long direct = (long)s.Batch * s.OutPixels * F.Taps * pairs;
        long transformed = ((long)grid.Strips * grid.TilesOfStrip + 8) * F.Planes * (pairs + F.TransformCost * (s.InChannels + s.OutChannels));
        return 4 * direct > 5 * transformed;
    }

    /// <summary>Tiles that are worked on at once, by the channels of their planes.</summary>
    public static int TilesAtOnce(int planes, int channels) => Math.Clamp(Room / (planes * channels), 8, MostTiles) & ~7;

    /// <summary>Tiles side by side whose windows are copied at once where they can't be read in place: what L1 has room for.</summary>
    public static int Together(int channels) => Math.Max(1, (RoomOfPatches / (6 * channels) - 2) / 4);

    /// <summary>The room for a copy of patches of up to so many channels, in floats.</summary>
    public static int PatchFloats(int channels) => Math.Max(RoomOfPatches, 36 * channels);

    /// <summary>Channels as whole vectors.</summary>
    public static int Padded<V>(int channels) where V : struct, ILanes<V> => (channels + V.Count - 1) / V.Count * V.Count;

    /// <summary>From plane to plane; the margin keeps planes from lying on one another in L1.</summary>
    public static nint Pitch(int tiles, int channels) => (nint)tiles * channels + 16;
}
