using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Reductions;

/// <summary>A value as an unsigned key that orders as it does, and where it stood: sorting these is stable.</summary>
internal readonly record struct Ranked(ulong Key, int Index)
{
    public bool IsBefore(in Ranked other) => Key != other.Key ? Key < other.Key : Index < other.Index;
}

/// <summary>Stable sorting and selection of lines of any type, in memory that the caller gives. NaN counts as the largest.</summary>
internal static unsafe class Ranking
{
    private const int Run = 16;

    /// <summary>The keys of a line; descending ones are turned over.</summary>
    public static void Read(in View from, nint first, int length, int step, bool descending, Ranked* to)
    {
        ulong turn = descending ? ulong.MaxValue : 0;
        for (int k = 0; k < length; k++) to[k] = new(Key(from, first + (nint)k * step) ^ turn, k);
    }

    private static ulong Key(in View view, nint at) => view.DType switch
    {
        DType.Float32 => Key(((float*)view.Data)[at]),
        DType.Float64 => Key(((double*)view.Data)[at]),
        DType.Int32 => (ulong)((int*)view.Data)[at] ^ 1UL << 63,
        DType.Int64 => (ulong)((long*)view.Data)[at] ^ 1UL << 63,
        _ => ((byte*)view.Data)[at],
    };

    // Positive floats order as their bits, negative ones the other way about; the two zeros are one, and so are all NaN.
    private static ulong Key(double value)
    {
        if (double.IsNaN(value)) return ulong.MaxValue;
        long bits = BitConverter.DoubleToInt64Bits(value + 0.0);
        return (ulong)(bits < 0 ? ~bits : bits | long.MinValue);
    }

    /// <summary>Sorts by merging (von Neumann, 1945); <paramref name="spare"/> has the same length.</summary>
    public static void Sort(Ranked* items, Ranked* spare, int length)
    {
        for (int begin = 0; begin < length; begin += Run) Insert(items + begin, Math.Min(Run, length - begin));
        Ranked* from = items, to = spare;
        for (int width = Run; width < length; width *= 2)
        {
            for (int begin = 0; begin < length; begin += 2 * width)
                Merge(from, to, begin, Math.Min(begin + width, length), (int)Math.Min((long)begin + 2L * width, length));
            Ranked* merged = to;
            to = from;
            from = merged;
            if (width > int.MaxValue / 2) break;
        }
        if (from != items) new Span<Ranked>(from, length).CopyTo(new Span<Ranked>(items, length));
    }

    private static void Insert(Ranked* items, int length)
    {
        for (int i = 1; i < length; i++)
        {
            Ranked item = items[i];
            int j = i;
            for (; j > 0 && item.IsBefore(items[j - 1]); j--) items[j] = items[j - 1];
            items[j] = item;
        }
    }

    private static void Merge(Ranked* from, Ranked* to, int begin, int middle, int end)
    {
        int left = begin, right = middle;
        for (int i = begin; i < end; i++)
            to[i] = right >= end || left < middle && from[left].IsBefore(from[right]) ? from[left++] : from[right++];
    }

    /// <summary>Brings the first <paramref name="k"/> of the order to the front, in no order, by a heap of k (Williams, 1964).</summary>
    public static void Select(Ranked* items, int length, int k)
    {
        if (k == 0 || k == length) return;
        for (int i = k / 2 - 1; i >= 0; i--) Sink(items, i, k);
        for (int i = k; i < length; i++)
        {
            if (!items[i].IsBefore(items[0])) continue;
            items[0] = items[i];
            Sink(items, 0, k);
        }
    }

    // The heap's root is the last of those kept.
    private static void Sink(Ranked* heap, int at, int count)
    {
        Ranked item = heap[at];
        for (int child; (child = 2 * at + 1) < count; at = child)
        {
            if (child + 1 < count && heap[child].IsBefore(heap[child + 1])) child++;
            if (!item.IsBefore(heap[child])) break;
            heap[at] = heap[child];
        }
        heap[at] = item;
    }
}
