using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Winograd;

/// <summary>F(4×4, 3×3): 36 multiplications where the definition has 144. Planes are 6 · row + column.</summary>
internal readonly unsafe struct WinogradSquare : IWinograd
{
    public static int Planes => 36;
    public static int Groups => 3;
    public static int TileRows => 4;
    public static int TileColumns => 4;
    public static int WindowRows => 6;
    public static int Taps => 9;
    public static int TransformCost => 4;
    public static bool IsLocal => false;
    public static ReadOnlySpan<byte> WatchedOfWindow => [2, 8, 12, 13, 14];
    public static ReadOnlySpan<byte> WatchedOfGradient => [14];
    public static ReadOnlySpan<byte> WatchedOfWeights => [14];

    public static void Window<V>(int group, in PatchRun run) where V : struct, ILanes<V>
    {
        if (group == 0) WindowEnds<V>(run);
        else if (group == 1) WindowPair<V>(run, -WinogradChoice.B * WinogradChoice.B, WinogradChoice.A);
        else WindowPair<V>(run, -WinogradChoice.A * WinogradChoice.A, WinogradChoice.B);
    }

    /// <summary>Rows 0 and ∞ of the planes.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void WindowEnds<V>(in PatchRun run) where V : struct, ILanes<V>
    {
        nint row = run.Row, pixel = run.Pixel, plane = run.Plane;
        float* from = run.Pixels, to = run.Planes;
        for (int tile = 0; tile < run.Count; tile++, from += run.Next, to += run.Channels)
            for (int c = 0; c < run.Channels; c += V.Count)
            {
                float* p = from + c, end = p + row;
                V t0 = WinogradLine.Zero<V>(p, 2 * row), t1 = WinogradLine.Zero<V>(p + pixel, 2 * row), t2 = WinogradLine.Zero<V>(p + 2 * pixel, 2 * row);
                V t3 = WinogradLine.Zero<V>(p + 3 * pixel, 2 * row), t4 = WinogradLine.Zero<V>(p + 4 * pixel, 2 * row),
                    t5 = WinogradLine.Zero<V>(p + 5 * pixel, 2 * row);
                WinogradLine.Spread(t0, t1, t2, t3, t4, t5, to + c, plane);
                t0 = WinogradLine.Zero<V>(end, 2 * row);
                t1 = WinogradLine.Zero<V>(end + pixel, 2 * row);
                t2 = WinogradLine.Zero<V>(end + 2 * pixel, 2 * row);
                t3 = WinogradLine.Zero<V>(end + 3 * pixel, 2 * row);
                t4 = WinogradLine.Zero<V>(end + 4 * pixel, 2 * row);
                t5 = WinogradLine.Zero<V>(end + 5 * pixel, 2 * row);
                WinogradLine.Spread(t0, t1, t2, t3, t4, t5, to + c + 6 * plane, plane);
            }
    }

    /// <summary>Rows ±a of the planes, or ±b: d₄ − other² · d₂ ± point · (d₃ − other² · d₁).</summary>
    [MethodImpl(Jit.Kernel)]
    private static void WindowPair<V>(in PatchRun run, double other, double point) where V : struct, ILanes<V>
    {
        nint row = run.Row, pixel = run.Pixel, plane = run.Plane;
        float* from = run.Pixels + row, to = run.Planes;
        V o = V.Of(other), s = V.Of(point), m = V.Of(-point);
        for (int tile = 0; tile < run.Count; tile++, from += run.Next, to += run.Channels)
            for (int c = 0; c < run.Channels; c += V.Count)
            {
                float* p = from + c;
                V e0 = Two(p + row, 2 * row, o), o0 = Two(p, 2 * row, o);
                V e1 = Two(p + row + pixel, 2 * row, o), o1 = Two(p + pixel, 2 * row, o);
                V e2 = Two(p + row + 2 * pixel, 2 * row, o), o2 = Two(p + 2 * pixel, 2 * row, o);
                V e3 = Two(p + row + 3 * pixel, 2 * row, o), o3 = Two(p + 3 * pixel, 2 * row, o);
                V e4 = Two(p + row + 4 * pixel, 2 * row, o), o4 = Two(p + 4 * pixel, 2 * row, o);
                V e5 = Two(p + row + 5 * pixel, 2 * row, o), o5 = Two(p + 5 * pixel, 2 * row, o);
                WinogradLine.Spread(V.Fma(o0, s, e0), V.Fma(o1, s, e1), V.Fma(o2, s, e2), V.Fma(o3, s, e3), V.Fma(o4, s, e4), V.Fma(o5, s, e5), to + c, plane);
                WinogradLine.Spread(V.Fma(o0, m, e0), V.Fma(o1, m, e1), V.Fma(o2, m, e2), V.Fma(o3, m, e3), V.Fma(o4, m, e4), V.Fma(o5, m, e5),
                    to + c + 6 * plane, plane);
            }
    }

    /// <summary>The second of two numbers plus <paramref name="factor"/> times the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Two<V>(float* p, nint apart, V factor) where V : struct, ILanes<V> => V.Fma(V.Load(p), factor, V.Load(p + apart));

    public static void Gradient<V>(int group, in PatchRun run) where V : struct, ILanes<V>
    {
        if (group == 0) GradientEnds<V>(run);
        else if (group == 1) GradientPair<V>(run, WinogradChoice.A);
        else GradientPair<V>(run, WinogradChoice.B);
    }

    [MethodImpl(Jit.Kernel)]
    private static void GradientEnds<V>(in PatchRun run) where V : struct, ILanes<V>
    {
        nint row = run.Row, pixel = run.Pixel, plane = run.Plane;
        float* from = run.Pixels, to = run.Planes;
        for (int tile = 0; tile < run.Count; tile++, from += run.Next, to += run.Channels)
            for (int c = 0; c < run.Channels; c += V.Count)
            {
                float* p = from + c, last = p + 3 * row;
                WinogradLine.Spread(V.Load(p), V.Load(p + pixel), V.Load(p + 2 * pixel), V.Load(p + 3 * pixel), to + c, plane);
                WinogradLine.Spread(V.Load(last), V.Load(last + pixel), V.Load(last + 2 * pixel), V.Load(last + 3 * pixel), to + c + 6 * plane, plane);
            }
    }

    /// <summary>Rows ±a of the planes, or ±b: y₀ ± point · y₁ + point² · y₂ ± point³ · y₃.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void GradientPair<V>(in PatchRun run, double point) where V : struct, ILanes<V>
    {
        nint row = run.Row, pixel = run.Pixel, plane = run.Plane;
        float* from = run.Pixels, to = run.Planes;
        V square = V.Of(point * point), x = V.Of(point), minus = V.Of(-point);
        for (int tile = 0; tile < run.Count; tile++, from += run.Next, to += run.Channels)
            for (int c = 0; c < run.Channels; c += V.Count)
            {
                float* p = from + c, q = p + 2 * row;
                V e0 = V.Fma(V.Load(q), square, V.Load(p)), o0 = V.Fma(V.Load(q + row), square, V.Load(p + row));
                V e1 = V.Fma(V.Load(q + pixel), square, V.Load(p + pixel)), o1 = V.Fma(V.Load(q + row + pixel), square, V.Load(p + row + pixel));
                V e2 = V.Fma(V.Load(q + 2 * pixel), square, V.Load(p + 2 * pixel)),
                    o2 = V.Fma(V.Load(q + row + 2 * pixel), square, V.Load(p + row + 2 * pixel));
                V e3 = V.Fma(V.Load(q + 3 * pixel), square, V.Load(p + 3 * pixel)),
                    o3 = V.Fma(V.Load(q + row + 3 * pixel), square, V.Load(p + row + 3 * pixel));
                WinogradLine.Spread(V.Fma(o0, x, e0), V.Fma(o1, x, e1), V.Fma(o2, x, e2), V.Fma(o3, x, e3), to + c, plane);
                WinogradLine.Spread(V.Fma(o0, minus, e0), V.Fma(o1, minus, e1), V.Fma(o2, minus, e2), V.Fma(o3, minus, e3), to + c + 6 * plane, plane);
            }
    }

    public static void Result<V>(in PatchRun run) where V : struct, ILanes<V>
    {
        Even<V, OfTiles>(run);
        Odd<V, OfTiles>(run);
    }

    public static void WindowGradient<V>(in PatchRun run) where V : struct, ILanes<V>
    {
        Even<V, OfWindows>(run);
        Odd<V, OfWindows>(run);
    }

    /// <summary>Whether planes are taken back to rows of windows, to which they are added, or of tiles.</summary>
    private interface IRowsOf
    {
        static abstract bool Windows { get; }
    }

    private readonly struct OfTiles : IRowsOf { public static bool Windows => false; }

    private readonly struct OfWindows : IRowsOf { public static bool Windows => true; }

    /// <summary>Rows 0 and 2 of the tiles; rows 0, 2 and 4 of the windows.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void Even<V, R>(in PatchRun run) where V : struct, ILanes<V> where R : struct, IRowsOf
    {
        nint row = run.Row, pixel = run.Pixel, plane = run.Plane, next = 6 * plane;
        float* from = run.Planes, to = run.Pixels;
        V aa = V.Of(WinogradChoice.A * WinogradChoice.A), bb = V.Of(WinogradChoice.B * WinogradChoice.B),
            both = V.Of(-WinogradChoice.A * WinogradChoice.A - WinogradChoice.B * WinogradChoice.B);
        V product = V.Of(WinogradChoice.A * WinogradChoice.A * WinogradChoice.B * WinogradChoice.B), minusA = -aa, minusB = -bb;
        for (int tile = 0; tile < run.Count; tile++, from += run.Channels, to += run.Next)
            for (int c = 0; c < run.Channels; c += V.Count)
            {
                float* p = from + c, q = p + 2 * next, t = to + c;
                V a0 = V.Load(q) + V.Load(q + next), b0 = V.Load(q + 2 * next) + V.Load(q + 3 * next), z0 = V.Load(p);
                q += plane;
                V a1 = V.Load(q) + V.Load(q + next), b1 = V.Load(q + 2 * next) + V.Load(q + 3 * next), z1 = V.Load(p + plane);
                q += plane;
                V a2 = V.Load(q) + V.Load(q + next), b2 = V.Load(q + 2 * next) + V.Load(q + 3 * next), z2 = V.Load(p + 2 * plane);
                q += plane;
                V a3 = V.Load(q) + V.Load(q + next), b3 = V.Load(q + 2 * next) + V.Load(q + 3 * next), z3 = V.Load(p + 3 * plane);
                q += plane;
                V a4 = V.Load(q) + V.Load(q + next), b4 = V.Load(q + 2 * next) + V.Load(q + 3 * next), z4 = V.Load(p + 4 * plane);
                q += plane;
                V a5 = V.Load(q) + V.Load(q + next), b5 = V.Load(q + 2 * next) + V.Load(q + 3 * next), z5 = V.Load(p + 5 * plane);
                if (R.Windows)
                {
                    WinogradLine.Scatter(product * z0, product * z1, product * z2, product * z3, product * z4, product * z5, t, pixel);
                    WinogradLine.Scatter(
                        V.Fma(both, z0, V.Fma(minusB, a0, minusA * b0)), V.Fma(both, z1, V.Fma(minusB, a1, minusA * b1)),
                            V.Fma(both, z2, V.Fma(minusB, a2, minusA * b2)),
                        V.Fma(both, z3, V.Fma(minusB, a3, minusA * b3)), V.Fma(both, z4, V.Fma(minusB, a4, minusA * b4)),
                            V.Fma(both, z5, V.Fma(minusB, a5, minusA * b5)), t + 2 * row, pixel);
                    WinogradLine.Scatter(z0 + a0 + b0, z1 + a1 + b1, z2 + a2 + b2, z3 + a3 + b3, z4 + a4 + b4, z5 + a5 + b5, t + 4 * row, pixel);
                    continue;
                }
                WinogradLine.Gather(z0 + a0 + b0, z1 + a1 + b1, z2 + a2 + b2, z3 + a3 + b3, z4 + a4 + b4, z5 + a5 + b5, t, pixel);
                WinogradLine.Gather(
                    V.Fma(bb, b0, aa * a0), V.Fma(bb, b1, aa * a1), V.Fma(bb, b2, aa * a2),
                    V.Fma(bb, b3, aa * a3), V.Fma(bb, b4, aa * a4), V.Fma(bb, b5, aa * a5), t + 2 * row, pixel);
            }
    }

    /// <summary>Rows 1 and 3 of the tiles; rows 1, 3 and 5 of the windows.</summary>
    [MethodImpl(Jit.Kernel)]
    private static void Odd<V, R>(in PatchRun run) where V : struct, ILanes<V> where R : struct, IRowsOf
    {
        nint row = run.Row, pixel = run.Pixel, plane = run.Plane, next = 6 * plane;
        float* from = run.Planes + next, to = run.Pixels + row;
        V a = V.Of(WinogradChoice.A), b = V.Of(WinogradChoice.B), aaa = V.Of(WinogradChoice.A * WinogradChoice.A * WinogradChoice.A),
            bbb = V.Of(WinogradChoice.B * WinogradChoice.B * WinogradChoice.B);
        V abb = V.Of(-WinogradChoice.A * WinogradChoice.B * WinogradChoice.B), aab = V.Of(-WinogradChoice.A * WinogradChoice.A * WinogradChoice.B);
        V both = V.Of(-WinogradChoice.A * WinogradChoice.A - WinogradChoice.B * WinogradChoice.B),
            product = V.Of(WinogradChoice.A * WinogradChoice.A * WinogradChoice.B * WinogradChoice.B);
        for (int tile = 0; tile < run.Count; tile++, from += run.Channels, to += run.Next)
            for (int c = 0; c < run.Channels; c += V.Count)
            {
                float* p = from + c, q = p + next, t = to + c;
                V a0 = V.Load(q) - V.Load(q + next), b0 = V.Load(q + 2 * next) - V.Load(q + 3 * next), z0 = V.Load(p);
                q += plane;
                V a1 = V.Load(q) - V.Load(q + next), b1 = V.Load(q + 2 * next) - V.Load(q + 3 * next), z1 = V.Load(p + plane);
                q += plane;
                V a2 = V.Load(q) - V.Load(q + next), b2 = V.Load(q + 2 * next) - V.Load(q + 3 * next), z2 = V.Load(p + 2 * plane);
                q += plane;
                V a3 = V.Load(q) - V.Load(q + next), b3 = V.Load(q + 2 * next) - V.Load(q + 3 * next), z3 = V.Load(p + 3 * plane);
                q += plane;
                V a4 = V.Load(q) - V.Load(q + next), b4 = V.Load(q + 2 * next) - V.Load(q + 3 * next), z4 = V.Load(p + 4 * plane);
                q += plane;
                V a5 = V.Load(q) - V.Load(q + next), b5 = V.Load(q + 2 * next) - V.Load(q + 3 * next), z5 = V.Load(p + 5 * plane);
                if (R.Windows)
                {
                    WinogradLine.Scatter(
                        V.Fma(product, z0, V.Fma(abb, a0, aab * b0)), V.Fma(product, z1, V.Fma(abb, a1, aab * b1)),
                            V.Fma(product, z2, V.Fma(abb, a2, aab * b2)),
                        V.Fma(product, z3, V.Fma(abb, a3, aab * b3)), V.Fma(product, z4, V.Fma(abb, a4, aab * b4)),
                            V.Fma(product, z5, V.Fma(abb, a5, aab * b5)), t, pixel);
                    WinogradLine.Scatter(
                        V.Fma(both, z0, V.Fma(a, a0, b * b0)), V.Fma(both, z1, V.Fma(a, a1, b * b1)), V.Fma(both, z2, V.Fma(a, a2, b * b2)),
                        V.Fma(both, z3, V.Fma(a, a3, b * b3)), V.Fma(both, z4, V.Fma(a, a4, b * b4)), V.Fma(both, z5, V.Fma(a, a5, b * b5)), t + 2 * row,
                            pixel);
                    WinogradLine.Scatter(z0, z1, z2, z3, z4, z5, t + 4 * row, pixel);
                    continue;
                }
                WinogradLine.Gather(
                    V.Fma(b, b0, a * a0), V.Fma(b, b1, a * a1), V.Fma(b, b2, a * a2),
                    V.Fma(b, b3, a * a3), V.Fma(b, b4, a * a4), V.Fma(b, b5, a * a5), t, pixel);
                WinogradLine.Gather(
                    V.Fma(bbb, b0, V.Fma(aaa, a0, z0)), V.Fma(bbb, b1, V.Fma(aaa, a1, z1)), V.Fma(bbb, b2, V.Fma(aaa, a2, z2)),
                    V.Fma(bbb, b3, V.Fma(aaa, a3, z3)), V.Fma(bbb, b4, V.Fma(aaa, a4, z4)), V.Fma(bbb, b5, V.Fma(aaa, a5, z5)), t + 2 * row, pixel);
            }
    }

    /// <summary>Columns first, into a room of 18 rows, then rows.</summary>
    public static void Weights<V>(float* from, nint tap, int columns, float* to, nint plane) where V : struct, ILanes<V>
    {
        float* room = stackalloc float[18 * V.Count];
        for (int c = 0; c < columns; c += V.Count)
        {
            int lanes = Math.Min(V.Count, columns - c);
            for (int j = 0; j < 3; j++) WinogradLine.Transform<V>(from + c + j * tap, 3 * tap, lanes, room + j * V.Count, 3 * V.Count);
            for (int i = 0; i < 6; i++) WinogradLine.Transform<V>(room + 3 * i * V.Count, V.Count, V.Count, to + c + 6 * i * plane, plane);
        }
    }

    public static void WeightGradient<V>(float* from, nint plane, int parts, nint part, int columns, float* to, nint tap) where V : struct, ILanes<V>
    {
        float* room = stackalloc float[18 * V.Count];
        for (int c = 0; c < columns; c += V.Count)
        {
            int lanes = Math.Min(V.Count, columns - c);
            for (int i = 0; i < 6; i++) WinogradLine.Turn<V>(from + c + 6 * i * plane, plane, parts, part, room + 3 * i * V.Count, V.Count, V.Count);
            for (int j = 0; j < 3; j++) WinogradLine.Turn<V>(room + j * V.Count, 3 * V.Count, 1, 0, to + c + j * tap, 3 * tap, lanes);
        }
    }
}
