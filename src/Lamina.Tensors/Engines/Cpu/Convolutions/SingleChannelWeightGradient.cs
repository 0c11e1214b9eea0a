using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;

namespace Lamina.Tensors.Engines.Cpu.Convolutions;

/// <summary>
/// The gradient of the weights of a convolution from one channel to a few, where pixels fill vectors and channels don't: dY is
/// laid out channel by channel, and vectors of neighbouring pixels of it are multiplied with those of x under two taps at a
/// time. A unit is a part of the images, whose number depends on the shape alone; it sums lane by lane and adds up the lanes at
/// its end.
/// </summary>
internal readonly unsafe struct SingleChannelWeights<V>(ConvShape shape, PixelGrid grid, int* taps, float* dy, float* room) : IRegion
    where V : struct, ILanes<V>
{
    private const int WindowSlot = 1, PlaneSlot = 0, MostParts = 16;

    public static int Parts(in ConvShape shape) => Math.Min(MostParts, shape.Batch);

    public void Run(int begin, int end)
    {
        int parts = Parts(shape), channels = shape.OutChannels, vectors = (shape.OutWidth + V.Count - 1) / V.Count, all = vectors * shape.OutHeight;
        nint plane = (nint)all * V.Count;
        // The planes of dY, a vector for each tap and channel, and where a vector of pixels begins in a window.
        float* planes = (float*)Scratch.Get(PlaneSlot, ((plane + (nint)(shape.Depth + 1) * V.Count) * ChannelPlanes.MostChannels + all) * sizeof(float));
        float* sums = planes + plane * ChannelPlanes.MostChannels;
        int* places = (int*)(sums + (shape.Depth + 1) * ChannelPlanes.MostChannels * V.Count);
        // The last vector of a row lies over the one before, with zeros for dY where both are.
        int whole = (vectors - 1) * V.Count, rest = shape.OutWidth - whole;
        for (int i = 0; i < all; i++) places[i] = i / vectors * grid.StepY * grid.Pitch + Math.Min(i % vectors * V.Count, shape.OutWidth - V.Count);
        new Span<float>(planes, (int)plane * ChannelPlanes.MostChannels).Clear();
        for (int part = begin; part < end; part++)
        {
            new Span<float>(sums, (shape.Depth + 1) * ChannelPlanes.MostChannels * V.Count).Clear();
            for (int image = part * shape.Batch / parts; image < (part + 1) * shape.Batch / parts; image++)
            {
                float* window = grid.Window(image, 0, grid.Rows, WindowSlot), from = dy + (nint)image * shape.OutPixels * channels, to = planes;
                for (int row = 0; row < shape.OutHeight; row++, from += shape.OutWidth * channels, to += vectors * V.Count)
                {
                    ChannelPlanes.Split(from, channels, whole, to, plane, false);
                    ChannelPlanes.Split(from + whole * channels, channels, rest, to + vectors * V.Count - rest, plane, true);
                }
                for (int t = 0; t < shape.Depth; t += 2)
                {
                    float* x0 = window + taps[t], x1 = window + taps[Math.Min(t + 1, shape.Depth - 1)],
                        sum = sums + (nint)t * ChannelPlanes.MostChannels * V.Count;
                    if (channels <= 4) Taps<FourRows>(x0, x1, places, all, planes, plane, sum);
                    else if (channels <= 6) Taps<SixRows>(x0, x1, places, all, planes, plane, sum);
                    else Taps<EightRows>(x0, x1, places, all, planes, plane, sum);
                }
            }
            float* target = room + (nint)part * shape.Depth * channels;
            for (int t = 0; t < shape.Depth; t++)
                for (int c = 0; c < channels; c++) V.StorePart(V.SumLanes(V.Load(sums + (t * ChannelPlanes.MostChannels + c) * V.Count)),
                    target + t * channels + c, 1);
        }
    }

    /// <summary>Adds to the sums of two taps what an image gives.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void Taps<R>(float* x0, float* x1, int* places, int count, float* planes, nint plane, float* to) where R : struct, IRows
    {
        float* p1 = planes + plane, p2 = p1 + plane, p3 = p2 + plane, p4 = p3 + plane, p5 = p4 + plane, p6 = p5 + plane, p7 = p6 + plane;
        V a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
        V b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default, b6 = default, b7 = default;
        nint at = 0;
        for (; count > 0; count--, places++, at += V.Count)
        {
            V u = V.Load(x0 + *places), v = V.Load(x1 + *places), y = V.Load(planes + at);
            a0 = V.Fma(u, y, a0);
            b0 = V.Fma(v, y, b0);
            y = V.Load(p1 + at);
            a1 = V.Fma(u, y, a1);
            b1 = V.Fma(v, y, b1);
            y = V.Load(p2 + at);
            a2 = V.Fma(u, y, a2);
            b2 = V.Fma(v, y, b2);
            y = V.Load(p3 + at);
            a3 = V.Fma(u, y, a3);
            b3 = V.Fma(v, y, b3);
            if (R.Count < 6) continue;
            y = V.Load(p4 + at);
            a4 = V.Fma(u, y, a4);
            b4 = V.Fma(v, y, b4);
            y = V.Load(p5 + at);
            a5 = V.Fma(u, y, a5);
            b5 = V.Fma(v, y, b5);
            if (R.Count < 8) continue;
            y = V.Load(p6 + at);
            a6 = V.Fma(u, y, a6);
            b6 = V.Fma(v, y, b6);
            y = V.Load(p7 + at);
            a7 = V.Fma(u, y, a7);
            b7 = V.Fma(v, y, b7);
        }
        Add<R>(to, a0, a1, a2, a3, a4, a5, a6, a7);
        Add<R>(to + ChannelPlanes.MostChannels * V.Count, b0, b1, b2, b3, b4, b5, b6, b7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<R>(float* to, V c0, V c1, V c2, V c3, V c4, V c5, V c6, V c7) where R : struct, IRows
    {
        V.Store(V.Load(to) + c0, to);
        V.Store(V.Load(to + V.Count) + c1, to + V.Count);
        V.Store(V.Load(to + 2 * V.Count) + c2, to + 2 * V.Count);
        V.Store(V.Load(to + 3 * V.Count) + c3, to + 3 * V.Count);
        if (R.Count < 6) return;
        V.Store(V.Load(to + 4 * V.Count) + c4, to + 4 * V.Count);
        V.Store(V.Load(to + 5 * V.Count) + c5, to + 5 * V.Count);
        if (R.Count < 8) return;
        V.Store(V.Load(to + 6 * V.Count) + c6, to + 6 * V.Count);
        V.Store(V.Load(to + 7 * V.Count) + c7, to + 7 * V.Count);
    }
}
