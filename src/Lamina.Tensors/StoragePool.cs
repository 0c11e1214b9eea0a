namespace Lamina.Tensors;

/// <summary>
/// Large blocks of memory that are used again. The system clears a fresh block page by page, which costs more than most ops
/// on it; and the collector, which sees a tensor as a small object, would wait long before it looks for dead ones. So when
/// no block is there and many bytes were handed out since the last time, the young generations are collected.
/// </summary>
internal static class StoragePool
{
    private const long Least = 2 * 1024;
    /// <summary>Bytes handed out before unreachable tensors are collected, or a quarter of what is known to be alive.</summary>
    private const long Patience = 64L << 20;

    private static readonly Lock s_lock = new();
    private static readonly Dictionary<int, Shelf> s_shelves = [];
    private static long s_liveBytes, s_since, s_known;

    /// <summary>Whether blocks of this size are worth it.</summary>
    public static bool Takes(long bytes) => bytes >= Least && bytes < Array.MaxLength / 2;

    /// <summary>A block of so many bytes or a few more.</summary>
    public static byte[] Take(int bytes)
    {
        int size = Rounded(bytes);
        byte[]? block = Find(size, out bool isImpatient);
        if (block is null && isImpatient)
        {
            Collect();
            block = Find(size, out _);
        }
        block ??= GC.AllocateUninitializedArray<byte>(size, pinned: true);
        lock (s_lock)
        {
            s_liveBytes += size;
            s_since += size;
        }
        return block;
    }

    /// <summary>Takes a block back whose tensor is dead; one that isn't free is left to the collector.</summary>
    public static void Return(byte[] block, bool isFree)
    {
        lock (s_lock)
        {
            s_liveBytes -= block.Length;
            if (!isFree) return;
            if (!s_shelves.TryGetValue(block.Length, out Shelf? shelf)) s_shelves[block.Length] = shelf = new Shelf();
            shelf.Blocks.Push(block);
        }
    }

    private static byte[]? Find(int size, out bool isImpatient)
    {
        lock (s_lock)
        {
            isImpatient = s_since > Math.Max(Patience, s_known / 4);
            return s_shelves.TryGetValue(size, out Shelf? shelf) ? shelf.Take() : null;
        }
    }

    // Tensors are small objects: this is quick. What lived through two collections is found by a whole one only.
    private static void Collect()
    {
        lock (s_lock)
            foreach (Shelf shelf in s_shelves.Values) shelf.DropUnused();
        Collect(1);
        if (Interlocked.Read(ref s_liveBytes) > 2 * s_known + Patience)
        {
            Collect(2);
            s_known = Interlocked.Read(ref s_liveBytes);
        }
        lock (s_lock)
        {
            s_since = 0;
            foreach (Shelf shelf in s_shelves.Values) shelf.Begin();
        }
    }

    private static void Collect(int generation)
    {
        GC.Collect(generation, GCCollectionMode.Forced, blocking: true);
        GC.WaitForPendingFinalizers();
    }

    /// <summary>Up to the next eighth between two powers of two.</summary>
    private static int Rounded(int bytes)
    {
        int step = 1 << Math.Max(0, 31 - int.LeadingZeroCount(bytes) - 3);
        return (bytes + step - 1) / step * step;
    }

    /// <summary>Free blocks of one size.</summary>
    private sealed class Shelf
    {
        /// <summary>
        /// Collections after which it is seen how many blocks nobody took. They come several times in a step of a large network, at
        /// any point of it: what one part of a step has no use for, the next one takes.
        /// </summary>
        private const int Watch = 16;

        public readonly Stack<byte[]> Blocks = [];
        private int _least, _collections;

        public byte[]? Take()
        {
            if (!Blocks.TryPop(out byte[]? block)) return null;
            _least = Math.Min(_least, Blocks.Count);
            return block;
        }

        public void Begin()
        {
            if (_collections == 0) _least = Blocks.Count;
        }

        /// <summary>Half of the blocks that nobody took for some collections are left to the collector.</summary>
        public void DropUnused()
        {
            if (++_collections < Watch) return;
            _collections = 0;
            int drop = (_least + 1) / 2;
            // Another thread may come here too before the collection begins.
            _least -= drop;
            for (; drop > 0; drop--) Blocks.Pop();
        }
    }
}
