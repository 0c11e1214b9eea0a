using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Products;

/// <summary>
/// Copies B (k × n, any strides) into panels of a tile's width: panel p holds columns [p · width, …) as k rows side by
/// side, zeros past the last column. A panel is a unit of work.
/// </summary>
internal readonly unsafe struct PackColumns<V>(float* b, nint row, nint step, int k, int n, float* to, nint pitch = 0) : IRegion where V : struct, ILanes<V>
{
    private static int Width => 2 * V.Count;

    public int Panels => (n + Width - 1) / Width;
    public long Elements => (long)k * n;
    public long Bytes => (long)Panels * Width * k * sizeof(float);
    public int Grain => (int)Math.Clamp(16_384 / Math.Max(1L, (long)k * Width), 1, Panels);

    /// <summary>The same packing into panels at an address, <paramref name="panelPitch"/> elements apart or (0) side by side.</summary>
    public PackColumns<V> To(float* target, nint panelPitch = 0) => new(b, row, step, k, n, target, panelPitch);

    public void Run(int begin, int end)
    {
        if (step == 1)
        {
            // Several panels row by row: what lies side by side is read together, which is easier on pages and prefetching.
            const int Together = 8;
            for (int p = begin; p < end; p += Together) Copy(p, Math.Min(p + Together, end));
            return;
        }
        for (int p = begin; p < end; p++)
        {
            float* from = b + p * Width * step, panel = to + p * (pitch == 0 ? (nint)Width * k : pitch);
            int columns = Math.Min(Width, n - p * Width);
            if (row == 1) Transpose(from, panel, columns);
            else
                for (int i = 0; i < k; i++)
                    for (int j = 0; j < Width; j++) panel[i * Width + j] = j < columns ? from[i * row + j * step] : 0;
        }
    }

    [MethodImpl(Jit.Kernel)]
    private void Copy(int begin, int end)
    {
        nint next = pitch == 0 ? (nint)Width * k : pitch;
        int whole = Math.Min(end, n / Width);
        float* line = b + begin * Width, target = to + begin * next;
        for (int i = 0; i < k; i++, line += row, target += Width)
        {
            float* from = line, panel = target;
            for (int p = begin; p < whole; p++, from += Width, panel += next)
            {
                V first = V.Load(from), second = V.Load(from + V.Count);
                V.Store(first, panel);
                V.Store(second, panel + V.Count);
            }
            if (whole < end)
                for (int j = 0, columns = n - whole * Width; j < Width; j += V.Count)
                    V.Store(columns >= j + V.Count ? V.Load(from + j) : V.LoadPart(from + j, Math.Max(0, columns - j)), panel + j);
        }
    }

    /// <summary>Columns that lie along memory, sixteen by sixteen or four by four through registers.</summary>
    [MethodImpl(Jit.Kernel)]
    private void Transpose(float* from, float* panel, int columns)
    {
        if (V.Count == F512.Count && columns == Width && Avx512F.IsSupported)
        {
            int whole = k & ~15;
            for (int j = 0; j < Width; j += 16)
                for (int i = 0; i < whole; i += 16)
                    Transpose16(from + i + j * step, step, panel + (nint)i * Width + j, Width);
            for (int i = whole; i < k; i++)
                for (int j = 0; j < Width; j++) panel[i * Width + j] = from[i + j * step];
            return;
        }
        for (int j = 0; j < Width; j += 4)
        {
            float* c = from + j * step, t = panel + j;
            int i = 0;
            if (j + 4 <= columns)
                for (; i + 4 <= k; i += 4, c += 4, t += 4 * Width)
                    Transpose4(c, step, t, Width);
            for (; i < k; i++, c++, t += Width)
                for (int q = 0; q < 4; q++) t[q] = j + q < columns ? c[q * step] : 0;
        }
    }

    /// <summary>
    /// Sixteen numbers of each of sixteen columns. Each is read once as a whole: columns that lie multiples of 2 KB apart would throw
    /// one another out of L1 between two visits.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose16(float* from, nint step, float* to, nint width)
    {
        // Of four columns: which of four numbers, in each quarter.
        Quarter(from, step, out Vector512<float> a0, out Vector512<float> a1, out Vector512<float> a2, out Vector512<float> a3);
        Quarter(from + 4 * step, step, out Vector512<float> b0, out Vector512<float> b1, out Vector512<float> b2, out Vector512<float> b3);
        Quarter(from + 8 * step, step, out Vector512<float> c0, out Vector512<float> c1, out Vector512<float> c2, out Vector512<float> c3);
        Quarter(from + 12 * step, step, out Vector512<float> d0, out Vector512<float> d1, out Vector512<float> d2, out Vector512<float> d3);
        Gather(a0, b0, c0, d0, to, 4 * width);
        Gather(a1, b1, c1, d1, to + width, 4 * width);
        Gather(a2, b2, c2, d2, to + 2 * width, 4 * width);
        Gather(a3, b3, c3, d3, to + 3 * width, 4 * width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarter(float* from, nint step, out Vector512<float> x0, out Vector512<float> x1, out Vector512<float> x2, out Vector512<float> x3)
    {
        Vector512<float> a = Vector512.Load(from), b = Vector512.Load(from + step), c = Vector512.Load(from + 2 * step), d = Vector512.Load(from + 3 * step);
        Vector512<double> ab = Avx512F.UnpackLow(a, b).AsDouble(), cd = Avx512F.UnpackLow(c, d).AsDouble();
        Vector512<double> AB = Avx512F.UnpackHigh(a, b).AsDouble(), CD = Avx512F.UnpackHigh(c, d).AsDouble();
        x0 = Avx512F.UnpackLow(ab, cd).AsSingle();
        x1 = Avx512F.UnpackHigh(ab, cd).AsSingle();
        x2 = Avx512F.UnpackLow(AB, CD).AsSingle();
        x3 = Avx512F.UnpackHigh(AB, CD).AsSingle();
    }

    // The first quarters of all four to the first row, the second quarters to the next.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gather(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* to, nint next)
    {
        Vector512<float> ab = Avx512F.Shuffle4x128(a, b, 0x44), AB = Avx512F.Shuffle4x128(a, b, 0xEE);
        Vector512<float> cd = Avx512F.Shuffle4x128(c, d, 0x44), CD = Avx512F.Shuffle4x128(c, d, 0xEE);
        Avx512F.Shuffle4x128(ab, cd, 0x88).Store(to);
        Avx512F.Shuffle4x128(ab, cd, 0xDD).Store(to + next);
        Avx512F.Shuffle4x128(AB, CD, 0x88).Store(to + 2 * next);
        Avx512F.Shuffle4x128(AB, CD, 0xDD).Store(to + 3 * next);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Transpose4(float* from, nint step, float* to, nint width)
    {
        Vector128<float> a = Vector128.Load(from), b = Vector128.Load(from + step), c = Vector128.Load(from + 2 * step), d = Vector128.Load(from + 3 * step);
        if (Sse.IsSupported)
        {
            Vector128<float> ab = Sse.UnpackLow(a, b), cd = Sse.UnpackLow(c, d), AB = Sse.UnpackHigh(a, b), CD = Sse.UnpackHigh(c, d);
            Sse.MoveLowToHigh(ab, cd).Store(to);
            Sse.MoveHighToLow(cd, ab).Store(to + width);
            Sse.MoveLowToHigh(AB, CD).Store(to + 2 * width);
            Sse.MoveHighToLow(CD, AB).Store(to + 3 * width);
        }
        else if (AdvSimd.Arm64.IsSupported)
        {
            Vector128<double> ab = AdvSimd.Arm64.ZipLow(a, b).AsDouble(), cd = AdvSimd.Arm64.ZipLow(c, d).AsDouble();
            Vector128<double> AB = AdvSimd.Arm64.ZipHigh(a, b).AsDouble(), CD = AdvSimd.Arm64.ZipHigh(c, d).AsDouble();
            AdvSimd.Arm64.ZipLow(ab, cd).AsSingle().Store(to);
            AdvSimd.Arm64.ZipHigh(ab, cd).AsSingle().Store(to + width);
            AdvSimd.Arm64.ZipLow(AB, CD).AsSingle().Store(to + 2 * width);
            AdvSimd.Arm64.ZipHigh(AB, CD).AsSingle().Store(to + 3 * width);
        }
        else
            for (int i = 0; i < 4; i++)
                for (int j = 0; j < 4; j++) to[i * width + j] = from[j * step + i];
    }
}
