using System.Buffers;

namespace Lamina.Tasks.Images;

/// <summary>
/// Memory that reading or decoding may use at once, shared by all threads of the process: who needs more than is free waits until others
/// are done. Small images pass side by side, large ones one at a time.
/// </summary>
internal sealed class DecodeMemory
{
    private const int Large = 1 << 20; // arrays up to it come from the pool that all of .NET shares

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _freed = new(0);
    private readonly List<byte[]> _kept = []; // large arrays that wait for the next image
    private long _free;
    private int _waiting;

    private DecodeMemory(long bytes) => Limit = _free = bytes;

    /// <summary>For the bytes of files. Taken before <see cref="Pixels"/>, never after it, so that no two threads wait for each other.</summary>
    internal static DecodeMemory Files { get; } = new(65 << 20);

    /// <summary>For decoded pixels and what the decoder itself needs. With the files, and the garbage of both, that stays below 256 MB.</summary>
    internal static DecodeMemory Pixels { get; } = new(96 << 20);

    /// <summary>The most that one image may need, which then is decoded alone.</summary>
    internal const long MostForOne = 144 << 20;

    /// <summary>How much there is.</summary>
    internal long Limit { get; }

    /// <summary>Waits until so many bytes are free, and takes them. Nothing that holds bytes may ask for more.</summary>
    /// <param name="need">At most <see cref="Limit"/>, or everything is taken.</param>
    /// <param name="cancel">Stops the waiting.</param>
    internal Share Take(long need, CancellationToken cancel)
    {
        need = Math.Min(need, Limit);
        while (true)
        {
            lock (_lock)
            {
                if (need <= _free)
                {
                    _free -= need;
                    return new Share(this, need);
                }

                _waiting++;
            }

            _freed.Wait(cancel);
        }
    }

    /// <summary>An array of at least so many bytes, not cleared; to be given back.</summary>
    internal byte[] Rent(int least)
    {
        if (least <= Large)
        {
            return ArrayPool<byte>.Shared.Rent(least);
        }

        lock (_lock)
        {
            int best = -1;
            for (int i = 0; i < _kept.Count; i++)
            {
                if (_kept[i].Length >= least && (best < 0 || _kept[i].Length < _kept[best].Length))
                {
                    best = i;
                }
            }

            if (best >= 0)
            {
                byte[] found = _kept[best];
                _kept.RemoveAt(best);
                return found;
            }

            // Too small, all of them: the new one takes their place, and they are collected before it is made.
            bool isMuch = _kept.Sum(b => (long)b.Length) > Limit / 4;
            _kept.Clear();
            if (isMuch)
            {
                GC.Collect();
            }
        }

        const int Step = 4 << 20;
        return GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, (least + (long)Step - 1) / Step * Step));
    }

    /// <summary>Gives an array back.</summary>
    internal void Return(byte[] buffer)
    {
        if (buffer.Length <= Large)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return;
        }

        lock (_lock)
        {
            _kept.Add(buffer);
            if (_kept.Sum(b => (long)b.Length) > Limit + (Limit / 8))
            {
                _kept.Remove(_kept.MaxBy(b => b.Length)!);
            }
        }
    }

    private void Give(long taken)
    {
        int waiting;
        lock (_lock)
        {
            _free += taken;
            waiting = _waiting;
            _waiting = 0;
        }

        if (waiting > 0)
        {
            _freed.Release(waiting); // each looks again
        }
    }

    /// <summary>Bytes taken until it's disposed.</summary>
    internal readonly struct Share(DecodeMemory memory, long taken) : IDisposable
    {
        /// <summary>Gives the bytes back.</summary>
        public void Dispose() => memory.Give(taken);
    }
}
