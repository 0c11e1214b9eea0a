using System.Runtime.CompilerServices;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Memory;

/// <summary>Copies strided memory into compact memory.</summary>
internal static unsafe class Strided
{
    private const int FillAtOnce = 2048;

    /// <summary>Copies all elements of <paramref name="from"/> side by side to <paramref name="to"/>.</summary>
    public static void Copy(in View from, void* to) => Copy(from, 0, from.Count, to);

    /// <summary>Copies elements [begin, end), counted in row-major order, side by side to <paramref name="to"/>.</summary>
    public static void Copy(in View from, int begin, int end, void* to)
    {
        if (begin >= end) return;
        if (from.Strides.IsCompact(from.Shape))
        {
            long size = from.DType.Size, bytes = (end - begin) * size;
            Buffer.MemoryCopy((byte*)from.Data + begin * size, to, bytes, bytes);
            return;
        }
        switch (from.DType.Size)
        {
            case 1: Copy<byte>(from, begin, end, (byte*)to); break;
            case 2: Copy<ushort>(from, begin, end, (ushort*)to); break;
            case 4: Copy<uint>(from, begin, end, (uint*)to); break;
            default: Copy<ulong>(from, begin, end, (ulong*)to); break;
        }
    }

    /// <summary>Writes one element of <paramref name="size"/> bytes <paramref name="count"/> times, side by side.</summary>
    public static void Fill(void* element, int size, void* to, int count)
    {
        switch (size)
        {
            case 1: Fill(*(byte*)element, (byte*)to, count); break;
            case 2: Fill(*(ushort*)element, (ushort*)to, count); break;
            case 4: Fill(*(uint*)element, (uint*)to, count); break;
            default: Fill(*(ulong*)element, (ulong*)to, count); break;
        }
    }

    /// <summary>
    /// Writes a value <paramref name="count"/> times: a few, and then what is there behind itself. (A span's Fill is vectorised,
    /// which has to be compiled in each process: milliseconds of its start.)
    /// </summary>
    public static void Fill<T>(T value, T* to, int count) where T : unmanaged
    {
        int done = Math.Min(count, 8);
        for (int i = 0; i < done; i++) to[i] = value;
        for (int more; done < count; done += more)
        {
            more = Math.Min(Math.Min(done, FillAtOnce), count - done);
            Unsafe.CopyBlockUnaligned(to + done, to, (uint)(more * sizeof(T)));
        }
    }

    /// <summary>Copies every element of one view to the same index of another of that shape and type.</summary>
    public static void Scatter(in View from, in View to)
    {
        switch (from.DType.Size)
        {
            case 1: Scatter<byte>(from, to); break;
            case 2: Scatter<ushort>(from, to); break;
            case 4: Scatter<uint>(from, to); break;
            default: Scatter<ulong>(from, to); break;
        }
    }

    private static void Scatter<T>(in View from, in View to) where T : unmanaged
    {
        int rank = from.Shape.Rank, length = rank > 0 ? from.Shape[rank - 1] : 1;
        int fromStep = rank > 0 ? from.Strides[rank - 1] : 0, toStep = rank > 0 ? to.Strides[rank - 1] : 0;
        Span<int> index = stackalloc int[Shape.MaxRank];
        T* source = (T*)from.Data, target = (T*)to.Data;
        for (int rows = from.Count / length; rows > 0; rows--)
        {
            for (int i = 0; i < length; i++) target[(nint)i * toStep] = source[(nint)i * fromStep];
            for (int axis = rank - 2; axis >= 0; axis--)
            {
                source += from.Strides[axis];
                target += to.Strides[axis];
                if (++index[axis] < from.Shape[axis]) break;
                source -= (nint)from.Shape[axis] * from.Strides[axis];
                target -= (nint)to.Shape[axis] * to.Strides[axis];
                index[axis] = 0;
            }
        }
    }

    private static void Copy<T>(in View from, int begin, int end, T* to) where T : unmanaged
    {
        T* data = (T*)from.Data;
        int rank = from.Shape.Rank;
        if (rank == 0)
        {
            *to = *data;
            return;
        }
        int length = from.Shape[rank - 1], step = from.Strides[rank - 1];
        Span<int> index = stackalloc int[Shape.MaxRank];
        int rest = begin;
        nint offset = 0;
        for (int axis = rank - 1; axis >= 0; axis--)
        {
            index[axis] = rest % from.Shape[axis];
            rest /= from.Shape[axis];
            if (axis < rank - 1) offset += (nint)index[axis] * from.Strides[axis];
        }
        int column = index[rank - 1];
        while (begin < end)
        {
            int run = Math.Min(length - column, end - begin);
            Run(data + offset + (nint)column * step, step, to, run);
            to += run;
            begin += run;
            column = 0;
            for (int axis = rank - 2; axis >= 0; axis--)
            {
                offset += from.Strides[axis];
                if (++index[axis] < from.Shape[axis]) break;
                offset -= (nint)from.Shape[axis] * from.Strides[axis];
                index[axis] = 0;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Run<T>(T* from, int step, T* to, int count) where T : unmanaged
    {
        if (step == 1) Unsafe.CopyBlockUnaligned(to, from, (uint)(count * sizeof(T)));
        else if (step == 0) Fill(*from, to, count);
        else for (int i = 0; i < count; i++) to[i] = from[(nint)i * step];
    }
}
