using System.Diagnostics;
using System.Runtime.InteropServices;
using Lamina.Tensors.Engines.Cpu;

namespace Lamina.Bench.Harness;

/// <summary>The rate that memory-bound work is held against: a plain copy of as many bytes on the same threads.</summary>
internal static unsafe class PlainCopy
{
    private const int Piece = 1 << 18;

    private static byte* s_from, s_to;
    private static long s_room;

    /// <summary>Bytes read and written a second while <paramref name="touched"/> bytes are, half of them read and half written.</summary>
    public static double Measure(long touched)
    {
        long size = touched / 2 / Piece * Piece;
        if (size > s_room)
        {
            s_from = Fresh(size);
            s_to = Fresh(size);
            s_room = size;
        }
        var copy = new Copy();
        double best = double.MaxValue;
        for (int run = 0; run < 3; run++)
        {
            long began = Stopwatch.GetTimestamp();
            CpuPool.Shared.For((int)(size / Piece), 1, ref copy);
            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
        return 2 * size / best;
    }

    private static byte* Fresh(long size)
    {
        byte* memory = (byte*)NativeMemory.AlignedAlloc((nuint)size, 4096);
        for (long i = 0; i < size; i += 4096) memory[i] = 1;
        return memory;
    }

    private struct Copy : IRegion
    {
        public readonly void Run(int begin, int end)
        {
            for (int i = begin; i < end; i++) Buffer.MemoryCopy(s_from + (long)i * Piece, s_to + (long)i * Piece, Piece, Piece);
        }
    }
}
