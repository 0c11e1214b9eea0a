using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lamina.Tensors;

/// <summary>The memory of tensors: pinned, 64-byte aligned, owned by the garbage collector.</summary>
internal unsafe class Storage
{
    private const int Alignment = 64;
    private const int SmallBytes = 1024, NurseryBytes = 64 * 1024;

    // Small results share a block: a pinned allocation of its own costs more than the op that fills it.
    [ThreadStatic] private static byte[]? s_nursery;
    [ThreadStatic] private static int s_nurseryUsed;

    private readonly byte[] _bytes;
    private int _version;

    private Storage(byte[] bytes, int offset, long length)
    {
        _bytes = bytes;
        Address = Unsafe.AsPointer(ref bytes[Aligned(bytes, offset)]);
        Length = length;
    }

    /// <summary>The first byte, a multiple of 64.</summary>
    public void* Address { get; }

    /// <summary>The usable length in bytes.</summary>
    public long Length { get; }

    /// <summary>Who writes to it again and again: whoever keeps a value from here has to copy it.</summary>
    public Rewriter Rewriter { get; set; }

    /// <summary>Whether anybody writes to it again.</summary>
    public bool IsRewritten => Rewriter != Rewriter.None;

    /// <summary>Counts the times that it was written to again: even, or odd while that goes on.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Begins to write: what was read from here up to now is no longer valid. False where somebody is writing already.</summary>
    public bool TryBeginRewrite()
    {
        int version = _version;
        return (version & 1) == 0 && Interlocked.CompareExchange(ref _version, version + 1, version) == version;
    }

    /// <summary>The new values are there.</summary>
    public void EndRewrite() => Volatile.Write(ref _version, _version + 1);

    /// <summary>Whether spans of it were handed out: they may outlive their tensor, so the memory is not used again.</summary>
    protected bool IsLent { get; private set; }

    /// <summary>Memory with whatever values it had.</summary>
    public static Storage Rent(long bytes)
    {
        if (bytes > Array.MaxLength - Alignment)
            throw new Shapes.TensorException($"a tensor of {bytes:N0} bytes: one tensor holds at most {Array.MaxLength - Alignment:N0}",
                "a smaller batch, or split it along its first axis");
        if (bytes <= SmallBytes) return RentSmall((int)bytes);
        if (StoragePool.Takes(bytes)) return new Recycled(StoragePool.Take((int)bytes + Alignment), bytes);
        return new(GC.AllocateUninitializedArray<byte>((int)bytes + Alignment, pinned: true), 0, bytes);
    }

    /// <summary>Bytes from an offset on, which keep the memory alive for as long as they are held.</summary>
    public ReadOnlySpan<T> Lend<T>(nint offset, int count) where T : unmanaged
    {
        IsLent = true;
        nint first = (nint)Address - (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_bytes));
        return MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, T>(ref Unsafe.AddByteOffset(ref MemoryMarshal.GetArrayDataReference(_bytes),
            first + offset)), count);
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
        int offset = s_nurseryUsed;
        s_nurseryUsed += rounded;
        return new(nursery, offset, bytes);
    }

    private static int Aligned(byte[] array, int offset)
    {
        nint start = (nint)Unsafe.AsPointer(ref array[0]);
        return (int)(((start + Alignment - 1) & -Alignment) - start) + offset;
    }

    /// <summary>Memory that is used again once nobody has it any more.</summary>
    private sealed class Recycled(byte[] bytes, long length) : Storage(bytes, 0, length)
    {
        ~Recycled() => StoragePool.Return(_bytes, isFree: !IsLent);
    }
}

/// <summary>Who overwrites the memory of a tensor.</summary>
internal enum Rewriter : byte
{
    /// <summary>Nobody.</summary>
    None,
    /// <summary>The next run of the plan whose result it is.</summary>
    Run,
    /// <summary>A plan that updates the variable whose value it is.</summary>
    Update,
    /// <summary>The loader of batches.</summary>
    Loader,
}
