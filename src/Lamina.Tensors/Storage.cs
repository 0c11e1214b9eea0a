using System.Runtime.CompilerServices;

namespace Lamina.Tensors;

/// <summary>The memory of tensors: pinned, 64-byte aligned, owned by the garbage collector.</summary>
internal sealed unsafe class Storage
{
    private const int Alignment = 64;
    private const int SmallBytes = 1024, NurseryBytes = 64 * 1024;

    // Small results share a block: a pinned allocation of its own costs more than the op that fills it.
    [ThreadStatic] private static byte[]? s_nursery;
    [ThreadStatic] private static int s_nurseryUsed;

    private readonly byte[] _bytes;

    private Storage(byte[] bytes, nint address, long length)
    {
        _bytes = bytes;
        Address = (void*)address;
        Length = length;
    }

    /// <summary>The first byte, a multiple of 64.</summary>
    public void* Address { get; }

    /// <summary>The usable length in bytes.</summary>
    public long Length { get; }

    /// <summary>Whether a plan writes to it at every run: who keeps a value from here has to copy it.</summary>
    public bool IsRewritten { get; set; }

    /// <summary>Memory with whatever values it had.</summary>
    public static Storage Rent(long bytes)
    {
        if (bytes > Array.MaxLength - Alignment)
            throw new Shapes.TensorException($"a tensor of {bytes:N0} bytes: one tensor holds at most {Array.MaxLength - Alignment:N0}", "split it along its first axis");
        if (bytes <= SmallBytes) return RentSmall((int)bytes);
        byte[] array = GC.AllocateUninitializedArray<byte>((int)bytes + Alignment, pinned: true);
        return new(array, Align(array, 0), bytes);
    }

    private static Storage RentSmall(int bytes)
    {
        int rounded = Math.Max(Alignment, (bytes + Alignment - 1) & -Alignment);
        byte[]? nursery = s_nursery;
        if (nursery is null || s_nurseryUsed + rounded > NurseryBytes)
        {
            s_nursery = nursery = GC.AllocateUninitializedArray<byte>(NurseryBytes + Alignment, pinned: true);
            s_nurseryUsed = 0;
        }
        nint address = Align(nursery, s_nurseryUsed);
        s_nurseryUsed += rounded;
        return new(nursery, address, bytes);
    }

    private static nint Align(byte[] array, int offset)
    {
        nint start = (nint)Unsafe.AsPointer(ref array[0]);
        return ((start + Alignment - 1) & -Alignment) + offset;
    }
}
