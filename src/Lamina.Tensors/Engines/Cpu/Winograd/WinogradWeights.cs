using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;

namespace Lamina.Tensors.Engines.Cpu.Winograd;

/// <summary>
/// G · g of all weights of a convolution, as (planes, from, to padded): each thread has its own, which is sooner computed than
/// fetched from another's cache.
/// </summary>
internal static unsafe class WinogradWeights<V, F> where V : struct, ILanes<V> where F : IWinograd
{
    public static nint Pitch(int from, int to) => WinogradChoice.Pitch(from, WinogradChoice.Padded<V>(to));

    /// <summary>This thread's room for the planes, and behind them for exchanging channels.</summary>
    public static float* Room(int from, int to, bool exchanges) =>
        (float*)Scratch.Get(ConvolutionSlots.Weights, F.Planes * Pitch(from, to) * sizeof(float) + (exchanges ? F.Taps * Columns(null, from, to).Bytes : 0));

    /// <summary>Of <paramref name="columns"/> from a column on of weights (taps, from, to), as if those were all.</summary>
    public static void Straight(float* weights, int from, int to, int column, int columns, float* planes)
    {
        nint row = WinogradChoice.Padded<V>(columns), plane = Pitch(from, columns);
        for (int i = 0; i < from; i++) F.Weights<V>(weights + (nint)i * to + column, (nint)from * to, columns, planes + i * row, plane);
    }

    /// <summary>Of weights (taps, to, from), in their order or <paramref name="turned"/> by half a circle.</summary>
    public static void Exchanged(float* weights, int from, int to, float* planes, bool turned)
    {
        float* exchanged = planes + F.Planes * Pitch(from, to);
        nint tap = (nint)Columns(null, from, to).Bytes / sizeof(float);
        for (int t = 0; t < F.Taps; t++)
        {
            PackColumns<V> pack = Columns(weights + (nint)t * from * to, from, to).To(exchanged + (turned ? F.Taps - 1 - t : t) * tap);
            pack.Run(0, pack.Panels);
        }
        for (int column = 0; column < to; column += 2 * V.Count)
            for (int i = 0; i < from; i++, exchanged += 2 * V.Count)
                F.Weights<V>(exchanged, tap, Math.Min(2 * V.Count, to - column), planes + (nint)i * WinogradChoice.Padded<V>(to) + column, Pitch(from, to));
    }

    private static PackColumns<V> Columns(float* weights, int from, int to) => new(weights, 1, from, from, to, null);
}
