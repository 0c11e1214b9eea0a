using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Lamina.Tensors.Engines.Cpu;

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
        for (int p = begin; p < end; p++)
        {
            float* from = b + p * Width * step, panel = to + p * (pitch == 0 ? (nint)Width * k : pitch);
            int columns = Math.Min(Width, n - p * Width);
            if (step == 1) Copy(from, panel, columns);
            else if (row == 1) Transpose(from, panel, columns);
            else
                for (int i = 0; i < k; i++)
                    for (int j = 0; j < Width; j++) panel[i * Width + j] = j < columns ? from[i * row + j * step] : 0;
        }
    }

    [MethodImpl(Jit.Kernel)]
    private void Copy(float* from, float* panel, int columns)
    {
        if (columns == Width)
        {
            for (int i = 0; i < k; i++, from += row, panel += Width)
            {
                V first = V.Load(from), second = V.Load(from + V.Count);
                V.Store(first, panel);
                V.Store(second, panel + V.Count);
            }
            return;
        }
        for (int i = 0; i < k; i++, from += row, panel += Width)
            for (int j = 0; j < Width; j += V.Count)
                V.Store(columns >= j + V.Count ? V.Load(from + j) : V.LoadPart(from + j, Math.Max(0, columns - j)), panel + j);
    }

    /// <summary>Columns that lie along memory, four by four through registers.</summary>
    [MethodImpl(Jit.Kernel)]
    private void Transpose(float* from, float* panel, int columns)
    {
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4(float* from, nint step, float* to, nint width)
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
