using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;
using static Lamina.Tensors.Engines.Cpu.Winograd.WinogradChoice;

namespace Lamina.Tensors.Engines.Cpu.Winograd;

/// <summary>F(4, 3): along a line 6 multiplications where the definition has 12. The square's rows and columns are transformed by it too.</summary>
internal readonly unsafe struct WinogradLine : IWinograd
{
    public static int Planes => 6;
    public static int Groups => 1;
    public static int TileRows => 1;
    public static int TileColumns => 4;
    public static int WindowRows => 1;
    public static int Taps => 3;
    public static int TransformCost => 4;
    public static bool IsLocal => false;
    public static ReadOnlySpan<byte> WatchedOfWindow => [2];
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
                float* p = from + c;
                Spread(V.Load(p), V.Load(p + pixel), V.Load(p + 2 * pixel), V.Load(p + 3 * pixel), V.Load(p + 4 * pixel), V.Load(p + 5 * pixel), to + c, plane);
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
                float* p = from + c;
                Spread(V.Load(p), V.Load(p + pixel), V.Load(p + 2 * pixel), V.Load(p + 3 * pixel), to + c, plane);
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
                Gather(V.Load(p), V.Load(p + plane), V.Load(p + 2 * plane), V.Load(p + 3 * plane), V.Load(p + 4 * plane), V.Load(p + 5 * plane), to + c, pixel);
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
                float* p = from + c;
                Scatter(V.Load(p), V.Load(p + plane), V.Load(p + 2 * plane), V.Load(p + 3 * plane), V.Load(p + 4 * plane), V.Load(p + 5 * plane), to + c,
                    pixel);
            }
    }

    public static void Weights<V>(float* from, nint tap, int columns, float* to, nint plane) where V : struct, ILanes<V>
    {
        for (int c = 0; c < columns; c += V.Count) Transform<V>(from + c, tap, Math.Min(V.Count, columns - c), to + c, plane);
    }

    public static void WeightGradient<V>(float* from, nint plane, int parts, nint part, int columns, float* to, nint tap) where V : struct, ILanes<V>
    {
        for (int c = 0; c < columns; c += V.Count) Turn<V>(from + c, plane, parts, part, to + c, tap, Math.Min(V.Count, columns - c));
    }

    /// <summary>a²b² · d₀ − (a² + b²) · d₂ + d₄: the point 0; one pixel on, it is ∞.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Zero<V>(float* d, nint two) where V : struct, ILanes<V> => Zero(V.Load(d), V.Load(d + two), V.Load(d + 2 * two));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Zero<V>(V d0, V d2, V d4) where V : struct, ILanes<V> => V.Fma(V.Of(A * A * B * B), d0, V.Fma(V.Of(-A * A - B * B), d2, d4));

    /// <summary>Bᵀ · d.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Spread<V>(V d0, V d1, V d2, V d3, V d4, V d5, float* to, nint plane) where V : struct, ILanes<V>
    {
        V.Store(Zero(d0, d2, d4), to);
        V.Store(Zero(d1, d3, d5), to + plane);
        V even = V.Fma(V.Of(-B * B), d2, d4), odd = V.Fma(V.Of(-B * B), d1, d3);
        V.Store(V.Fma(V.Of(A), odd, even), to + 2 * plane);
        V.Store(V.Fma(V.Of(-A), odd, even), to + 3 * plane);
        even = V.Fma(V.Of(-A * A), d2, d4);
        odd = V.Fma(V.Of(-A * A), d1, d3);
        V.Store(V.Fma(V.Of(B), odd, even), to + 4 * plane);
        V.Store(V.Fma(V.Of(-B), odd, even), to + 5 * plane);
    }

    /// <summary>A · y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Spread<V>(V y0, V y1, V y2, V y3, float* to, nint plane) where V : struct, ILanes<V>
    {
        V.Store(y0, to);
        V.Store(y3, to + plane);
        V even = V.Fma(V.Of(A * A), y2, y0), odd = V.Fma(V.Of(A * A), y3, y1);
        V.Store(V.Fma(V.Of(A), odd, even), to + 2 * plane);
        V.Store(V.Fma(V.Of(-A), odd, even), to + 3 * plane);
        even = V.Fma(V.Of(B * B), y2, y0);
        odd = V.Fma(V.Of(B * B), y3, y1);
        V.Store(V.Fma(V.Of(B), odd, even), to + 4 * plane);
        V.Store(V.Fma(V.Of(-B), odd, even), to + 5 * plane);
    }

    /// <summary>Aᵀ · m.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Gather<V>(V m0, V m1, V m2, V m3, V m4, V m5, float* to, nint pixel) where V : struct, ILanes<V>
    {
        V a = m2 + m3, b = m4 + m5;
        V.Store(m0 + a + b, to);
        V.Store(V.Fma(V.Of(B * B), b, V.Of(A * A) * a), to + 2 * pixel);
        a = m2 - m3;
        b = m4 - m5;
        V.Store(V.Fma(V.Of(B), b, V.Of(A) * a), to + pixel);
        V.Store(V.Fma(V.Of(B * B * B), b, V.Fma(V.Of(A * A * A), a, m1)), to + 3 * pixel);
    }

    /// <summary>Adds B · m to six pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Scatter<V>(V m0, V m1, V m2, V m3, V m4, V m5, float* to, nint pixel) where V : struct, ILanes<V>
    {
        V a = m2 + m3, b = m4 + m5;
        V.Store(V.Fma(V.Of(A * A * B * B), m0, V.Load(to)), to);
        float* p = to + 2 * pixel;
        V.Store(V.Fma(V.Of(-A * A - B * B), m0, V.Fma(V.Of(-B * B), a, V.Fma(V.Of(-A * A), b, V.Load(p)))), p);
        p = to + 4 * pixel;
        V.Store(V.Load(p) + (m0 + a + b), p);
        a = m2 - m3;
        b = m4 - m5;
        p = to + pixel;
        V.Store(V.Fma(V.Of(A * A * B * B), m1, V.Fma(V.Of(-A * B * B), a, V.Fma(V.Of(-A * A * B), b, V.Load(p)))), p);
        p = to + 3 * pixel;
        V.Store(V.Fma(V.Of(-A * A - B * B), m1, V.Fma(V.Of(A), a, V.Fma(V.Of(B), b, V.Load(p)))), p);
        p = to + 5 * pixel;
        V.Store(V.Load(p) + m1, p);
    }

    /// <summary>G · g.</summary>
    [MethodImpl(Jit.Kernel)]
    internal static void Transform<V>(float* from, nint tap, int lanes, float* to, nint plane) where V : struct, ILanes<V>
    {
        V g0 = Lanes.Load<V>(from, lanes), g1 = Lanes.Load<V>(from + tap, lanes), g2 = Lanes.Load<V>(from + 2 * tap, lanes);
        V.Store(g0 * V.Of(1 / NormZero), to);
        V.Store(g2, to + plane);
        V even = V.Fma(V.Of(A * A), g2, g0) * V.Of(1 / NormA), odd = g1 * V.Of(A / NormA);
        V.Store(even + odd, to + 2 * plane);
        V.Store(even - odd, to + 3 * plane);
        even = V.Fma(V.Of(B * B), g2, g0) * V.Of(1 / NormB);
        odd = g1 * V.Of(B / NormB);
        V.Store(even + odd, to + 4 * plane);
        V.Store(even - odd, to + 5 * plane);
    }

    /// <summary>Gᵀ · p, each p a sum of parts.</summary>
    [MethodImpl(Jit.Kernel)]
    internal static void Turn<V>(float* from, nint plane, int parts, nint part, float* to, nint tap, int lanes) where V : struct, ILanes<V>
    {
        V p0 = default, p1 = default, p2 = default, p3 = default, p4 = default, p5 = default;
        for (int i = 0; i < parts; i++, from += part)
        {
            p0 += V.Load(from);
            p1 += V.Load(from + plane);
            p2 += V.Load(from + 2 * plane);
            p3 += V.Load(from + 3 * plane);
            p4 += V.Load(from + 4 * plane);
            p5 += V.Load(from + 5 * plane);
        }
        V a = (p2 + p3) * V.Of(1 / NormA), b = (p4 + p5) * V.Of(1 / NormB);
        Lanes.Store(V.Fma(V.Of(1 / NormZero), p0, a + b), to, lanes);
        Lanes.Store(V.Fma(V.Of(A / NormA), p2 - p3, (p4 - p5) * V.Of(B / NormB)), to + tap, lanes);
        Lanes.Store(V.Fma(V.Of(B * B), b, V.Fma(V.Of(A * A), a, p1)), to + 2 * tap, lanes);
    }
}
