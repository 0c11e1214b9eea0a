using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Lamina.Tensors.Engines.Cpu.Vectors;

/// <summary>Prefetches memory that is needed soon: a tile may end where a page does, where the hardware prefetcher stops.</summary>
internal static unsafe class Prefetch
{
    private const int LineBytes = 64, LongRow = 512;

    /// <summary>Whether this machine has prefetch instructions.</summary>
    public static bool IsSupported { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => Sse.IsSupported; }

    /// <summary>Brings elements [from, from + count) of so many bytes each to L2, without waiting for them.</summary>
    [MethodImpl(Jit.Kernel)]
    public static void Elements(byte* data, int from, int count, int size)
    {
        byte* p = data + (nint)from * size, end = p + (nint)count * size;
        for (; p < end; p += LineBytes) Sse.Prefetch1(p);
    }

    /// <summary>The same for the rows that are worked on next, where they are long enough that computing on one leaves the memory idle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Rows(byte* data, nint pitch, int rows)
    {
        if (pitch >= LongRow && rows > 0 && IsSupported) Elements(data, 0, rows, (int)pitch);
    }

    /// <summary>Brings one line to L1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Line(byte* p)
    {
        if (IsSupported) Sse.Prefetch0(p);
    }

    /// <summary>Brings some bytes to L1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Lines(byte* p, nint bytes)
    {
        if (!IsSupported) return;
        for (byte* end = p + bytes; p < end; p += LineBytes) Sse.Prefetch0(p);
    }
}
