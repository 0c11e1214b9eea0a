using System.Runtime.InteropServices;

namespace Lamina.Tensors.Engines.Cpu.Memory;

/// <summary>
/// Working memory of the running thread for kernels that pack or transform: it grows to the largest size asked for
/// and stays, so a warm step allocates nothing. A slot is one buffer; a kernel uses each slot for one thing at a time.
/// </summary>
internal static unsafe class Scratch
{
    private const int Slots = 8;

    [ThreadStatic] private static Buffers? s_buffers;

    /// <summary>At least <paramref name="bytes"/> bytes, 64-byte aligned, with whatever values they had.</summary>
    public static void* Get(int slot, long bytes)
    {
        Buffers buffers = s_buffers ??= new Buffers();
        if (buffers.Sizes[slot] < bytes) buffers.Grow(slot, bytes);
        return (void*)buffers.Pointers[slot];
    }

    private sealed class Buffers
    {
        public readonly nint[] Pointers = new nint[Slots];
        public readonly long[] Sizes = new long[Slots];

        public void Grow(int slot, long bytes)
        {
            bytes = (bytes + 4095) & ~4095L;
            NativeMemory.AlignedFree((void*)Pointers[slot]);
            Pointers[slot] = 0;
            Sizes[slot] = 0;
            Pointers[slot] = (nint)NativeMemory.AlignedAlloc((nuint)bytes, 64);
            Sizes[slot] = bytes;
        }

        ~Buffers()
        {
            foreach (nint pointer in Pointers) NativeMemory.AlignedFree((void*)pointer);
        }
    }
}
