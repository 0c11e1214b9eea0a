using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Convolutions;

/// <summary>Pixels of up to eight channels to planes, one a channel, and back: four pixels by four channels through registers.</summary>
internal static unsafe class ChannelPlanes
{
    /// <summary>The planes that there is room for.</summary>
    public const int MostChannels = 8;

    /// <summary>
    /// Writes <paramref name="pixels"/> (a multiple of four) pixels of planes <paramref name="plane"/> apart side by side. What lies within eight
    /// numbers behind the last
    /// is written over, unless it <paramref name="ends"/> there.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    public static void Join(float* planes, nint plane, int channels, int pixels, float* to, bool ends)
    {
        int quick = ends ? pixels - 4 : pixels, p = 0;
        for (; p < quick; p += 4, planes += 4, to += 4 * channels)
        {
            // What a pixel's upper four channels write too much, the next pixel's lower four mend.
            if (channels > 4) PackColumns<F128>.Transpose4(planes + 4 * plane, plane, to + 4, channels);
            PackColumns<F128>.Transpose4(planes, plane, to, channels);
        }
        for (; p < pixels; p++, planes++, to += channels)
            for (int c = 0; c < channels; c++) to[c] = planes[c * plane];
    }

    /// <summary>
    /// Lays pixels side by side out in planes. What lies within eight numbers behind the last is read, unless it <paramref name="ends"/> there.
    /// </summary>
    [MethodImpl(Jit.Kernel)]
    public static void Split(float* from, int channels, int pixels, float* planes, nint plane, bool ends)
    {
        int quick = ends ? pixels - 4 : pixels - 3, p = 0;
        for (; p < quick; p += 4, from += 4 * channels, planes += 4)
        {
            // Planes of channels that aren't there get the next pixel's, which nothing reads.
            PackColumns<F128>.Transpose4(from, channels, planes, plane);
            if (channels > 4) PackColumns<F128>.Transpose4(from + 4, channels, planes + 4 * plane, plane);
        }
        for (; p < pixels; p++, from += channels, planes++)
            for (int c = 0; c < channels; c++) planes[c * plane] = from[c];
    }
}
