using System.Diagnostics;
using System.Runtime.InteropServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Bench.Harness;

/// <summary>The peak that arithmetic is held against: the engine's own micro-kernel on one core, on data in the L1 cache.</summary>
internal static unsafe class MicroKernelRate
{
    // Six rows of A and two vectors of B: 3 KB and, with 512-bit vectors, 16 KB.
    private const int Depth = 128, MostColumns = 32, Calls = 2000;

    private const int Floats = MicroKernel.Rows * Depth + Depth * MostColumns + MicroKernel.Rows * MostColumns;

    /// <summary>Multiply-adds a second on one core, the best of a few short runs.</summary>
    public static double Measure() => Tiers.Current switch
    {
        Tier.Vector512 => Measure<F512>(),
        Tier.Vector256 => Measure<F256>(),
        _ => Measure<F128>(),
    };

    /// <summary>
    /// What a thread gets done when so many run at once, as a share of what it does alone: near 1 where each has a core, near a half
    /// where two were given the halves of one, which a shared machine does for seconds at a time.
    /// </summary>
    public static double ShareTogether(int threads)
    {
        double alone = Measure();
        double[] rates = new double[threads];
        Thread[] others = [.. Enumerable.Range(1, threads - 1).Select(i => new Thread(() => rates[i] = Measure()))];
        foreach (Thread other in others) other.Start();
        rates[0] = Measure();
        foreach (Thread other in others) other.Join();
        return rates.Min() / alone;
    }

    private static double Measure<V>() where V : struct, ILanes<V>
    {
        float* memory = (float*)NativeMemory.AlignedAlloc(sizeof(float) * Floats, 64);
        new Span<float>(memory, Floats).Fill(0.5f);
        int columns = 2 * V.Count;
        float* b = memory, a = b + Depth * columns, c = a + MicroKernel.Rows * Depth;
        float** rowsA = stackalloc float*[MicroKernel.Rows], rowsC = stackalloc float*[MicroKernel.Rows];
        for (int r = 0; r < MicroKernel.Rows; r++)
        {
            rowsA[r] = a + r * Depth;
            rowsC[r] = c + r * columns;
        }
        double best = 0;
        for (int run = 0; run < 4; run++)
        {
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < Calls; i++)
                MicroKernel.Run<V, EvenWalk>(rowsA, 0, 1, Depth, b, columns, rowsC, 0, MicroKernel.Rows, columns, accumulate: false);
            best = Math.Max(best, Calls * (double)MicroKernel.Rows * columns * Depth / Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
        NativeMemory.AlignedFree(memory);
        return best;
    }
}
