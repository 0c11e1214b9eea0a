using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Winograd;

/// <summary>
/// F(2, 3): along a line 4 multiplications where the definition has 6, at the points 0, ∞, 1 and −1. Each of the two results, and each
/// pixel of the gradient, is made of what its own window holds and of nothing else: of two results the first sees all pixels but the
/// last, the second all but the first, and those two are in one plane each. So no result's bits depend on what its window doesn't hold,
/// which larger tiles can't have: their planes at points other than 0 and ∞ hold pixels that only some of their results see.
/// </summary>
internal readonly unsafe struct WinogradPair : IWinograd
{
    public static int Planes => 4;
    public static int Groups => 1;
    public static int TileRows => 1;
    public static int TileColumns => 2;
    public static int WindowRows => 1;
    public static int Taps => 3;
    public static int TransformCost => 2;
    public static bool IsLocal => true;
    public static ReadOnlySpan<byte> WatchedOfWindow => [0, 1];
    public static ReadOnlySpan<byte> WatchedOfGradient => [2];
    public static ReadOnlySpan<byte> WatchedOfWeights => [2];

    [MethodImpl(Jit.Kernel)]
    public static void Window<V>(int group, in PatchRun run) where V : struct, ILanes<V>
    {
        nint pixel = run.Pixel, plane = run.Plane;
        float* from = run.Pixels, to = run.Planes;
        for (int tile = 0; tile < run.Count; tile++, from += run.Next, to += run.Channels)
            for (int c = 0; c < run.Channels; c += V.Count)
            {
                float* p = from + c, q = to + c;
                V d0 = V.Load(p), d1 = V.Load(p + pixel), d2 = V.Load(p + 2 * pixel), d3 = V.Load(p + 3 * pixel);
                V.Store(d0 - d2, q);
                V.Store(d3 - d1, q + plane);
                V.Store(d1 + d2, q + 2 * plane);
                V.Store(d2 - d1, q + 3 * plane);
            }
    }

    [MethodImpl(Jit.Kernel)]
    public static void Gradient<V>(int group, in PatchRun run) where V : struct, ILanes<V>
    {
        nint pixel = run.Pixel, plane = run.Plane;
        float* from = run.Pixels, to = run.Planes;
        for (int tile = 0; tile < run.Count; tile++, from += run.Next, to += run.Channels)
            for (int c = 0; c < run.Channels; c += V.Count)
            {
                V y0 = V.Load(from + c), y1 = V.Load(from + c + pixel);
                float* q = to + c;
                V.Store(y0, q);
                V.Store(y1, q + plane);
                V.Store(y0 + y1, q + 2 * plane);
                V.Store(y0 - y1, q + 3 * plane);
            }
    }

    [MethodImpl(Jit.Kernel)]
    public static void Result<V>(in PatchRun run) where V : struct, ILanes<V>
    {
        nint pixel = run.Pixel, plane = run.Plane;
        float* from = run.Planes, to = run.Pixels;
        for (int tile = 0; tile < run.Count; tile++, from += run.Channels, to += run.Next)
            for (int c = 0; c < run.Channels; c += V.Count)
            {
                float* p = from + c;
                V m2 = V.Load(p + 2 * plane), m3 = V.Load(p + 3 * plane);
                V.Store(V.Load(p) + (m2 + m3), to + c);
                V.Store(V.Load(p + plane) + (m2 - m3), to + c + pixel);
            }
    }

    [MethodImpl(Jit.Kernel)]
    public static void WindowGradient<V>(in PatchRun run) where V : struct, ILanes<V>
    {
        nint pixel = run.Pixel, plane = run.Plane;
        float* from = run.Planes, to = run.Pixels;
        for (int tile = 0; tile < run.Count; tile++, from += run.Channels, to += run.Next)
            for (int c = 0; c < run.Channels; c += V.Count)
            {
                float* p = from + c, t = to + c;
                V m0 = V.Load(p), m1 = V.Load(p + plane), m2 = V.Load(p + 2 * plane), m3 = V.Load(p + 3 * plane);
                V.Store(V.Load(t) + m0, t);
                t += pixel;
                V.Store(V.Load(t) + (m2 - m3 - m1), t);
                t += pixel;
                V.Store(V.Load(t) + (m2 + m3 - m0), t);
                t += pixel;
                V.Store(V.Load(t) + m1, t);
            }
    }

    [MethodImpl(Jit.Kernel)]
    public static void Weights<V>(float* from, nint tap, int columns, float* to, nint plane) where V : struct, ILanes<V>
    {
        V half = V.Of(0.5);
        for (int c = 0; c < columns; c += V.Count)
        {
            int lanes = Math.Min(V.Count, columns - c);
            float* p = from + c, q = to + c;
            V g0 = Lanes.Load<V>(p, lanes), g1 = Lanes.Load<V>(p + tap, lanes), g2 = Lanes.Load<V>(p + 2 * tap, lanes);
            V even = (g0 + g2) * half, odd = g1 * half;
            V.Store(g0, q);
            V.Store(g2, q + plane);
            V.Store(even + odd, q + 2 * plane);
            V.Store(even - odd, q + 3 * plane);
        }
    }

    [MethodImpl(Jit.Kernel)]
    public static void WeightGradient<V>(float* from, nint plane, int parts, nint part, int columns, float* to, nint tap) where V : struct, ILanes<V>
    {
        V half = V.Of(0.5);
        for (int c = 0; c < columns; c += V.Count)
        {
            int lanes = Math.Min(V.Count, columns - c);
            V p0 = default, p1 = default, p2 = default, p3 = default;
            float* p = from + c;
            for (int i = 0; i < parts; i++, p += part)
            {
                p0 += V.Load(p);
                p1 += V.Load(p + plane);
                p2 += V.Load(p + 2 * plane);
                p3 += V.Load(p + 3 * plane);
            }
            V even = (p2 + p3) * half;
            Lanes.Store(p0 + even, to + c, lanes);
            Lanes.Store((p2 - p3) * half, to + c + tap, lanes);
            Lanes.Store(p1 + even, to + c + 2 * tap, lanes);
        }
    }
}
